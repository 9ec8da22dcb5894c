"""Regression among people who met in groups: cluster-robust standard errors of least squares.

The unit is the therapy group, or the single person who had none. CR2 is unbiased when people are independent, and stays
valid when members of a group are alike; the degrees of freedom of Bell and McCaffrey say how much a few groups can
tell. Estimates stay those of least squares, so that total = direct + indirect holds exactly in mediation.

Sources: Bell & McCaffrey (2002), Survey Methodology 28:169-181; Pustejovsky & Tipton (2018),
doi:10.1080/07350015.2016.1247004.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.models.data.frame import by_arm
from compassion_trials.models.inference.robust import Sandwich, adjusted_weights

Codes = NDArray[np.intp]

FEW = 10
"""Groups in an arm below which a bootstrap of groups is too narrow, and is said to be."""


def units(group: Codes, arm: Codes, nested: bool | None = None) -> Codes:
    """Unit of everybody (n,), 0 ... U - 1: the group's, or one of their own for people without one (code -1).

    Parameters
    ----------
    group, arm : ndarray of int, shape (n,)
    nested : bool, optional
        Needed where a group occurs in two arms: True tells its members apart by arm, False leaves them one group.

    Raises
    ------
    ModelError
        A group occurs in two arms and `nested` does not say what that means.
    """
    group = by_arm(group, arm, nested)
    alone = np.arange(len(group)) + 1 + group.max(initial=-1)
    return np.unique(np.where(group < 0, alone, group), return_inverse=True)[1].astype(np.intp)


def fewest_clusters(group: Codes, arm: Codes) -> int:
    """Clusters of the arm that met in the fewest, among arms in which people met at all; 0 where nobody did.

    Parameters
    ----------
    group : ndarray of int, shape (n,)
        -1 for people without one.
    arm : ndarray of int, shape (n,)
    """
    met = group >= 0
    return min((len(np.unique(group[met & (arm == a)])) for a in np.unique(arm[met])), default=0)


def strata(unit: Codes, arm: Array) -> list[Codes]:
    """Units of each arm, in order; those with members in both arms (a therapist) are a stratum of their own.

    Parameters
    ----------
    unit : ndarray of int, shape (n,)
    arm : ndarray, shape (n,)
        0 or 1.
    """
    share = np.bincount(unit, arm) / np.bincount(unit)
    kinds = [share == 0, share == 1, (share > 0) & (share < 1)]
    return [np.flatnonzero(kind) for kind in kinds if kind.any()]


def cluster_robust(x: Array, residual: Array, bread: Array, unit: Codes, variance: Array | None = None) -> Sandwich:
    """CR2 covariance of least-squares coefficients, with Bell-McCaffrey degrees of freedom by contrast.

    Parameters
    ----------
    x : ndarray, shape (n, k)
    residual : ndarray, shape (n,)
    bread : ndarray, shape (k, k)
        (X'X)^-1, or (X'V^-1 X)^-1.
    unit : ndarray of int, shape (n,)
    variance : ndarray, shape (n,), optional
        Working variances V of weighted least squares; 1 when left out.
    """
    scores, spreads, levers = [], [], []
    for code in range(int(unit.max()) + 1):
        own = np.flatnonzero(unit == code)
        working = np.ones(len(own)) if variance is None else variance[own]
        weighted = adjusted_weights("CR2", x[own][None], np.diag(working), bread)[0]
        scores.append(weighted.T @ residual[own])
        spreads.append(weighted.T @ (working[:, None] * weighted))
        levers.append(x[own].T @ weighted)
    score = np.array(scores)
    covariance = bread @ (score.T @ score) @ bread
    note = "CR2 by therapy group, Bell-McCaffrey df"
    return Sandwich(
        method="CR2", covariance=covariance, note=note, phi=bread, spread=np.array(spreads), lever=np.array(levers)
    )
