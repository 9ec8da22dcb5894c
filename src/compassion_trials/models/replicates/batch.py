"""Refits along an axis of replicates: B data sets with one design, all in the same arrays.

The replicates share missingness patterns and covariance model; their sufficient statistics carry a leading axis. The
average information drives the steps (enough for data that follow the model), the observed information is computed once,
at the optimum, for standard errors and degrees of freedom. The cost does not depend on the number of participants.

Source: Gilmour, Thompson & Cullis (1995), doi:10.2307/2533274 (average information).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.models.likelihood.covariance import CovarianceModel
from compassion_trials.models.likelihood.patterns import half, whole
from compassion_trials.models.likelihood.reml import LOG_2PI
from compassion_trials.models.replicates.stacked_cholesky import invert

IntArray = NDArray[np.intp]
Mask = NDArray[np.bool_]

DECREMENT = 1e-9
"""Stop when g' AI^-1 g is below this; the last step leaves about 1e-5 standard errors to the optimum."""
MAX_ITERATIONS = 50
HALVINGS = 12


@dataclass(frozen=True, slots=True)
class Batch:
    """Sufficient statistics of B data sets.

    Attributes
    ----------
    n : ndarray, shape (B, G) or (1, G)
        Participants per pattern.
    observed : ndarray of bool, shape (G, T)
    slot : ndarray of int, shape (G,)
    xx : ndarray, shape (B or 1, G * T(T+1)/2, p(p+1)/2)
        Pairs of columns of Z, half-vectorised over visits and columns; one for all under a fixed design.
    xy : ndarray, shape (B, G * T(T+1)/2, p)
    yy : ndarray, shape (B, G * T(T+1)/2)
    covariance : CovarianceModel
    reml : bool
    """

    n: Array
    observed: Mask
    slot: IntArray
    xx: Array
    xy: Array
    yy: Array
    covariance: CovarianceModel
    reml: bool

    def __len__(self) -> int:
        return len(self.yy)

    @property
    def n_obs(self) -> Array:
        """Observations of each replicate, shape (B,) or (1,)."""
        observations: Array = (self.n * self.observed.sum(1)).sum(1)
        return observations

    def take(self, index: IntArray) -> Batch:
        """Some of the replicates."""
        n = self.n if len(self.n) == 1 else self.n[index]
        xx = self.xx if len(self.xx) == 1 else self.xx[index]
        return replace(self, n=n, xx=xx, xy=self.xy[index], yy=self.yy[index])


@dataclass(frozen=True, slots=True)
class Profile:
    """Generalised least squares of every replicate at its theta; see `reml.Solution`.

    Attributes
    ----------
    objective : ndarray, shape (B,)
        -2 log L; inf where the covariance is not positive definite.
    beta : ndarray, shape (B, p)
    phi : ndarray, shape (B, p, p)
    inverse : ndarray, shape (B, G, T, T)
    """

    objective: Array
    beta: Array
    phi: Array
    inverse: Array


@dataclass(frozen=True, slots=True)
class Refits:
    """Fits of all replicates.

    Attributes
    ----------
    theta : ndarray, shape (B, K)
    beta : ndarray, shape (B, p)
        Standardised coefficients.
    phi : ndarray, shape (B, p, p)
    objective : ndarray, shape (B,)
    converged : ndarray of bool, shape (B,)
    n_obs : ndarray, shape (B,)
        Observations of each replicate.
    """

    theta: Array
    beta: Array
    phi: Array
    objective: Array
    converged: Mask
    n_obs: Array


def refit(batch: Batch, start: Array) -> Refits:
    """Maximise the likelihood of every replicate.

    Parameters
    ----------
    batch : Batch
    start : ndarray, shape (K,) or (B, K)
        Such as the parameters that the data were drawn from.
    """
    n, k, p = len(batch), start.shape[-1], batch.xy.shape[2]
    theta = np.broadcast_to(start, (n, k)).copy()
    beta, phi = np.zeros((n, p)), np.zeros((n, p, p))
    objective, converged = np.full(n, np.inf), np.zeros(n, dtype=bool)
    active, here = np.arange(n), profile(batch, theta)
    for _ in range(MAX_ITERATIONS):
        part = batch.take(active)
        step, decrement = _steps(*scores(part, theta[active], here))
        theta[active], here, moved = _search(part, theta[active], here, step)
        beta[active], phi[active], objective[active] = here.beta, here.phi, here.objective
        done = decrement < DECREMENT
        converged[active] = done & np.isfinite(here.objective)
        keep = ~done & moved
        active, here = active[keep], _subset(here, keep)
        if not len(active):
            break
    return Refits(
        theta=theta, beta=beta, phi=phi, objective=objective, converged=converged, n_obs=np.broadcast_to(batch.n_obs, n)
    )


