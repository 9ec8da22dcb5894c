"""The estimate that answers a question of the plan (`study.question` decides which), found in the models' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from compassion_trials.fit.analyses import Job
from compassion_trials.fit.result import job_keys
from compassion_trials.study.question import CHANGE, Pair
from compassion_trials.trial.trial import Trial


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


def job_of(trial: Trial, jobs: Sequence[Job], outcome: str) -> Job | None:
    """The job of the analysis that answers for an outcome; None when it is not among these jobs."""
    name = trial.context.question(outcome).analysis
    return next((job for job in jobs if job.outcome.key == outcome and job.analysis == name), None)


def planned_job(trial: Trial, jobs: Sequence[Job], outcome: str) -> Job:
    """The job of the analysis that answers for an outcome, among all jobs of the plan.

    Raises
    ------
    ValueError
        No analysis covers the outcome; the checks of the plan refuse that.
    """
    job = job_of(trial, jobs, outcome)
    if job is None:
        raise ValueError(f"no analysis covers {outcome}")
    return job


def answer(trial: Trial, models: pd.DataFrame, job: Job, visit: str, pair: Pair | None) -> PlannedEstimate | None:
    """Estimate of a comparison, or of the change when `pair` is None, None if absent; a reversed pair is turned."""
    if pair is None:
        return _find(trial, models, job, visit, CHANGE, job.arms[0])
    found = _find(trial, models, job, visit, job.term(pair), "")
    if found is not None:
        return found
    other = _find(trial, models, job, visit, job.term((pair[1], pair[0])), "")
    if other is None:
        return None
    v = other.values
    turned = v | {"estimate": -v["estimate"], "lower": -v["upper"], "upper": -v["lower"]}
    return PlannedEstimate(other.keys | {"term": job.term(pair)}, turned, other.df_method, other.convergence)


def _find(trial: Trial, models: pd.DataFrame, job: Job, visit: str, name: str, arm: str) -> PlannedEstimate | None:
    keys = job_keys(trial, job) | {"term": name, "visit": visit, "arm": arm}
    same = (models["analysis"] == job.analysis) & (models["outcome"] == job.outcome.key) & (models["level"] == "")
    mine = models[same & (models["term"] == name) & (models["visit"] == visit) & (models["arm"] == arm)]
    values = dict(zip(mine["statistic"], mine["value"], strict=True))
    if not {"estimate", "se"} <= values.keys():
        return None
    return PlannedEstimate(keys, values, mine["df_method"].iloc[0], mine["convergence"].iloc[0])
