"""Logistic regression for drop-out, with Firth's penalty where plain maximum likelihood has no answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, chdtri, expit, ndtr, ndtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

LARGEST = 15.0
"""A log odds ratio per standard deviation beyond which the data are called separated."""


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """One coefficient as an odds ratio.

    Attributes
    ----------
    odds_ratio, lower, upper : float
        Above zero; limits of the 1 - alpha interval.
    p : float
        Two-sided.
    """

    odds_ratio: float
    lower: float
    upper: float
    p: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression.

    Attributes
    ----------
    coefficients : tuple of OddsRatio
        One per column of x.
    firth : bool
        Whether Firth's penalized likelihood was used.
    design : ndarray, shape (n, k + 1)
        Intercept and predictors.
    fitted : ndarray, shape (n,)
        Probabilities; empty with Firth's likelihood.
    """

    coefficients: tuple[OddsRatio, ...]
    firth: bool
    design: Array
    fitted: Array


def logistic(x: Array, y: Array, alpha: float = 0.05) -> Logistic:
    """Fit by statsmodels with Wald intervals; by Firth's penalized likelihood when the data are separated.

    Parameters
    ----------
    x : ndarray, shape (n, k)
        Predictors without intercept.
    y : ndarray, shape (n,)
        0 or 1, both present.
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        Only one kind of outcome, or a predictor that does not vary.
    """
    if len(np.unique(y)) < 2:
        raise ModelError("drop-out does not vary")
    full = np.column_stack([np.ones(len(y)), x])
    if np.linalg.matrix_rank(full) < full.shape[1]:
        raise ModelError("a predictor does not vary")
    plain = _maximum_likelihood(full, y)
    if plain is None:
        penalized = tuple(_firth(full, y, j, alpha) for j in range(1, full.shape[1]))
        return Logistic(coefficients=penalized, firth=True, design=full, fitted=np.empty(0))
    beta, se = plain
    z = ndtri(1 - alpha / 2)
    ratios = np.exp(np.column_stack([beta, beta - z * se, beta + z * se]))[1:].tolist()
    p = (2 * ndtr(-np.abs(beta / se)))[1:].tolist()
    found = (OddsRatio(ratio, lower, upper, one) for (ratio, lower, upper), one in zip(ratios, p, strict=True))
    return Logistic(coefficients=tuple(found), firth=False, design=full, fitted=np.asarray(expit(full @ beta)))


def _maximum_likelihood(x: Array, y: Array) -> tuple[Array, Array] | None:
    """Coefficients and standard errors, or None when the likelihood has no maximum (separation)."""
    import warnings

    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = Logit(y, x).fit(disp=0, maxiter=100, tol=1e-12)
            beta, se = np.asarray(fit.params), np.asarray(fit.bse)
    except (PerfectSeparationError, np.linalg.LinAlgError):
        return None
    scale = np.concatenate([[1.0], x[:, 1:].std(axis=0)])
    good = np.isfinite(se).all() and np.abs(beta * scale).max() < LARGEST
    return (beta, se) if good and fit.mle_retvals["converged"] else None


def _penalized(x: Array, y: Array, beta: Array) -> tuple[float, Array, Array]:
    """Penalized log-likelihood ``l + log det(I) / 2``, modified score, information.

    Firth (1993), doi:10.1093/biomet/80.1.27.
    """
    p = expit(x @ beta)
    w = p * (1 - p)
    information = x.T @ (x * w[:, None])
    sign, logdet = np.linalg.slogdet(information)
    hat = w * np.einsum("ij,jk,ik->i", x, np.linalg.inv(information), x) if sign > 0 else np.zeros(len(y))
    score = x.T @ (y - p + hat * (0.5 - p))
    eta = x @ beta
    value = float(y @ eta - np.logaddexp(0, eta).sum() + logdet / 2) if sign > 0 else -np.inf
    return value, score, information


def firth_fit(x: Array, y: Array, fixed: int | None = None, at: float = 0.0) -> tuple[Array, float]:
    """Maximize Firth's penalized likelihood, one coefficient held at a value if asked.

    Parameters
    ----------
    x : ndarray, shape (n, k)
        With intercept.
    y : ndarray, shape (n,)
    fixed : int, optional
        Column whose coefficient is held.
    at : float
        Its value.

    Returns
    -------
    beta : ndarray, shape (k,)
    value : float
        Maximum of the penalized log-likelihood.
    """
    beta = np.zeros(x.shape[1])
    free = np.arange(x.shape[1]) != (-1 if fixed is None else fixed)
    if fixed is not None:
        beta[fixed] = at
    value, score, information = _penalized(x, y, beta)
    for _ in range(200):
        step = np.zeros_like(beta)
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        step /= max(1.0, np.abs(step).max())
        trial = _penalized(x, y, beta + step)
        for _ in range(30):
            if trial[0] >= value - 1e-12:
                break
            step /= 2
            trial = _penalized(x, y, beta + step)
        beta, (value, score, information) = beta + step, trial
        if np.abs(step).max() < 1e-10:
            break
    return beta, value


def _firth(x: Array, y: Array, column: int, alpha: float) -> OddsRatio:
    """Penalized estimate with profile limits and likelihood-ratio p (Heinze & Schemper 2002, doi:10.1002/sim.1047)."""
    from scipy.optimize import brentq  # a quarter of a second that few verbs need

    scale = x[:, column].std()
    scaled = x.copy()
    scaled[:, column] /= scale
    beta, best = firth_fit(scaled, y)
    b = float(beta[column])
    drop = chdtri(1, alpha) / 2

    def excess(value: float) -> float:
        return float(best - firth_fit(scaled, y, column, value)[1] - drop)

    def limit(direction: int) -> float:
        far = 1.0
        while excess(b + direction * far) < 0 and far < 2**6:
            far *= 2
        if excess(b + direction * far) < 0:
            return direction * np.inf
        low, high = sorted((b, b + direction * far))
        return float(brentq(excess, low, high, xtol=1e-9))

    p = float(chdtrc(1, max(0.0, 2 * (best - firth_fit(scaled, y, column, 0.0)[1]))))
    odds_ratio, lower, upper = np.exp(np.array([b, limit(-1), limit(1)]) / scale).tolist()
    return OddsRatio(odds_ratio, lower, upper, p)
