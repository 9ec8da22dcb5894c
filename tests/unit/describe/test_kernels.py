"""Kernels of description against R (tests/oracle/effectsizes.R), pingouin, SciPy, statsmodels and closed forms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.discrete.discrete_model import Logit

from compassion_trials.core.errors import ModelError
from compassion_trials.describe.correlation import correlation
from compassion_trials.describe.internal_consistency import cronbach_alpha, omega_total, one_factor
from compassion_trials.describe.logistic import _penalized, firth_fit, logistic
from compassion_trials.describe.summary import describe, smd_categories, smd_numbers

R = json.loads((Path(__file__).resolve().parents[2] / "oracle" / "effectsizes.json").read_text(encoding="utf-8"))
EXACT = 1e-10
TO_PSYCH = 1e-5
"""psych::fa stops its optimizer at about this size; our residuals are the smaller ones."""
ROUNDED = 0.0005
"""pingouin rounds its interval to three digits."""


@pytest.fixture(scope="module")
def items() -> np.ndarray:
    return np.array(R["reliability"]["items"], dtype=float)


def test_alpha_equals_psych_and_pingouin(items):
    found = cronbach_alpha(pd.DataFrame(items))
    value, limits = pingouin.cronbach_alpha(pd.DataFrame(items))
    assert found.alpha == pytest.approx(R["reliability"]["alpha"], abs=EXACT)
    assert found.alpha == pytest.approx(value, abs=EXACT)
    assert (found.lower, found.upper) == pytest.approx(R["reliability"]["feldt"], abs=EXACT)
    assert (found.lower, found.upper) == pytest.approx(limits, abs=ROUNDED)


def test_alpha_of_complete_rows_only(items):
    gap = pd.DataFrame(items)
    gap.iloc[:5, 0] = np.nan
    assert cronbach_alpha(gap) == cronbach_alpha(pd.DataFrame(items[5:]))
    assert cronbach_alpha(pd.DataFrame(items[:, :1])) is None
    assert cronbach_alpha(pd.DataFrame(np.ones((9, 3)))) is None


def test_one_factor_equals_psych_and_is_no_worse(items):
    correlations = np.corrcoef(items, rowvar=False)
    found = one_factor(correlations)
    loadings = np.array(R["reliability"]["loadings"])
    assert found.loadings == pytest.approx(loadings, abs=TO_PSYCH)
    theirs = np.tril(correlations - np.outer(loadings, loadings), -1)
    assert found.residual <= (theirs**2).sum() + 1e-12
    assert found.proper


def test_residual_of_one_factor_is_what_all_pairs_leave():
    """Four items of one factor, one correlation .1 too high: the residual is the sum over the six pairs."""
    loadings = np.array([0.5, 0.6, 0.7, 0.8])
    r = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    r[0, 1] += 0.1
    r[1, 0] += 0.1
    found = one_factor(r)
    left = [r[i, j] - found.loadings[i] * found.loadings[j] for i in range(4) for j in range(i)]
    assert found.residual == pytest.approx(sum(x * x for x in left), abs=EXACT)
    for step in np.vstack([np.eye(4), -np.eye(4)]) * 1e-4:  # no loading can be moved to leave less
        moved = found.loadings + step
        assert sum((r[i, j] - moved[i] * moved[j]) ** 2 for i in range(4) for j in range(i)) > found.residual


def test_omega_equals_r(items):
    omega, proper = omega_total(items)
    assert omega == pytest.approx(R["reliability"]["omega"], abs=TO_PSYCH)
    assert proper
    standardized, _ = omega_total((items - items.mean(0)) / items.std(0, ddof=1))
    assert standardized == pytest.approx(R["reliability"]["omega_standardized"], abs=TO_PSYCH)
    loadings, r = one_factor(np.corrcoef(items, rowvar=False)).loadings, np.corrcoef(items, rowvar=False)
    # psych divides by the observed variance of the sum, we by the model's
    assert 1 - (1 - loadings**2).sum() / r.sum() == pytest.approx(R["reliability"]["omega_psych"], abs=TO_PSYCH)


def test_omega_of_exactly_one_factor_is_recovered_with_more_items_than_people():
    loadings = np.linspace(0.4, 0.9, 12)
    assert one_factor(np.outer(loadings, loadings) + np.diag(1 - loadings**2)).loadings == pytest.approx(
        loadings, abs=1e-8
    )
    wide = np.random.default_rng(4).normal(size=(8, 20))
    omega, _ = omega_total(wide + 2 * wide[:, :1])
    assert 0 < omega < 1


def test_omega_of_tau_equivalent_items_is_alpha():
    covariance = 0.5 * np.ones((5, 5)) + 0.5 * np.eye(5)
    root = np.linalg.cholesky(covariance)
    z = np.random.default_rng(1).normal(size=(50, 5))
    z -= z.mean(0)
    z = z @ np.linalg.inv(np.linalg.cholesky(np.cov(z, rowvar=False))).T @ root.T  # exactly this covariance
    assert omega_total(z)[0] == pytest.approx(cronbach_alpha(pd.DataFrame(z)).alpha, abs=1e-8)


def test_heywood_case_is_flagged_and_constant_items_give_none(items):
    r = np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]])  # l1^2 = .9 * .9 / .5 > 1
    assert not one_factor(r).proper
    assert omega_total(np.column_stack([items, np.ones(len(items))])) is None
    assert omega_total(items[:, :2]) is None


def test_a_heywood_loading_is_held_at_one():
    """With the first loading at 1 the others, equal, solve l (1 + l^2) = .9 + .5 l."""
    found = one_factor(np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]]))
    (root,) = (z.real for z in np.roots([1, 0, 0.5, -0.9]) if abs(z.imag) < EXACT)
    assert found.loadings == pytest.approx([1, root, root], abs=1e-8)


def test_of_two_unrelated_sets_of_items_the_factor_is_that_of_the_stronger():
    weak, strong = (np.full((3, 3), r) + (1 - r) * np.eye(3) for r in (0.3, 0.64))
    found = one_factor(np.block([[weak, np.zeros((3, 3))], [np.zeros((3, 3)), strong]]))
    assert found.loadings == pytest.approx([0, 0, 0, 0.8, 0.8, 0.8], abs=1e-8)
    assert found.residual == pytest.approx(3 * 0.3**2, abs=1e-8)
    assert found.proper


def test_an_unrelated_item_does_not_end_the_search_for_the_others():
    loadings = np.array([0.9, 0.5, 0.4, 0.0])
    found = one_factor(np.outer(loadings, loadings) + np.diag(1 - loadings**2))
    assert found.loadings == pytest.approx(loadings, abs=1e-8)
    assert found.residual == pytest.approx(0, abs=EXACT)


def test_three_people_have_an_alpha_and_two_have_none():
    """By hand: item variances 1, 1 and 4, that of the sum 13; alpha = 3 / 2 (1 - 6 / 13)."""
    three = pd.DataFrame([[1.0, 2, 1], [2, 1, 3], [3, 3, 5]])
    found = cronbach_alpha(three)
    assert (found.alpha, found.n) == (pytest.approx(1.5 * 7 / 13, abs=EXACT), 3)
    assert cronbach_alpha(three.iloc[:2]) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40), st.integers(0, 5))
def test_describe_equals_numpy_and_scipy(values, n_missing):
    x = np.array(values)
    found = describe(np.concatenate([x, np.full(n_missing, np.nan)]))
    assert found.n == len(x)
    assert (found.mean, found.sd, found.median) == pytest.approx((x.mean(), x.std(ddof=1), np.median(x)))
    if found.sd > 1e-6:
        interval = stats.ttest_1samp(x, 0).confidence_interval()
        assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high), rel=1e-8, abs=1e-8)


def test_describe_of_nothing_and_of_one():
    assert describe(np.array([np.nan])).n == 0
    assert describe(np.array([3.0])).mean == 3.0
    assert np.isnan(describe(np.array([3.0])).sd)


def test_smd_of_numbers_and_categories():
    a, b = np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 6, 8, np.nan])
    pooled = np.sqrt((a.var(ddof=1) + np.nanvar(b, ddof=1)) / 2)
    assert smd_numbers(a, b) == pytest.approx((2.5 - 5) / pooled, abs=EXACT)
    p, q = 0.3, 0.6
    two = abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert smd_categories(np.array([7.0, 3]), np.array([4.0, 6])) == pytest.approx(two, abs=EXACT)
    assert smd_categories(np.array([3.0, 7]), np.array([6.0, 4])) == pytest.approx(two, abs=EXACT)
    assert smd_categories(np.array([5.0, 3, 2]), np.array([5.0, 3, 2])) == 0
    one, other = np.array([5.0, 3, 2]), np.array([2.0, 3, 5])
    assert smd_categories(one, other) == pytest.approx(smd_categories(one[::-1].copy(), other[::-1].copy()), abs=EXACT)
    assert smd_categories(np.array([5.0, 3, 0]), np.array([2.0, 6, 0])) == pytest.approx(
        smd_categories(np.array([5.0, 3]), np.array([2.0, 6])), abs=EXACT
    )


def test_correlation_equals_scipy():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 30))
    y[:4] = np.nan
    found, expected = correlation(x, y), stats.pearsonr(x[4:], y[4:])
    interval = expected.confidence_interval()
    assert (found.r, found.p, found.n) == pytest.approx((expected.statistic, expected.pvalue, 26), abs=EXACT)
    assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high), abs=EXACT)
    assert correlation(x, x).r == 1
    assert correlation(x, np.ones(30)) is None


def test_logistic_with_one_binary_predictor_is_the_two_by_two_table():
    x = np.repeat([0.0, 0, 1, 1], [10, 5, 6, 9])
    y = np.repeat([0.0, 1, 0, 1], [10, 5, 6, 9])
    fit = logistic(x[:, None], y)
    assert not fit.firth
    se = np.sqrt(1 / 10 + 1 / 5 + 1 / 6 + 1 / 9)
    log_or = np.log(10 * 9 / (5 * 6))
    c = fit.coefficients[0]
    assert c.odds_ratio == pytest.approx(np.exp(log_or), rel=1e-7)
    assert (c.lower, c.upper) == pytest.approx(np.exp([log_or - 1.959963985 * se, log_or + 1.959963985 * se]), rel=1e-6)
    assert c.p == pytest.approx(2 * stats.norm.sf(abs(log_or / se)), rel=1e-6)


def test_separated_data_get_firth_which_adds_a_half_to_each_cell():
    x = np.repeat([0.0, 0, 1], [10, 5, 12])
    y = np.repeat([0.0, 1, 0], [10, 5, 12])  # nobody with x = 1 dropped out
    fit = logistic(x[:, None], y)
    assert fit.firth
    c = fit.coefficients[0]
    assert c.odds_ratio == pytest.approx((0.5 / 12.5) / (5.5 / 10.5), rel=1e-6)  # saturated model: Firth = Haldane
    assert 0 <= c.lower < c.odds_ratio < c.upper < np.inf
    assert 0 < c.p < 1


def test_firth_profile_limits_by_brute_force():
    rng = np.random.default_rng(7)
    z = np.sort(rng.normal(size=14))
    y = (np.arange(14) > 8).astype(float)  # separated by z
    c = logistic(z[:, None], y).coefficients[0]
    x = np.column_stack([np.ones(14), z])
    best = -optimize.minimize(
        lambda b: -_penalized(x, y, b)[0], np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    ).fun
    for limit in (c.lower, c.upper):
        at = np.log(limit)
        profile = -optimize.minimize_scalar(
            lambda a, at=at: -_penalized(x, y, np.array([a, at]))[0], bracket=(-5, 5)
        ).fun
        assert 2 * (best - profile) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-5)
    null = firth_fit(x, y, 1, 0.0)[1]
    assert c.p == pytest.approx(stats.chi2.sf(2 * (best - null), 1), abs=1e-7)


def test_penalized_likelihood_is_that_of_statsmodels_with_jeffreys_prior():
    """Log-likelihood and information of statsmodels; the score is the slope of the value, and zero at the maximum."""
    rng = np.random.default_rng(8)
    x, beta = np.column_stack([np.ones(20), rng.normal(size=(20, 2))]), np.array([0.3, -1.2, 0.7])
    y = (rng.random(20) < 0.4).astype(float)
    model = Logit(y, x)
    value, score, information = _penalized(x, y, beta)
    assert information == pytest.approx(-model.hessian(beta), rel=1e-9)
    assert value == pytest.approx(model.loglike(beta) + np.linalg.slogdet(information)[1] / 2, rel=1e-9)
    slope = [(_penalized(x, y, beta + e)[0] - _penalized(x, y, beta - e)[0]) / 2e-6 for e in 1e-6 * np.eye(3)]
    assert score == pytest.approx(slope, abs=1e-6)
    best, highest = firth_fit(x, y)
    assert _penalized(x, y, best)[1] == pytest.approx(0, abs=1e-9)
    assert highest == _penalized(x, y, best)[0]
    held, lower = firth_fit(x, y, 2, 2.0)
    assert held[2] == 2.0
    assert _penalized(x, y, held)[1][:2] == pytest.approx(0, abs=1e-9)
    assert lower < highest


def test_logistic_refuses_what_says_nothing():
    with pytest.raises(ModelError, match="drop-out does not vary"):
        logistic(np.arange(5.0)[:, None], np.zeros(5))
    with pytest.raises(ModelError, match="predictor does not vary"):
        logistic(np.ones((5, 1)), np.array([0.0, 1, 0, 1, 1]))
