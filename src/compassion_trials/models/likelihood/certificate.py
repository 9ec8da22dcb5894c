"""The convergence certificate: evidence that a fit stands at a proper maximum of its likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.models.likelihood.newton import Optimum
from compassion_trials.models.likelihood.reml import Derivatives, Problem

MAX_DECREMENT = 1e-7
"""Largest Newton decrement g'H^-1 g accepted: the log-likelihood is then within 1e-7 of its local maximum."""
MIN_EIGENVALUE = 1e-6
"""Smallest eigenvalue of the observed Hessian accepted, after scaling with the expected information's diagonal."""
MAX_CONDITION = 1e7
"""Largest condition number of a correlation matrix accepted; beyond it Sigma is singular for all purposes, and the
Kenward-Roger adjustment, a difference of terms of that size, has no digit left."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What stands behind "converged".

    Attributes
    ----------
    valid : bool
        All checks passed.
    reasons : tuple of str
        The checks that failed, in words; empty when valid.
    gradient_norm : float
        Largest absolute gradient component, parameters scaled by their expected information.
    newton_decrement : float
        g'H^-1 g, twice the predicted gain in log-likelihood of one more step.
    smallest_eigenvalue : float
        Of the scaled observed Hessian.
    condition : float
        Largest condition number of the correlation matrices.
    boundary : tuple of str
        Variances that stand on the boundary of the parameter space (estimate 0 or correlation +-1).
    iterations : int
    maxima : int
        Different maxima that the starts led to; the fit stands at the highest.
    """

    valid: bool
    reasons: tuple[str, ...]
    gradient_norm: float
    newton_decrement: float
    smallest_eigenvalue: float
    condition: float
    boundary: tuple[str, ...]
    iterations: int
    maxima: int = 1


def certify(problem: Problem, optimum: Optimum, boundary: tuple[str, ...] = (), outward: bool = True) -> Certificate:
    """Check a stopping point.

    Parameters
    ----------
    problem : Problem
        Standardised, so that the numbers do not depend on the scale of the outcome.
    optimum : Optimum
    boundary : tuple of str
        Variances held on the boundary.
    outward : bool
        Whether the likelihood falls away from the boundary into the parameter space (Karush-Kuhn-Tucker).
    """
    hessian, gradient = scaled(optimum.derivatives)
    if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
        return Certificate(
            valid=False,
            reasons=("the likelihood degenerates: the covariance is singular",),
            gradient_norm=np.inf,
            newton_decrement=np.inf,
            smallest_eigenvalue=-np.inf,
            condition=np.inf,
            boundary=boundary,
            iterations=optimum.iterations,
        )
    smallest = float(np.linalg.eigvalsh(hessian)[0])
    decrement = float(gradient @ np.linalg.lstsq(hessian, gradient, rcond=None)[0])
    matrices = problem.covariance.value(optimum.solution.theta)
    if problem.covariance.grouped:  # what a therapy group shares is one variance, singular by design
        matrices = matrices[:-1]
    condition = correlation_condition(matrices)
    checks = (
        (optimum.converged, "Newton's method did not converge"),
        (abs(decrement) <= MAX_DECREMENT, f"the Newton decrement is {decrement:.1e}"),
        (smallest >= MIN_EIGENVALUE, f"the Hessian's smallest eigenvalue is {smallest:.1e}: no proper maximum"),
        (condition <= MAX_CONDITION, f"the covariance is singular (condition {condition:.1e})"),
        (outward, "a variance was held on its boundary although the likelihood rises away from it"),
    )
    reasons = tuple(text for passed, text in checks if not passed)
    if condition > MAX_CONDITION:
        # The other failures are its consequences.
        reasons = (f"the covariance is singular (condition {condition:.1e})",)
    return Certificate(
        valid=not reasons,
        reasons=reasons,
        gradient_norm=float(np.abs(gradient).max()),
        newton_decrement=decrement,
        smallest_eigenvalue=smallest,
        condition=condition,
        boundary=boundary,
        iterations=optimum.iterations,
    )


def scaled(slope: Derivatives) -> tuple[Array, Array]:
    """Observed Hessian (K, K) and gradient (K,) with parameters in units of their expected information."""
    with np.errstate(all="ignore"):
        scale = np.sqrt(np.maximum(np.diag(slope.expected), 1e-300))
        return slope.observed / np.outer(scale, scale), slope.gradient / scale


def correlation_condition(matrices: Array) -> float:
    """Largest condition number of the correlation matrices of slots (S, T, T); slots without variance are skipped."""
    worst = 1.0
    for matrix in matrices:
        variances = np.diag(matrix)
        if (variances <= 0).any():
            continue
        values = np.linalg.eigvalsh(matrix / np.sqrt(np.outer(variances, variances)))
        worst = max(worst, float(values[-1] / values[0]) if values[0] > 0 else np.inf)
    return worst
