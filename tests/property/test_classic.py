"""What classic analyses must do whatever the data: agree with SciPy, follow the unit, ignore the order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from compassion_trials.classic.ancova import ancova
from compassion_trials.classic.change_t import two_sample
from compassion_trials.classic.paired import paired_change

CLOSE = {"rel": 1e-7, "abs": 1e-9}
"""Sums of squares lose a few digits when values are far from zero."""

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(3, 40)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, n1=sizes, n2=sizes, shift=st.floats(-5, 5), spread=st.floats(0.1, 10))
def test_two_sample_is_scipy(seed, n1, n2, shift, spread):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(shift, spread, n1), rng.normal(0, 1, n2)
    found = two_sample(a, b)
    for ours, equal in ((found.pooled, True), (found.welch, False)):
        theirs = stats.ttest_ind(a, b, equal_var=equal)
        interval = theirs.confidence_interval()
        expected = (theirs.statistic, theirs.pvalue, theirs.df, interval.low, interval.high)
        assert (ours.t, ours.p, ours.df, ours.lower, ours.upper) == pytest.approx(expected, **CLOSE)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, n=sizes, gaps=st.integers(0, 2))
def test_paired_is_scipy_on_the_complete_pairs(seed, n, gaps):
    rng = np.random.default_rng(seed)
    before, after = rng.normal(size=(2, n + gaps))
    after[:gaps] = np.nan
    found = paired_change(before, after)
    theirs = stats.ttest_rel(after[gaps:], before[gaps:])
    assert (found.change.t, found.change.p) == pytest.approx((theirs.statistic, theirs.pvalue), **CLOSE)
    assert found.n == n


@settings(max_examples=40, deadline=None)
@given(seed=seeds, n=st.integers(6, 30), scale=st.floats(1e-3, 1e3), origin=st.floats(-100, 100))
def test_ancova_follows_the_unit_and_ignores_the_order(seed, n, scale, origin):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"arm": rng.permutation(np.repeat(["a", "b"], n)), "pre": rng.normal(size=2 * n)})
    data["post"] = data["pre"] * 0.5 + rng.normal(size=2 * n)
    one = ancova(data, "post", "arm", ["a", "b"], ["pre"])
    moved = data.assign(pre=origin + scale * data["pre"], post=origin + scale * data["post"])
    other = ancova(moved.sample(frac=1, random_state=seed % 1000), "post", "arm", ["b", "a"], ["pre"])
    c, d = one.contrasts["a", "b"], other.contrasts["a", "b"]
    assert d.estimate == pytest.approx(scale * c.estimate, rel=1e-6, abs=1e-6 * scale)
    assert (d.t, d.p) == pytest.approx((c.t, c.p), rel=1e-5, abs=1e-7)
    assert other.means["a"].estimate == pytest.approx(
        origin + scale * one.means["a"].estimate, rel=1e-6, abs=1e-6 * scale
    )
    assert c.estimate == pytest.approx(one.means["a"].estimate - one.means["b"].estimate, **CLOSE)
