"""Effect sizes against R's effectsize (tests/oracle/effectsizes.R), print, and identities."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gammaln, ndtr

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.between import (
    cohens_d,
    d_pooled_n,
    d_root_mean_square,
    hedges_g,
)
from compassion_trials.effects.sizes.model_based import model_g
from compassion_trials.effects.sizes.size import (
    Summary,
    noncentral_limits,
    oriented,
    small_sample_factor,
)
from compassion_trials.effects.sizes.within import within_arm

R = json.loads((Path(__file__).resolve().parents[2] / "oracle" / "effectsizes.json").read_text(encoding="utf-8"))["two"]
TO_R = 2e-5
"""effectsize finds its limits by an optimizer that stops at about this size; the estimates agree to 1e-12."""
LIMIT = 1e-11
"""Tail of a limit: both integrals hold 1e-12, and one panel for all t misses 1e-4 at a t of 60."""
EXACT = 1e-10
PRINTED = 0.005
"""Half of the last printed digit."""


def group(name: str) -> Summary:
    values = np.array(R[name])
    return Summary(values.mean(), values.std(ddof=1), len(values))


@pytest.mark.parametrize(("size", "name"), [(hedges_g, "hedges_g"), (cohens_d, "cohens_d")])
def test_between_equals_effectsize(size, name):
    found = size(group("a_post"), group("b_post"))
    assert found.estimate == pytest.approx(R[name][0], abs=EXACT)
    assert (found.lower, found.upper) == pytest.approx(R[name][1:], abs=TO_R)


@pytest.mark.parametrize("name", ["d_z", "d_av", "d_rm"])
def test_within_equals_r(name):
    found = getattr(within_arm(np.array(R["a_pre"]), np.array(R["a_post"])), name)
    assert found.estimate == pytest.approx(R[name][0], abs=EXACT)
    assert (found.lower, found.upper) == pytest.approx(R[name][1:], abs=TO_R)


def test_d_of_strom_2013_from_the_printed_means():
    d = d_pooled_n(Summary(17.88, 11.30, 24), Summary(24.04, 6.86, 24))
    assert (-d.estimate, -d.upper, -d.lower) == pytest.approx((0.67, 0.09, 1.25), abs=PRINTED)


def test_d_with_divisor_n_is_twice_t_over_root_df_for_equal_arms():
    a, b = Summary(10, 3, 20), Summary(12, 4, 20)
    t = stats.ttest_ind_from_stats(10, 3, 20, 12, 4, 20).statistic
    assert d_pooled_n(a, b).estimate * np.sqrt(38 / 40) == pytest.approx(cohens_d(a, b).estimate, abs=EXACT)
    assert d_pooled_n(a, b).estimate == pytest.approx(2 * t / np.sqrt(38), abs=EXACT)


def test_root_mean_square_d_is_cohens_d_for_equal_arms():
    a, b = Summary(10, 3, 20), Summary(12, 4, 20)
    assert d_root_mean_square(a, b).estimate == pytest.approx(cohens_d(a, b).estimate, abs=EXACT)


def test_exact_factor_against_its_approximation():
    for m in (5, 20, 100):
        assert small_sample_factor(m) == pytest.approx(1 - 3 / (4 * m - 1), abs=0.5 / m**2)
    assert small_sample_factor(2) == pytest.approx(1 / np.sqrt(np.pi), abs=EXACT)  # Gamma(1) / Gamma(1/2)


@settings(max_examples=60, deadline=None)
@given(t=st.floats(-20, 20).map(lambda t: round(t, 6)), df=st.integers(1, 500))  # scipy gives NaN at t of 1e-138
def test_noncentral_limits_put_t_at_its_quantiles(t, df):
    lower, upper = noncentral_limits(t, df)
    tolerance = 1e-6  # of scipy's series at large noncentrality
    assert stats.nct.cdf(t, df, lower) == pytest.approx(0.975, abs=tolerance)
    assert stats.nct.cdf(t, df, upper) == pytest.approx(0.025, abs=tolerance)
    mirrored = noncentral_limits(-t, df)
    assert mirrored == pytest.approx((-upper, -lower), abs=1e-9)


def _tail(t, df, ncp):
    """P(T <= t) by 4 000 panels of 40 nodes: the mean of Phi(t s - ncp) over the chi distribution of s."""
    node, weight = np.polynomial.legendre.leggauss(40)
    edge = np.linspace(max(1e-12, 1 - 12 / np.sqrt(2 * df)), 1 + 12 / np.sqrt(2 * df), 4001)
    half, middle = np.diff(edge)[:, None] / 2, (edge[1:] + edge[:-1])[:, None] / 2
    s = middle + half * node
    constant = (df / 2) * np.log(df / 2) - gammaln(df / 2) + np.log(2)
    density = np.exp(constant + (df - 1) * np.log(s) - df * s**2 / 2)
    return float((density * ndtr(t * s - ncp) * half * weight).sum())


@pytest.mark.parametrize("t", [0.5, 5, 19, 25, 60, -150, 400, 1000])
@pytest.mark.parametrize("df", [1, 2, 5, 20, 38, 400])
def test_noncentral_limits_hold_their_word_for_any_t_of_a_trial(t, df):
    """Also where scipy's series has no digits left: a change of 10 SDs in 200 people has a t of 140."""
    lower, upper = noncentral_limits(t, df)
    assert _tail(t, df, lower) == pytest.approx(0.975, abs=LIMIT)
    assert _tail(t, df, upper) == pytest.approx(0.025, abs=LIMIT)


