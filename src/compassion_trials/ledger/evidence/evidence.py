"""Evidence across trials: the effects of a field pooled, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.instruments.fields import FIELDS
from compassion_trials.ledger.evidence.between_trials import Interval, q_profile
from compassion_trials.ledger.evidence.multilevel import ThreeLevel, three_level
from compassion_trials.ledger.evidence.pool import Pooled, pool
from compassion_trials.ledger.evidence.questions import (
    Asymmetry,
    Filled,
    Subgroups,
    egger,
    leave_one_out,
    subgroups,
    trim_and_fill,
)
from compassion_trials.ledger.evidence.trial_effect import Origin, TrialEffect
from compassion_trials.ledger.reading.model import Published
from compassion_trials.ledger.reading.printed import printed

T = TypeVar("T")

GroupEffect = tuple[float, float, float, int]
"""Estimate, limits and number of effects of a group of trials."""

FEWEST = 3
"""Trials from which a field is pooled."""

FEWEST_FOR_MODERATOR = 10
"""Trials from which effects are regressed on a moderator (Cochrane Handbook, 10.11.5.1)."""

_ORDER: dict[Origin, int] = {"published rows": 0, "published effects": 1, "csv": 2, "our analysis": 3}


@dataclass(frozen=True, slots=True)
class Slope:
    """A meta-regression on one moderator.

    Attributes
    ----------
    estimate, lower, upper, p : float
        Change of g per unit.
    k : int
        Effects.
    convention : str
        Model and test in words.
    """

    estimate: float
    lower: float
    upper: float
    p: float
    k: int
    convention: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Effects of one field with everything asked of them.

    Attributes
    ----------
    field : str
    effects : tuple of TrialEffect
        In the order of the plot; those of our own trials never enter the pooled effect.
    pooled : Pooled or None
        None below three trials.
    profile : Interval or None
        Of tau²; None where both limits are below 0.
    dependent : ThreeLevel or None
        When trials have several effects.
    asymmetry : Asymmetry or None
    filled : Filled or None
    left_out : tuple of float
        Pooled effect without each effect in turn.
    groups : dict of str to (float, float, float, int)
        Estimate, limits and k of groups with two or more effects.
    between : Subgroups or None
        Test between these groups.
    by_year : Slope or None
        Regression on the year of publication, from ten trials with a year.
    references : dict of str to float
        Pooled effects that other meta-analyses print.
    problem : str
        Why the effects could not be pooled although there are enough; empty as a rule.
    """

    field: str
    effects: tuple[TrialEffect, ...]
    pooled: Pooled | None
    profile: Interval | None
    dependent: ThreeLevel | None
    asymmetry: Asymmetry | None
    filled: Filled | None
    left_out: tuple[float, ...]
    groups: dict[str, GroupEffect]
    between: Subgroups | None
    by_year: Slope | None
    references: dict[str, float]
    problem: str = ""

    @property
    def label(self) -> str:
        """The field in words."""
        return FIELDS[self.field]

    @property
    def evidence(self) -> tuple[TrialEffect, ...]:
        """Effects that are pooled: published and from CSV, none of ours."""
        return tuple(e for e in self.effects if not e.own)

    @property
    def own(self) -> tuple[TrialEffect, ...]:
        """Effects of the trials that we analysed."""
        return tuple(e for e in self.effects if e.own)

    @property
    def headline(self) -> tuple[float, float, float]:
        """Pooled effect with limits: of the three-level model when trials have several effects."""
        fit = self.dependent or self.pooled
        assert fit is not None
        return float(fit.b[0]), float(fit.lower[0]), float(fit.upper[0])

    @property
    def prediction(self) -> Interval:
        """Where the effect of a new trial may lie, by the model of the headline; metafor's convention."""
        fit = self.dependent or self.pooled
        assert fit is not None
        return fit.prediction()


def evidence(effects: Iterable[TrialEffect], studies: Mapping[str, Published]) -> list[Evidence]:
    """Effects by field, pooled where there are three or more trials.

    Parameters
    ----------
    effects : iterable of TrialEffect
    studies : mapping of str to Published
        For the pooled effects that other meta-analyses print.
    """
    given = list(effects)
    found = []
    for field in FIELDS:
        mine = [e for e in given if e.field == field]
        if mine:
            references = {s.label: printed(s.reference[field]).value for s in studies.values() if field in s.reference}
            found.append(_one(field, mine, references))
    return found


