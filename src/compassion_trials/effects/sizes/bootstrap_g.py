"""Bootstrap interval of the model-based g of the primary comparison, beside the one from the delta method.

Without therapy groups participants are drawn within arms, and the interval is that of percentiles. With groups data
sets are drawn from the fitted model, group effects and all, and the interval is a bootstrap-t: a few groups cannot be
drawn with replacement (whole-group percentiles of four groups cover .87 to .92, see `mediation`), and percentiles of a
parametric bootstrap know nothing of the few degrees of freedom that bootstrap-t carries.

Source: Efron & Tibshirani (1993), doi:10.1007/978-1-4899-4541-9, ch. 12 and 13.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows
from compassion_trials.effects.rows import baseline_sd
from compassion_trials.effects.sizes.size import small_sample_factor
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.mixed_rows import fit_job, long_frame
from compassion_trials.fit.result import job_keys
from compassion_trials.models import Fit
from compassion_trials.models.inference.marginal_means import custom_row
from compassion_trials.models.replicates.resample import (
    Replicates,
    of_few_kinds,
    parametric_bootstrap,
    subject_bootstrap,
)
from compassion_trials.trial.trial import Trial

MODELS = ("clda", "lda")
"""Models that hold the baseline as an outcome, so that each replicate has its own standardizer."""
REPLICATES = 1000
ENOUGH = 0.9
"""Share of the replicates that must have been fitted."""
LARGEST = 20_000
"""Numbers per replicate (patterns, pairs of visits, pairs of columns) up to which the bootstrap takes seconds."""


def bootstrap_rows(trial: Trial, jobs: Sequence[Job]) -> tuple[list[Row], list[Finding]]:
    """``model_g_boot_lower`` and ``model_g_boot_upper`` of the primary comparisons at the visit of interest."""
    job = next((job for job in jobs if job.analysis == "primary" and job.model in MODELS), None)
    if job is None or trial.yes_no(job.outcome) or job.visits[0] != trial.context.plan.design.baseline:
        return [], []
    sd, df = baseline_sd(trial, job)
    try:
        fit, _ = fit_job(trial, job, long_frame(trial, job)[0])
        drawn = _draw(fit, trial.context.plan.analysis.seed)
        limits = {pair: _limits(trial, job, fit, drawn, pair, df) for pair in job.asked}
    except ModelError as error:
        return [], [Finding("note", "not_estimable", "the primary g has no bootstrap interval", advice=str(error))]
    how = f"percentile interval, {REPLICATES} bootstraps of participants within arms"
    if fit.methods.n_groups:
        how = f"bootstrap-t interval, {REPLICATES} trials drawn from the model with its therapy groups"
    found: list[Row] = []
    for pair, (lower, upper) in limits.items():
        keys = job_keys(trial, job) | {"term": job.term(pair), "visit": job.answer_visit, "unit": ""}
        g = small_sample_factor(df) / sd
        values = {"model_g_boot_lower": g * lower, "model_g_boot_upper": g * upper}
        found += rows(keys | {"note": f"{how}, SD {sd:.4g} redrawn, too"}, values)
    return found, []


def _draw(fit: Fit, seed: int) -> Replicates:
    """The replicates; refused is what would take minutes: many visits and patterns, and a covariate that few share."""
    t, q = len(fit.prepared.design.visits), fit.prepared.z.shape[1]
    if not of_few_kinds(fit) and fit.methods.n_patterns * t * (t + 1) * q * (q + 1) / 4 > LARGEST:
        raise ModelError(
            f"{t} visits with {fit.methods.n_patterns} patterns of missing values and covariates make the bootstrap "
            "too slow; the interval from the standard error stands"
        )
    draw = parametric_bootstrap if fit.methods.n_groups else subject_bootstrap
    drawn = draw(fit, REPLICATES, seed)
    if drawn.converged.sum() < ENOUGH * REPLICATES:
        raise ModelError(f"only {int(drawn.converged.sum())} of {REPLICATES} bootstrap samples could be fitted")
    return drawn


def _limits(
    trial: Trial, job: Job, fit: Fit, drawn: Replicates, pair: tuple[str, str], df: float
) -> tuple[float, float]:
    """Limits of the difference, each replicate in units of its own baseline SD over that of the data."""
    first, visit = job.visits[0], job.answer_visit
    weights = {(pair[0], visit): 1.0, (pair[1], visit): -1.0}
    if job.in_change:
        weights |= {(pair[0], first): -1.0, (pair[1], first): 1.0}
    row = custom_row(weights, fit.prepared.design, fit.prepared.design.grid())
    good = drawn.converged
    spread = np.sqrt(_baseline_variance(fit, drawn.theta[good]) / _baseline_variance(fit, fit.theta_standard[None])[0])
    values, tails = drawn.contrasts(row[None])[good, 0] / spread, [trial.alpha / 2, 1 - trial.alpha / 2]
    if not fit.methods.n_groups:
        lower, upper = np.quantile(values, tails)
        return float(lower), float(upper)
    errors = np.sqrt(((drawn.phi[good] @ row) * row).sum(1)) / spread
    return studentized(float(row @ fit.beta), model_error(fit, row), values, errors, df, tails)


def studentized(
    estimate: float, error: float, values: Array, errors: Array, df: float, tails: Sequence[float]
) -> tuple[float, float]:
    """Bootstrap-t limits of an estimate whose standardizer has `df` degrees of freedom.

    Parameters
    ----------
    estimate, error : float
        And its model-based standard error, in units of the standardizer.
    values, errors : ndarray, shape (B,)
        The same of the replicates.
    df : float
    tails : sequence of float
        Lower and upper.
    """
    whole, wholes = (np.sqrt(se**2 + value**2 / (2 * df)) for value, se in ((estimate, error), (values, errors)))
    low, high = np.quantile((values - estimate) / wholes, tails)
    return float(estimate - high * whole), float(estimate - low * whole)


def model_error(fit: Fit, row: Array) -> float:
    """Standard error of a contrast (p,) without the Kenward-Roger adjustment, as the replicates have it."""
    standard = fit.prepared.standard.contrasts(row[None])[0]
    return float(np.sqrt(standard @ fit.estimate.optimum.solution.phi @ standard))


def _baseline_variance(fit: Fit, theta: Array) -> Array:
    """Variance of the first visit at each theta (B, K), shape (B,)."""
    whole, own = (fit.estimate.full or (fit.estimate.problem,))[0].covariance, fit.estimate.problem.covariance
    model = own if theta.shape[1] == len(own.names) else whole
    return np.array([model.value(one)[0][0, 0] for one in theta])
