"""Effect sizes as result rows beside the numbers that they belong to."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.summary import describe
from compassion_trials.effects.sizes.between import d_pooled_n, hedges_g, pooled_sd
from compassion_trials.effects.sizes.model_based import model_g
from compassion_trials.effects.sizes.size import EffectSize, Summary
from compassion_trials.effects.sizes.within import within_arm
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.result import job_keys
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.analysis import MIXED_MODELS
from compassion_trials.study.question import difference
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.trial import Trial

CONTRAST = [
    "analysis",
    "model",
    "outcome",
    "population",
    "term",
    "level",
    "visit",
    "df_method",
    "convergence",
    "prespecified",
]


def statistics(name: str, size: EffectSize) -> dict[str, float]:
    """An effect size and its limits as statistics."""
    return {name: size.estimate, f"{name}_lower": size.lower, f"{name}_upper": size.upper}


def model_rows(trial: Trial, models: pd.DataFrame, jobs: list[Job]) -> list[Row]:
    """``model_g`` of every difference between arms that a model estimated.

    The standardizer, the pooled standard deviation at baseline, stands in the note.
    """
    mine = models[models["term"].str.startswith("difference") & models["statistic"].isin(["estimate", "se", "df"])]
    wide = mine.pivot(index=CONTRAST, columns="statistic", values="value")
    scale = {(j.analysis, j.outcome.key): baseline_sd(trial, j) for j in jobs}
    found: list[Row] = []
    for keys, line in wide.iterrows():
        base = dict(zip(CONTRAST, cast("tuple[str, ...]", keys), strict=True))
        sd, df = scale[base["analysis"], base["outcome"]]
        if not sd > 0 or df <= 1 or trial.yes_no(trial.context.outcomes[base["outcome"]]):
            continue
        g = model_g(line["estimate"], line["se"], line.get("df", np.inf), sd, df, trial.alpha)
        note = f"standardized by the pooled SD at baseline, {sd:.4g}"
        found += rows(trial.keys | base | {"note": note}, statistics("model_g", g))
    return found


def yes_no_findings(trial: Trial) -> list[Finding]:
    """A warning for each analysed outcome that is a yes or no: what is not given, and what is."""
    found = []
    for outcome in trial.context.analysed:
        if trial.yes_no(outcome):
            message = f"{outcome.key} is a yes or no (0 or 1): no standardized difference (g, d) is given"
            advice = (
                "its means are shares, and the difference that a model gives is a difference of shares, with limits as "
                "for a mean; there is no logistic model"
            )
            found.append(Finding("warning", "yes_no_outcome", message, column=outcome.key, advice=advice))
    return found


def baseline_sd(trial: Trial, job: Job) -> tuple[float, float]:
    """Standard deviation of an outcome at baseline pooled within the arms of a job, and its degrees of freedom.

    (NaN, 0) where the outcome was not assessed at baseline.
    """
    first = trial.context.plan.design.baseline
    inside = members(trial, job.population, job.outcome)
    groups = tuple(g for arm in job.arms for g in [summary(trial, job.outcome, arm, first, inside)] if g.n > 1)
    return pooled_sd(groups) if groups else (float("nan"), 0.0)


def summary(trial: Trial, outcome: Outcome, arm: str, visit: str, inside: np.ndarray) -> Summary:
    """Observed mean, SD and n of an arm at a visit among some participants."""
    d = describe(trial.score(outcome, visit)[trial.in_arm(arm) & inside])
    return Summary(d.mean, d.sd, d.n)


def observed_rows(trial: Trial) -> list[Row]:
    """Hedges' g of every pair of arms at every visit, from the observed values.

    A control that has crossed over is not a control: its later visits are not compared.
    """
    design = trial.context.plan.design
    everyone = np.ones(len(trial.participants), bool)
    found: list[Row] = []
    for outcome in trial.context.outcomes.values():
        for pair in () if trial.yes_no(outcome) else design.pairs:
            for visit in outcome.visits:
                if visit in design.controlled_visits or design.control not in pair:
                    keys = trial.keys | {"analysis": "observed", "outcome": outcome.key, "visit": visit}
                    found += _between(trial, keys, outcome, pair, visit, everyone, plain=False)
    return found


def classic_rows(trial: Trial, jobs: list[Job]) -> list[Row]:
    """Hedges' g and plain d of the analyses that compare observed means: mixed ANOVA, unadjusted comparisons."""
    found: list[Row] = []
    for job in jobs:
        unadjusted = job.model == "ancova" and not job.baselines and not job.covariates
        if trial.yes_no(job.outcome) or (job.model != "mixed_anova" and not unadjusted):
            continue
        inside = members(trial, job.population, job.outcome)
        if job.model == "mixed_anova":  # its complete cases
            inside = inside & ~np.any([np.isnan(trial.score(job.outcome, v)) for v in job.visits], axis=0)
        for pair in job.pairs:
            for visit in job.visits:
                found += _between(
                    trial, job_keys(trial, job) | {"visit": visit}, job.outcome, pair, visit, inside, plain=True
                )
    return found


