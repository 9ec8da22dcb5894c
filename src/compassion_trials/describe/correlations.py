"""Correlations between outcomes: at baseline, and of change to the visit that answers the trial's question."""

from __future__ import annotations

from itertools import combinations

from compassion_trials.core.arrays import Array
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.correlation import correlation
from compassion_trials.trial.trial import Trial


def correlation_rows(trial: Trial) -> list[Row]:
    """r, limits, p and n for each pair of analysed outcomes; ``level`` is ``change`` for change scores."""
    first, last = trial.context.plan.design.baseline, trial.context.answer_visit
    at_first = {o.key: trial.score(o, first) for o in trial.context.analysed}
    found = _pairs(trial, at_first, first, "")
    if last != first:
        change = {o.key: trial.score(o, last) - at_first[o.key] for o in trial.context.analysed}
        found += _pairs(trial, change, last, "change")
    return found


def _pairs(trial: Trial, values: dict[str, Array], visit: str, level: str) -> list[Row]:
    base = trial.keys | {"analysis": "correlation", "visit": visit, "level": level}
    found: list[Row] = []
    for a, b in combinations(values, 2):
        c = correlation(values[a], values[b], trial.alpha)
        if c is not None:
            keys = base | {"outcome": a, "term": b, "n": c.n}
            found += rows(keys, {"r": c.r, "lower": c.lower, "upper": c.upper, "p": c.p, "n": c.n})
    return found