def profile(batch: Batch, theta: Array) -> Profile:
    """Likelihood and generalised least squares at theta (B, K)."""
    matrices = values(batch.covariance, theta)
    seen = batch.observed[:, :, None] & batch.observed[:, None, :]
    padding = np.eye(seen.shape[1]) * ~batch.observed[:, :, None]
    v = matrices[:, batch.slot] * seen + padding
    inverse, log_det, positive = invert(v)
    inverse = inverse - padding
    weights = halves(inverse)
    p = batch.xy.shape[2]
    information = contract(weights, batch.xx)[..., whole(p)]
    phi, log_det_x, estimable = invert(information)
    moment = (weights[:, None] @ batch.xy)[:, 0]
    beta = np.einsum("bij,bj->bi", phi, moment)
    rss = (weights * batch.yy).sum(1) - (beta * moment).sum(1)
    objective = (batch.n * log_det).sum(1) + rss + batch.n_obs * LOG_2PI
    if batch.reml:
        objective = objective + log_det_x - p * LOG_2PI
    good = positive.all(1) & estimable & np.isfinite(objective)
    return Profile(np.where(good, objective, np.inf), beta, phi, inverse)


def scores(batch: Batch, theta: Array, at: Profile) -> tuple[Array, Array]:
    """Gradient (B, K) and average information (B, K, K) of -2 log L."""
    d = first(batch.covariance, theta)
    middle = sandwich(batch, d, at.inverse)
    residual, hidden = scatters(batch, at)
    gradient = _trace(batch, d, at.inverse) - flat(middle) @ full(batch, residual + hidden)[..., None]
    return gradient[..., 0], average_information(batch, d, at, middle, residual)


def average_information(batch: Batch, d: Array, at: Profile, middle: Array, residual: Array) -> Array:
    """y'P D_k P D_l P y, shape (B, K, K)."""
    k, p = middle.shape[1], batch.xy.shape[2]
    spread = full(batch, residual).reshape(at.inverse.shape)
    turned = embed(batch, d) @ (at.inverse @ spread)[:, None]
    curve = flat(middle) @ flat(turned.swapaxes(-1, -2)).swapaxes(1, 2)
    unfolded = batch.xx[..., whole(p)]
    mixed = batch.xy - (unfolded @ at.beta[:, None, :, None])[..., 0]
    pull = weigh(middle).reshape(len(batch), k, -1) @ mixed
    return curve - pull @ at.phi @ pull.swapaxes(1, 2)


def sandwich(batch: Batch, d: Array, inverse: Array) -> Array:
    """V^-1 D_k V^-1 per pattern, shape (B, K, G, T, T).

    One product with all pairs of rows of V^-1 serves all parameters when the derivatives are the same for all
    replicates and patterns: many small products would cost more than the arithmetic.
    """
    n, g, t, _ = inverse.shape
    if len(d) == 1 and d.shape[2] == 1:
        pairs = inverse[:, :, :, None, :, None] * inverse[:, :, None, :, None, :]
        flat_d = d[0, :, 0].reshape(d.shape[1], t * t)
        return (flat_d @ pairs.reshape(n, g * t * t, t * t).swapaxes(1, 2)).reshape(n, -1, g, t, t)
    return inverse[:, None] @ embed(batch, d) @ inverse[:, None]


def scatters(batch: Batch, at: Profile) -> tuple[Array, Array]:
    """Half-vectorised sums of residual products and of X Phi X', each (B, G * T(T+1)/2)."""
    p = batch.xy.shape[2]
    i, j, twice = half(p)
    squares = at.beta[:, i] * at.beta[:, j] * twice
    residual = batch.yy - 2.0 * (batch.xy @ at.beta[:, :, None])[..., 0] + contract_columns(squares, batch.xx)
    hidden = contract_columns(at.phi[:, i, j] * twice, batch.xx) if batch.reml else np.zeros_like(residual)
    return residual, hidden


