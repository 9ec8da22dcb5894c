"""Regressions with a random effect of the therapy group, for many completed data sets at once.

    y = X b + Z u + e,   u ~ N(0, lambda s2 I),   e ~ N(0, s2 I)

Z marks the members of each group; people without a group (a wait-list) have a row of zeros, so the design may be
partially nested. With M = I - X (X'X)^-1 X' and the eigenvalues d of Z'MZ, the restricted likelihood of lambda needs
only the squares of as many numbers as there are groups and one sum of squares: its maximum on lambda >= 0 is found for
thousands of outcomes in the same arrays. Inference is Kenward and Roger's with the observed information, which is what
the primary model uses; where lambda is 0 it is ordinary least squares.

Sources: Roberts & Roberts (2005), doi:10.1191/1740774505cn076oa (partially nested); Kenward & Roger (1997),
doi:10.2307/2533558; Patterson & Thompson (1971), doi:10.1093/biomet/58.3.545 (REML in these terms).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.effects.missing.least_squares import Regressions, Solver
from compassion_trials.models.replicates.stacked_cholesky import invert

RATIOS = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 13)])
"""Ratios of variances looked at before the best is polished."""
HALVINGS, NEWTON = 7, 4
"""Halvings of the interval around the best ratio, and Newton steps within what is left."""
NO_EIGENVALUE = 1e-8
"""Eigenvalue of Z'MZ, relative to the largest group, that is zero but for rounding."""


@dataclass(frozen=True, slots=True)
class GroupSolver:
    """Everything about the design of B data sets that does not depend on the outcome.

    Attributes
    ----------
    plain : Solver
        Least squares without the groups; its weights are ones.
    members : ndarray, shape (n, J)
        Z.
    gram, bread : ndarray, shape (B or 1, k, k)
        X'X and its inverse.
    zx : ndarray, shape (B or 1, J, k)
        Z'X.
    d, vectors : ndarray, shapes (B or 1, J) and (B or 1, J, J)
        Eigenvalues of Z'MZ, those that are zero exactly so, and eigenvectors in columns.
    """

    plain: Solver
    members: Array
    gram: Array
    bread: Array
    zx: Array
    d: Array
    vectors: Array

    def fit(self, y: Array) -> Regressions:
        """Contrasts with variances and degrees of freedom, each (B, R), of outcomes (B or 1, n)."""
        return self.solve(self.moments(y))

    def only(self, contrast: int) -> GroupSolver:
        """For one of the contrasts."""
        return replace(self, plain=replace(self.plain, contrasts=self.plain.contrasts[contrast : contrast + 1]))

    def repeated(self, times: int) -> GroupSolver:
        """For so many copies of the B data sets, one after the other."""
        parts: dict[str, Array] = {name: getattr(self, name) for name in ("gram", "bread", "zx", "d", "vectors")}
        copies: dict[str, Any] = {
            name: np.tile(a, (times, *[1] * (a.ndim - 1))) for name, a in parts.items() if len(a) > 1
        }
        return replace(self, **copies)

    def moments(self, y: Array) -> tuple[Array, Array, Array]:
        """X'y (B, k), Z'y (B, J) and y'y (B,) of outcomes (B or 1, n)."""
        x = self.plain.x
        xy = y @ x[0] if len(x) == 1 else (x.swapaxes(1, 2) @ y[..., None])[..., 0]
        return xy, y @ self.members, (y**2).sum(1)

    def solve(self, moments: tuple[Array, Array, Array]) -> Regressions:
        """`fit` from the products with X and Z of `moments`."""
        xy, zy, yy = moments
        n, k = self.plain.x.shape[1:]
        beta = (self.bread @ xy[..., None])[..., 0]
        turned = ((zy - (self.zx @ beta[..., None])[..., 0])[:, None] @ self.vectors)[:, 0]
        d = np.broadcast_to(self.d, turned.shape)
        eta = np.where(d > 0, turned**2 / np.where(d > 0, d, 1.0), 0.0)
        rest = np.maximum(yy - (beta * xy).sum(1) - eta.sum(1), 1e-300)
        ratio = best_ratio(d, eta, rest, n - k)
        return self._inference(ratio, d, eta, rest, xy, zy)

    def _inference(self, ratio: Array, d: Array, eta: Array, rest: Array, xy: Array, zy: Array) -> Regressions:
        """Kenward-Roger at the optimum: ratios (B,), eigenvalues and squares (B, J), the rest (B,)."""
        n, k = self.plain.x.shape[1:]
        size, contrasts = self.members.sum(0), self.plain.contrasts
        shrink = 1.0 / (1.0 + ratio[:, None] * size)  # of the groups' means
        scale = ((eta / (1 + ratio[:, None] * d)).sum(1) + rest) / (n - k)
        phi = invert(self._power(1, ratio, scale))[0]
        moment = (xy - ((zy * ratio[:, None] * shrink)[:, None] @ self.zx)[:, 0]) / scale[:, None]
        v = phi @ contrasts.T  # Phi l of each contrast, (B, k, R)
        weights = _spread_of_variances(ratio, scale, d, eta, rest, n - k - (d > 0).sum(1))
        inner = self.zx @ v * (shrink / scale[:, None])[..., None]  # Z'V^-1 X Phi l
        mixed = inner * (shrink / scale[:, None])[..., None]
        half = self.zx * (shrink / scale[:, None])[..., None]
        pulls = np.stack(
            [half.swapaxes(1, 2) @ inner, self._power(2, ratio, scale) @ v], 1
        )  # -P Phi l, group, residual
        crossed = (inner * mixed).sum(1)
        far = (v * (self._power(3, ratio, scale) @ v)).sum(1)
        bends = np.array([[(size[:, None] * inner * mixed).sum(1), crossed], [crossed, far]])  # (2, 2, B, R)
        hidden = np.einsum("bikr,bjkr->ijbr", pulls, phi[:, None] @ pulls)
        variance = (v * contrasts.T).sum(1)
        slope = (v[:, None] * pulls).sum(2).swapaxes(1, 2)  # (B, R, 2)
        df = 2.0 * variance**2 / ((slope @ weights) * slope).sum(2)
        variance = variance + 2.0 * np.einsum("bij,ijbr->br", weights, bends - hidden)
        held = ratio[:, None] == 0  # the variance on the boundary counts as known: ordinary least squares
        plain = scale[:, None] * ((contrasts @ self.bread) * contrasts).sum(2)
        estimate = (moment[:, None] @ v)[:, 0]
        return Regressions(estimate, np.where(held, plain, variance), np.where(held, float(n - k), df))

    def _power(self, power: int, ratio: Array, scale: Array) -> Array:
        """X'V^-power X, shape (B, k, k): V is s2 within, s2 (1 + lambda size) along the mean of a group."""
        size = self.members.sum(0)
        change = ((1.0 + ratio[:, None] * size) ** -power - 1.0) / size
        found = self.gram + self.zx.swapaxes(1, 2) @ (change[..., None] * self.zx)
        product: Array = found / (scale**power)[:, None, None]
        return product


