"""Mediation over time: arm -> change of mediators -> later outcome, adjusted for both baselines.

For arm X (1 treated, 0 comparison), mediators M at an earlier visit, outcome Y at a later one and covariates C, which
hold the baselines of all mediators and of the outcome:

    M_j = i_j + a_j X + C g_j + e_j          Y = i + c' X + sum_j b_j M_j + C g + e

The indirect effect through mediator j is a_j b_j. With the baseline among the covariates, a_j and b_j are the same
whether the mediator is its later value or its change. On the same participants the total effect is c' + sum_j a_j b_j
exactly.

Where people met in therapy groups, the standard errors of the paths are cluster-robust (`clustered`), whole groups are
drawn in the bootstrap (people without a group one by one), and the Monte Carlo interval draws paths from t with the
degrees of freedom of Bell and McCaffrey.

Sources: MacKinnon (2008), doi:10.4324/9780203809556; Preacher & Hayes (2008), doi:10.3758/BRM.40.3.879 (several
mediators, bootstrap); MacKinnon, Lockwood & Williams (2004), doi:10.1207/s15327906mbr3901_4 (Monte Carlo interval);
Efron (1987), doi:10.1080/01621459.1987.10478410 (BCa); Imai, Keele & Yamamoto (2010), doi:10.1214/10-STS321 (rho);
Field & Welsh (2007), doi:10.1111/j.1467-9868.2007.00593.x (bootstrap of clusters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.inference.clustered import cluster_robust, strata
from compassion_trials.models.replicates.stacked_cholesky import invert

Codes = NDArray[np.intp]

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
class MediationPaths:
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


def mediate(
    x: Array, m: Array, y: Array, c: Array, alpha: float = 0.05, seed: int = 0, unit: Codes | None = None
) -> MediationPaths:
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
    unit : ndarray of int, shape (n,), optional
        Who met together; everybody on their own when left out.

    Raises
    ------
    ModelError
        Too few participants or groups, or columns that depend on each other.
    """
    n, j = m.shape
    one = np.ones((n, 1))
    base = np.column_stack([one, x, c])
    whole = np.column_stack([base, m])
    a = tuple(_ols(base, m[:, k], unit)[0][1] for k in range(j))
    outcome, _ = _ols(whole, y, unit)
    b = tuple(outcome[-j:])
    total = _ols(base, y, unit)[0][1]
    indirect = np.array([p.estimate * q.estimate for p, q in zip(a, b, strict=True)])
    centred = (m[:, 0] - m[:, 0].mean()) * x
    interaction = _ols(np.column_stack([whole, centred]), y, unit)[0][-1]
    if not all(path.df > 0 for path in (*a, *b, outcome[1], total, interaction)):
        raise ModelError("too few therapy groups for the cluster-robust standard errors of the mediation model")
    rho = np.array([_partial_correlation(np.delete(whole, base.shape[1] + k, 1), m[:, k], y) for k in range(j)])
    limits = monte_carlo_limits(a, b, alpha, seed, normal=unit is None)
    return MediationPaths(
        a=a,
        b=b,
        direct=outcome[1],
        total=total,
        indirect=np.append(indirect, indirect.sum()),
        monte_carlo=limits,
        rho=rho,
        interaction=interaction,
        n=n,
    )


def monte_carlo_limits(
    a: tuple[Coefficient, ...], b: tuple[Coefficient, ...], alpha: float = 0.05, seed: int = 0, normal: bool = True
) -> Array:
    """Percentiles of products of draws, a and b independent, normal or t; shape (J + 1, 2), the sum last."""
    rng = np.random.default_rng(seed)

    def draw(path: Coefficient) -> Array:
        deviate = rng.standard_normal(MONTE_CARLO) if normal else rng.standard_t(path.df, MONTE_CARLO)
        return np.asarray(path.estimate + path.se * deviate)

    products = [draw(p) * draw(q) for p, q in zip(a, b, strict=True)]
    draws = np.stack([*products, np.sum(products, axis=0)], 1)
    percentiles: Array = np.quantile(draws, [alpha / 2, 1 - alpha / 2], axis=0).T
    return percentiles


