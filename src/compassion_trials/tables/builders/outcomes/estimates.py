"""Estimates of the analyses as lines: the rows of one estimate together, one kind of question per outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.results import values_by
from compassion_trials.tables.material import Material
from compassion_trials.tables.wording import SYMBOLS, contrast

CHANGE: Final = "change"
BETWEEN: Final = ("difference", "difference in change")
"""Kinds of comparison. Arms that were not randomized may differ at baseline, so their change is compared."""


@dataclass(frozen=True, slots=True, eq=False)
class EstimateLine:
    """One estimate.

    Attributes
    ----------
    analysis, outcome, term, arm, visit, population, df_method, convergence : str
        As in the results table.
    prespecified : bool
    values : mapping of str to float
        Statistics by name; ``n`` is the number of participants behind the estimate.
    """

    analysis: str
    outcome: str
    term: str
    arm: str
    visit: str
    population: str
    df_method: str
    convergence: str
    prespecified: bool
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``difference``, ``difference in change`` or ``change``."""
        return contrast(self.term)[0]

    @property
    def who(self) -> tuple[str, str]:
        """What is compared, or the arm that changed."""
        return contrast(self.term)[1:] if self.kind != CHANGE else (self.arm, "")


def answers(material: Material, analyses: tuple[str, ...]) -> list[EstimateLine]:
    """Estimates that answer the question of the design: comparisons after baseline, or changes of a single arm.

    Each outcome shows one kind: the difference, or the difference in change where arms were not randomized; change
    within arms only where there is no comparison.
    """
    lines = _lines(material, analyses)
    if material.single_arm:
        return [line for line in lines if line.kind == CHANGE]
    order = BETWEEN[::-1] if material.plan.design.type == "non_randomized" else BETWEEN
    baseline = material.plan.design.baseline
    lines = [line for line in lines if line.visit != baseline]
    kind: dict[tuple[str, str], str] = {}
    for line in lines:
        place = (line.analysis, line.outcome)
        if line.kind in order and order.index(line.kind) <= order.index(kind.get(place, order[-1])):
            kind[place] = line.kind
    return [line for line in lines if kind.get((line.analysis, line.outcome)) == line.kind]


def changes(material: Material, analyses: tuple[str, ...]) -> list[EstimateLine]:
    """Changes within each arm."""
    return [line for line in _lines(material, analyses) if line.kind == CHANGE]


def participants(rows: pd.DataFrame, statistic: str = "n") -> float | None:
    """Participants of one analysis of one outcome: the row over all arms, else the sum at the fullest visit."""
    counted = rows[(rows["statistic"] == statistic) & rows["term"].isin(["", CHANGE])]
    whole = counted.loc[counted["arm"] == "", "value"]
    if len(whole):
        return float(whole.max())
    return float(counted.groupby("visit")["value"].sum().max()) if len(counted) else None


def _lines(material: Material, analyses: tuple[str, ...]) -> list[EstimateLine]:
    """All estimates of contrasts and changes, visits in the order of the plan."""
    rows = material.results.rows(analysis=analyses, level="")
    sizes = _sizes(rows)
    kinds = {term: contrast(term)[0] for term in rows["term"].unique()}
    rows = rows[rows["term"].map(kinds).isin((*BETWEEN, CHANGE))]
    visits = list(material.plan.design.visits)
    values: dict[tuple[str, ...], dict[str, float]] = {}
    heads: dict[tuple[str, ...], Any] = {}
    for line in result_lines(rows):
        place = (line.analysis, line.model, line.outcome, line.population, line.arm, line.term, line.visit)
        values.setdefault(place, {})[line.statistic] = line.value
        if place not in heads or line.statistic == "estimate":
            heads[place] = line
    found = [
        _line(heads[place], statistics, sizes)
        for place, statistics in values.items()
        if statistics.keys() & {"estimate", *SYMBOLS}
    ]
    return sorted(found, key=lambda line: visits.index(line.visit) if line.visit in visits else -1)


def _line(head: Any, values: dict[str, float], sizes: dict[tuple[str, ...], float]) -> EstimateLine:
    """One estimate from a row that stands for it and all its statistics."""
    n = _participants(sizes, (head.analysis, head.outcome, head.population), head.term, head.arm, head.visit)
    n = float(head.n) if n is None and pd.notna(head.n) else n
    return EstimateLine(
        analysis=head.analysis,
        outcome=head.outcome,
        term=head.term,
        arm=head.arm,
        visit=head.visit,
        population=head.population,
        df_method=head.df_method,
        convergence=head.convergence,
        prespecified=head.prespecified.lower() not in ("no", "false", "0"),
        values=values if n is None or "n" in values else values | {"n": n},
    )


def _sizes(rows: pd.DataFrame) -> dict[tuple[str, ...], float]:
    """Participants of each arm in each analysis, at a visit or overall."""
    counted = rows[(rows["statistic"] == "n") & (rows["term"] == "")]
    return values_by(counted, "analysis", "outcome", "population", "arm", "visit")


def _participants(
    sizes: dict[tuple[str, ...], float], place: tuple[str, str, str], term: str, arm: str, visit: str
) -> float | None:
    """Participants behind an estimate: those of its arm, or of both arms compared."""
    arms = (arm,) if contrast(term)[0] == CHANGE else contrast(term)[1:]
    found = [sizes.get((*place, a, visit), sizes.get((*place, a, ""))) for a in arms]
    return None if any(n is None for n in found) else float(sum(n for n in found if n is not None))
