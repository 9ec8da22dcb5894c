"""Dose against change within treated participants: an association, whatever its size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.groups.few_clusters import ClusterTest, cluster_test
from compassion_trials.models.inference.clustered import cluster_robust, fewest_clusters, units

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Association:
    """Change per unit of dose, adjusted for the baseline score.

    Attributes
    ----------
    slope, se, lower, upper, p : float
        Units of the outcome per unit of dose; where people met in groups those but the slope are NaN as in
        `few_clusters`.
    df : float
    r : float
        Partial correlation of dose and change given the baseline score.
    n : int
    words : str
        What is to be said about the standard errors; empty where people are independent.
    """

    slope: float
    se: float
    lower: float
    upper: float
    p: float
    df: float
    r: float
    n: int
    words: str = ""


def association(
    dose: Array,
    before: Array,
    after: Array,
    arm: Codes | None = None,
    alpha: float = 0.05,
    group: Codes | None = None,
) -> Association:
    """Least squares of the change on dose, baseline score and arm; cluster-robust where people met in groups.

    Parameters
    ----------
    dose, before, after : ndarray, shape (n,)
        Rows with NaN are left out.
    arm : ndarray of int, shape (n,), optional
        Arms in which the dose was given, each with its own mean.
    alpha : float
        1 - coverage.
    group : ndarray of int, shape (n,), optional
        Therapy groups, -1 for people without one.

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
    bread = np.linalg.inv(design.T @ design)
    se = float(np.sqrt(bread[0, 0] * (residual @ residual) / df))
    t, slope = float(beta[0]) / se, float(beta[0])
    half = float(stdtrit(df, 1 - alpha / 2)) * se
    p, words = 2 * float(stdtr(df, -abs(t))), ""
    found = ClusterTest(estimate=slope, se=se, df=df, lower=slope - half, upper=slope + half, p=p)
    if group is not None and (group[complete] >= 0).any():
        codes, arms = group[complete], groups.astype(np.intp)
        robust = cluster_robust(design, residual, bread, units(codes, arms, nested=False))
        found = cluster_test(slope, np.eye(len(beta))[0], robust, fewest_clusters(codes, arms), alpha)
        words = found.words
    return Association(
        slope=slope,
        se=found.se,
        lower=found.lower,
        upper=found.upper,
        p=float(found.p),
        df=found.df,
        r=t / np.sqrt(t**2 + df),
        n=len(y),
        words=words,
    )