def bootstrap_indirect(
    x: Array, m: Array, y: Array, c: Array, replicates: int, seed: int, unit: Codes | None = None
) -> Array:
    """Indirect effects of data sets of units drawn with replacement within their arm, (replicates, J + 1).

    A unit (n,) is a therapy group or a person without one; everybody on their own when left out. Replicates in which
    the equations cannot be solved are left out.
    """
    rng = np.random.default_rng(seed)
    unit = np.arange(len(x)) if unit is None else unit
    members = strata(unit, x)
    products = _Products.of(x, m, y, c)
    found = []
    for start in range(0, replicates, CHUNK):
        size = min(CHUNK, replicates - start)
        counts = np.zeros((size, int(unit.max()) + 1))
        for index in members:
            counts[:, index] = rng.multinomial(len(index), np.full(len(index), 1 / len(index)), size=size)
        found.append(products.indirect(counts[:, unit]))
    effects = np.concatenate(found)
    return effects[np.isfinite(effects).all(1)]


def jackknife_indirect(x: Array, m: Array, y: Array, c: Array, unit: Codes | None = None) -> Array:
    """Indirect effects without each unit in turn, (U, J + 1); a participant each when left out."""
    unit = np.arange(len(x)) if unit is None else unit
    left_out = unit != np.arange(int(unit.max()) + 1)[:, None]
    return _Products.of(x, m, y, c).indirect(left_out.astype(float))


def percentile_limits(replicates: Array, alpha: float = 0.05) -> Array:
    """Percentile limits (K, 2) of replicates (B, K)."""
    return np.quantile(replicates, [alpha / 2, 1 - alpha / 2], axis=0).T


def bca_limits(estimate: Array, replicates: Array, left_out: Array, alpha: float = 0.05) -> Array:
    """Bias-corrected and accelerated limits (K, 2) (Efron 1987).

    Parameters
    ----------
    estimate : ndarray, shape (K,)
    replicates : ndarray, shape (B, K)
    left_out : ndarray, shape (U, K)
        Estimates without each unit in turn.
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
    inverse, _, good = invert(scaled)
    return np.where(good[:, None, None], inverse @ (right / size[:, :, None]) / size[:, :, None], np.nan)


def _ols(x: Array, y: Array, unit: Codes | None = None) -> tuple[list[Coefficient], Array]:
    """Coefficients with standard errors (cluster-robust where units are given), and residuals."""
    n, k = x.shape
    if n <= k + 1:
        raise ModelError(f"{n} participants are too few for the {k} coefficients of a mediation model")
    if np.linalg.matrix_rank(x / np.sqrt((x**2).sum(0))) < k:
        raise ModelError("the terms of the mediation model depend on each other and cannot be estimated apart")
    bread = np.asarray(np.linalg.inv(x.T @ x), dtype=np.float64)
    beta = bread @ (x.T @ y)
    residual = y - x @ beta
    if unit is None:
        variance, df = np.diag(bread) * (residual @ residual) / (n - k), np.full(k, float(n - k))
    else:
        robust = cluster_robust(x, residual, bread, unit)
        variance, df = np.diag(robust.covariance), robust.df(np.eye(k))
    found = zip(beta, np.sqrt(variance), df, strict=True)
    return [Coefficient(*(float(part) for part in one)) for one in found], residual


def _partial_correlation(base: Array, u: Array, v: Array) -> float:
    """Correlation of u and v given the columns of base.

    In linear models the indirect effect is zero when the errors of mediator and outcome correlate by exactly this much
    (Imai, Keele & Yamamoto 2010, theorem 2).
    """
    ru, rv = _ols(base, u)[1], _ols(base, v)[1]
    return float(ru @ rv / np.sqrt((ru @ ru) * (rv @ rv)))
