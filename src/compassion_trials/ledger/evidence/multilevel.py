"""Dependent effects: the three-level model (effects within trials), and cluster-robust standard errors.

y_ij = X b + u_i + w_ij + e_ij with variances sigma²_trial, sigma²_effect and known sampling variances.

Sources: Konstantopoulos (2011), doi:10.1002/jrsm.35; Van den Noortgate et al. (2013), doi:10.3758/s13428-012-0261-6;
robust variance: Hedges, Tipton & Johnson (2010), doi:10.1002/jrsm.5 (CR1, as metafor's ``robust``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, stdtr, stdtrit

from compassion_trials.core.errors import ModelError
from compassion_trials.ledger.evidence.pool import Interval

Array = NDArray[np.float64]

MOST_STEPS = 500
STILL = 1e-13


@dataclass(frozen=True, slots=True)
class ThreeLevel:
    """A fitted three-level model.

    Attributes
    ----------
    b, se, t, p, lower, upper : ndarray, shape (P,)
        Tests and limits from t with `df`.
    robust_se, robust_t, robust_p : ndarray, shape (P,)
        CR1 cluster-robust by trial, t with trials - P degrees of freedom.
    df, robust_df : int
    sigma2_trial, sigma2_effect : float
        Variance between trials, and between effects of one trial.
    q, q_df, q_p : float
        Test of heterogeneity.
    loglik : float
        Restricted log-likelihood.
    k, trials : int
    alpha : float
        1 - coverage of the limits.
    """

    b: Array
    se: Array
    t: Array
    p: Array
    lower: Array
    upper: Array
    robust_se: Array
    robust_t: Array
    robust_p: Array
    df: int
    robust_df: int
    sigma2_trial: float
    sigma2_effect: float
    q: float
    q_df: int
    q_p: float
    loglik: float
    k: int
    trials: int
    alpha: float = 0.05

    def prediction(self) -> Interval:
        """Where an effect of a new trial may lie: t with `df` and both variances, as metafor's predict."""
        spread = float(np.sqrt(self.se[0] ** 2 + self.sigma2_trial + self.sigma2_effect))
        half = float(stdtrit(self.df, 1 - self.alpha / 2)) * spread
        return Interval(float(self.b[0]) - half, float(self.b[0]) + half)


def three_level(
    y: ArrayLike, v: ArrayLike, trials: Sequence[str], x: ArrayLike | None = None, alpha: float = 0.05
) -> ThreeLevel:
    """Pool effects of which several may come from one trial, by REML.

    Parameters
    ----------
    y, v : array_like, shape (k,)
        Effects and sampling variances; sampling errors of one trial count as independent, which the robust standard
        error does not assume.
    trials : sequence of str, length k
    x : array_like, shape (k, P), optional
        Moderators with the intercept first.
    alpha : float

    Raises
    ------
    ModelError
        Fewer than two trials more than coefficients, or no trial with two effects.
    """
    y, v = np.asarray(y, float), np.asarray(v, float)
    k = len(y)
    x = np.ones((k, 1)) if x is None else np.asarray(x, float)
    _, code = np.unique(np.asarray(trials), return_inverse=True)
    n_trials, n_coef = int(code.max()) + 1, x.shape[1]
    if n_trials < n_coef + 1:
        raise ModelError(f"{n_trials} trials are too few for {n_coef} coefficients")
    if n_trials == k:
        raise ModelError("no trial has two effects: the two-level model is enough")
    same = (code[:, None] == code[None, :]).astype(float)
    sigma2 = _variances(y, v, x, same)
    b, cov, _, loglik = _fit(y, v, x, same, sigma2)
    se, df = np.sqrt(np.diag(cov)), k - n_coef
    half = stdtrit(df, 1 - alpha / 2) * se
    robust = _robust(y - x @ b, v, x, same, sigma2, cov, code, n_trials)
    fixed = _fit(y, v, x, same, np.zeros(2))[2]
    q = float(y @ fixed @ y)
    r_df = n_trials - n_coef
    return ThreeLevel(
        b=b,
        se=se,
        t=b / se,
        p=2 * stdtr(df, -np.abs(b / se)),
        lower=b - half,
        upper=b + half,
        robust_se=robust,
        robust_t=b / robust,
        robust_p=2 * stdtr(r_df, -np.abs(b / robust)),
        df=df,
        robust_df=r_df,
        sigma2_trial=float(sigma2[0]),
        sigma2_effect=float(sigma2[1]),
        q=q,
        q_df=df,
        q_p=float(chdtrc(df, q)),
        loglik=loglik,
        k=k,
        trials=n_trials,
        alpha=alpha,
    )


