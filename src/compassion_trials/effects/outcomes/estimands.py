"""The estimand of the primary question, attribute by attribute (ICH E9(R1)), as result rows of words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.rows import Row, word
from compassion_trials.fit.analyses import Job
from compassion_trials.study.plan.analysis import MIXED_MODELS
from compassion_trials.study.plan.estimand import Estimand
from compassion_trials.study.words import MODELS
from compassion_trials.trial.analysis_sets import label
from compassion_trials.trial.trial import Trial

ANALYSIS = "estimand"


def estimand_rows(trial: Trial, jobs: Sequence[Job]) -> list[Row]:
    """Term population, treatment, variable, intercurrent (level the event), summary, estimator, assumption, and
    follow_through (of those who withdrew; level stopped: of those who stopped the treatment)."""
    job = next((job for job in jobs if job.analysis == "primary"), None)
    if job is None:
        return []
    spec = trial.context.plan.analysis.primary.estimand or Estimand()
    keys = trial.keys | {"analysis": ANALYSIS, "outcome": job.outcome.key, "population": job.population}
    written = {
        "population": spec.population or label(trial, job.population),
        "treatment": _treatment(trial, job),
        "variable": _variable(trial, job),
        "summary": spec.summary or _summary(trial, job),
        "estimator": MODELS[job.model],
        "assumption": _assumption(job),
    }
    found = [word(keys | {"term": name}, "definition", text) for name, text in written.items()]
    events = spec.intercurrent or {"any event after allocation": "treatment policy"}
    note = "" if spec.intercurrent else "not in the plan: what the analysis does by default"
    for event, strategy in events.items():
        found.append(word(keys | {"term": "intercurrent", "level": event, "note": note}, "definition", strategy))
    return [*found, *_follow_through(trial, job, keys, "treatment policy" in events.values())]


def _treatment(trial: Trial, job: Job) -> str:
    """Treatment conditions compared."""
    arms = trial.context.plan.design.arms
    return "; ".join(f"{arms[a]} against {arms[b]}" for a, b in job.asked) or f"{arms[job.arms[0]]}, before and after"


def _variable(trial: Trial, job: Job) -> str:
    design = trial.context.plan.design
    low, high = job.outcome.range
    better = "" if job.outcome.better == "neither" else f", {job.outcome.better} is better"
    return f"{job.outcome.label} ({low:g} to {high:g}{better}) at {design.visit_at(job.answer_visit)}"


def _summary(trial: Trial, job: Job) -> str:
    first = trial.context.plan.design.visit_label(trial.context.plan.design.baseline)
    if not job.asked:
        return f"mean change from {first}"
    return f"difference in mean change from {first}" if job.in_change else "difference in means"


def _assumption(job: Job) -> str:
    if job.model in MIXED_MODELS:
        return "missing at random given arm, visit, covariates and the observed values"
    return "missing completely at random (complete cases)"


def _follow_through(trial: Trial, job: Job, keys: dict[str, object], policy: bool) -> list[Row]:
    """Whether outcomes were collected after people stopped, on which treatment policy depends."""
    found: list[Row] = []
    for level, words, gone in stopping(trial):
        seen = gone & ~np.isnan(trial.score(job.outcome, job.answer_visit))
        if not gone.any():
            continue
        text = f"{int(seen.sum())} of {int(gone.sum())} participants who {words} have the outcome at this visit"
        if policy and not seen.any():
            text += (
                "; without their outcomes the treatment-policy answer rests on the assumption that they went on like "
                "comparable participants (a hypothetical strategy)"
            )
        found.append(word(keys | {"term": "follow_through", "level": level}, "definition", text))
    return found


def stopping(trial: Trial) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """Who withdrew and who stopped the treatment (n,), as far as the data say it: level, words, participants."""
    people = trial.participants
    found = []
    if "withdrawn" in people:
        found.append(("", "withdrew", people["withdrawn"].fillna(False).to_numpy(bool)))
    if "stopped" in people:
        found.append(("stopped", "stopped the treatment", people["stopped"].notna().to_numpy(bool)))
    return found
