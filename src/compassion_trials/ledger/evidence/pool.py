"""The random-effects model and meta-regression: REML, Knapp-Hartung, heterogeneity, prediction intervals.

y ~ N(X b, diag(v) + tau² I). Sources: Viechtbauer (2005), doi:10.3102/10769986030003261 (REML); Knapp & Hartung (2003),
doi:10.1002/sim.1482; Viechtbauer (2007), doi:10.1002/sim.2514 (Q-profile); Higgins & Thompson (2002),
doi:10.1002/sim.1186 (I² from Q and its interval); Higgins, Thompson & Spiegelhalter (2009),
doi:10.1111/j.1467-985X.2008.00552.x (prediction interval); Rover, Knapp & Friede (2015),
doi:10.1186/s12874-015-0091-1 (Knapp and Hartung's factor held at 1 or more).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtrc, chdtri, fdtrc, ndtri, stdtr, stdtrit

from compassion_trials.core.errors import ModelError

Array = NDArray[np.float64]

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

NO_SPREAD = 1e-7
"""Knapp and Hartung's factor below which effects do not differ: what is left is rounding."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two limits."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Floored:
    """Tests and limits with Knapp and Hartung's factor held at 1 (metafor's ``adhoc``).

    Attributes
    ----------
    p, lower, upper : ndarray, shape (P,)
    f_p : float
        Test of all coefficients but the first; NaN when there is only one.
    """

    p: Array
    lower: Array
    upper: Array
    f_p: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """A fitted model.

    Attributes
    ----------
    b, se, t, p, lower, upper : ndarray, shape (P,)
        Coefficients (one for the pooled effect), Knapp-Hartung or classic standard errors, tests, 1 - alpha limits.
    classic_se : ndarray, shape (P,)
        Standard errors without Knapp and Hartung's factor.
    factor : float
        Knapp and Hartung's factor s of the standard errors, 1 without their method. Where it is 0 (effects that do not
        differ at all) there is no such standard error: `se`, tests and limits are then those with the factor 1.
    floored : Floored or None
        The same with the factor 1, where it is below 1: limits that are never narrower than the classic ones.
    df : float
        Degrees of freedom of the tests, k - P; infinite for z.
    tau2 : float
        Variance between trials.
    q, q_df, q_p : float
        Cochran's Q (residual heterogeneity in a meta-regression) and its test.
    i2_tau, i2_q : float
        Percent of variance between trials: from tau² (metafor), from Q (R package meta).
    h2 : float
        Total over sampling variance, from tau².
    f, f_p : float
        Test of all coefficients but the first; NaN when there is only one.
    k : int
        Effects.
    alpha : float
    weights : ndarray, shape (k,)
        Weight of each effect in percent.
    """

    b: Array
    se: Array
    t: Array
    p: Array
    lower: Array
    upper: Array
    classic_se: Array
    factor: float
    floored: Floored | None
    df: float
    tau2: float
    q: float
    q_df: int
    q_p: float
    i2_tau: float
    i2_q: float
    h2: float
    f: float
    f_p: float
    k: int
    alpha: float
    weights: Array

    def prediction(self, convention: Literal["metafor", "meta"] = "metafor") -> Interval:
        """Where the effect of a new trial may lie; for the pooled effect.

        Parameters
        ----------
        convention : {"metafor", "meta"}
            metafor: t with k - 1 df and the Knapp-Hartung SE. meta: t with k - 2 df and the classic SE, as the R
            package meta printed it in *Doing Meta-Analysis in R*.
        """
        return self.prediction_by(*{"metafor": ("hk", 1), "meta": ("classic", 2)}[convention])  # type: ignore[arg-type]

    def prediction_by(self, se: Literal["hk", "classic"], less: int) -> Interval:
        """Prediction interval with a chosen standard error and t on ``k - less`` degrees of freedom."""
        if self.k - less < 1:
            return Interval(float("nan"), float("nan"))
        error = self.se[0] if se == "hk" else self.classic_se[0]
        df = self.k - less if np.isfinite(self.df) or less > 1 else np.inf
        half = float(_quantile(df, self.alpha) * np.sqrt(error**2 + self.tau2))
        return Interval(float(self.b[0]) - half, float(self.b[0]) + half)


def pool(
    y: ArrayLike,
    v: ArrayLike,
    x: ArrayLike | None = None,
    *,
    estimator: Estimator = "REML",
    knapp_hartung: bool = True,
    alpha: float = 0.05,
) -> Pooled:
    """Pool effects, or regress them on moderators.

    Parameters
    ----------
    y, v : array_like, shape (k,)
        Effects and their sampling variances (above zero).
    x : array_like, shape (k, P), optional
        Moderators with the intercept as first column; an intercept alone when left out.
    estimator : {"REML", "DL", "FE"}
    knapp_hartung : bool
        Tests and limits from t with Knapp and Hartung's standard error; else from the normal distribution.
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        Fewer effects than coefficients + 1, variances that are not above zero, moderators that are not independent.
    """
    y, v, x = _arrays(y, v, x)
    k, n_coef = x.shape
    tau2 = tau_squared(y, v, x, estimator)
    b, cov, p_matrix = _weighted(y, v + tau2, x)
    fixed = _weighted(y, v, x)[2]
    q, df = float(y @ fixed @ y), k - n_coef
    factor = float(np.sqrt(max(0.0, float(y @ p_matrix @ y)) / df)) if knapp_hartung else 1.0
    classic = np.sqrt(np.diag(cov))
    t_df = float(df) if knapp_hartung else np.inf
    f, f_p = _omnibus(b, cov, t_df)
    floored = None
    if factor < 1:
        half = _quantile(t_df, alpha) * classic
        floored = Floored(p=_two_sided(b / classic, t_df), lower=b - half, upper=b + half, f_p=f_p)
    used = factor if factor > NO_SPREAD else 1.0
    se = classic * used
    half = _quantile(t_df, alpha) * se
    typical = df / float(np.trace(fixed))
    f, f_p = f / used**2, _omnibus_p(f / used**2, len(b) - 1, t_df)
    w = 1 / (v + tau2)
    return Pooled(
        b=b,
        se=se,
        t=b / se,
        p=_two_sided(b / se, t_df),
        lower=b - half,
        upper=b + half,
        classic_se=classic,
        factor=factor,
        floored=floored,
        df=t_df,
        tau2=tau2,
        q=q,
        q_df=df,
        q_p=float(chdtrc(df, q)),
        i2_tau=100 * tau2 / (tau2 + typical),
        i2_q=100 * max(0.0, 1 - df / q) if q > 0 else 0.0,
        h2=tau2 / typical + 1,
        f=f,
        f_p=f_p,
        k=k,
        alpha=alpha,
        weights=100 * w / w.sum(),
    )


