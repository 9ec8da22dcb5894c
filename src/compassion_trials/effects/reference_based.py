"""Reference-based imputation: after stopping, participants go on like those of the reference arm.

Under one covariance for all arms, each strategy moves the values that are missing at random by an amount that depends
only on arm, visit of discontinuation and parameters: with d the strategy's mean minus the arm's own mean, the values
from visit t on move by d_post - Sigma_post,pre Sigma_pre^-1 d_pre. Gaps before the discontinuation stay missing at
random.

Sources: Carpenter, Roger & Kenward (2013), doi:10.1080/10543406.2013.834911 (jump to reference, copy reference, copy
increments; proper imputation); Cro, Carpenter & Kenward (2019), doi:10.1111/rssa.12423 (information anchoring); Wolbers
et al. (2022), doi:10.1002/pst.2234 (conditional mean imputation with the jackknife).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError

Array = NDArray[np.float64]
Strategy = Literal["jump_to_reference", "copy_reference", "copy_increments"]

STRATEGIES: tuple[Strategy, ...] = ("jump_to_reference", "copy_reference", "copy_increments")


def discontinuation(y: Array) -> NDArray[np.intp]:
    """First visit after the last observed one, shape (n,); T for those seen at the last visit.

    Parameters
    ----------
    y : ndarray, shape (n, T)
        NaN where missing.
    """
    seen = ~np.isnan(y)
    t = y.shape[1]
    last = t - 1 - np.argmax(seen[:, ::-1], axis=1)
    return np.where(seen.any(1), last + 1, 0)


def shifts(strategy: Strategy, own: Array, reference: Array, sigma: Array) -> Array:
    """How far a strategy moves imputed values, by visit of discontinuation.

    Parameters
    ----------
    strategy : Strategy
    own, reference : ndarray, shape (M, T)
        Means of the participant's arm and of the reference arm, for each draw of the parameters.
    sigma : ndarray, shape (M, T, T)

    Returns
    -------
    ndarray, shape (M, T + 1, T)
        Second axis: discontinuation before visit t; T is nobody's, all zero.
    """
    if strategy not in STRATEGIES:
        raise ModelError(f'"{strategy}" is no reference-based strategy')
    m, t = own.shape
    gap = reference - own
    out = np.zeros((m, t + 1, t))
    for start in range(t):
        moved = gap.copy()
        if strategy != "copy_reference":
            moved[:, :start] = 0.0
        if strategy == "copy_increments" and start > 0:
            moved[:, start:] -= gap[:, start - 1 : start]
        later = moved[:, start:]
        if start > 0 and strategy == "copy_reference":
            pre, cross = sigma[:, :start, :start], sigma[:, :start, start:]
            later = later - np.einsum("mps,mp->ms", np.linalg.solve(pre, cross), moved[:, :start])
        out[:, start, start:] = later
    return out


def jackknife_se(full: Array, left_out: Array) -> Array:
    """Jackknife standard errors (R,) from estimates without each participant in turn (n, R).

    ``sqrt((n - 1) / n sum (e_i - mean)^2)`` (Efron & Tibshirani 1993, doi:10.1007/978-1-4899-4541-9, eq. 11.5).

    Parameters
    ----------
    full : ndarray, shape (R,)
        Estimates of all participants; only their number is used.
    left_out : ndarray, shape (n, R)
    """
    n = len(left_out)
    if left_out.shape[1:] != full.shape or not np.isfinite(left_out).all():
        raise ModelError("the model could not be fitted without some participant: no jackknife standard error")
    return np.sqrt((n - 1) / n * ((left_out - left_out.mean(0)) ** 2).sum(0))
