"""The one index of the results table: finding numbers by what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from compassion_trials.core.columns import RESULT_KEYS
from compassion_trials.core.files import read_results

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

ANY: Final = ("model", "population")
"""Keys that may be left out and then match anything: they mostly follow from the analysis."""

KEYS: Final = tuple(key for key in RESULT_KEYS if key not in {"study", *ANY})
"""Keys that name a number of one study, the statistic last; a key that is left out stands for the empty word."""

EFFECT_SIZES: Final = ("model_g", "hedges_g", "g_av", "d_av", "d_z", "d_ppc2")
"""Standardized effects in order of preference."""


class Result(NamedTuple):
    """A row of the results table.

    Attributes
    ----------
    place : int
        Row of the table, counted from 1.
    id, model, population : str
    value : float
    """

    place: int
    id: str
    model: str
    population: str
    value: float


@dataclass(frozen=True, slots=True)
class Results:
    """The results table of a study, indexed once.

    Attributes
    ----------
    table : pandas.DataFrame
        `core.columns.RESULTS`.
    """

    table: pd.DataFrame
    _places: dict[tuple[str, ...], list[int]] = field(default_factory=dict, repr=False)
    _cells: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Index the rows by `KEYS`."""
        columns = (self.table[key].tolist() for key in KEYS)
        for place, key in enumerate(zip(*columns, strict=True)):
            self._places.setdefault(key, []).append(place)

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read the table of a study."""
        return cls(read_results(path))

    def find(self, named: Mapping[str, str]) -> list[Result]:
        """Rows with the keys that are named, in order of the table.

        Parameters
        ----------
        named : mapping of str to str
            `KEYS`, empty when left out, and `ANY`, whatever it is when left out.

        Raises
        ------
        TypeError
            A name that is not a key: a programming error.
        """
        if unknown := named.keys() - {*KEYS, *ANY}:
            raise TypeError(f"not a key of the results table: {sorted(unknown)}")
        places = self._places.get(tuple(named.get(key, "") for key in KEYS), [])
        for key in ANY:
            if key in named:
                places = [place for place in places if self._column(key)[place] == named[key]]
        return [Result(place + 1, *(self._column(name)[place] for name in Result._fields[1:])) for place in places]

    def only(self, named: Mapping[str, str]) -> Result | None:
        """The one row with these keys; None when there is none, or more than one."""
        rows = self.find(named)
        return rows[0] if len(rows) == 1 else None

    def first(self, statistic: str, *, analysis: str, **keys: str) -> Result | None:
        """First of the rows with these keys (see `find`); None when there is none."""
        return next(iter(self.find({"statistic": statistic, "analysis": analysis, **keys})), None)

    def value(self, statistic: str, **keys: str) -> float:
        """One number by the keys of `first`; NaN when there is none."""
        found = self.first(statistic, **keys)
        return nan if found is None else found.value

    def place(self, statistic: str, **keys: str) -> int | None:
        """Row of the results table, counted from 1, in which `value` finds its number."""
        found = self.first(statistic, **keys)
        return None if found is None else found.place

    def rows(self, **columns: str | tuple[str, ...]) -> pd.DataFrame:
        """Rows with these words in their columns: ``rows(analysis="flow", statistic=("n", "percent"))``."""
        chosen = np.ones(len(self.table), dtype=bool)
        for column, wanted in columns.items():
            cells = self._column(column)
            chosen &= (
                cells == wanted if isinstance(wanted, str) else np.logical_or.reduce([cells == one for one in wanted])
            )
        return self.table[chosen]

    def distinct(self, column: str, **columns: str | tuple[str, ...]) -> list[str]:
        """Words of a column in these rows, in order of appearance, without the empty one."""
        return [word for word in dict.fromkeys(self.rows(**columns)[column].tolist()) if word]

    def effect_size(self, known: Iterable[str] = EFFECT_SIZES, **columns: str | tuple[str, ...]) -> str | None:
        """First effect size that these rows hold with both limits, by name."""
        present = set(self.rows(**columns)["statistic"])
        return next((name for name in known if {name, f"{name}_lower", f"{name}_upper"} <= present), None)

    def _column(self, name: str) -> np.ndarray:
        """A column as Python objects: comparing them, done hundreds of times, is fast."""
        if name not in self._cells:
            self._cells[name] = self.table[name].to_numpy(dtype="object")
        return self._cells[name]


def values_by(rows: pd.DataFrame, *columns: str) -> dict[tuple[str, ...], float]:
    """Values of some rows of the results table by the words in the given columns.

    Raises
    ------
    ValueError
        The columns do not tell two numbers apart: a programming error.
    """
    repeated = rows.duplicated(list(columns))
    if repeated.any():
        raise ValueError(f"rows not told apart by {columns}: {rows.loc[repeated, 'id'].iloc[0]}")
    return dict(zip(zip(*(rows[column] for column in columns), strict=True), rows["value"], strict=True))


def arms_of(term: str) -> tuple[str, str] | None:
    """Keys of the treated and the compared arm in ``difference: act - waitlist``; None for a term without arms."""
    _, colon, arms = term.partition(": ")
    treated, dash, compared = (arms if colon else term).partition(" - ")
    return (treated.strip(), compared.strip()) if dash else None
