"""Kernels of clusters, responders and reference-based imputation, by hand and by other formulas."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest
from scipy import stats

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.groups.clustering import clustering
from compassion_trials.effects.missing.reference_based import shift, stratified_jackknife
from compassion_trials.effects.outcomes.proportion import exact, wilson
from compassion_trials.effects.outcomes.responders import compare

EXACT = 1e-9
Z = stats.norm.ppf(0.975)


def groups(effect: float):
    """Two arms with groups of 3, 5 and 4, 6 people; the effect spreads the groups' means."""
    sizes = (3, 5, 4, 6)
    group = np.repeat(["g1", "g2", "g1", "g2"], sizes)
    arm = np.repeat(["a", "a", "b", "b"], sizes)
    y = np.random.default_rng(2).normal(size=18) + effect * np.repeat([-1, 1, -1, 1], sizes)
    return y, group, arm, np.array(sizes, float)


def test_intraclass_correlation_from_the_analysis_of_variance():
    y, group, arm, sizes = groups(1.5)
    found = clustering(y, group, arm)
    cells = np.array([f"{a}{g}" for a, g in zip(arm, group, strict=True)])
    means = {c: y[cells == c].mean() for c in np.unique(cells)}
    of_arm = {a: y[arm == a].mean() for a in "ab"}
    between = sum((cells == c).sum() * (m - of_arm[c[0]]) ** 2 for c, m in means.items()) / 2
    within = sum((v - means[c]) ** 2 for v, c in zip(y, cells, strict=True)) / 14
    k0 = (18 - ((9 + 25) / 8 + (16 + 36) / 10)) / 2
    icc = (between - within) / (between + (k0 - 1) * within)
    f = between / within
    lower, upper = ((f / stats.f.ppf(q, 2, 14) - 1) / (f / stats.f.ppf(q, 2, 14) + k0 - 1) for q in (0.975, 0.025))
    assert (found.icc, found.lower, found.upper) == pytest.approx((icc, lower, upper), rel=EXACT)
    assert icc > 0
    spread = sizes.var() / sizes.mean() ** 2
    assert found.design_effect == pytest.approx(1 + ((spread + 1) * 4.5 - 1) * icc, rel=EXACT)
    assert (found.n, found.n_groups, found.size) == (18, 4, pytest.approx(4.5))


def test_a_negative_correlation_makes_no_design_effect():
    y, group, arm, _ = groups(0.0)
    for cell in {(a, g) for a, g in zip(arm, group, strict=True)}:
        here = (arm == cell[0]) & (group == cell[1])
        y[here] -= y[here].mean()  # groups do not differ at all
    found = clustering(y, group, arm)
    assert found.icc < 0
    assert found.design_effect == 1.0


def test_groups_that_tell_nothing():
    y, _, arm, _ = groups(1.0)
    for wrong in (arm, np.arange(18).astype(str)):  # one group per arm; everybody alone
        with pytest.raises(ModelError, match="two groups in an arm and two people in a group"):
            clustering(y, wrong, arm)


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_ratios_of_two_arms_by_hand(alpha):
    """One of 10 against 4 of 12: no cell is empty, so nothing is added."""
    found = compare(1, 10, 4, 12, alpha)
    z = stats.norm.ppf(1 - alpha / 2)
    assert not found.corrected
    rr, odds = (1 / 10) / (4 / 12), (1 * 8) / (9 * 4)
    for part, value, se in (
        (found.risk_ratio, rr, sqrt(1 - 1 / 10 + 1 / 4 - 1 / 12)),
        (found.odds_ratio, odds, sqrt(1 + 1 / 9 + 1 / 4 + 1 / 8)),
    ):
        limits = (exp(log(value) - z * se), exp(log(value) + z * se))
        assert (part.estimate, part.lower, part.upper) == pytest.approx((value, *limits), rel=EXACT)
    a, b = wilson(1, 10, alpha), wilson(4, 12, alpha)
    d = 1 / 10 - 4 / 12
    below = sqrt((a.estimate - a.lower) ** 2 + (b.upper - b.estimate) ** 2)
    above = sqrt((a.upper - a.estimate) ** 2 + (b.estimate - b.lower) ** 2)
    rd = found.risk_difference
    assert (rd.estimate, rd.lower, rd.upper) == pytest.approx((d, d - below, d + above), rel=EXACT)
    assert (found.nnt.estimate, found.nnt.lower, found.nnt.upper) == pytest.approx(
        (1 / d, 1 / rd.upper, 1 / rd.lower), rel=EXACT
    )


@pytest.mark.parametrize("counts", [(0, 10, 4, 12), (10, 10, 4, 12), (3, 10, 0, 12), (3, 10, 12, 12)])
def test_an_empty_cell_gets_a_half_everywhere(counts):
    k1, n1, k2, n2 = counts
    found = compare(*counts)
    assert found.corrected
    cells = np.array([k1, n1 - k1, k2, n2 - k2]) + 0.5
    assert found.odds_ratio.estimate == pytest.approx(cells[0] * cells[3] / (cells[1] * cells[2]), rel=EXACT)
    assert found.risk_ratio.estimate == pytest.approx((cells[0] / (n1 + 1)) / (cells[2] / (n2 + 1)), rel=EXACT)
    assert found.risk_difference.estimate == pytest.approx(k1 / n1 - k2 / n2, abs=EXACT)