def _between(
    trial: Trial,
    keys: dict[str, object],
    outcome: Outcome,
    pair: tuple[str, str],
    visit: str,
    inside: np.ndarray,
    *,
    plain: bool,
) -> list[Row]:
    """Effect sizes of one pair of arms at one visit; none where an arm has fewer than two values or nothing varies."""
    a, b = (summary(trial, outcome, arm, visit, inside) for arm in pair)
    try:
        g = hedges_g(a, b, trial.alpha)
        d = d_pooled_n(a, b, trial.alpha)
    except ModelError:
        return []
    base = keys | {"term": difference(pair), "unit": "", "n": a.n + b.n}
    found = rows(base | {"note": "observed values, pooled SD of the visit"}, statistics("hedges_g", g))
    if plain:
        found += rows(base | {"note": "observed values, pooled SD with divisor n1 + n2"}, statistics("d_pooled_n", d))
    return found


def change_rows(trial: Trial, jobs: list[Job], models: pd.DataFrame) -> list[Row]:
    """d_av, d_z and d_rm of every change within an arm that an analysis reports, from pairs of observed values.

    They stand beside the estimate of a paired analysis, which is of the same people. A mixed model's change is another
    estimate: its size is `model_change_rows`, and the observed pairs are rows of the analysis ``observed``.
    """
    reported = models.loc[(models["term"] == "change") & (models["statistic"] == "estimate")]
    found: dict[tuple[str, ...], list[Row]] = {}
    for job in jobs:
        mine = reported[(reported["analysis"] == job.analysis) & (reported["outcome"] == job.outcome.key)]
        mine = mine.iloc[:0] if trial.yes_no(job.outcome) else mine
        for arm, visit in zip(mine["arm"], mine["visit"], strict=True):
            modelled = job.model in MIXED_MODELS
            place = (
                "observed" if modelled else job.analysis,
                job.outcome.key,
                job.population,
                job.visits[0],
                arm,
                visit,
            )
            if place not in found and (not modelled or job.visits[0] == trial.context.plan.design.baseline):
                found[place] = _change(trial, job, arm, visit, modelled)
    return [row for rows_ in found.values() for row in rows_]


def model_change_rows(trial: Trial, models: pd.DataFrame, jobs: list[Job]) -> list[Row]:
    """``model_g`` of every change within an arm that a mixed model estimated, over the pooled SD at baseline."""
    mine = models[(models["term"] == "change") & models["statistic"].isin(["estimate", "se", "df"])]
    found: list[Row] = []
    for job in jobs:
        if job.model not in MIXED_MODELS or trial.yes_no(job.outcome):
            continue
        sd, spread_df = baseline_sd(trial, job)
        if not sd > 0 or spread_df <= 1:
            continue
        own = mine[(mine["analysis"] == job.analysis) & (mine["outcome"] == job.outcome.key)]
        for (arm, visit), part in own.groupby(["arm", "visit"], sort=False):
            values = dict(zip(part["statistic"], part["value"], strict=True))
            g = model_g(values["estimate"], values["se"], values.get("df", np.inf), sd, spread_df, trial.alpha)
            shared = {name: part[name].iloc[0] for name in ("df_method", "convergence")}
            keys = job_keys(trial, job) | shared | {"arm": arm, "visit": visit, "term": "change", "unit": ""}
            note = f"standardized by the pooled SD at baseline, {sd:.4g}"
            found += rows(keys | {"note": note}, statistics("model_g", g))
    return found


def _change(trial: Trial, job: Job, arm: str, visit: str, modelled: bool) -> list[Row]:
    inside = members(trial, job.population, job.outcome) & trial.in_arm(arm)
    before, after = (trial.score(job.outcome, v)[inside] for v in (job.visits[0], visit))
    try:
        d = within_arm(before, after, trial.alpha)
    except ModelError:
        return []
    keys = job_keys(trial, job) | {"arm": arm, "visit": visit, "term": "change", "n": d.n}
    keys |= {"note": "pairs of observed values"}
    found: list[Row] = []
    if modelled:
        keys |= {"analysis": "observed", "model": ""}
        found += rows(keys, {"mean_change": d.d_z.estimate * d.d_z.standardizer})
    values = {**statistics("d_av", d.d_av), **statistics("d_z", d.d_z), **statistics("d_rm", d.d_rm)}
    return found + rows(keys | {"unit": ""}, values)