def _fit(y: Array, v: Array, x: Array, same: Array, sigma2: Array) -> tuple[Array, Array, Array, float]:
    """b, its covariance, P and the restricted log-likelihood at given variances."""
    total = np.diag(v + sigma2[1]) + sigma2[0] * same
    inverse = np.linalg.inv(total)
    wx = inverse @ x
    gram = x.T @ wx
    cov = np.asarray(np.linalg.inv(gram), np.float64)
    p_matrix = inverse - wx @ cov @ wx.T
    n = len(y) - x.shape[1]
    logdet = np.linalg.slogdet(total)[1] + np.linalg.slogdet(gram)[1] - np.linalg.slogdet(x.T @ x)[1]
    return cov @ (wx.T @ y), cov, p_matrix, float(-0.5 * (n * np.log(2 * np.pi) + logdet + y @ p_matrix @ y))


def _variances(y: Array, v: Array, x: Array, same: Array) -> Array:
    """REML variances (trial, effect) by average-information scoring; the best of interior and boundaries."""
    parts = (same, np.eye(len(y)))
    candidates = [np.zeros(2)]
    for free in ((0, 1), (0,), (1,)):
        found = _score(y, v, x, same, parts, free)
        if found is not None:
            candidates.append(found)
    return max(candidates, key=lambda s: _fit(y, v, x, same, s)[3])


def _score(
    y: Array, v: Array, x: Array, same: Array, parts: tuple[Array, Array], free: tuple[int, ...]
) -> Array | None:
    """Stationary point with some variances free and the others 0; None when it lies outside or is not reached."""
    sigma2 = np.zeros(2)
    sigma2[list(free)] = max(float(np.var(y)), 1e-8) / (2 * len(free))
    unit = float(v.mean())
    level = _fit(y, v, x, same, sigma2)[3]
    for _ in range(MOST_STEPS):
        p_matrix = _fit(y, v, x, same, sigma2)[2]
        py = p_matrix @ y
        dp = [p_matrix @ parts[i] for i in free]
        gradient = 0.5 * np.array([py @ parts[i] @ py - np.trace(d) for i, d in zip(free, dp, strict=True)])
        information = 0.5 * np.array([[float((a * c.T).sum()) for c in dp] for a in dp])
        step = np.linalg.solve(information, gradient)
        size = 1.0
        for _ in range(60):
            new = sigma2.copy()
            new[list(free)] += size * step
            if (new >= 0).all() and (higher := _fit(y, v, x, same, new)[3]) >= level - 1e-12:
                break
            size /= 2
        else:
            return None
        moved = float(np.abs(new - sigma2).max())
        sigma2, level = new, higher
        if moved <= STILL * max(unit, float(sigma2.max())):
            return sigma2 if float(np.abs(gradient).max()) * unit < 1e-4 else None
    return None


def _robust(
    residual: Array, v: Array, x: Array, same: Array, sigma2: Array, cov: Array, code: NDArray[np.intp], m: int
) -> Array:
    """CR1 standard errors: the sandwich times m / (m - P)."""
    wx = np.linalg.solve(np.diag(v + sigma2[1]) + sigma2[0] * same, x)
    scores = np.zeros((m, x.shape[1]))
    np.add.at(scores, code, wx * residual[:, None])
    meat = scores.T @ scores * m / (m - x.shape[1])
    return np.sqrt(np.diag(cov @ meat @ cov))