def test_no_difference_needs_infinitely_many():
    assert compare(3, 10, 3, 10).nnt.estimate == np.inf
    with pytest.raises(ModelError, match="participants in both arms"):
        compare(0, 0, 1, 2)


@pytest.mark.parametrize(("k", "n"), [(0, 9), (9, 9), (3, 9), (1, 30)])
def test_shares_as_scipy(k, n):
    test = stats.binomtest(k, n)
    for ours, method in ((exact(k, n), "exact"), (wilson(k, n), "wilson")):
        theirs = test.proportion_ci(method=method)
        assert (ours.estimate, ours.lower, ours.upper) == pytest.approx((k / n, theirs.low, theirs.high), abs=1e-9)
    assert np.isnan(exact(0, 0).lower)
    assert np.isnan(wilson(0, 0).estimate)


def test_values_seen_after_stopping_pull_the_missing_ones():
    """Three visits, stopped before the second, seen at the third: only the second moves, given the first and third."""
    own, reference = np.array([[10.0, 8.0, 7.0]]), np.array([[12.0, 13.0, 14.0]])
    sigma = np.array([[[4.0, 2.0, 1.0], [2.0, 9.0, 3.0], [1.0, 3.0, 16.0]]])
    seen = np.array([True, False, True])
    d = (reference - own)[0]
    given = sigma[0][np.ix_([0, 2], [0, 2])]
    weights = np.linalg.solve(given, sigma[0][[0, 2], 1])
    for strategy, before in (("jump_to_reference", 0.0), ("copy_reference", d[0])):
        found = shift(strategy, own, reference, sigma, 1, seen)[0]
        assert found == pytest.approx([0, d[1] - weights @ [before, d[2]], 0], rel=EXACT)
    moved = shift("copy_increments", own, reference, sigma, 1, seen)[0]
    assert moved == pytest.approx([0, (d[1] - d[0]) - weights @ [0, d[2] - d[0]], 0], rel=EXACT)
    nobody = shift("copy_reference", own, reference, sigma, 1, np.array([False, False, False]))
    assert nobody[0, 0] == 0  # before stopping nothing moves


def test_the_stratified_jackknife_adds_up_its_strata():
    left_out = np.array([1.0, 2.0, 4.0, 3.0, 3.5])[:, None]
    stratum = np.array([0, 0, 0, 1, 1])
    se, df = stratified_jackknife(left_out, stratum)
    v = [2 / 3 * ((left_out[:3] - left_out[:3].mean()) ** 2).sum(), 1 / 2 * ((left_out[3:] - 3.25) ** 2).sum()]
    assert se[0] == pytest.approx(sqrt(sum(v)), rel=EXACT)
    assert df[0] == pytest.approx(sum(v) ** 2 / (v[0] ** 2 / 2 + v[1] ** 2 / 1), rel=EXACT)
    alone = stratified_jackknife(left_out, np.array([0, 0, 0, 0, 1]))
    whole = stratified_jackknife(left_out, np.zeros(5, int))
    assert alone == whole  # a stratum of one unit makes all units one stratum


def test_rubins_rules_by_hand():
    """Three imputations: W = 0.5, B = 1, T = 0.5 + 4/3; df of Barnard and Rubin with and without complete df."""
    from compassion_trials.effects.missing.imputation import pool

    estimate, variance = np.array([1.0, 2.0, 3.0]), np.array([0.4, 0.5, 0.6])
    total = 0.5 + 4 / 3
    share = 4 / 3 / total
    infinite = pool(estimate, variance, np.inf)
    assert (infinite.estimate, infinite.se) == pytest.approx((2.0, sqrt(total)), rel=EXACT)
    assert infinite.df == pytest.approx(2 / share**2, rel=EXACT)
    assert (infinite.missing_information, infinite.mc_error) == pytest.approx((share, sqrt(1 / 3)), rel=EXACT)
    known = pool(estimate, variance, 20.0)
    observed = (1 - share) * 21 / 23 * 20
    assert known.df == pytest.approx(1 / (share**2 / 2 + 1 / observed), rel=EXACT)
    assert pool(np.full(3, 2.0), variance, np.inf).df == np.inf


def test_a_planned_correlation_is_that_of_all_visits(tmp_path):
    from tests.unit import made_trial

    from compassion_trials.effects.planning.planning_rows import _whole
    from compassion_trials.fit.analyses import jobs
    from compassion_trials.study.plan.pilot import Power
    from compassion_trials.trial.trial import read_trial

    trial = read_trial(made_trial.trial(tmp_path, n=8))
    job = jobs(trial.context)[0]
    found, between = _whole(trial, job, Power(correlation=0.4), 3.0, ("pre", "post", "fu"), False)
    assert found == pytest.approx(9 * (0.6 * np.eye(3) + 0.4))
    assert between == 0.0
