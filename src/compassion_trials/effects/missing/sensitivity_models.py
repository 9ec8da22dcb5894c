"""Sensitivity analyses without an imputation model: other people, statsmodels, last value carried forward."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from compassion_trials.core.errors import ModelError
from compassion_trials.core.rows import Row, rows
from compassion_trials.fit.analyses import Job
from compassion_trials.models.inference.contrast_tests import p_two_sided, quantile
from compassion_trials.study.question import CHANGE, difference
from compassion_trials.trial.trial import Trial

if TYPE_CHECKING:
    from compassion_trials.effects.missing.incomplete import Incomplete


ANSWERS = ("estimate", "se", "df", "t", "p", "lower", "upper")
"""Statistics of an answer."""


def tested(estimate: float, se: float, df: float, alpha: float) -> dict[str, float]:
    """Estimate, test and confidence limits as statistics."""
    half = float(quantile(np.array([df]), 1 - alpha / 2)[0]) * se
    p = float(p_two_sided(np.array([estimate / se]), np.array([df]))[0])
    found = {"estimate": estimate, "se": se, "df": df, "t": estimate / se, "p": p}
    return found | {"lower": estimate - half, "upper": estimate + half}


def answer_term(data: Incomplete, position: int) -> dict[str, object]:
    """Term (and arm) of one contrast of the final analysis."""
    if not data.pairs:
        return {"term": "change", "arm": data.job.arms[0]}
    return {"term": difference(data.pairs[position], in_change=data.in_change)}


def other_people(trial: Trial, job: Job, keys: dict[str, object], population: str) -> list[Row]:
    """The planned model on an analysis set: its comparisons at the visit of interest.

    Raises
    ------
    ModelError
        These people cannot give the model.
    """
    from compassion_trials.fit.stage import run_job

    spec = job.spec.model_copy(update={"population": population})
    result = run_job(trial, replace(job, analysis="sensitivity", spec=spec))
    if not result.analysed:
        raise ModelError(result.findings[0].advice if result.findings else "the model cannot be fitted")
    found = []
    for row in result.rows:
        term = str(row.get("term", ""))
        if row["statistic"] in ANSWERS and row.get("visit") == job.answer_visit and _answers(job, term):
            kept = {name: row[name] for name in ("term", "statistic", "value", "df_method", "convergence", "n", "note")
                    if name in row}  # fmt: skip
            found.append(keys | {"population": population, "arm": row.get("arm", "")} | kept)
    return found


def _answers(job: Job, term: str) -> bool:
    """Whether a term is the contrast by which the job answers, of any pair of arms."""
    return term in ([job.term(pair) for pair in job.pairs] or [CHANGE])


def without_groups(data: Incomplete, keys: dict[str, object], alpha: float) -> list[Row]:
    """The likelihood answer of the model that imputes: what imputed answers compare with when groups are modelled."""
    design, fit = data.fit.prepared.design, data.fit
    grid, arms = design.grid(), list(design.arms)
    out: list[Row] = []
    for i, (a, b) in enumerate(data.pairs or ((arms[0], arms[0]),)):
        row = grid[arms.index(a), data.place] - (grid[arms.index(b), data.place] if data.pairs else 0)
        if data.in_change:
            row = row - grid[arms.index(a), 0] + (grid[arms.index(b), 0] if data.pairs else 0)
        found = fit.estimates({"contrast": [""]}, row[None])
        base = keys | answer_term(data, i) | {"n": _fitted(data, i), "df_method": fit.methods.convention}
        base |= {"convergence": "converged", "note": "therapy groups not modelled"}
        out += rows(base, tested(float(found.estimate[0]), float(found.se[0]), float(found.df[0]), alpha))
    return out


def _fitted(data: Incomplete, contrast: int) -> int:
    """Participants of the compared arms who are in the fit."""
    return int(data.compared(contrast)[data.subject].sum())


def random_intercept(data: Incomplete, keys: dict[str, object], alpha: float) -> list[Row]:
    """The same mean model with a random intercept, by statsmodels; Wald z.

    Raises
    ------
    ModelError
        statsmodels did not converge.
    """
    import warnings

    from statsmodels.regression.mixed_linear_model import MixedLM

    prepared, design = data.fit.prepared, data.fit.prepared.design
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = MixedLM(prepared.long.y, prepared.x, groups=prepared.long.subject).fit(reml=True)
    if not found.converged:
        raise ModelError("statsmodels' MixedLM did not converge")
    beta = np.asarray(found.fe_params)
    covariance = np.asarray(found.cov_params())[: len(beta), : len(beta)]
    state = "flagged: " + str(said[0].message).splitlines()[0] if said else "converged"
    grid = design.grid()
    arms = list(design.arms)
    out: list[Row] = []
    for i, (a, b) in enumerate(data.pairs or ((arms[0], arms[0]),)):
        row = grid[arms.index(a), data.place] - (grid[arms.index(b), data.place] if data.pairs else 0)
        if data.in_change:
            row = row - grid[arms.index(a), 0] + (grid[arms.index(b), 0] if data.pairs else 0)
        se = float(np.sqrt(row @ covariance @ row))
        base = keys | answer_term(data, i) | {"n": _fitted(data, i), "df_method": "z", "convergence": state}
        out += rows(
            base | {"note": "random intercept, REML, statsmodels MixedLM"}, tested(float(row @ beta), se, np.inf, alpha)
        )
    return out


def last_value(data: Incomplete, keys: dict[str, object], alpha: float) -> list[Row]:
    """Last value carried forward, baseline included, then the final analysis; only to compare with older papers."""
    filled = data.wide.copy()
    for t in range(1, filled.shape[1]):
        filled[:, t] = np.where(np.isnan(filled[:, t]), filled[:, t - 1], filled[:, t])
    known = np.asarray(~np.isnan(filled).any(1))
    completed = np.nan_to_num(filled[:, -data.joint.y.shape[1] :])[None]
    fit = data.only(known).analyse(completed[:, known])
    out: list[Row] = []
    note = "last value carried forward: not recommended, only to compare with older papers"
    for i in range(fit.estimate.shape[1]):
        base = keys | answer_term(data, i) | {"n": int((known & data.compared(i)).sum()), "note": note}
        base |= {"df_method": "n - parameters" if isinstance(fit.df, float) else "Kenward-Roger"}
        error, df = float(np.sqrt(fit.variance[0, i])), fit.complete_df(i)
        out += rows(base, tested(float(fit.estimate[0, i]), error, df, alpha))
    return out
