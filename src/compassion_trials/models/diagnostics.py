"""Looking at a fit: residuals, influence of participants, covariance fitted and observed, structures, R squared, ICC.

Sources: Fitzmaurice, Laird & Ware (2011), doi:10.1002/9781119513469, ch. 10 (normalized residuals); Atkinson (1981),
doi:10.1093/biomet/68.1.13 (envelope); Cook (1977), doi:10.1080/00401706.1977.10489493; Nakagawa & Schielzeth (2013),
doi:10.1111/j.2041-210x.2012.00261.x, and Johnson (2014), doi:10.1111/2041-210X.12225 (R squared).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.fit import Fit
from compassion_trials.models.likelihood.estimate import units
from compassion_trials.models.replicates.resample import Progress, jackknife
from compassion_trials.models.replicates.simulate import draw_errors


def residuals(fit: Fit) -> pd.DataFrame:
    """Residuals of every row.

    Returns
    -------
    DataFrame
        row (position in the user's data frame, from 0), arm, visit, fitted, residual (units of the outcome) and
        normalized: L^-1 (y_i - X_i b) with V_i = L L', independent with variance 1 when the model holds.
    """
    long = fit.prepared.long
    fitted = fit.prepared.x @ fit.beta
    return pd.DataFrame(
        {
            "row": long.row,
            "arm": np.array(long.arms)[long.arm],
            "visit": np.array(long.visits)[long.visit],
            "fitted": fitted,
            "residual": long.y - fitted,
            "normalized": normalize(fit, (long.y - fitted) / fit.prepared.standard.scale),
        }
    )


def normalize(fit: Fit, standardised: Array) -> Array:
    """L^-1 r of every independent unit, for residuals (N,) in the standardised space."""
    out = np.empty_like(standardised)
    for index, v in units(fit.estimate):
        out[index] = np.linalg.solve(np.linalg.cholesky(v), standardised[index].T).T
    return out


def qq_envelope(fit: Fit, n: int, seed: int, level: float = 0.95) -> pd.DataFrame:
    """Ordered normalized residuals with a pointwise simulation envelope.

    Parameters
    ----------
    fit : Fit
    n : int
        Data sets drawn from the model; the mean is estimated again in each, the covariance is kept.
    seed : int
    level : float
        Pointwise level of the envelope.

    Returns
    -------
    DataFrame
        theoretical, observed, lower, upper.
    """
    rng = np.random.default_rng(seed)
    z, solution = fit.prepared.z[:, :-1], fit.estimate.optimum.solution
    parts = [(index, np.linalg.inv(v)) for index, v in units(fit.estimate)]
    draws = np.empty((n, len(z)))
    for b in range(n):
        errors = draw_errors(fit, rng) / fit.prepared.standard.scale
        pull = sum(np.einsum("ndp,de,ne->p", z[index], inverse, errors[index]) for index, inverse in parts)
        draws[b] = np.sort(normalize(fit, errors - z @ (solution.phi @ pull)))
    tail = (1 - level) / 2
    lower, upper = np.quantile(draws, [tail, 1 - tail], axis=0)
    theoretical = ndtri((np.arange(1, len(z) + 1) - 0.375) / (len(z) + 0.25))
    observed = np.sort(residuals(fit)["normalized"].to_numpy())
    return pd.DataFrame({"theoretical": theoretical, "observed": observed, "lower": lower, "upper": upper})


def influence(fit: Fit, kind: str = "arm", progress: Progress | None = None) -> pd.DataFrame:
    """What leaving out each participant changes.

    Returns
    -------
    DataFrame
        row (a row of the participant in the user's data frame), arm, cooks_distance
        ((b - b_i)' C^-1 (b - b_i) / p), converged, and one column "change: <contrast>, <visit>" for each contrast of
        `kind`, in its standard errors.
    """
    left_out = jackknife(fit, progress=progress)
    shift = fit.beta - left_out.beta
    cooks = np.einsum("bi,ij,bj->b", shift, np.linalg.inv(fit.vcov), shift) / len(fit.beta)
    long = fit.prepared.long
    first = np.flatnonzero(np.diff(long.subject, prepend=-1))
    table = {
        "row": long.row[first],
        "arm": np.array(long.arms)[long.arm[first]],
        "cooks_distance": cooks,
        "converged": left_out.converged,
    }
    found = fit.contrast_estimates(kind)
    changes = shift @ found.contrasts.T / found.se
    for r, (contrast, visit) in enumerate(zip(found.labels["contrast"], found.labels["visit"], strict=True)):
        table[f"change: {contrast}, {visit}"] = changes[:, r]
    return pd.DataFrame(table)


def covariance_fit(fit: Fit) -> pd.DataFrame:
    """Fitted against observed covariance, one row per arm (when arms differ) and pair of visits.

    Returns
    -------
    DataFrame
        arm, visit, other_visit, n (participants observed at both), observed (mean product of residuals), fitted,
        and the same two as correlations.
    """
    long, matrices = fit.prepared.long, fit.covariances
    wide = np.full((long.n_subjects, len(long.visits)), np.nan)
    wide[long.subject, long.visit] = long.y - fit.prepared.x @ fit.beta
    arm = np.zeros(long.n_subjects, dtype=int)
    arm[long.subject] = long.arm
    rows = []
    for a, matrix in enumerate(matrices):
        label = long.arms[a] if len(matrices) > 1 else "all"
        part = wide[arm == a] if len(matrices) > 1 else wide
        seen = ~np.isnan(part)
        filled = np.where(seen, part, 0.0)
        n = seen.T.astype(int) @ seen
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = filled.T @ filled / n
        for i in range(len(matrix)):
            for j in range(i + 1):
                rows.append(
                    (
                        label,
                        long.visits[j],
                        long.visits[i],
                        int(n[i, j]),
                        observed[i, j],
                        matrix[i, j],
                        observed[i, j] / np.sqrt(observed[i, i] * observed[j, j]),
                        matrix[i, j] / np.sqrt(matrix[i, i] * matrix[j, j]),
                    )
                )
    names = ["arm", "visit", "other_visit", "n", "observed", "fitted", "observed_correlation", "fitted_correlation"]
    return pd.DataFrame(rows, columns=names)


@dataclass(frozen=True, slots=True)
class RSquared:
    """Explained variance.

    Attributes
    ----------
    marginal : float
        By the mean model.
    conditional : float
        By mean model and random effects; NaN for a model without random effects.
    """

    marginal: float
    conditional: float


def r_squared(fit: Fit) -> RSquared:
    """R squared of Nakagawa & Schielzeth: variances averaged over the observed rows."""
    fitted = fit.prepared.x @ fit.beta
    mean = float(fitted.var())
    random, total = _row_variances(fit)
    conditional = (mean + random) / (mean + total) if fit.methods.model == "lmm" else float("nan")
    return RSquared(mean / (mean + total), conditional)


def icc(fit: Fit) -> float:
    """Intraclass correlation of a participant's values: variance of random effects over total, averaged over rows.

    For an MMRM with covariance "cs" the common correlation, which may be negative.
    """
    if fit.methods.model == "mmrm":
        if fit.methods.covariance != "cs":
            raise ModelError('an ICC needs one correlation for all visits: covariance="cs" or a random intercept')
        matrix = fit.covariances[0]
        return float(matrix[0, 1] / matrix[0, 0])
    random, total = _row_variances(fit)
    return random / total


def _row_variances(fit: Fit) -> tuple[float, float]:
    """Variance of the random effects of participants, and of everything, averaged over rows; units of the outcome."""
    long, matrices = fit.prepared.long, fit.covariances
    slot = long.arm if len(matrices) > 1 else np.zeros_like(long.arm)
    total = float(np.diagonal(matrices, axis1=1, axis2=2)[slot, long.visit].mean())
    model, theta = fit.estimate.problem.covariance, fit.theta_standard
    random = 0.0
    for component, part in zip(model.components, model.slices(), strict=True):
        if component.label == "random":
            variance = np.diag(component.structure.value(theta[part])) * fit.prepared.standard.scale**2
            random = float(variance[long.visit].mean())
    return random, total
