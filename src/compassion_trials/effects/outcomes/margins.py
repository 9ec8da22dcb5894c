"""Comparisons against a margin: equivalence by two one-sided tests, non-inferiority by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.effects.primary_contrast import PlannedEstimate, answer, job_of
from compassion_trials.effects.rows import baseline_sd
from compassion_trials.fit.analyses import Job
from compassion_trials.models.inference.equivalence import equivalence, noninferiority
from compassion_trials.models.inference.tables import Estimates
from compassion_trials.study.plan.margin import Margin
from compassion_trials.trial.trial import Trial

LEVELS = {"equivalence": 0.05, "noninferiority": 0.025}
"""One-sided level of each kind of comparison unless the plan says otherwise."""


def margin_rows(trial: Trial, models: pd.DataFrame, jobs: Sequence[Job]) -> tuple[list[Row], list[Finding]]:
    """Every margin of the plan: interval at 1 - 2 alpha, one-sided p values, verdict in words."""
    found: list[Row] = []
    findings: list[Finding] = []
    for position, margin in enumerate(trial.context.plan.analysis.margins):
        pair = margin.between or trial.context.plan.design.treated
        job = job_of(trial, jobs, margin.outcome)
        visit = margin.visit or (job.answer_visit if job else "")
        one = answer(trial, models, job, visit, (pair[0], pair[1])) if job else None
        if job is None or one is None:
            message = f"{margin.type} of {margin.outcome}: no model gives this difference"
            findings.append(Finding("warning", "not_estimable", message, column=f"analysis.margins.{position}"))
            continue
        found += _rows(trial, margin, job, one)
    return found, findings


def _rows(trial: Trial, margin: Margin, job: Job, one: PlannedEstimate) -> list[Row]:
    alpha = margin.alpha or LEVELS[margin.type]
    scale = baseline_sd(trial, job)[0] if margin.unit == "sd" else 1.0
    assert margin.margin is not None  # checked with the plan
    low, high = margin.margin if isinstance(margin.margin, tuple) else (-margin.margin, margin.margin)
    low, high = low * scale, high * scale
    given = f"{high / scale:g} SD at baseline" if margin.unit == "sd" else f"{high:g} {job.outcome.unit}"
    note = f"margin {given}, one-sided level {alpha:g}" + (f"; {margin.reason}" if margin.reason else "")
    keys = one.all_keys | {
        "analysis": margin.type,
        "note": note,
        "prespecified": "yes" if margin.prespecified else "no",
    }
    estimates = _estimates(one)
    if margin.type == "equivalence":
        line = equivalence(estimates, low, high, alpha).iloc[0]
        holds, statistics = bool(line["equivalent"]), {"p_lower": line["p_low"], "p_upper": line["p_high"]}
        limits = {"margin_lower": low, "margin_upper": high}
    else:
        better = job.outcome.better
        assert better != "neither"  # checked with the plan
        line = noninferiority(estimates, high, better, alpha).iloc[0]
        holds, statistics = bool(line["noninferior"]), {}
        limits = {"margin_lower": -high} if better == "higher" else {"margin_upper": high}
    numbers = {name: float(line[name]) for name in ("estimate", "se", "lower", "upper", "df")}
    found = rows(keys, numbers | limits)
    found += rows(keys | {"unit": ""}, {"p": float(line["p"]), "alpha": alpha, **statistics})
    return [*found, word(keys | {"unit": ""}, "verdict", _verdict(margin.type, holds))]


def _verdict(kind: str, holds: bool) -> str:
    """What the test allows to say."""
    name = {"equivalence": "equivalence", "noninferiority": "non-inferiority"}[kind]
    return f"{name} shown" if holds else f"{name} not shown"


def _estimates(one: PlannedEstimate) -> Estimates:
    """The estimate as the statistical core takes it."""
    se = np.array([one.values["se"]])
    df = np.array([one.values.get("df", np.inf)])
    return Estimates(
        labels={},
        contrasts=np.zeros((1, 1)),
        estimate=np.array([one.values["estimate"]]),
        se=se,
        df=df,
        covariance=np.diag(se**2),
    )
