"""Missing scores by arm, visit and outcome, and unanswered items among those who were assessed."""

from __future__ import annotations

import numpy as np

from compassion_trials.core.rows import Row, rows
from compassion_trials.study.outcomes import Outcome
from compassion_trials.trial.trial import Trial


def missing_rows(trial: Trial) -> list[Row]:
    """Expected and missing scores (term empty) and items (term ``items``), per arm and over all arms."""
    items = _item_counts(trial)
    found: list[Row] = []
    for outcome in trial.context.outcomes.values():
        for visit in outcome.visits:
            found += _scores(trial, outcome, visit)
            found += _items(trial, outcome, visit, items)
    return found


def _item_counts(trial: Trial) -> dict[tuple[str, ...], tuple[int, int]]:
    """Items put and left unanswered by measure, scale, visit and arm, among those who were assessed."""
    assessed = trial.flow.loc[trial.flow["assessed"].astype(bool), ["participant", "visit"]]
    items = trial.scores.merge(assessed, on=["participant", "visit"])
    sums = items.groupby(["measure", "scale", "visit", "arm"])[["n_items", "n_missing"]].sum()
    return {key: (int(n), int(missing)) for key, n, missing in sums.itertuples()}


def _keys(trial: Trial, outcome: Outcome, arm: str, visit: str, term: str = "") -> dict[str, object]:
    return trial.keys | {"analysis": "missing", "outcome": outcome.key, "arm": arm, "visit": visit, "term": term}


def _scores(trial: Trial, outcome: Outcome, visit: str) -> list[Row]:
    """Participants without a score; who was not to be assessed is not expected."""
    absent = np.isnan(trial.score(outcome, visit))
    arms = [arm for arm in trial.context.plan.design.arms if trial.expected(arm, visit)]
    everyone = np.logical_or.reduce([trial.in_arm(arm) for arm in arms])
    groups = {arm: trial.in_arm(arm) for arm in arms} | {"": everyone}
    return [row for arm, who in groups.items() for row in _counts(_keys(trial, outcome, arm, visit), absent[who])]


def _counts(keys: dict[str, object], absent: np.ndarray) -> list[Row]:
    n, missing = len(absent), int(absent.sum())
    return rows(keys | {"n": n}, {"n_expected": n, "n_missing": missing, "percent": 100 * missing / n if n else None})


def _items(trial: Trial, outcome: Outcome, visit: str, counts: dict[tuple[str, ...], tuple[int, int]]) -> list[Row]:
    """Unanswered items among all items put to those who were assessed; none for a stored total."""
    arms = trial.context.plan.design.arms
    by_arm = {arm: counts.get((outcome.measure, outcome.scale, visit, arm), (0, 0)) for arm in arms}
    by_arm[""] = (sum(n for n, _ in by_arm.values()), sum(missing for _, missing in by_arm.values()))
    found: list[Row] = []
    for arm, (n, missing) in by_arm.items():
        if n:
            keys = _keys(trial, outcome, arm, visit, "items") | {"n": n}
            found += rows(keys, {"n_expected": n, "n_missing": missing, "percent": 100 * missing / n})
    return found
