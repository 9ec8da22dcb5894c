"""Exact Newton with step halving: Fisher scoring where the observed Hessian is not positive definite."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.models.likelihood.reml import (
    Derivatives,
    Problem,
    Solution,
    differentiate,
    solve,
)

DECREMENT = 1e-9
"""Stop when the Newton decrement g'H^-1 g (units of -2 log L) is below this; one more step then squares the error."""
MAX_ITERATIONS = 60
HALVINGS = 30


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where Newton stopped.

    Attributes
    ----------
    solution : Solution
    derivatives : Derivatives
    iterations : int
    converged : bool
        The decrement fell below `DECREMENT` with a positive definite observed Hessian.
    """

    solution: Solution
    derivatives: Derivatives
    iterations: int
    converged: bool


def minimise(problem: Problem, start: Array, max_iterations: int = MAX_ITERATIONS) -> Optimum | None:
    """Minimise -2 log L from `start` (K,).

    Returns
    -------
    Optimum or None
        None when the likelihood cannot be evaluated at the start. The best point is returned also when Newton did
        not converge; the certificate says so.
    """
    here = solve(problem, start)
    if here is None:
        return None
    slope = differentiate(problem, here)
    # On the way to a singular covariance numbers overflow; the certificate then says so.
    with np.errstate(all="ignore"):
        return _iterate(problem, here, slope, max_iterations)


def _iterate(problem: Problem, here: Solution, slope: Derivatives, max_iterations: int) -> Optimum:
    for iteration in range(1, max_iterations + 1):
        # The first step scores: far from the optimum the expected information is the safer metric.
        step, newton = direction(slope, scoring=iteration == 1)
        done = newton and float(slope.gradient @ -step) < DECREMENT
        after = line_search(problem, here, step, -float(slope.gradient @ step), last=done)
        if after is None:
            return Optimum(here, slope, iteration, done)
        here, slope = after, differentiate(problem, after)
        if done:
            return Optimum(here, slope, iteration, bool(np.linalg.eigvalsh(slope.observed)[0] > 0))
    return Optimum(here, slope, max_iterations, False)


def direction(slope: Derivatives, scoring: bool = False) -> tuple[Array, bool]:
    """Step (K,) and whether it is a Newton step with a positive definite observed Hessian."""
    if not np.isfinite(slope.expected).all() or not np.isfinite(slope.observed).all():
        return np.full(len(slope.gradient), np.nan), False
    if not scoring:
        try:
            np.linalg.cholesky(slope.observed)
            return np.asarray(-np.linalg.solve(slope.observed, slope.gradient), dtype=float), True
        except np.linalg.LinAlgError:
            pass
    values, vectors = np.linalg.eigh(slope.expected)
    values = np.maximum(values, 1e-10 * max(values[-1], 1e-300))
    return -(vectors / values) @ (vectors.T @ slope.gradient), False


def line_search(problem: Problem, here: Solution, step: Array, drop: float, last: bool) -> Solution | None:
    """First point along the step that lowers the objective enough; the last, squared-error step is taken as it is."""
    scale = 1.0
    for _ in range(HALVINGS):
        after = solve(problem, here.theta + scale * step)
        tolerance = 1e-9 * (1.0 + abs(here.objective)) if last else -1e-4 * scale * drop
        if after is not None and after.objective <= here.objective + tolerance:
            return after
        scale /= 2.0
    return None
