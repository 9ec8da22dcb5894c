"""Bootstrap interval of the model-based g of the primary comparison, beside the one from the delta method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.trial import Trial
from compassion_trials.effects.question import asked_pairs, term
from compassion_trials.effects.rows import baseline_sd
from compassion_trials.effects.size import small_sample_factor
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.mixed_rows import fit_model, long_frame
from compassion_trials.fit.result import job_keys
from compassion_trials.models import Fit
from compassion_trials.models.marginal_means import custom_row
from compassion_trials.models.resample import subject_bootstrap

MODELS = ("clda", "lda")
"""Models that hold the baseline as an outcome, so that each replicate has its own standardizer."""
REPLICATES = 1000
LARGEST = 20_000
"""Numbers per replicate (patterns, pairs of visits, pairs of columns) up to which the bootstrap takes seconds."""


def bootstrap_rows(trial: Trial, jobs: Sequence[Job]) -> tuple[list[Row], list[Finding]]:
    """``model_g_boot_lower`` and ``model_g_boot_upper`` of the primary comparisons at the visit of interest.

    Models with therapy groups have none: participants of one group cannot be drawn one by one.
    """
    job = next((job for job in jobs if job.analysis == "primary" and job.model in MODELS), None)
    if job is None or job.group is not None or job.visits[0] != trial.context.plan.design.baseline:
        return [], []
    sd, df = baseline_sd(trial, job)
    try:
        fit = fit_model(trial, job, long_frame(trial, job)[0], None)
        _check_size(fit)
        limits = {pair: _limits(trial, job, fit, pair) for pair in asked_pairs(trial, job)}
    except ModelError as error:
        return [], [Finding("note", "not_estimable", "the primary g has no bootstrap interval", advice=str(error))]
    found: list[Row] = []
    for pair, (lower, upper) in limits.items():
        keys = job_keys(trial, job) | {"term": term(trial, job, pair), "visit": job.contrast_visit, "unit": ""}
        note = f"percentile interval, {REPLICATES} bootstraps of participants within arms, SD {sd:.4g} redrawn, too"
        g = small_sample_factor(df) / sd
        values = {"model_g_boot_lower": g * lower, "model_g_boot_upper": g * upper}
        found += rows(keys | {"note": note, "df_method": "bootstrap"}, values)
    return found, []


def _check_size(fit: Fit) -> None:
    """Refuse what would take minutes: many visits with many patterns of missing values."""
    t, q = len(fit.prepared.design.visits), fit.prepared.z.shape[1]
    if fit.methods.n_patterns * t * (t + 1) * q * (q + 1) / 4 > LARGEST:
        raise ModelError(
            f"{t} visits with {fit.methods.n_patterns} patterns of missing values make the bootstrap too slow; the "
            "interval from the standard error stands"
        )


def _limits(trial: Trial, job: Job, fit: Fit, pair: tuple[str, str]) -> tuple[float, float]:
    """Percentiles of the difference, each replicate in units of its own baseline SD over that of the data."""
    first, visit = job.visits[0], job.contrast_visit
    weights = {(pair[0], visit): 1.0, (pair[1], visit): -1.0}
    if term(trial, job, pair).startswith("difference in change"):
        weights |= {(pair[0], first): -1.0, (pair[1], first): 1.0}
    row = custom_row(weights, fit.prepared.design, fit.prepared.design.grid())
    drawn = subject_bootstrap(fit, REPLICATES, trial.context.plan.analysis.seed)
    good = drawn.converged
    if good.sum() < 0.9 * REPLICATES:
        raise ModelError(f"only {int(good.sum())} of {REPLICATES} bootstrap samples could be fitted")
    spread = np.sqrt(_baseline_variance(fit, drawn.theta[good]) / _baseline_variance(fit, fit.theta_standard[None])[0])
    values = drawn.contrasts(row[None])[good, 0] / spread
    lower, upper = np.quantile(values, [trial.alpha / 2, 1 - trial.alpha / 2])
    return float(lower), float(upper)


def _baseline_variance(fit: Fit, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance of the first visit at each theta (B, K), shape (B,)."""
    model = fit.estimate.problem.covariance
    return np.array([model.value(one)[0][0, 0] for one in theta])
