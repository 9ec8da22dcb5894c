"""The estimate that answers the plan's question about an outcome: which analysis, which contrast, which visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from compassion_trials.fit.analyses import Job
from compassion_trials.fit.result import difference, job_keys
from compassion_trials.study.words import comparisons
from compassion_trials.trial.trial import Trial

Pair = tuple[str, str]

IN_CHANGE = ("lda", "random_intercept", "random_slope")
"""Models whose arms may differ at baseline, so that in a trial without randomisation changes are compared."""


@dataclass(frozen=True, slots=True)
class PlannedEstimate:
    """One estimate of a planned analysis.

    Attributes
    ----------
    keys : dict
        What identifies it in the results table, without the statistic.
    values : dict of str to float
        estimate, se, df, p, lower, upper as far as they exist.
    df_method, convergence : str
    """

    keys: dict[str, object]
    values: dict[str, float]
    df_method: str = ""
    convergence: str = ""

    @property
    def all_keys(self) -> dict[str, object]:
        """Keys with how the estimate came about."""
        return self.keys | {"df_method": self.df_method, "convergence": self.convergence}


def job_of(jobs: Sequence[Job], outcome: str) -> Job | None:
    """The planned analysis of an outcome: primary, secondary, else the first additional one."""
    return next((job for job in jobs if job.outcome.key == outcome), None)


def asked_pairs(trial: Trial, job: Job) -> list[Pair]:
    """Comparisons that the plan asks about: its own pair, or each treated arm against control."""
    plan = trial.context.plan
    asked = comparisons(plan.design, plan.analysis.primary)
    return [pair for pair in asked if pair in job.pairs]


def term(trial: Trial, job: Job, pair: Pair) -> str:
    """Contrast of two arms that answers the question under the design."""
    in_change = job.model == "change_t" or (job.model in IN_CHANGE and trial.context.plan.design.type != "randomized")
    return difference(pair, in_change=in_change)


def answer(trial: Trial, models: pd.DataFrame, job: Job, visit: str, pair: Pair | None) -> PlannedEstimate | None:
    """Estimate of a comparison, or of the change when `pair` is None, None if absent; a reversed pair is turned."""
    if pair is None:
        return _find(trial, models, job, visit, "change", job.arms[0])
    found = _find(trial, models, job, visit, term(trial, job, pair), "")
    if found is not None:
        return found
    other = _find(trial, models, job, visit, term(trial, job, pair[::-1]), "")
    if other is None:
        return None
    v = other.values
    turned = v | {"estimate": -v["estimate"], "lower": -v["upper"], "upper": -v["lower"]}
    return PlannedEstimate(other.keys | {"term": term(trial, job, pair)}, turned, other.df_method, other.convergence)


def _find(trial: Trial, models: pd.DataFrame, job: Job, visit: str, name: str, arm: str) -> PlannedEstimate | None:
    keys = job_keys(trial, job) | {"term": name, "visit": visit, "arm": arm}
    same = (models["analysis"] == job.analysis) & (models["outcome"] == job.outcome.key) & (models["level"] == "")
    mine = models[same & (models["term"] == name) & (models["visit"] == visit) & (models["arm"] == arm)]
    values = dict(zip(mine["statistic"], mine["value"], strict=True))
    if not {"estimate", "se"} <= values.keys():
        return None
    return PlannedEstimate(keys, values, mine["df_method"].iloc[0], mine["convergence"].iloc[0])
