"""Correlations between outcomes: at baseline, and of change to the visit that answers the trial's question."""

from __future__ import annotations

from itertools import combinations

from compassion_trials.core.arrays import Array
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.correlation import correlation
from compassion_trials.trial.clusters import met
from compassion_trials.trial.trial import Trial

CHANGE = "change"
NO_TEST = "people met in groups: no limits and no test"


def correlation_rows(trial: Trial) -> list[Row]:
    """r, limits, p and n for each pair of analysed outcomes; ``level`` is ``change`` for change scores.

    Where people met in groups changes have r and n only: limits and test would take them as independent.
    """
    first, last = trial.context.plan.design.baseline, trial.context.answer_visit
    at_first = {o.key: trial.score(o, first) for o in trial.context.analysed}
    found = _pairs(trial, at_first, first, "")
    if last != first:
        change = {o.key: trial.score(o, last) - at_first[o.key] for o in trial.context.analysed}
        found += _pairs(trial, change, last, CHANGE)
    return found


def _pairs(trial: Trial, values: dict[str, Array], visit: str, level: str) -> list[Row]:
    base = trial.keys | {"analysis": "correlation", "visit": visit, "level": level}
    grouped = level == CHANGE and bool(met(trial, tuple(trial.context.plan.design.arms)).any())
    found: list[Row] = []
    for a, b in combinations(values, 2):
        c = correlation(values[a], values[b], trial.alpha)
        if c is not None:
            keys = base | {"outcome": a, "term": b, "n": c.n}
            keys |= {"note": NO_TEST} if grouped else {}
            test = {} if grouped else {"lower": c.lower, "upper": c.upper, "p": c.p}
            found += rows(keys, {"r": c.r, **test, "n": c.n})
    return found
