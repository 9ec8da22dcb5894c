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
from scipy.optimize import minimize
from scipy.special import chdtrc, stdtr, stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.ledger.evidence.between_trials import Interval

FTOL, GTOL, MOST_STEPS = 1e-15, 1e-10, 500
"""Where L-BFGS-B stops: as near to the top as the digits of the likelihood allow."""
POLISH = 8
"""Newton steps at most; each doubles the digits that are right."""
STEP = 1e-5
"""Relative step of the numeric curvature: central differences of an exact slope."""
WORTH = 2.0
"""Log-likelihood by which a top of the grid may lie below the highest and still be climbed."""
GRID = 24
"""Values of each variance among which tops of the likelihood are looked for."""


@dataclass(frozen=True, slots=True)
class ThreeLevel:
    """A fitted three-level model.

    Attributes
    ----------
    b, se, t, p, lower, upper : ndarray, shape (P,)
        Tests and limits from t with `df`.
    robust_se, robust_t, robust_p : ndarray, shape (P,)
        CR1 cluster-robust by trial, t with trials - P degrees of freedom. NaN for every coefficient where one of them
        rests on a single trial: without that trial it could not be estimated, and its residuals are 0 by construction.
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
    sigma2 = _variances(y, v, x, same, code)
    b, cov, _, loglik = _fit(y, v, x, same, sigma2)
    se, df = np.sqrt(np.diag(cov)), k - n_coef
    half = stdtrit(df, 1 - alpha / 2) * se
    alone = any(np.linalg.matrix_rank(x[code != j]) < n_coef for j in range(n_trials))
    robust = np.full(n_coef, np.nan) if alone else _robust(y - x @ b, v, x, same, sigma2, cov, code, n_trials)
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


def _variances(y: Array, v: Array, x: Array, same: Array, code: NDArray[np.intp]) -> Array:
    """REML variances (trial, effect): the highest top that is reached from many starts.

    The restricted likelihood can have several tops. Starts are the tops of a grid over both variances, its edges, where
    one variance is 0, among them.
    """
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    highest = 4 * float(residual @ residual) / (len(y) - x.shape[1]) + float(v.max())
    axis = np.concatenate([[0.0], np.geomspace(1e-3 * float(v.min()), highest, GRID)])
    trial, effect = (part.ravel() for part in np.meshgrid(axis, axis, indexing="ij"))
    level = grid_likelihood(y, v, x, code, trial, effect).reshape(len(axis), len(axis))
    cells = zip(*np.nonzero(_tops(level) & (level > level.max() - WORTH)), strict=True)
    tops = [_climb(y, v, x, same, np.array([axis[i], axis[j]])) for i, j in cells]
    return max([np.zeros(2), *tops], key=lambda sigma2: _fit(y, v, x, same, sigma2)[3])


def _tops(level: Array) -> NDArray[np.bool_]:
    """Cells of a grid that none of their (up to eight) neighbours overtops."""
    framed = np.pad(level, 1, constant_values=-np.inf)
    rows, columns = level.shape
    shifts = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]
    found: NDArray[np.bool_] = np.logical_and.reduce(
        [level >= framed[i : i + rows, j : j + columns] for i, j in shifts]
    )
    return found


def grid_likelihood(y: Array, v: Array, x: Array, code: NDArray[np.intp], trial: Array, effect: Array) -> Array:
    """Restricted log-likelihood, without its constant, at many pairs of variances.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
    x : ndarray, shape (k, P)
    code : ndarray of int, shape (k,)
        Trial of each effect.
    trial, effect : ndarray, shape (G,)
        Variances between trials and between effects of a trial.

    Returns
    -------
    ndarray, shape (G,)
        By Sherman and Morrison's formula in each trial: the inverse of D + s 11' is D⁻¹ - c D⁻¹11'D⁻¹.
    """
    member = (code[:, None] == np.arange(code.max() + 1)).astype(float)
    w = 1 / (v + effect[:, None])
    sums = w @ member
    c = trial[:, None] / (1 + trial[:, None] * sums)
    z = np.column_stack([x, y])
    weighted = w[:, :, None] * z
    by_trial = np.einsum("kj,gkp->gjp", member, weighted)
    cross = np.einsum("kp,gkq->gpq", z, weighted) - np.einsum("gj,gjp,gjq->gpq", c, by_trial, by_trial)
    gram, zy = cross[:, :-1, :-1], cross[:, :-1, -1]
    quadratic = cross[:, -1, -1] - (zy * np.linalg.solve(gram, zy[..., None])[..., 0]).sum(1)
    logdet = -np.log(w).sum(1) + np.log1p(trial[:, None] * sums).sum(1) + np.linalg.slogdet(gram)[1]
    return np.asarray(-0.5 * (logdet + quadratic), np.float64)


def _climb(y: Array, v: Array, x: Array, same: Array, start: Array) -> Array:
    """The top near a start: L-BFGS-B within the bounds, then Newton's method for the variances that are above 0."""
    unit = float(v.mean())

    def slope(sigma2: Array) -> Array:
        p_matrix = _fit(y, v, x, same, sigma2)[2]
        py = p_matrix @ y
        return 0.5 * np.array([py @ same @ py - (p_matrix * same).sum(), py @ py - np.trace(p_matrix)])

    def fall(scaled: Array) -> tuple[float, Array]:
        sigma2 = unit * scaled
        return -_fit(y, v, x, same, sigma2)[3], -unit * slope(sigma2)

    bounds = [(0.0, None)] * 2
    found = minimize(
        fall,
        start / unit,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": FTOL, "gtol": GTOL, "maxiter": MOST_STEPS},
    )
    sigma2 = np.asarray(unit * found.x, np.float64)
    free = np.flatnonzero(sigma2 > 0)
    for _ in range(POLISH if len(free) else 0):
        steps = np.zeros((2, len(free)))
        steps[free, np.arange(len(free))] = STEP * np.maximum(sigma2[free], unit)
        curve = np.array([(slope(sigma2 + h) - slope(sigma2 - h))[free] / (2 * h.max()) for h in steps.T]).T
        new = sigma2.copy()
        new[free] -= np.linalg.lstsq(curve, slope(sigma2)[free], rcond=None)[0]
        if (new < 0).any() or np.linalg.norm(slope(new)[free]) >= np.linalg.norm(slope(sigma2)[free]):
            break
        sigma2 = new
    return sigma2


def _robust(
    residual: Array, v: Array, x: Array, same: Array, sigma2: Array, cov: Array, code: NDArray[np.intp], m: int
) -> Array:
    """CR1 standard errors: the sandwich times m / (m - P)."""
    wx = np.linalg.solve(np.diag(v + sigma2[1]) + sigma2[0] * same, x)
    scores = np.zeros((m, x.shape[1]))
    np.add.at(scores, code, wx * residual[:, None])
    meat = scores.T @ scores * m / (m - x.shape[1])
    return np.sqrt(np.diag(cov @ meat @ cov))
