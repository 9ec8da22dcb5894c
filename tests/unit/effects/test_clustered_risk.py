"""Shares of arms whose people met in groups: identities with known special cases, and what a few groups cannot give."""

from __future__ import annotations

import numpy as np
import pytest

from compassion_trials.effects.groups.clustered_risk import compare_clustered
from compassion_trials.models.inference.clustered import fewest_clusters

EXACT = 1e-10
"""Two ways to the same arithmetic."""
NOBODY = -1


def trial(seed: int = 3, sizes=(6, 7, 8, 9), single: int = 36):
    """Treated people in groups of these sizes, others single; yes or no."""
    rng = np.random.default_rng(seed)
    group = np.concatenate([np.repeat(range(len(sizes)), sizes), np.full(single, NOBODY)]).astype(np.intp)
    return (rng.random(len(group)) < 0.5).astype(float), group >= 0, group


def test_people_alone_have_the_unequal_variances_of_welch():
    yes, treated, _ = trial()
    alone = np.arange(len(yes)).astype(np.intp)
    found = compare_clustered(yes, treated, alone)
    parts = [yes[arm].var(ddof=1) / arm.sum() for arm in (treated, ~treated)]
    rd = found.risk_difference
    assert rd.estimate == pytest.approx(yes[treated].mean() - yes[~treated].mean(), rel=EXACT)
    # Bell and McCaffrey's df under equal variances lie between the smaller arm's and all
    assert 1.96 * np.sqrt(sum(parts)) < (rd.upper - rd.lower) / 2 < 2.05 * np.sqrt(sum(parts))


def test_equal_groups_are_the_t_test_of_group_means():
    yes, treated, group = trial(sizes=(6, 6, 6, 6, 6, 6), single=0)
    treated = group < 3
    means = np.array([yes[group == g].mean() for g in range(6)])
    found = compare_clustered(yes, treated, group).risk_difference
    error = np.sqrt(means[:3].var(ddof=1) / 3 + means[3:].var(ddof=1) / 3)
    at_two = 4.302652729749464  # t quantile .975 on 3 - 1 degrees of freedom: the cap, below Bell and McCaffrey's 4
    assert (found.upper - found.lower) / 2 == pytest.approx(at_two * error, rel=EXACT)


def test_below_five_groups_only_the_difference_has_limits():
    yes, treated, group = trial()
    few = compare_clustered(yes, treated, group)
    assert np.isfinite([few.risk_difference.lower, few.risk_difference.upper, few.nnt.estimate]).all()
    assert np.isnan([few.nnt.lower, few.nnt.upper, few.odds_ratio.lower, few.risk_ratio.upper]).all()
    five = compare_clustered(*trial(sizes=(6, 6, 6, 6, 6)))
    assert five.odds_ratio.lower < five.odds_ratio.estimate < five.odds_ratio.upper
    assert five.nnt.lower == pytest.approx(1 / five.risk_difference.upper)


def test_ratios_have_the_limits_of_their_logarithms():
    """Equal groups: the variance of each share is that of its group means; delta method by hand."""
    yes, treated, group = trial(sizes=(6,) * 10, single=0)
    treated = group < 5
    means = np.array([yes[group == g].mean() for g in range(10)])
    p, v = [means[:5].mean(), means[5:].mean()], [means[:5].var(ddof=1) / 5, means[5:].var(ddof=1) / 5]
    found = compare_clustered(yes, treated, group)
    at_four = 2.7764451051977987  # t quantile .975 on 5 - 1 degrees of freedom
    odds = [one * (1 - one) for one in p]
    for part, estimate, slope in (
        (found.risk_ratio, p[0] / p[1], p),
        (found.odds_ratio, p[0] * (1 - p[1]) / (p[1] * (1 - p[0])), odds),
    ):
        wide = np.exp(at_four * np.sqrt(v[0] / slope[0] ** 2 + v[1] / slope[1] ** 2))
        assert (part.estimate, part.lower, part.upper) == pytest.approx(
            (estimate, estimate / wide, estimate * wide), rel=EXACT
        )


def test_an_arm_of_one_group_has_no_limits():
    found = compare_clustered(*trial(sizes=(20,)))
    assert np.isfinite(found.risk_difference.estimate)
    assert np.isnan([found.risk_difference.lower, found.risk_difference.upper]).all()


def test_members_alike_widen_the_interval():
    yes, treated, group = trial(sizes=(6, 6, 6, 6, 6, 6))
    alike = np.where(treated, group % 2, yes).astype(float)
    plain = np.where(treated, np.arange(len(yes)) % 2, yes).astype(float)

    def width(answers):
        rd = compare_clustered(answers, treated, group).risk_difference
        return rd.upper - rd.lower

    assert width(alike) > 1.5 * width(plain)


def test_fewest_clusters_counts_arms_that_met():
    group, arm = np.array([0, 0, 1, 2, -1, -1]), np.array([0, 0, 0, 1, 1, 2])
    assert fewest_clusters(group, arm) == 1
    assert fewest_clusters(np.full(3, -1), np.arange(3)) == 0
