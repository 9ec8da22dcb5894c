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

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

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
    m, t = own.shape
    out = np.zeros((m, t + 1, t))
    for start in range(t):
        out[:, start] = shift(strategy, own, reference, sigma, start, np.zeros(t, dtype=bool))
    return out


def shift(strategy: Strategy, own: Array, reference: Array, sigma: Array, start: int, seen: NDArray[np.bool_]) -> Array:
    """How far the missing values of one pattern move, (M, T), zero before `start` and where there is a value.

    Values observed after the discontinuation are of somebody who went on like the reference arm already, so the missing
    ones follow from them too.

    Parameters
    ----------
    strategy : Strategy
    own, reference : ndarray, shape (M, T)
    sigma : ndarray, shape (M, T, T)
    start : int
        Discontinuation before this visit; T for nobody's.
    seen : ndarray of bool, shape (T,)
        Visits with a value; only those from `start` on matter.
    """
    if strategy not in STRATEGIES:
        raise ModelError(f'"{strategy}" is not a reference-based strategy')
    moved = reference - own
    if strategy == "copy_increments" and start > 0:
        moved[:, start:] -= moved[:, start - 1 : start]
    if strategy != "copy_reference":
        moved[:, :start] = 0.0
    after = np.arange(moved.shape[1]) >= start
    later, given = np.flatnonzero(after & ~seen), np.flatnonzero(~after | seen)
    out = np.zeros_like(moved)
    out[:, later] = moved[:, later]
    if moved[:, given].any():
        pre, cross = sigma[:, given[:, None], given], sigma[:, given[:, None], later]
        out[:, later] -= np.einsum("mps,mp->ms", np.linalg.solve(pre, cross), moved[:, given])
    return out


def stratified_jackknife(left_out: Array, stratum: NDArray[np.intp]) -> tuple[Array, Array]:
    """Standard errors and degrees of freedom (R,) from estimates without each therapy group or single person (U, R).

    ``v_h = (J_h - 1) / J_h sum (e_hj - mean_h)^2`` of the J_h units of each stratum (an arm) add up (Wolter 2007,
    doi:10.1007/978-0-387-35099-8, section 4.5); their degrees of freedom are Satterthwaite's, each with J_h - 1.

    Parameters
    ----------
    left_out : ndarray, shape (U, R)
    stratum : ndarray of int, shape (U,)
        Strata of one unit make all units one stratum.
    """
    if not np.isfinite(left_out).all():
        raise ModelError("the model could not be fitted without some therapy group: no jackknife standard error")
    if (np.unique(stratum, return_counts=True)[1] < 2).any():
        stratum = np.zeros_like(stratum)
    parts, df = [], []
    for h in np.unique(stratum):
        own = left_out[stratum == h]
        parts.append((len(own) - 1) / len(own) * ((own - own.mean(0)) ** 2).sum(0))
        df.append(len(own) - 1.0)
    variance = np.array(parts)
    total = variance.sum(0)
    return np.sqrt(total), total**2 / (variance**2 / np.array(df)[:, None]).sum(0)


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
    error: Array = np.sqrt((n - 1) / n * ((left_out - left_out.mean(0)) ** 2).sum(0))
    return error
