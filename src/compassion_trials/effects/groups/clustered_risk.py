"""Shares of two arms compared where people met in groups: the risk difference with cluster-robust limits.

Least squares of a yes or no on the arms, covariance CR2 by therapy group (people without one are units of their own).
The limits are from t with the smaller of Bell and McCaffrey's degrees of freedom and the fewest clusters of a clustered
arm - 1: with 6, 7, 8 and 9 people in four groups against 36 single people and an intraclass correlation of .2, the
former alone rejects a true null hypothesis in 6.8 % of trials, with that bound in 1.8 %.

Sources: Bell & McCaffrey (2002), Survey Methodology 28:169-181; Pustejovsky & Tipton (2018),
doi:10.1080/07350015.2016.1247004; delta method for the logarithms of the ratios.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.outcomes.proportion import wilson
from compassion_trials.effects.outcomes.responders import Comparison, IntervalEstimate
from compassion_trials.fit.grouped import cluster_of
from compassion_trials.models.data.cells import coded
from compassion_trials.models.inference.clustered import cluster_robust, fewest_clusters, units
from compassion_trials.trial.trial import Trial

Codes = NDArray[np.intp]

FEW = 5
"""Clusters of an arm below which ratios and the number needed to treat get no limits."""
NOTE = "cluster-robust limits of the difference (CR2, t with few-cluster df)"
NO_LIMITS = "no limits: too few therapy groups"
NAN = float("nan")


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
        one group or nobody differs. Shares have Wilson's limits, which take people as independent.

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
    contrast = np.array([1.0, -1.0])
    df = min(float(robust.df(contrast[None])[0]), float(fewest - 1))
    spread = robust.covariance
    variance = float(contrast @ spread @ contrast)
    half = float(stdtrit(df, 1 - alpha / 2)) if df > 0 and variance > 0 else NAN
    rd, wide = float(p[0] - p[1]), half * np.sqrt(variance)
    difference = IntervalEstimate(rd, max(rd - wide, -1.0) if wide == wide else NAN, min(rd + wide, 1.0))
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


def clusters_of(trial: Trial, pair: tuple[str, ...]) -> Codes | None:
    """Therapy group of every participant (n,), -1 without one, as in the primary model; None where nobody met."""
    plan = trial.context.plan
    name = cluster_of(plan, plan.analysis.primary, "clda", pair)
    if name is None or name not in trial.participants:
        return None
    codes = coded(trial.participants[name].astype("object"))[0].astype(np.intp)
    here = np.any([trial.in_arm(arm) for arm in pair], axis=0)
    return codes if (codes[here] >= 0).any() else None


def compared_in_groups(trial: Trial, pair: tuple[str, str], yes: Array) -> Comparison | None:
    """`compare_clustered` of two arms from a yes or no of every participant (n,), NaN for those who do not count.

    None where nobody of the two arms met in a group.
    """
    group = clusters_of(trial, pair)
    known = ~np.isnan(yes) & (trial.in_arm(pair[0]) | trial.in_arm(pair[1]))
    if group is None or not (group[known] >= 0).any():
        return None
    return compare_clustered(yes[known], trial.in_arm(pair[0])[known], group[known], trial.alpha)
