"""Multiple imputation of repeated measures from their joint normal distribution, and Rubin's rules.

Outcomes of a participant follow N(X_i b, Sigma), the model of the MMRM. Parameters are drawn from their posterior (flat
prior for b, Jeffreys' for Sigma) by data augmentation: one Markov chain per imputation, all chains side by side in one
array, each started at the REML estimate. So imputations are independent of each other and proper in Rubin's sense.

Sources: Rubin (1987), doi:10.1002/9780470316696; Schafer (1997), doi:10.1201/9780367803025, ch. 5; Barnard & Rubin
(1999), doi:10.1093/biomet/86.4.948; White, Royston & Wood (2011), doi:10.1002/sim.4067 (Monte Carlo error).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.replicates.resample import wishart

Progress = Callable[[int, int], None]

BURN_IN = 60
"""Updates before the imputation; chains start at the optimum and forget it within a few updates."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Incomplete repeated measures and the mean model.

    Attributes
    ----------
    y : ndarray, shape (n, T)
        NaN where missing.
    x : ndarray, shape (n, T, p)
        Rows of the design, for observed and missing values.
    """

    y: Array
    x: Array

    def groups(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_]]]:
        """Participants by pattern of observed visits, those without a gap left out."""
        masks, member = np.unique(~np.isnan(self.y), axis=0, return_inverse=True)
        for g, seen in enumerate(masks):
            if not seen.all():
                yield np.flatnonzero(member == g), seen


@dataclass(frozen=True, slots=True)
class ImputationDraws:
    """Parameters and completed data of M imputations.

    Attributes
    ----------
    beta : ndarray, shape (M, p)
    sigma : ndarray, shape (M, T, T)
    y : ndarray, shape (M, n, T)
    """

    beta: Array
    sigma: Array
    y: Array


@dataclass(frozen=True, slots=True)
class PooledImputations:
    """An estimate pooled over imputations.

    Attributes
    ----------
    estimate, se, df : float
        Barnard-Rubin degrees of freedom.
    between, within : float
        Variances between and within imputations.
    missing_information : float
        Share of the variance that is due to missing values, (1 + 1/M) B / T.
    mc_error : float
        Standard error of `estimate` over repeated imputation, sqrt(B / M).
    """

    estimate: float
    se: float
    df: float
    between: float
    within: float
    missing_information: float
    mc_error: float


def pool(estimate: Array, variance: Array, df_complete: float) -> PooledImputations:
    """Rubin's rules with the degrees of freedom of Barnard & Rubin (1999).

    Parameters
    ----------
    estimate, variance : ndarray, shape (M,)
        Of each completed data set, M > 1.
    df_complete : float
        Degrees of freedom had nothing been missing; infinity is allowed.
    """
    m = len(estimate)
    if m < 2:
        raise ModelError("Rubin's rules need two imputations or more")
    within, between = float(variance.mean()), float(estimate.var(ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    observed = (1 - share) * (1.0 if np.isinf(df_complete) else (df_complete + 1) / (df_complete + 3))
    known = 0.0 if np.isinf(df_complete) else 1 / (observed * df_complete)
    df = 1 / (share**2 / (m - 1) + known) if share > 0 or known > 0 else np.inf
    return PooledImputations(
        estimate=float(estimate.mean()),
        se=float(np.sqrt(total)),
        df=float(df),
        between=between,
        within=within,
        missing_information=share,
        mc_error=float(np.sqrt(between / m)),
    )


def impute(
    joint: Joint, beta: Array, sigma: Array, m: int, seed: int, progress: Progress | None = None
) -> ImputationDraws:
    """Draw M completed data sets, missing at random.

    Parameters
    ----------
    joint : Joint
    beta : ndarray, shape (p,)
    sigma : ndarray, shape (T, T)
        Where the chains start.
    m : int
        Imputations.
    seed : int
    progress : callable, optional
        Told (updates done, updates in all).

    Raises
    ------
    ModelError
        Too few participants for a covariance of T visits.
    """
    n, t, p = joint.x.shape
    if n < t + p:
        raise ModelError(f"{n} participants are too few to impute {t} visits")
    rng = np.random.default_rng(seed)
    groups = list(joint.groups())
    products = np.einsum("iap,ibq->abpq", joint.x, joint.x).reshape(t * t, p * p)
    b, s = np.tile(beta, (m, 1)), np.tile(sigma, (m, 1, 1))
    y = np.tile(np.nan_to_num(joint.y), (m, 1, 1))
    for step in range(BURN_IN + 1):
        mean = means(joint.x, b)
        for index, seen in groups:
            y[:, index[:, None], np.flatnonzero(~seen)] = _draw_group(joint, mean, s, index, seen, rng)
        if step == BURN_IN:  # parameters and values of the same update belong together
            break
        residual = y - mean
        s = _draw_sigma(residual.swapaxes(1, 2) @ residual, n, rng)
        b = _draw_beta(joint.x, y, s, products, rng)
        if progress is not None:
            progress(step + 1, BURN_IN)
    return ImputationDraws(b, s, y)


def means(x: Array, beta: Array) -> Array:
    """Expected values (M, n, T) from rows (n, T, p) and coefficients (M, p)."""
    n, t, p = x.shape
    return (beta @ x.reshape(n * t, p).T).reshape(len(beta), n, t)


def regression(sigma: Array, seen: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Coefficients (M, u, o) of missing on observed visits, and the covariance (M, u, u) that is left."""
    o, u = np.flatnonzero(seen), np.flatnonzero(~seen)
    between = sigma[:, u[:, None], o]
    if not len(o):
        return between, sigma
    solved = np.linalg.solve(sigma[:, o[:, None], o], between.swapaxes(1, 2))
    weights = np.asarray(solved.swapaxes(1, 2), dtype=np.float64)
    return weights, sigma[:, u[:, None], u] - weights @ between.swapaxes(1, 2)


