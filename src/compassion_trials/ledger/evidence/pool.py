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
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc, ndtri, stdtr, stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.ledger.evidence.between_trials import (
    Estimator,
    Interval,
    checked_arrays,
    tau_squared,
    weighted_fit,
)

Convention = Literal["metafor", "meta"]
"""Whose prediction interval: the R packages metafor or meta."""

PooledError = Literal["hk", "classic"]
"""Standard error of the pooled effect: Knapp-Hartung, or the classic one."""

NO_SPREAD = 1e-7
"""Knapp and Hartung's factor below which effects do not differ: what is left is rounding."""


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

    def prediction(self, convention: Convention = "metafor") -> Interval:
        """Where the effect of a new trial may lie; for the pooled effect.

        Parameters
        ----------
        convention : {"metafor", "meta"}
            metafor: t with k - 1 df and the Knapp-Hartung SE. meta: t with k - 2 df and the classic SE, as the R
            package meta printed it in *Doing Meta-Analysis in R*.
        """
        return self.prediction_by("hk", 1) if convention == "metafor" else self.prediction_by("classic", 2)

    def prediction_by(self, se: PooledError, less: int) -> Interval:
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
    y, v, x = checked_arrays(y, v, x)
    k, n_coef = x.shape
    tau2 = tau_squared(y, v, x, estimator)
    b, cov, p_matrix = weighted_fit(y, v + tau2, x)
    fixed = weighted_fit(y, v, x)[2]
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


def i_squared_interval(q: float, df: int, alpha: float = 0.05) -> tuple[Interval, Interval]:
    """Intervals of I² (percent) and of H from Q, by the test-based method (Higgins & Thompson 2002, eq. 15-16).

    NaN for two trials that differ no more than by chance: their H has no standard error.
    """
    k = df + 1
    h = np.sqrt(max(1.0, q / df))
    if q > k:
        se = 0.5 * (np.log(q) - np.log(df)) / (np.sqrt(2 * q) - np.sqrt(2 * k - 3))
    else:
        se = np.sqrt(1 / (2 * (k - 2)) * (1 - 1 / (3 * (k - 2) ** 2))) if k > 2 else np.nan
    half = ndtri(1 - alpha / 2) * se
    low, high = (float(np.maximum(1.0, np.exp(np.log(h) + sign * half))) for sign in (-1, 1))
    return Interval(*(100 * (1 - 1 / x**2) for x in (low, high))), Interval(low, high)


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

    tail = stdtr(df, -np.abs(t)) if np.isfinite(df) else ndtr(-np.abs(t))
    return 2 * np.asarray(tail, dtype=np.float64)