def undrawn_references(found: Sequence[Evidence], studies: Mapping[str, Published]) -> list[tuple[str, str]]:
    """Field and label of printed pooled effects without a forest plot: no trial here has an outcome of the field."""
    drawn = {e.field for e in found}
    return [(FIELDS[field], s.label) for s in studies.values() for field in s.reference if field not in drawn]


def _one(field: str, mine: list[TrialEffect], references: dict[str, float]) -> Evidence:
    """One field."""
    effects = tuple(sorted(mine, key=lambda e: (_ORDER[e.origin], e.trial.casefold(), e.outcome)))
    real = [e for e in effects if not e.own]
    trials = [e.cluster or e.trial for e in real]
    nothing = Evidence(
        field=field,
        effects=effects,
        pooled=None,
        profile=None,
        dependent=None,
        asymmetry=None,
        filled=None,
        left_out=(),
        groups={},
        between=None,
        by_year=None,
        references=references,
    )
    if len(set(trials)) < FEWEST:
        return nothing
    try:
        return _pooled(nothing, real, trials)
    except ModelError as error:  # one field that cannot be pooled never ends the ledger
        return replace(nothing, problem=str(error))


def _pooled(nothing: Evidence, real: list[TrialEffect], trials: list[str]) -> Evidence:
    """A field with all that is asked of its effects."""
    y, v = np.array([e.estimate for e in real]), np.array([e.variance for e in real])
    groups, between = _groups(real, y, v)
    return replace(
        nothing,
        pooled=pool(y, v),
        profile=q_profile(y, v),
        dependent=three_level(y, v, trials) if _repeated(trials) else None,
        asymmetry=_if_possible(lambda: egger(y, v)),
        filled=trim_and_fill(y, v),
        left_out=tuple(float(p.b[0]) for p in leave_one_out(y, v)),
        groups=groups,
        between=between,
        by_year=_by_year(real, y, v),
    )


def _repeated(trials: Sequence[str]) -> bool:
    """Whether some trial has several effects."""
    return 1 < len(set(trials)) < len(trials)


def _if_possible(analysis: Callable[[], T]) -> T | None:
    """An analysis that the effects may not allow, such as Egger's test of trials of one size."""
    try:
        return analysis()
    except ModelError:
        return None


def _groups(real: list[TrialEffect], y: Array, v: Array) -> tuple[dict[str, GroupEffect], Subgroups | None]:
    """Subgroups of effects that carry a group; groups with one effect are left out."""
    labels = np.array([e.group for e in real])
    kept = [g for g in dict.fromkeys(labels) if g and (labels == g).sum() > 1]
    keep = np.isin(labels, kept)
    parts = _if_possible(lambda: subgroups(y[keep], v[keep], list(labels[keep]))) if len(kept) > 1 else None
    if parts is None:
        return {}, None
    rows = {
        n: (float(p.b[0]), float(p.lower[0]), float(p.upper[0]), p.k)
        for n, p in zip(parts.names, parts.pooled, strict=True)
    }
    return rows, parts


def _by_year(real: list[TrialEffect], y: Array, v: Array) -> Slope | None:
    """Meta-regression on the year of publication; three levels where trials have several effects."""
    dated = np.array([e.year is not None for e in real])
    years = np.array([e.year or 0 for e in real], float)[dated]
    trials = [e.cluster or e.trial for e in real if e.year is not None]
    if len(set(trials)) < FEWEST_FOR_MODERATOR or len(set(years)) < FEWEST:
        return None
    x = np.column_stack([np.ones(len(years)), years - years.mean()])
    if _repeated(trials):
        fit: ThreeLevel | Pooled | None = _if_possible(lambda: three_level(y[dated], v[dated], trials, x))
        convention = "three-level REML, t with k − 2 df"
    else:
        fit = _if_possible(lambda: pool(y[dated], v[dated], x))
        convention = "REML, Hartung-Knapp, t with k − 2 df"
    if fit is None:
        return None
    b, lower, upper, p = (float(part[1]) for part in (fit.b, fit.lower, fit.upper, fit.p))
    return Slope(estimate=b, lower=lower, upper=upper, p=p, k=fit.k, convention=convention)
