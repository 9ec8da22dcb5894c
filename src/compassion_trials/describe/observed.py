"""Observed means of every outcome by arm and visit."""

from __future__ import annotations

from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.summary import describe
from compassion_trials.trial.trial import Trial


def observed_rows(trial: Trial) -> list[Row]:
    """n, mean, SD, SE, confidence interval of the mean and quartiles, by outcome, arm and visit."""
    found: list[Row] = []
    for outcome in trial.context.outcomes.values():
        for arm in trial.context.plan.design.arms:
            for visit in outcome.visits:
                d = describe(trial.score(outcome, visit)[trial.in_arm(arm)], trial.alpha)
                if d.n == 0 and not trial.expected(arm, visit):
                    continue
                keys = trial.keys | {"analysis": "observed", "outcome": outcome.key, "arm": arm, "visit": visit}
                statistics = {"n": d.n, "mean": d.mean, "sd": d.sd, "se": d.se, "lower": d.lower, "upper": d.upper}
                statistics |= {"median": d.median, "q1": d.q1, "q3": d.q3}
                found += rows(keys | {"unit": outcome.unit, "n": d.n}, statistics)
    return found