def conditional_means(joint: Joint, beta: Array, sigma: Array) -> Array:
    """Data completed by their expectation given what was observed, (M, n, T), for parameters (M, p), (M, T, T)."""
    mean = means(joint.x, beta)
    y = np.tile(np.nan_to_num(joint.y), (len(beta), 1, 1))
    for index, seen in joint.groups():
        weights, _ = regression(sigma, seen)
        y[:, index[:, None], np.flatnonzero(~seen)] = _expected(joint, mean, weights, index, seen)
    return y


def _expected(joint: Joint, mean: Array, weights: Array, index: NDArray[np.intp], seen: NDArray[np.bool_]) -> Array:
    """Expected missing values (M, n_g, u) of one pattern."""
    mine = mean[:, index]
    gap = joint.y[index][:, seen] - mine[:, :, seen]
    return mine[:, :, ~seen] + gap @ weights.swapaxes(1, 2)


def _draw_group(
    joint: Joint,
    mean: Array,
    sigma: Array,
    index: NDArray[np.intp],
    seen: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Array:
    """Missing values (M, n_g, u) of one pattern, drawn."""
    weights, left = regression(sigma, seen)
    root = np.linalg.cholesky(left)
    noise = rng.standard_normal((len(sigma), len(index), root.shape[1]))
    return _expected(joint, mean, weights, index, seen) + noise @ root.swapaxes(1, 2)


def _draw_sigma(scatter: Array, n: int, rng: np.random.Generator) -> Array:
    """Covariances (M, T, T) from the inverse Wishart distribution with n degrees of freedom."""
    m, t, _ = scatter.shape
    root = np.linalg.cholesky(scatter)
    drawn: Array = root @ np.linalg.inv(wishart(rng, n, t, m)) @ root.swapaxes(1, 2)
    return drawn


def _draw_beta(x: Array, y: Array, sigma: Array, products: Array, rng: np.random.Generator) -> Array:
    """Coefficients (M, p) given complete data: normal around generalised least squares."""
    m, n, t = y.shape
    p = x.shape[2]
    precision = np.linalg.inv(sigma)
    information = (precision.reshape(m, t * t) @ products).reshape(m, p, p)
    moment = (y @ precision).reshape(m, n * t) @ x.reshape(n * t, p)
    covariance = np.linalg.inv(information)
    covariance = (covariance + covariance.swapaxes(1, 2)) / 2
    root = np.linalg.cholesky(covariance)
    centre = (covariance @ moment[..., None])[..., 0]
    return centre + (root @ rng.standard_normal((m, p, 1)))[..., 0]