@settings(max_examples=40, deadline=None)
@given(
    m1=st.floats(-50, 50), m2=st.floats(-50, 50), s1=st.floats(0.5, 20), s2=st.floats(0.5, 20),
    n1=st.integers(3, 80), n2=st.integers(3, 80), scale=st.floats(0.01, 100), shift=st.floats(-100, 100),
)  # fmt: skip
def test_effect_sizes_do_not_depend_on_unit_or_origin(m1, m2, s1, s2, n1, n2, scale, shift):
    for size in (hedges_g, cohens_d, d_pooled_n, d_root_mean_square):
        one = size(Summary(m1, s1, n1), Summary(m2, s2, n2))
        other = size(Summary(scale * m1 + shift, scale * s1, n1), Summary(scale * m2 + shift, scale * s2, n2))
        turned = size(Summary(m2, s2, n2), Summary(m1, s1, n1))
        assert (other.estimate, other.lower, other.upper) == pytest.approx(
            (one.estimate, one.lower, one.upper), rel=1e-6, abs=1e-6
        )
        assert (turned.estimate, turned.lower, turned.upper) == pytest.approx(
            (-one.estimate, -one.upper, -one.lower), rel=1e-6, abs=1e-6
        )
        assert one.lower < one.upper


def test_model_g_by_hand():
    g = model_g(estimate=-4.0, se=1.5, df=40.0, baseline_sd=8.0, baseline_df=58.0)
    j = small_sample_factor(58)
    spread = j * np.sqrt((1.5 / 8) ** 2 + 0.5**2 / (2 * 58))
    half = stats.t.ppf(0.975, 40) * spread
    assert (g.estimate, g.lower, g.upper) == pytest.approx((-0.5 * j, -0.5 * j - half, -0.5 * j + half), abs=EXACT)


def test_no_effect_size_without_variation_or_people():
    with pytest.raises(ModelError, match="standard deviation above zero"):
        hedges_g(Summary(1, 0, 5), Summary(2, 0, 5))
    with pytest.raises(ModelError, match="two participants in each arm"):
        hedges_g(Summary(1, 1, 1), Summary(2, 1, 5))
    with pytest.raises(ModelError, match="needs three"):
        within_arm(np.array([1.0, 2]), np.array([2.0, 4]))
    with pytest.raises(ModelError, match="variation"):
        within_arm(np.array([1.0, 2, 3]), np.array([2.0, 3, 4]))


@pytest.mark.parametrize(("better", "expected"), [("higher", -0.4), ("lower", 0.4), ("neither", -0.4)])
def test_orientation(better, expected):
    assert oriented(-0.4, better) == expected