def tau_squared(y: Array, v: Array, x: Array, estimator: Estimator = "REML") -> float:
    """Variance between trials, not below zero."""
    if estimator == "FE":
        return 0.0
    fixed = _weighted(y, v, x)[2]
    start = max(0.0, (float(y @ fixed @ y) - (len(y) - x.shape[1])) / float(np.trace(fixed)))
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
    return [(float(grid[max(i - 1, 0)]), float(grid[i]), float(grid[min(i + 1, last)])) for i in tops]


def _top(y: Array, v: Array, x: Array, low: float, middle: float, high: float) -> float:
    """The top between two values of tau²: where the slope of the restricted likelihood is 0, or the end at 0."""

    def slope(tau2: float) -> float:
        p_matrix = _weighted(y, v + tau2, x)[2]
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
    y, v, x = _arrays(y, v, x)
    df = len(y) - x.shape[1]
    if float(y @ _weighted(y, v, x)[2] @ y) < float(chdtri(df, 1 - alpha / 2)):
        return None
    return Interval(*(_where_q_is(float(chdtri(df, tail)), y, v, x) for tail in (alpha / 2, 1 - alpha / 2)))


def _where_q_is(quantile: float, y: Array, v: Array, x: Array) -> float:
    """tau² at which Q, ``y'Py``, is a quantile; 0 when Q never reaches it.

    Newton's method from 0: Q falls with tau² and is convex (``Q' = -y'PPy``, ``Q'' = 2 y'PPPy``), so that no step goes
    beyond the root.
    """
    tau2, unit = 0.0, float(v.mean())
    for _ in range(MOST_STEPS):
        py = _weighted(y, v + tau2, x)[2] @ y
        excess = float(y @ py) - quantile
        if excess <= 0:
            return tau2
        step = excess / float(py @ py)
        tau2 += step
        if step <= STILL * max(unit, tau2):
            return tau2
    raise ModelError("the limits of tau² did not converge; the effects or variances may hold an error")


def i_squared_interval(q: float, df: int, alpha: float = 0.05) -> tuple[Interval, Interval]:
    """Intervals of I² (percent) and of H from Q, by the test-based method (Higgins & Thompson 2002, eq. 15-16)."""
    k = df + 1
    h = np.sqrt(max(1.0, q / df))
    if q > k:
        se = 0.5 * (np.log(q) - np.log(df)) / (np.sqrt(2 * q) - np.sqrt(2 * k - 3))
    else:
        se = np.sqrt(1 / (2 * (k - 2)) * (1 - 1 / (3 * (k - 2) ** 2))) if k > 2 else np.nan
    half = ndtri(1 - alpha / 2) * se
    low, high = (max(1.0, float(np.exp(np.log(h) + sign * half))) for sign in (-1, 1))
    return Interval(*(100 * (1 - 1 / x**2) for x in (low, high))), Interval(low, high)


def _arrays(y: ArrayLike, v: ArrayLike, x: ArrayLike | None) -> tuple[Array, Array, Array]:
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


def _weighted(y: Array, total: Array, x: Array) -> tuple[Array, Array, Array]:
    """Weighted least squares with variances `total`: b, its covariance, and P = W - W X (X'WX)^-1 X'W."""
    w = 1 / total
    wx = w[:, None] * x
    cov = np.asarray(np.linalg.inv(x.T @ wx), np.float64)
    return cov @ (wx.T @ y), cov, np.diag(w) - wx @ cov @ wx.T


def _omnibus(b: Array, cov: Array, df: float) -> tuple[float, float]:
    """Test of the coefficients after the first: F with (P - 1, df), or chi-squared over its df."""
    m = len(b) - 1
    if m < 1:
        return float("nan"), float("nan")
    f = float(b[1:] @ np.linalg.solve(cov[1:, 1:], b[1:])) / m
    return f, _omnibus_p(f, m, df)


def _omnibus_p(f: float, m: int, df: float) -> float:
    """Upper tail of F(m, df), of chi-squared for infinite df."""
    return float(fdtrc(m, df, f)) if np.isfinite(df) else float(chdtrc(m, f * m))


def _quantile(df: float, alpha: float) -> float:
    """Upper alpha/2 quantile of t, of the normal distribution for infinite df."""
    return float(stdtrit(df, 1 - alpha / 2)) if np.isfinite(df) else float(ndtri(1 - alpha / 2))


def _two_sided(t: Array, df: float) -> Array:
    """Two-sided p."""
    from scipy.special import ndtr

    return 2 * (stdtr(df, -np.abs(t)) if np.isfinite(df) else ndtr(-np.abs(t)))
