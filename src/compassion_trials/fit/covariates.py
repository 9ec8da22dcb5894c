"""Covariates with gaps in a job: indicators of those filled in, and who is left out for one that is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compassion_trials.core.findings import Finding
from compassion_trials.fit.analyses import Job, jobs
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.gaps import SUFFIX, independent, missing
from compassion_trials.trial.trial import Trial


def trial_jobs(trial: Trial) -> list[Job]:
    """All jobs of a study, with an indicator for each covariate whose gaps are filled in."""
    return [with_indicators(trial, job) for job in jobs(trial.context)]


def with_indicators(trial: Trial, job: Job) -> Job:
    """A job whose covariates hold the indicators that its people can tell from arms and from each other.

    A covariate with one value for everybody adjusts for nothing and is taken out.
    """
    job = replace(job, covariates=tuple(name for name in job.covariates if not constant(trial, job, name)))
    gapped = [name for name in job.covariates if name in trial.filled]
    if not gapped or trial.context.plan.analysis.missing_covariates != "indicator":
        return job
    inside = members(trial, job.population, job.outcome) & trial.participants["arm"].isin(job.arms).to_numpy()
    seen = [inside & ~np.isnan(trial.score(job.outcome, visit)) for visit in job.visits]
    groups = seen if job.model == "ancova" else [np.any(seen, axis=0)] if seen else []
    marks = np.column_stack([missing(trial.participants[name]).to_numpy(float) for name in gapped])
    arms = np.column_stack([trial.in_arm(arm) for arm in job.arms]).astype(float)
    useful = np.ones(len(gapped), bool)
    for here in groups:
        useful &= independent(marks[here], arms[here])
    added = tuple(name + SUFFIX for name, good in zip(gapped, useful, strict=True) if good)
    return replace(job, covariates=(*job.covariates, *added))


def constant(trial: Trial, job: Job, name: str) -> bool:
    """Whether all of a job's people whose value is known have the same value of a covariate."""
    if name not in trial.participants:
        return False
    here = trial.participants["arm"].isin(job.arms) & members(trial, job.population, job.outcome)
    column = trial.participants.loc[here, name]
    return bool(column[~missing(column)].nunique() == 1)


def covariate_findings(trial: Trial) -> list[Finding]:
    """Which covariates have gaps, of how many people, and what was done about it."""
    found = []
    for name in dict.fromkeys(name for job in jobs(trial.context) for name in job.covariates):
        if name not in trial.participants:
            continue
        if all(constant(trial, job, name) for job in jobs(trial.context) if name in job.covariates):
            message = f"all participants have the same {name}; no analysis is adjusted for it"
            advice = "leave it out of covariates, or check the values that the plan lists"
            found.append(Finding("warning", "covariate_constant", message, column=name, advice=advice))
            continue
        n, of = int(missing(trial.participants[name]).sum()), len(trial.participants)
        if not n:
            continue
        if name in trial.filled:
            message = f"{name} is missing for {n} of {of} participants; they stay in the analyses"
            advice = "filled in from other baseline variables; analysis.missing_covariates: leave_out leaves them out"
            found.append(Finding("note", "covariate_filled", message, column=name, advice=advice))
        else:
            message = f"{name} is missing for {n} of {of} participants; analyses adjusted for it leave them out"
            advice = "complete it, or leave it out of covariates and strata"
            found.append(Finding("warning", "covariate_missing", message, column=name, advice=advice))
    return found


def covariate_sentences(trial: Trial) -> list[str]:
    """How gaps of covariates were filled in."""
    if not trial.filled:
        return []
    counts = [f"{name.replace('_', ' ')}: {int(missing(trial.participants[name]).sum())}" for name in trial.filled]
    plan = trial.context.plan.analysis.missing_covariates
    how = ", beside an indicator of the gap" if plan == "indicator" else ""
    return [
        f"Baseline covariates missing for some of {len(trial.participants)} participants ({'; '.join(counts)}) were "
        "filled in with one value per person for all analyses, numbers predicted from other numeric baseline variables "
        f"and categories by the most frequent one, never from arm or outcome{how} (White & Thompson, 2005)."
    ]


def without_covariate(trial: Trial, job: Job) -> dict[str, int]:
    """People by arm with an observed outcome who are left out for a missing covariate."""
    inside = members(trial, job.population, job.outcome)
    seen = np.any([~np.isnan(trial.score(job.outcome, visit)) for visit in job.visits], axis=0)
    names = [name for name in job.covariates if name in trial.participants and name not in trial.filled]
    gaps = np.any([missing(trial.participants[name]).to_numpy() for name in names], axis=0) if names else ~seen & False
    return {arm: int((inside & seen & gaps & trial.in_arm(arm)).sum()) for arm in job.arms}
