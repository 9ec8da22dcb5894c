"""The variance between trials, tau²: REML at the highest top of its likelihood, and its Q-profile limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

Estimator = Literal["REML", "DL", "FE"]
"""How tau² is estimated: restricted maximum likelihood, DerSimonian-Laird, or fixed at 0."""


MOST_STEPS = 500
"""Steps of Newton's method; ten are usual."""


STILL = 1e-13
"""Change of tau² over the mean sampling variance at which the iteration stops."""


EPSILON = float(np.finfo(float).eps)


NEAR = 1e-3
"""Relative distance from a rough top within which the exact one is."""


GRID = 80
"""Values of tau² among which tops of the likelihood are looked for: neighbours differ by a fifth or so."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two limits."""

    lower: float
    upper: float


def tau_squared(y: Array, v: Array, x: Array, estimator: Estimator = "REML") -> float:
    """Variance between trials, not below zero."""
    if estimator == "FE":
        return 0.0
    fixed = weighted_fit(y, v, x)[2]
    start: float = max(0.0, (float(y @ fixed @ y) - (len(y) - x.shape[1])) / float(np.trace(fixed)))
    if estimator == "DL":
        return start
    tops = [_top(y, v, x, *bracket) for bracket in _brackets(y, v, x)]
    return max(tops, key=lambda tau2: float(restricted_likelihood(y, v, x, np.array([tau2]))[0]))


def restricted_likelihood(y: Array, v: Array, x: Array, tau2: Array) -> Array:
    """Restricted log-likelihood at values of tau², without its constant, shape of `tau2` (G,)."""
    w = 1 / (v + tau2[:, None])
    gram = np.einsum("gk,kp,kq->gpq", w, x, x)
    wy = np.einsum("gk,kp,k->gp", w, x, y)
    b = np.linalg.solve(gram, wy[..., None])[..., 0]
    residual = y - b @ x.T
    logdet = np.linalg.slogdet(gram)[1]
    return np.asarray(-0.5 * (np.log(1 / w).sum(1) + logdet + (w * residual**2).sum(1)), np.float64)


def _brackets(y: Array, v: Array, x: Array) -> list[tuple[float, float, float]]:
    """Tops of the restricted likelihood on a grid from 0 to beyond the spread of the effects, each with its neighbours.

    Unequal sampling variances can give it more than one (a very exact trial against the rest).
    """
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    highest = 4 * float(residual @ residual) / (len(y) - x.shape[1]) + float(v.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-3 * float(v.min()), highest, GRID)])
    level = np.concatenate([[-np.inf], restricted_likelihood(y, v, x, grid), [-np.inf]])
    tops = np.flatnonzero((level[1:-1] >= level[:-2]) & (level[1:-1] >= level[2:]))
    last = len(grid) - 1
    return [(float(grid[max(i - 1, 0)]), float(grid[i]), float(grid[min(i + 1, last)])) for i in tops.tolist()]


def _top(y: Array, v: Array, x: Array, low: float, middle: float, high: float) -> float:
    """The top between two values of tau²: where the slope of the restricted likelihood is 0, or the end at 0."""

    def slope(tau2: float) -> float:
        p_matrix = weighted_fit(y, v + tau2, x)[2]
        py = p_matrix @ y
        return float(py @ py - np.trace(p_matrix))

    def fall(tau2: float) -> float:
        return -float(restricted_likelihood(y, v, x, np.array([tau2]))[0])

    if middle == 0.0 and slope(0.0) <= 0:
        return 0.0
    rough = (
        middle if slope(low) > 0 > slope(high) else float(minimize_scalar(fall, bounds=(low, high), method="bounded").x)
    )
    near = (low, high) if rough == middle else (rough * (1 - NEAR), rough * (1 + NEAR))
    if not slope(near[0]) > 0 > slope(near[1]):
        return rough
    return float(brentq(slope, *near, xtol=STILL * float(v.mean()), rtol=4 * EPSILON))


def q_profile(y: ArrayLike, v: ArrayLike, x: ArrayLike | None = None, alpha: float = 0.05) -> Interval | None:
    """Confidence interval of tau² by the Q-profile method: where Q(tau²) crosses the quantiles of chi-squared.

    Returns
    -------
    Interval or None
        None where even Q(0) is below both quantiles: effects differ so little that both limits are below 0 and the
        interval is empty.
    """
    y, v, x = checked_arrays(y, v, x)
    df = len(y) - x.shape[1]
    if float(y @ weighted_fit(y, v, x)[2] @ y) < float(chdtri(df, 1 - alpha / 2)):
        return None
    return Interval(*(_where_q_is(float(chdtri(df, tail)), y, v, x) for tail in (alpha / 2, 1 - alpha / 2)))


def _where_q_is(quantile: float, y: Array, v: Array, x: Array) -> float:
    """tau² at which Q, ``y'Py``, is a quantile; 0 when Q never reaches it.

    Newton's method from 0: Q falls with tau² and is convex (``Q' = -y'PPy``, ``Q'' = 2 y'PPPy``), so that no step goes
    beyond the root.
    """
    tau2, unit = 0.0, float(v.mean())
    for _ in range(MOST_STEPS):
        py = weighted_fit(y, v + tau2, x)[2] @ y
        excess = float(y @ py) - quantile
        if excess <= 0:
            return tau2
        step = excess / float(py @ py)
        tau2 += step
        if step <= STILL * max(unit, tau2):
            return tau2
    raise ModelError("the limits of tau² did not converge; the effects or variances may hold an error")


def checked_arrays(y: ArrayLike, v: ArrayLike, x: ArrayLike | None) -> tuple[Array, Array, Array]:
    """Checked arrays."""
    y, v = np.asarray(y, float), np.asarray(v, float)
    x = np.ones((len(y), 1)) if x is None else np.asarray(x, float)
    if y.shape != v.shape or x.shape[0] != len(y):
        raise ModelError("effects, variances and moderators must have the same length")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise ModelError("every effect needs a finite value and a variance above zero")
    if len(y) <= x.shape[1]:
        raise ModelError(f"{len(y)} effects are too few for {x.shape[1]} coefficients")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ModelError("the moderators are not independent: one can be computed from the others")
    return y, v, x


def weighted_fit(y: Array, total: Array, x: Array) -> tuple[Array, Array, Array]:
    """Weighted least squares with variances `total`: b, its covariance, and P = W - W X (X'WX)^-1 X'W."""
    w = 1 / total
    wx = w[:, None] * x
    cov = np.asarray(np.linalg.inv(x.T @ wx), np.float64)
    return cov @ (wx.T @ y), cov, np.diag(w) - wx @ cov @ wx.T
