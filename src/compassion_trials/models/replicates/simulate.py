"""Data drawn from a fitted model, and the parametric-bootstrap likelihood-ratio test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.fit import Fit
from compassion_trials.models.likelihood.estimate import Prepared, units
from compassion_trials.models.likelihood.likelihood_ratio import comparable


@dataclass(frozen=True, slots=True)
class BootstrapTest:
    """A likelihood-ratio test with its reference distribution drawn from the reduced model.

    Attributes
    ----------
    statistic : float
        2 (logL_full - logL_reduced), never below 0.
    p : float
        (1 + replicates at least as large) / (1 + replicates).
    n : int
        Replicates that both models could be fitted to.
    failed : int
        Replicates without valid certificate in one of the models; left out.
    """

    statistic: float
    p: float
    n: int
    failed: int


def draw_errors(fit: Fit, rng: np.random.Generator) -> Array:
    """Errors of all rows (N,) from the fitted covariance, units of the outcome."""
    errors = np.empty(len(fit.prepared.z))
    for index, v in units(fit.estimate):
        errors[index] = rng.standard_normal(index.shape) @ np.linalg.cholesky(v).T
    return errors * fit.prepared.standard.scale


def with_errors(prepared: Prepared, errors: Array) -> tuple[Prepared, Array]:
    """The same design with errors (N,) for an outcome.

    Returns
    -------
    tuple of Prepared, ndarray
        And the least-squares coefficients (p,) of the standardised errors, which are taken out of them: the likelihood
        does not depend on means, and coefficients add up.
    """
    z = prepared.z.copy()
    errors = errors / prepared.standard.scale
    basis = z[:, :-1]
    means = np.asarray(np.linalg.solve(basis.T @ basis, basis.T @ errors), dtype=float)
    z[:, -1] = errors - basis @ means
    return replace(prepared, z=z), means


def bootstrap_test(
    full: Fit, reduced: Fit, n: int, seed: int, progress: Callable[[int, int], None] | None = None
) -> BootstrapTest:
    """Parametric-bootstrap likelihood-ratio test of two nested fits.

    Parameters
    ----------
    full, reduced : Fit
        Of the same rows: ML fits for mean models, REML fits of one mean model for covariances.
    n : int
        Replicates.
    seed : int
    progress : callable, optional
        Called with (replicates done, n).

    Notes
    -----
    Valid on the boundary of the parameter space, where the chi-squared distribution is not (Davison & Hinkley 1997,
    doi:10.1017/CBO9780511802843, section 4.2).
    """
    comparable(full, reduced)
    rng = np.random.default_rng(seed)
    observed = max(2.0 * (full.loglik - reduced.loglik), 0.0)
    order_full, order_reduced = np.argsort(full.prepared.long.row), np.argsort(reduced.prepared.long.row)
    statistics, failed = [], 0
    for done in range(1, n + 1):
        errors = draw_errors(reduced, rng)
        aligned = np.empty_like(errors)
        aligned[order_full] = errors[order_reduced]
        fits = []
        for fit, own in ((full, aligned), (reduced, errors)):
            try:
                fits.append((fit, fit.recipe(with_errors(fit.prepared, own)[0])))
            except ModelError:
                break
        if len(fits) == 2 and all(e.certificate.valid for _, e in fits):
            values = [_loglik(fit, e.optimum.solution.objective) for fit, e in fits]
            statistics.append(max(2.0 * (values[0] - values[1]), 0.0))
        else:
            failed += 1
        if progress is not None:
            progress(done, n)
    if not statistics:
        raise ModelError("no bootstrap replicate could be fitted")
    beyond = int((np.array(statistics) >= observed - 1e-8).sum())
    return BootstrapTest(observed, (1 + beyond) / (1 + len(statistics)), len(statistics), failed)


def _loglik(fit: Fit, objective: float) -> float:
    reml = fit.estimate.problem.reml
    return float(fit.prepared.standard.log_likelihood(objective, fit.methods.n_observations, reml))
