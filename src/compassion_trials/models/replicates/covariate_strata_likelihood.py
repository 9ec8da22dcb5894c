"""The likelihood of many data sets whose people are of few kinds (`kinds`), side by side, with its gradient.

A shared effect u_j of a therapy group at the visits when it met (1*, variance t2) adds a rank of one per group to V,
which Woodbury's formula takes apart: with W_i = Sigma_i^-1 over the visits that i was seen,

    V_j^-1 = W - h a a',   a = W 1*,   h = t2 / (1 + t2 k),   k = 1*'W 1*

Source: Harville (1977), doi:10.1080/01621459.1977.10480998 (likelihood and gradient); Sherman & Morrison (1950),
doi:10.1214/aoms/1177729893 (an update of rank one).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.models.likelihood.covariance import CovarianceModel
from compassion_trials.models.likelihood.reml import LOG_2PI
from compassion_trials.models.replicates.covariate_strata import Kinds, Sums
from compassion_trials.models.replicates.stacked_cholesky import invert

IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Point:
    """The likelihood of every replicate at its theta.

    Attributes
    ----------
    objective : ndarray, shape (B,)
        -2 log L; inf where the covariance is not positive definite.
    gradient : ndarray, shape (B, K)
    beta : ndarray, shape (B, p)
    phi : ndarray, shape (B, p, p)
    """

    objective: Array
    gradient: Array
    beta: Array
    phi: Array

    def put(self, place: IntArray, other: Point) -> None:
        """Take over the points of some replicates."""
        for f in fields(self):
            getattr(self, f.name)[place] = getattr(other, f.name)

    def take(self, index: IntArray) -> Point:
        """Some of the replicates."""
        return Point(*(getattr(self, f.name)[index] for f in fields(self)))


def evaluate(kinds: Kinds, sums: Sums, theta: Array) -> Point:
    """Likelihood and gradient of every replicate at theta (B, K)."""
    seen = kinds.observed[:, :, None] & kinds.observed[:, None, :]
    padding = np.eye(seen.shape[1]) * ~kinds.observed[:, :, None]
    matrices, first = _matrices(kinds.covariance, theta)
    w, log_det, positive = invert(matrices[:, 0][:, None] * seen + padding)
    w = w - padding
    c, g, t, _, p = kinds.size
    people = sums.n.sum(1)
    flat_w = w.reshape(len(w), g, t * t)
    xx = np.einsum("cap,cbq->cabpq", kinds.x, kinds.x).reshape(c * t * t, p * p)
    information = ((sums.n @ flat_w).reshape(len(w), -1) @ xx).reshape(-1, p, p)
    pulled = (w[:, None] @ sums.total[..., None])[..., 0].sum(2).reshape(len(w), -1)
    moment = pulled @ kinds.x.reshape(c * t, p)
    quadratic = (w * sums.squares).sum((1, 2, 3))
    shared = _Shared.of(kinds, sums, w, theta) if kinds.grouped else None
    if shared is not None:
        information -= shared.sx.swapaxes(1, 2) @ (shared.h[..., None] * shared.sx)
        moment -= ((shared.h * shared.sy)[:, None] @ shared.sx)[:, 0]
        quadratic -= (shared.h * shared.sy**2).sum(1)
    phi, log_det_x, estimable = invert(information)
    beta = (phi @ moment[..., None])[..., 0]
    objective = (people * log_det).sum(1) + quadratic - (beta * moment).sum(1)
    objective += (people * kinds.observed.sum(1)).sum(1) * LOG_2PI
    if kinds.reml:
        objective += log_det_x - p * LOG_2PI
    hidden = phi if kinds.reml else np.zeros_like(phi)
    spread = _scatter(kinds, sums, beta, hidden, xx)
    slope = people[:, :, None, None] * w - w @ spread @ w
    of_group = np.zeros(len(w))
    if shared is not None:
        objective += np.log1p(theta[:, -1:] * shared.k).sum(1)
        more, of_group = shared.slopes(sums, w, theta, beta, hidden)
        slope += more
    gradient = np.einsum("bkst,bst->bk", first[:, :, 0], slope.sum(1)) if len(first) > 1 else (
        slope.sum(1).reshape(len(w), -1) @ first[0, :, 0].reshape(-1, t * t).T
    )  # fmt: skip
    if kinds.grouped:
        gradient[:, -1] = of_group
    good = positive.all(1) & estimable & np.isfinite(objective)
    return Point(np.where(good, objective, np.inf), np.where(good[:, None], gradient, 0.0), beta, phi)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What therapy groups add: a (B, G, T), k, h, sy (B, J), sx (B, J, p); see the module."""

    a: Array
    k: Array
    h: Array
    sx: Array
    sy: Array

    @classmethod
    def of(cls, kinds: Kinds, sums: Sums, w: Array, theta: Array) -> _Shared:
        a = w @ kinds.met
        rows = sums.rows[0]
        sx = np.tensordot(a.reshape(len(a), -1), rows.reshape(len(rows), a[0].size, -1), (1, 1))
        k = (a @ kinds.met) @ sums.members[0].T
        sy = np.einsum("bjgt,bgt->bj", sums.group_total, a, optimize=True)
        return cls(a, k, theta[:, -1:] / (1.0 + theta[:, -1:] * k), sx, sy)

    def slopes(self, sums: Sums, w: Array, theta: Array, beta: Array, hidden: Array) -> tuple[Array, Array]:
        """Gradients for the covariance within people, (B, G, T, T), and for the group's variance, (B,)."""
        a = self.a
        left = self.sy - (self.sx @ beta[..., None])[..., 0]
        turned = self.sx @ hidden
        rho = left**2 + (turned * self.sx).sum(2)
        pull = turned - left[..., None] * beta[:, None]
        e = np.einsum("jgtp,bjp->bjgt", sums.rows[0], pull, optimize=True) + left[..., None, None] * sums.group_total
        we = np.einsum("bgst,bgt->bgs", w, np.einsum("bj,bjgt->bgt", self.h, e, optimize=True), optimize=True)
        mixed = we[..., :, None] * a[..., None, :]
        weight = (self.h + self.h**2 * rho) @ sums.members[0]
        within = mixed + mixed.swapaxes(-1, -2) - weight[:, :, None, None] * a[..., :, None] * a[..., None, :]
        widened = 1.0 + theta[:, -1:] * self.k
        return within, (self.k / widened - rho / widened**2).sum(1)