def values(model: CovarianceModel, theta: Array) -> Array:
    """Covariance matrices of every replicate, shape (B, S, T, T)."""
    if model.linear:
        return np.tensordot(theta, model.first(theta[0]), 1)
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.stack([model.value(t) for t in theta]), nan=-1.0, posinf=-1.0)


def first(model: CovarianceModel, theta: Array) -> Array:
    """First derivatives, shape (B or 1, K, S, T, T)."""
    if model.linear:
        return model.first(theta[0])[None]
    return np.stack([model.first(t) for t in theta])


def embed(batch: Batch, matrices: Array) -> Array:
    """Slots (..., S, T, T) as patterns (..., G, T, T)."""
    return matrices[..., batch.slot, :, :] * (batch.observed[:, :, None] & batch.observed[:, None, :])


def weigh(matrices: Array) -> Array:
    """Lower triangles (..., G, T, T) with off-diagonals doubled, shape (..., G, T(T+1)/2)."""
    i, j, twice = half(matrices.shape[-1])
    return matrices[..., i, j] * twice


def halves(matrices: Array) -> Array:
    """`weigh`, flattened over patterns: (B, G * T(T+1)/2)."""
    return weigh(matrices).reshape(len(matrices), -1)


def full(batch: Batch, halved: Array) -> Array:
    """Half-vectorised (B, G * T(T+1)/2) unfolded to (B, G * T * T)."""
    t = batch.observed.shape[1]
    return halved.reshape(len(halved), len(batch.slot), -1)[:, :, whole(t)].reshape(len(halved), -1)


def flat(stack: Array) -> Array:
    """(B, K, G, T, T) as (B, K, G * T * T)."""
    return stack.reshape(*stack.shape[:2], -1)


def contract(weights: Array, xx: Array) -> Array:
    """Sum over pairs of weights (B, M) times xx (B or 1, M, J): (B, J)."""
    return weights @ xx[0] if len(xx) == 1 else (weights[:, None] @ xx)[:, 0]


def contract_columns(columns: Array, xx: Array) -> Array:
    """Sum over columns of xx (B or 1, M, J) times columns (B, J): (B, M)."""
    return columns @ xx[0].T if len(xx) == 1 else (xx @ columns[:, :, None])[..., 0]


def _trace(batch: Batch, d: Array, inverse: Array) -> Array:
    """Sum over participants of tr(V^-1 D_k), shape (B, K, 1)."""
    scaled = (inverse * batch.n[:, :, None, None]).reshape(len(inverse), -1, 1)
    return flat(embed(batch, d)) @ scaled


def _steps(gradient: Array, average: Array) -> tuple[Array, Array]:
    """Newton-like steps and decrements; a ridge where the average information is not positive definite."""
    inverse, _, positive = invert(average)
    if not positive.all():
        bad = ~positive
        values_, vectors = np.linalg.eigh(np.nan_to_num(average[bad]))
        values_ = np.maximum(values_, 1e-6 * np.maximum(values_[:, -1:], 1e-12))
        inverse[bad] = (vectors / values_[:, None, :]) @ vectors.swapaxes(1, 2)
    step = -np.einsum("bkl,bl->bk", inverse, gradient)
    return step, -(step * gradient).sum(1)


def _search(batch: Batch, theta: Array, here: Profile, step: Array) -> tuple[Array, Profile, Mask]:
    """Halve the steps of the replicates whose objective would rise."""
    scale = np.ones(len(theta))
    after = profile(batch, theta + step)
    slack = 1e-9 * (1.0 + np.abs(np.where(np.isfinite(here.objective), here.objective, 1.0)))
    worse = ~(after.objective <= here.objective + slack)
    for _ in range(HALVINGS):
        if not worse.any():
            break
        index = np.flatnonzero(worse)
        scale[index] /= 2.0
        again = profile(batch.take(index), theta[index] + scale[index, None] * step[index])
        for name in ("objective", "beta", "phi", "inverse"):
            getattr(after, name)[index] = getattr(again, name)
        worse[index] = ~(again.objective <= here.objective[index] + slack[index])
    moved = ~worse
    for name in ("objective", "beta", "phi", "inverse"):
        getattr(after, name)[worse] = getattr(here, name)[worse]
    return np.where(moved[:, None], theta + scale[:, None] * step, theta), after, moved


def _subset(at: Profile, keep: Mask) -> Profile:
    return Profile(at.objective[keep], at.beta[keep], at.phi[keep], at.inverse[keep])
