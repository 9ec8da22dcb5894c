"""Attendance or practice: how much there was, and whether change went with it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.limits import reaches
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.summary import describe
from compassion_trials.effects.groups.few_clusters import METHOD, clusters_of
from compassion_trials.effects.outcomes.dosage import association
from compassion_trials.effects.outcomes.proportion import exact
from compassion_trials.study.plan.dose import Dose
from compassion_trials.trial.trial import Trial

CAUTION = "not causal: who attends more differs in other ways, too"


def dose_rows(trial: Trial) -> tuple[list[Row], list[Finding]]:
    """Analysis ``dose``: by arm mean, sd, median, q1, q3, adequate (percent); by outcome the slope of change."""
    dose, plan = trial.context.plan.analysis.dose, trial.context.plan
    if dose is None:
        return [], []
    if dose.variable not in trial.participants:
        message = f"dose: the data do not hold {dose.variable}"
        return [], [Finding("warning", "not_estimable", message, column="analysis.dose.variable")]
    amount = pd.to_numeric(trial.participants[dose.variable], errors="coerce").to_numpy(float)
    arms = dose.arms or plan.design.treated or tuple(plan.design.arms)
    mark = {"analysis": "dose", "term": dose.variable, "prespecified": "yes" if dose.prespecified else "no"}
    keys = trial.keys | mark
    found = [row for arm in arms for row in _amount(trial, keys, dose, amount, arm)]
    findings: list[Finding] = []
    outcomes = dose.outcomes or ((trial.context.primary,) if trial.context.primary else ())
    for key in outcomes:
        outcome, visit = trial.context.outcomes[key], dose.visit or trial.context.question(key).visit
        code = np.select([trial.in_arm(arm) for arm in arms], range(len(arms)), -1)
        inside = code >= 0
        before, after = (trial.score(outcome, v)[inside] for v in (plan.design.baseline, visit))
        group = clusters_of(trial, arms)
        met = None if group is None else group[inside]
        try:
            a = association(amount[inside], before, after, code[inside], trial.alpha, met)
        except ModelError as error:
            findings.append(Finding("warning", "not_estimable", f"dose and {key}: no association", advice=str(error)))
            continue
        here = keys | {"outcome": key, "visit": visit, "n": a.n, "note": CAUTION, "df_method": "residual"}
        here |= {"note": f"{CAUTION}; {a.words}", "df_method": METHOD} if a.words else {}
        values = {"estimate": a.slope, "se": a.se, "lower": a.lower, "upper": a.upper}
        found += rows(here | {"unit": f"{outcome.unit} per unit of dose"}, values)
        found += rows(here | {"unit": ""}, {"df": a.df, "p": a.p, "r": a.r})
    return found, findings


def _amount(trial: Trial, keys: dict[str, object], dose: Dose, amount: np.ndarray, arm: str) -> list[Row]:
    """How much of it an arm had."""
    mine = amount[trial.in_arm(arm)]
    d = describe(mine, trial.alpha)
    if not d.n:
        return []
    keys = keys | {"arm": arm, "n": d.n}
    found = rows(keys, {"n": d.n, "mean": d.mean, "sd": d.sd, "median": d.median, "q1": d.q1, "q3": d.q3})
    if dose.adequate is not None:
        share = exact(int(reaches(mine, dose.adequate).sum()), d.n, trial.alpha)
        found += rows(
            keys | {"level": "adequate", "note": f"at least {dose.adequate:g}"}, {"n": share.k, **share.percent}
        )
    return found
