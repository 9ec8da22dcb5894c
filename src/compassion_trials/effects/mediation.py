"""Mediation over time: arm -> change of mediators -> later outcome, adjusted for both baselines.

For arm X (1 treated, 0 comparison), mediators M at an earlier visit, outcome Y at a later one and covariates C, which
hold the baselines of all mediators and of the outcome:

    M_j = i_j + a_j X + C g_j + e_j          Y = i + c' X + sum_j b_j M_j + C g + e

The indirect effect through mediator j is a_j b_j. With the baseline among the covariates, a_j and b_j are the same
whether the mediator is its later value or its change. On the same participants the total effect is c' + sum_j a_j b_j
exactly.

Sources: MacKinnon (2008), doi:10.4324/9780203809556; Preacher & Hayes (2008), doi:10.3758/BRM.40.3.879 (several
mediators, bootstrap); MacKinnon, Lockwood & Williams (2004), doi:10.1207/s15327906mbr3901_4 (Monte Carlo interval);
Efron (1987), doi:10.1080/01621459.1987.10478410 (BCa); Imai, Keele & Yamamoto (2010), doi:10.1214/10-STS321 (rho).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from compassion_trials.core.errors import ModelError

Array = NDArray[np.float64]

MONTE_CARLO = 100_000
"""Draws of the Monte Carlo interval."""
CHUNK = 2_000
"""Bootstrap replicates per array."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A regression coefficient with its t test.

    Attributes
    ----------
    estimate, se, df : float
    """

    estimate: float
    se: float
    df: float


@dataclass(frozen=True, slots=True)
class Mediation:
    """Paths and indirect effects of J mediators.

    Attributes
    ----------
    a, b : tuple of Coefficient
        Arm on mediator; mediator on outcome.
    direct, total : Coefficient
        c' and c.
    indirect : ndarray, shape (J + 1,)
        a_j b_j, and last their sum.
    monte_carlo : ndarray, shape (J + 1, 2)
        Monte Carlo limits.
    rho : ndarray, shape (J,)
        Correlation of the errors of mediator and outcome at which the indirect effect would be zero.
    interaction : Coefficient
        Arm by (first) mediator in the outcome's equation: the model assumes none.
    n : int
    """

    a: tuple[Coefficient, ...]
    b: tuple[Coefficient, ...]
    direct: Coefficient
    total: Coefficient
    indirect: Array
    monte_carlo: Array
    rho: Array
    interaction: Coefficient
    n: int


def mediate(x: Array, m: Array, y: Array, c: Array, alpha: float = 0.05, seed: int = 0) -> Mediation:
    """Estimate all paths.

    Parameters
    ----------
    x : ndarray, shape (n,)
        1 in the treated, 0 in the comparison arm.
    m : ndarray, shape (n, J)
    y : ndarray, shape (n,)
    c : ndarray, shape (n, k)
        Covariates without intercept.
    alpha : float
        1 - coverage.
    seed : int
        Of the Monte Carlo interval.

    Raises
    ------
    ModelError
        Too few participants, or columns that depend on each other.
    """
    n, j = m.shape
    one = np.ones((n, 1))
    base = np.column_stack([one, x, c])
    whole = np.column_stack([base, m])
    a = tuple(_ols(base, m[:, k])[0][1] for k in range(j))
    outcome, _ = _ols(whole, y)
    b = tuple(outcome[-j:])
    total = _ols(base, y)[0][1]
    indirect = np.array([p.estimate * q.estimate for p, q in zip(a, b, strict=True)])
    centred = (m[:, 0] - m[:, 0].mean()) * x
    interaction = _ols(np.column_stack([whole, centred]), y)[0][-1]
    rho = np.array([_partial_correlation(np.delete(whole, base.shape[1] + k, 1), m[:, k], y) for k in range(j)])
    limits = monte_carlo_limits(a, b, alpha, seed)
    return Mediation(a, b, outcome[1], total, np.append(indirect, indirect.sum()), limits, rho, interaction, n)


def monte_carlo_limits(
    a: tuple[Coefficient, ...], b: tuple[Coefficient, ...], alpha: float = 0.05, seed: int = 0
) -> Array:
    """Percentiles of products of normal draws, a and b independent; shape (J + 1, 2), the sum last."""
    rng = np.random.default_rng(seed)
    products = [
        (p.estimate + p.se * rng.standard_normal(MONTE_CARLO)) * (q.estimate + q.se * rng.standard_normal(MONTE_CARLO))
        for p, q in zip(a, b, strict=True)
    ]
    draws = np.stack([*products, np.sum(products, axis=0)], 1)
    return np.quantile(draws, [alpha / 2, 1 - alpha / 2], axis=0).T


def bootstrap_indirect(x: Array, m: Array, y: Array, c: Array, replicates: int, seed: int) -> Array:
    """Indirect effects of data sets of participants drawn with replacement within their arm, (replicates, J + 1).

    Replicates in which the equations cannot be solved are left out.
    """
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(x == value) for value in (0.0, 1.0)]
    products = _Products.of(x, m, y, c)
    found = []
    for start in range(0, replicates, CHUNK):
        size = min(CHUNK, replicates - start)
        weights = np.zeros((size, len(x)))
        for index in members:
            weights[:, index] = rng.multinomial(len(index), np.full(len(index), 1 / len(index)), size=size)
        found.append(products.indirect(weights))
    effects = np.concatenate(found)
    return effects[np.isfinite(effects).all(1)]


def jackknife_indirect(x: Array, m: Array, y: Array, c: Array) -> Array:
    """Indirect effects without each participant in turn, (n, J + 1)."""
    return _Products.of(x, m, y, c).indirect(1.0 - np.eye(len(x)))


def percentile_limits(replicates: Array, alpha: float = 0.05) -> Array:
    """Percentile limits (K, 2) of replicates (B, K)."""
    return np.quantile(replicates, [alpha / 2, 1 - alpha / 2], axis=0).T


def bca_limits(estimate: Array, replicates: Array, left_out: Array, alpha: float = 0.05) -> Array:
    """Bias-corrected and accelerated limits (K, 2) (Efron 1987).

    Parameters
    ----------
    estimate : ndarray, shape (K,)
    replicates : ndarray, shape (B, K)
    left_out : ndarray, shape (n, K)
        Estimates without each participant in turn.
    alpha : float
    """
    b = len(replicates)
    below = np.clip((replicates < estimate).mean(0), 0.5 / b, 1 - 0.5 / b)
    bias = ndtri(below)
    gap = left_out.mean(0) - left_out
    acceleration = (gap**3).sum(0) / (6 * (gap**2).sum(0) ** 1.5)
    limits = []
    for k in range(len(estimate)):
        z = bias[k] + ndtri(np.array([alpha / 2, 1 - alpha / 2]))
        levels = ndtr(bias[k] + z / (1 - acceleration[k] * z))
        limits.append(np.quantile(replicates[:, k], levels))
    return np.array(limits)


@dataclass(frozen=True, slots=True)
class _Products:
    """Products of pairs of columns (1, X, C, M, Y) of each participant, shape (n, q, q): all that resampling needs."""

    pairs: Array
    n_base: int
    n_mediators: int

    @classmethod
    def of(cls, x: Array, m: Array, y: Array, c: Array) -> _Products:
        z = np.column_stack([np.ones(len(x)), x, c, m, y])
        z[:, 2:] -= z[:, 2:].mean(0)  # moves the intercept only, and keeps the systems well conditioned
        return cls(np.einsum("ij,ik->ijk", z, z), 2 + c.shape[1], m.shape[1])

    def indirect(self, weights: Array) -> Array:
        """Indirect effects (B, J + 1) for weights (B, n); NaN where the equations cannot be solved."""
        n, q, _ = self.pairs.shape
        gram = (weights @ self.pairs.reshape(n, q * q)).reshape(-1, q, q)
        k, j = self.n_base, self.n_mediators
        a = _solve(gram[:, :k, :k], gram[:, :k, k : k + j])[:, 1]
        b = _solve(gram[:, : k + j, : k + j], gram[:, : k + j, -1:])[:, k:, 0]
        products = a * b
        return np.column_stack([products, products.sum(1)])


def _solve(left: Array, right: Array) -> Array:
    """Solutions of many systems; NaN where one is singular."""
    size = np.sqrt(np.maximum(np.einsum("bkk->bk", left), 1e-300))
    scaled = left / (size[:, :, None] * size[:, None, :])
    good = np.linalg.eigvalsh(scaled)[:, 0] > 1e-10
    out = np.full(right.shape, np.nan)
    out[good] = np.linalg.solve(scaled[good], right[good] / size[good][:, :, None]) / size[good][:, :, None]
    return out


def _ols(x: Array, y: Array) -> tuple[list[Coefficient], Array]:
    """Coefficients with standard errors, and residuals."""
    n, k = x.shape
    if n <= k + 1:
        raise ModelError(f"{n} participants are too few for the {k} coefficients of a mediation model")
    if np.linalg.matrix_rank(x / np.sqrt((x**2).sum(0))) < k:
        raise ModelError("the terms of the mediation model depend on each other and cannot be estimated apart")
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    residual = y - x @ beta
    se = np.sqrt(np.diag(bread) * (residual @ residual) / (n - k))
    return [Coefficient(float(e), float(s), float(n - k)) for e, s in zip(beta, se, strict=True)], residual


def _partial_correlation(base: Array, u: Array, v: Array) -> float:
    """Correlation of u and v given the columns of base.

    In linear models the indirect effect is zero when the errors of mediator and outcome correlate by exactly this much
    (Imai, Keele & Yamamoto 2010, theorem 2).
    """
    ru, rv = _ols(base, u)[1], _ols(base, v)[1]
    return float(ru @ rv / np.sqrt((ru @ ru) * (rv @ rv)))
