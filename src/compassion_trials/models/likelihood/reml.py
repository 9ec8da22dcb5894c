"""The restricted likelihood, its gradient and its information (observed, expected), from sufficient statistics.

With V the covariance of all observations, D_k and D_kl its derivatives, P = V^-1 - V^-1 X Phi X' V^-1 and
Phi = (X' V^-1 X)^-1, per parameter of -2 log L:

    gradient   g_k  = tr(P D_k) - y'P D_k P y
    expected   E_kl = tr(P D_k P D_l)
    observed   H_kl = -tr(P D_k P D_l) + 2 y'P D_k P D_l P y + tr(P D_kl) - y'P D_kl P y

Sources: Patterson & Thompson (1971), doi:10.1093/biomet/58.3.545; Lindstrom & Bates (1988), doi:10.2307/2290128;
Wolfinger, Tobias & Sall (1994), doi:10.1137/0915079; Gilmour, Thompson & Cullis (1995), doi:10.2307/2533274.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.models.likelihood.covariance import CovarianceModel

LOG_2PI = float(np.log(2 * np.pi))


class Block(Protocol):
    """Independent units (participants by pattern, or therapy groups) with their statistics; see `patterns.Patterns`."""

    @property
    def n(self) -> Array:
        """How many independent units share each matrix, shape (G,)."""

    @property
    def padding(self) -> Array:
        """1 on the diagonal where nothing is observed, shape (G, d, d)."""

    def embed(self, matrices: Array) -> Array:
        """Matrices of the slots (..., S, T, T) as matrices of the units (..., G, d, d)."""

    def collect(self, weights: Array, n_slots: int) -> Array:
        """Adjoint of `embed`: (G, d, d) to (S, T, T)."""

    def quadratic(self, weights: Array) -> Array:
        """Sum of z' W z, (..., q, q), for weights (..., G, d, d)."""

    def scatter(self, matrix: Array) -> Array:
        """Sum of z M z' per unit kind, (G, d, d), for M (q, q)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be fitted, in a standardised space (columns of X near orthonormal, y an OLS residual of unit SD).

    Attributes
    ----------
    blocks : tuple of Block
    covariance : CovarianceModel
    n_obs : int
        N.
    p : int
        Columns of X.
    reml : bool
    """

    blocks: tuple[Block, ...]
    covariance: CovarianceModel
    n_obs: int
    p: int
    reml: bool = True


@dataclass(frozen=True, slots=True)
class Solution:
    """The profile at one theta: generalised least squares and the likelihood.

    Attributes
    ----------
    theta : ndarray, shape (K,)
    objective : float
        -2 log (restricted) likelihood.
    beta : ndarray, shape (p,)
    phi : ndarray, shape (p, p)
        (X' V^-1 X)^-1.
    inverse : tuple of ndarray, each (G, d, d)
        V^-1 per block, zero where nothing is observed.
    """

    theta: Array
    objective: float
    beta: Array
    phi: Array
    inverse: tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Derivatives of -2 log L at one theta.

    Attributes
    ----------
    gradient : ndarray, shape (K,)
    observed, expected : ndarray, shape (K, K)
        Observed Hessian and its expectation; the average information is their mean for linear structures.
    slopes : ndarray, shape (K, p, p)
        X' V^-1 D_k V^-1 X = -d(Phi^-1)/d theta_k.
    """

    gradient: Array
    observed: Array
    expected: Array
    slopes: Array


def solve(problem: Problem, theta: Array) -> Solution | None:
    """Profile likelihood at theta; None where the covariance is not positive definite."""
    if not np.all(np.isfinite(theta)):
        return None
    with np.errstate(all="ignore"):
        matrices = problem.covariance.value(theta)
    cross, log_det, inverses = np.zeros((problem.p + 1, problem.p + 1)), 0.0, []
    try:
        for block in problem.blocks:
            v = block.embed(matrices) + block.padding
            factor = np.linalg.cholesky(v)
            log_det += 2.0 * float(block.n @ np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(1))
            inverse = np.linalg.inv(v)
            inverse = (inverse + inverse.swapaxes(1, 2)) / 2 - block.padding
            cross += block.quadratic(inverse)
            inverses.append(inverse)
        root = np.linalg.cholesky(cross[:-1, :-1])
        phi = np.linalg.inv(cross[:-1, :-1])
    except np.linalg.LinAlgError:
        return None
    beta = phi @ cross[:-1, -1]
    # r'V^-1 r written with the residual vector (−beta, 1), which loses less than y'V^-1 y − b'X'V^-1 y.
    contrast = np.append(-beta, 1.0)
    objective = log_det + float(contrast @ cross @ contrast) + problem.n_obs * LOG_2PI
    if problem.reml:
        objective += 2.0 * float(np.log(np.diag(root)).sum()) - problem.p * LOG_2PI
    return Solution(theta, objective, beta, (phi + phi.T) / 2, tuple(inverses)) if np.isfinite(objective) else None


def differentiate(problem: Problem, at: Solution) -> Derivatives:
    """Gradient, observed and expected information at a solution."""
    k, p = len(at.theta), problem.p
    first = problem.covariance.first(at.theta)
    second = problem.covariance.second(at.theta)
    contrast = np.append(-at.beta, 1.0)
    residual = np.outer(contrast, contrast)
    hidden = np.zeros_like(residual)
    if problem.reml:
        hidden[:p, :p] = at.phi
    gradient, trace, curve = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
    curve_x, moments = np.zeros((k, k)), np.zeros((k, p + 1, p + 1))
    slack = np.zeros(first.shape[1:])
    for block, inverse in zip(problem.blocks, at.inverse, strict=True):
        d = block.embed(first)
        left = inverse @ d
        middle = left @ inverse
        n = block.n[:, None, None]
        scatter_r, scatter_x = block.scatter(residual), block.scatter(hidden)
        flat, middle_flat = d.reshape(k, -1), middle.reshape(k, -1)
        gradient += flat @ (n * inverse).ravel() - middle_flat @ (scatter_r + scatter_x).ravel()
        trace += (middle * n[None]).reshape(k, -1) @ flat.T
        curve += middle_flat @ (d @ (inverse @ scatter_r)).swapaxes(-1, -2).reshape(k, -1).T
        curve_x += middle_flat @ (d @ (inverse @ scatter_x)).swapaxes(-1, -2).reshape(k, -1).T
        moments += block.quadratic(middle)
        if second is not None:
            slack += block.collect(n * inverse - inverse @ (scatter_r + scatter_x) @ inverse, len(slack))
    slopes = moments[:, :p, :p]
    pull = moments[:, :p, :] @ contrast
    expected = trace
    if problem.reml:
        turned = at.phi @ slopes
        expected = trace - 2.0 * curve_x + turned.reshape(k, -1) @ turned.swapaxes(1, 2).reshape(k, -1).T
    average = curve - pull @ at.phi @ pull.T
    observed = 2.0 * average - expected
    if second is not None:
        observed = observed + (second.reshape(k, k, -1) @ slack.ravel())
    return Derivatives(gradient, (observed + observed.T) / 2, (expected + expected.T) / 2, slopes)
