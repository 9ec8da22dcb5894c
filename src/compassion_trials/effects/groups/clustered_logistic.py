"""A logistic regression among people who met in groups: cluster-robust limits of its odds ratios.

At the maximum a logistic regression is weighted least squares of the working residuals ``(y - p) / w`` with weights
``w = p (1 - p)``; CR2 and the degrees of freedom are those of this regression (as clubSandwich has it for generalized
linear models), inference is by the rule of `few_clusters`. Odds ratios stay those of maximum likelihood.
Firth's penalized likelihood has no such form: its odds ratios then get no limits.

Source: Pustejovsky & Tipton (2018), doi:10.1080/07350015.2016.1247004.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.describe.logistic import Logistic
from compassion_trials.effects.groups.few_clusters import LEAST_DF, NAN, ClusterTest, cluster_test
from compassion_trials.models.inference.clustered import cluster_robust, fewest_clusters, units

Codes = NDArray[np.intp]


def clustered_logistic(fit: Logistic, y: Array, group: Codes, arm: Codes, alpha: float = 0.05) -> list[ClusterTest]:
    """Log odds ratios with cluster-robust inference, one per predictor; no limits on `LEAST_DF` degrees of freedom.

    Parameters
    ----------
    fit : Logistic
    y : ndarray, shape (n,)
        0 or 1.
    group, arm : ndarray of int, shape (n,)
        Therapy group, -1 for people without one; arm.
    alpha : float
        1 - coverage.
    """
    logs = [float(np.log(c.odds_ratio)) for c in fit.coefficients]
    if fit.firth:
        return [ClusterTest(estimate=b, se=NAN, df=NAN, lower=NAN, upper=NAN, p=NAN) for b in logs]
    p, x = fit.fitted, fit.design
    weight = p * (1 - p)
    bread = np.asarray(np.linalg.inv(x.T @ (x * weight[:, None])), np.float64)
    robust = cluster_robust(x, (y - p) / weight, bread, units(group, arm, nested=False), 1 / weight)
    fewest = fewest_clusters(group, arm)
    tests = [cluster_test(b, each, robust, fewest, alpha) for b, each in zip(logs, np.eye(x.shape[1])[1:], strict=True)]
    return [replace(one, lower=NAN, upper=NAN) if one.df <= LEAST_DF else one for one in tests]
