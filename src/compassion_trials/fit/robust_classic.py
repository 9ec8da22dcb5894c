"""Classic analyses of people who met in groups: least squares with cluster-robust standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.data.cells import coded
from compassion_trials.models.inference.clustered import cluster_robust, fewest_clusters, units

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from compassion_trials.classic.ancova import Errors


ROBUST = "CR2"
"""Cluster-robust covariance of the classic analyses."""
SE_WORDS = "cluster-robust (CR2), Bell-McCaffrey df, at most the fewest clusters of an arm - 1"


def robust_errors(group: str, arm: str, nested: bool | None) -> Errors:
    """CR2 by cluster for `classic.ancova`.

    Degrees of freedom are the smaller of Bell and McCaffrey's and the fewest clusters of a clustered arm - 1: where
    many single people are compared with a few groups, the former alone are too many.

    Parameters
    ----------
    group, arm : str
        Columns of the cluster, missing for people without one, and of the arm.
    nested : bool or None
        See `models.inference.clustered.units`.

    Raises
    ------
    ModelError
        By the function it gives back: an arm met in one cluster only, or clusters that cannot be told from the arms.
    """

    def errors(rows: pd.DataFrame, x: Array, residual: Array) -> tuple[Array, Callable[[Array], float]]:
        codes, arms = coded(rows[group])[0].astype(np.intp), coded(rows[arm])[0].astype(np.intp)
        unit, cap = units(codes, arms, nested), fewest_clusters(codes, arms) - 1
        if cap == 0:
            raise ModelError("an arm met in one group only")
        bread = np.asarray(np.linalg.inv(x.T @ x), np.float64)
        found = cluster_robust(x, residual, bread, unit)

        def df(contrast: Array) -> float:
            own = float(found.df(contrast[None])[0])
            return min(own, cap) if cap > 0 else own

        return found.covariance, df

    return errors


def n_clusters(rows: pd.DataFrame, group: str) -> int:
    """Clusters with people among these rows."""
    codes = coded(rows[group])[0]
    return len(np.unique(codes[codes >= 0]))