def _scatter(kinds: Kinds, sums: Sums, beta: Array, hidden: Array, xx: Array) -> Array:
    """Sums of residual products and of X Phi X' by pattern, (B, G, T, T)."""
    c, _, t, _, p = kinds.size
    mean = (beta @ kinds.x.reshape(c * t, p).T).reshape(len(beta), c, t)
    spread = (hidden.reshape(len(beta), -1) @ xx.T).reshape(len(beta), c, t * t)
    spread += (mean[..., :, None] * mean[..., None, :]).reshape(spread.shape)
    found = (sums.n.swapaxes(1, 2) @ spread).reshape(sums.squares.shape)
    mixed = sums.total.transpose(0, 2, 3, 1) @ mean[:, None]
    found += sums.squares - mixed - mixed.swapaxes(-1, -2)
    return found * (kinds.observed[:, :, None] & kinds.observed[:, None, :])


def _matrices(model: CovarianceModel, theta: Array) -> tuple[Array, Array]:
    """Covariances (B, S, T, T) and their derivatives (B or 1, K, S, T, T)."""
    if model.linear:
        first = model.first(theta[0])
        return np.tensordot(theta, first, 1), first[None]
    with np.errstate(all="ignore"):
        found = np.stack([model.value(one) for one in theta]), np.stack([model.first(one) for one in theta])
    return np.nan_to_num(found[0], nan=-1.0, posinf=-1.0), np.nan_to_num(found[1])
