"""Finding numbers in the results table by what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

KEYS: Final = ("analysis", "outcome", "arm", "term", "level", "visit", "statistic")
"""Columns by which `Lookup` finds a number; population and model follow from the analysis."""

EFFECT_SIZES: Final = ("model_g", "hedges_g", "g_av", "d_av", "d_z", "d_ppc2")
"""Standardized effects in order of preference."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """The results table of a study, indexed.

    Attributes
    ----------
    table : pandas.DataFrame
        `core.columns.RESULTS`.
    """

    table: pd.DataFrame
    _values: dict[tuple[str, ...], float] = field(default_factory=dict, repr=False)
    _places: dict[tuple[str, ...], int] = field(default_factory=dict, repr=False)
    _cells: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Index once; of numbers that differ only in model or population the first counts."""
        columns = [self.table[key].tolist() for key in KEYS]
        for place, row in enumerate(zip(*columns, self.table["value"].tolist(), strict=True), start=1):
            self._values.setdefault(row[:-1], row[-1])
            self._places.setdefault(row[:-1], place)

    def value(
        self,
        statistic: str,
        *,
        analysis: str,
        outcome: str = "",
        arm: str = "",
        term: str = "",
        level: str = "",
        visit: str = "",
    ) -> float:
        """One number; NaN when there is none."""
        return self._values.get((analysis, outcome, arm, term, level, visit, statistic), nan)

    def place(
        self,
        statistic: str,
        *,
        analysis: str,
        outcome: str = "",
        arm: str = "",
        term: str = "",
        level: str = "",
        visit: str = "",
    ) -> int | None:
        """Row of the results table, counted from 1, in which `value` finds its number."""
        return self._places.get((analysis, outcome, arm, term, level, visit, statistic))

    def rows(self, **keys: str) -> pd.DataFrame:
        """Rows with these values, for example ``rows(analysis="flow", term="missing")``."""
        chosen = np.ones(len(self.table), dtype=bool)
        for key, value in keys.items():
            if key not in self._cells:
                self._cells[key] = self.table[key].to_numpy(dtype="object")
            chosen &= self._cells[key] == value
        return self.table[chosen]

    def distinct(self, column: str, **keys: str) -> list[str]:
        """Values of a column in these rows, in order of appearance, without the empty one."""
        return [value for value in dict.fromkeys(self.rows(**keys)[column].tolist()) if value]

    def effect_size(self, known: Iterable[str] = EFFECT_SIZES, **keys: str) -> str | None:
        """First effect size that these rows hold with both limits, by name."""
        present = set(self.rows(**keys)["statistic"])
        return next((name for name in known if {name, f"{name}_lower", f"{name}_upper"} <= present), None)


def analysis_of(outcome: str, primary: str | None) -> str:
    """Name of the planned analysis that covers an outcome."""
    return "primary" if outcome == primary else "secondary"


def arms_of(term: str) -> tuple[str, str] | None:
    """Keys of the treated and the compared arm in ``difference: act - waitlist``; None when the term is no contrast."""
    _, colon, arms = term.partition(": ")
    treated, dash, compared = (arms if colon else term).partition(" - ")
    return (treated.strip(), compared.strip()) if dash else None
