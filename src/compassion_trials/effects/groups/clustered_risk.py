"""Shares of two arms compared where people met in groups: the risk difference with cluster-robust limits.

Least squares of a yes or no on the arms, by the rule of `few_clusters`; ratios by the delta method for their
logarithms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.groups.few_clusters import FEW, LEAST_DF, NAN, cluster_test, clusters_of
from compassion_trials.effects.outcomes.proportion import wilson
from compassion_trials.effects.outcomes.responders import Comparison, IntervalEstimate
from compassion_trials.models.inference.clustered import cluster_robust, fewest_clusters, units
from compassion_trials.trial.trial import Trial

Codes = NDArray[np.intp]

NOTE = "cluster-robust limits of the difference (CR2, t with few-cluster df)"


def compare_clustered(yes: Array, treated: NDArray[np.bool_], group: Codes, alpha: float = 0.05) -> Comparison:
    """Compare the shares of two arms whose people, or some of them, met in groups.

    Parameters
    ----------
    yes : ndarray, shape (n,)
        1 or 0.
    treated : ndarray of bool, shape (n,)
    group : ndarray of int, shape (n,)
        -1 for people without one; labels that mean two groups are told apart before.
    alpha : float
        1 - coverage.

    Returns
    -------
    Comparison
        Without limits (NaN) where the clusters cannot give them: of the ratios and the number needed to treat below
        `FEW` clusters of an arm and where an arm has only responders or none, of the difference where an arm met in
        one group, nobody differs, or `possible` says that they say nothing. Shares have Wilson's limits, which take
        people as independent.

    Raises
    ------
    ModelError
        An arm without participants.
    """
    arms = [treated, ~treated]
    if not all(arm.any() for arm in arms):
        raise ModelError("responders need participants in both arms")
    x = np.column_stack(arms).astype(float)
    bread = np.diag(1 / x.sum(0))
    p = bread @ x.T @ yes
    fewest = fewest_clusters(group, treated.astype(np.intp))
    robust = cluster_robust(x, yes - x @ p, bread, units(group, treated.astype(np.intp), nested=False))
    contrast, rd = np.array([1.0, -1.0]), float(p[0] - p[1])
    found, spread = cluster_test(rd, contrast, robust, fewest, alpha), robust.covariance
    difference = IntervalEstimate(rd, *possible(found.lower, found.upper, found.df))
    half = float(stdtrit(found.df, 1 - alpha / 2))
    inside = bool((p > 0).all() and (p < 1).all())
    ends = half if fewest >= FEW and inside else NAN
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = _ratio(float(p[0] / p[1]), contrast / p, spread, ends)
        odds = _ratio(float(p[0] * (1 - p[1]) / (p[1] * (1 - p[0]))), contrast / (p * (1 - p)), spread, ends)
    known = fewest >= FEW
    nnt = IntervalEstimate(
        _inverse(rd), _inverse(difference.upper) if known else NAN, _inverse(difference.lower) if known else NAN
    )
    counts = [(int(yes[arm].sum()), int(arm.sum())) for arm in arms]
    return Comparison(
        treated=wilson(*counts[0], alpha),
        comparison=wilson(*counts[1], alpha),
        risk_difference=difference,
        risk_ratio=ratio,
        odds_ratio=odds,
        nnt=nnt,
        corrected=False,
    )


def _ratio(estimate: float, slope: Array, spread: Array, half: float) -> IntervalEstimate:
    """A ratio with limits symmetric in its logarithm."""
    width = half * float(np.sqrt(slope @ spread @ slope)) if half == half else NAN
    return IntervalEstimate(estimate, estimate * float(np.exp(-width)), estimate * float(np.exp(width)))


def _inverse(difference: float) -> float:
    return float("inf") if difference == 0 else 1 / difference


def possible(lower: float, upper: float, df: float) -> tuple[float, float]:
    """Limits of a difference of shares, which lies between -1 and 1.

    A limit beyond is cut there. Both are NaN where both lie beyond, and where one does on at most `LEAST_DF` degree of
    freedom: then they say nothing but that an arm met in two groups.
    """
    beyond = int(lower < -1) + int(upper > 1)
    if beyond == 2 or (beyond and df <= LEAST_DF):
        return NAN, NAN
    return (max(lower, -1.0), min(upper, 1.0)) if lower == lower else (NAN, NAN)


def compared_in_groups(trial: Trial, pair: tuple[str, str], yes: Array) -> Comparison | None:
    """`compare_clustered` of two arms from a yes or no of every participant (n,), NaN for those who do not count.

    None where nobody of the two arms met in a group.
    """
    group = clusters_of(trial, pair)
    known = ~np.isnan(yes) & (trial.in_arm(pair[0]) | trial.in_arm(pair[1]))
    if group is None or not (group[known] >= 0).any():
        return None
    return compare_clustered(yes[known], trial.in_arm(pair[0])[known], group[known], trial.alpha)
