"""Dose against change within treated participants: an association, whatever its size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Association:
    """Change per unit of dose, adjusted for the baseline score.

    Attributes
    ----------
    slope, se, lower, upper, p : float
        Units of the outcome per unit of dose.
    df : int
    r : float
        Partial correlation of dose and change given the baseline score.
    n : int
    """

    slope: float
    se: float
    lower: float
    upper: float
    p: float
    df: int
    r: float
    n: int


def association(
    dose: Array, before: Array, after: Array, arm: NDArray[np.intp] | None = None, alpha: float = 0.05
) -> Association:
    """Least squares of the change on dose, baseline score and arm.

    Parameters
    ----------
    dose, before, after : ndarray, shape (n,)
        Rows with NaN are left out.
    arm : ndarray of int, shape (n,), optional
        Arms in which the dose was given, each with its own mean.
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        Fewer than five complete rows, or a dose that does not vary.
    """
    complete = ~(np.isnan(dose) | np.isnan(before) | np.isnan(after))
    x, y = dose[complete], (after - before)[complete]
    groups = np.zeros(len(x), int) if arm is None else arm[complete]
    if len(x) < 5 or not x.std() > 0:
        raise ModelError("dose against change needs five people whose doses differ")
    others = np.column_stack([*[(groups == a).astype(float) for a in np.unique(groups)], before[complete]])
    design = np.column_stack([x, others])
    beta, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    df = len(y) - int(rank)
    if rank < design.shape[1] or df < 1:
        raise ModelError("dose cannot be told from arm and baseline")
    residual = y - design @ beta
    covariance = np.linalg.inv(design.T @ design) * (residual @ residual) / df
    se = float(np.sqrt(covariance[0, 0]))
    t = float(beta[0]) / se
    half = float(stdtrit(df, 1 - alpha / 2)) * se
    r = t / np.sqrt(t**2 + df)
    return Association(
        slope=float(beta[0]),
        se=se,
        lower=beta[0] - half,
        upper=beta[0] + half,
        p=2 * float(stdtr(df, -abs(t))),
        df=df,
        r=r,
        n=len(y),
    )