def group_solver(plain: Solver, group: NDArray[np.intp]) -> GroupSolver | None:
    """Prepare regressions with a group effect; None where groups cannot be told from the arms.

    Parameters
    ----------
    plain : Solver
        Without weights.
    group : ndarray of int, shape (n,)
        Code of everybody's group, -1 for people without one.
    """
    codes = np.unique(group[group >= 0])
    if len(codes) < 2:
        return None
    members = (group[:, None] == codes).astype(float)
    zx = members.T @ plain.x
    inner = np.diag(members.sum(0)) - zx @ plain.bread @ zx.swapaxes(1, 2)
    d, vectors = np.linalg.eigh(inner)
    d = np.where(d > NO_EIGENVALUE * members.sum(0).max(), d, 0.0)
    gram = plain.x.swapaxes(1, 2) @ plain.x
    return (
        GroupSolver(plain=plain, members=members, gram=gram, bread=plain.bread, zx=zx, d=d, vectors=vectors)
        if (d > 0).any(1).all()
        else None
    )


def best_ratio(d: Array, eta: Array, rest: Array, df: int) -> Array:
    """Ratio of the group's variance to the residual one that maximises the restricted likelihood, shape (B,).

    Parameters
    ----------
    d, eta : ndarray, shape (B, J)
        Eigenvalues, and squares of the outcome along their vectors.
    rest : ndarray, shape (B,)
        Sum of squares in all other directions.
    df : int
        Residual degrees of freedom of least squares.
    """

    def slopes(ratio: Array) -> tuple[Array, Array]:
        spread = 1.0 / (1.0 + ratio[:, None] * d)
        pull = eta * spread * d * spread
        square, first = (eta * spread).sum(1) + rest, pull.sum(1)
        bend = 2.0 * (pull * d * spread).sum(1) * square - first**2
        return (d * spread).sum(1) - df * first / square, df * bend / square**2 - ((d * spread) ** 2).sum(1)

    best = np.stack([_deviance(r, d, eta, rest, df) for r in RATIOS]).argmin(0)
    low, high = RATIOS[np.maximum(best - 1, 0)], RATIOS[np.minimum(best + 1, len(RATIOS) - 1)]
    edge = (best == 0) & (slopes(np.zeros(len(rest)))[0] >= 0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        falling = slopes(middle)[0] < 0
        low, high = np.where(falling, middle, low), np.where(falling, high, middle)
    ratio = (low + high) / 2
    for _ in range(NEWTON):
        slope, bend = slopes(ratio)
        ratio = np.clip(ratio - slope / np.where(bend > 0, bend, np.inf), low, high)
    return np.where(edge, 0.0, ratio)


def _deviance(ratio: float, d: Array, eta: Array, rest: Array, df: int) -> Array:
    """-2 log restricted likelihood of a ratio, but for a constant, shape (B,)."""
    spread = 1.0 + ratio * d
    deviance: Array = np.log(spread).sum(1) + df * np.log((eta / spread).sum(1) + rest)
    return deviance


def _spread_of_variances(ratio: Array, scale: Array, d: Array, eta: Array, rest: Array, left: Array) -> Array:
    """Covariance of the estimated (group, residual) variances, (B, 2, 2): inverse observed information.

    The expected information where the observed one is not positive definite.
    """
    v = scale[:, None] * (1.0 + ratio[:, None] * d)
    derivative = np.stack([d, (d > 0).astype(float)], 2)
    outer = derivative[:, :, :, None] * derivative[:, :, None, :]
    expected = 0.5 * (outer / v[..., None, None] ** 2).sum(1)
    expected[:, 1, 1] += 0.5 * left / scale**2
    observed = (outer * (eta / v**3)[..., None, None]).sum(1)
    observed[:, 1, 1] += rest / scale**3
    observed -= expected
    good = (observed[:, 0, 0] > 0) & (np.linalg.det(observed) > 0)
    return np.linalg.inv(np.where(good[:, None, None], observed, expected))
