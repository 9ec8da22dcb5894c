"""Meta-analysis: identities that need no other program, and what must be refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import chi2
from scipy.stats import f as f_dist
from scipy.stats import t as t_dist

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.size import Summary
from compassion_trials.ledger.evidence.between_trials import q_profile, restricted_likelihood, tau_squared
from compassion_trials.ledger.evidence.measures import (
    Measured,
    standardized,
)
from compassion_trials.ledger.evidence.multilevel import grid_likelihood, three_level
from compassion_trials.ledger.evidence.pool import pool
from compassion_trials.ledger.evidence.questions import (
    egger,
    leave_one_out,
    subgroups,
    trim_and_fill,
)

EXACT = 1e-10
"""Identities up to rounding."""

Y = np.array([0.1, 0.45, 0.3, 0.9, -0.1, 0.6])
V = np.array([0.02, 0.05, 0.03, 0.08, 0.04, 0.06])


def test_equal_variances_give_the_mean_and_its_t_test():
    fit = pool(Y, np.full(6, 0.01))
    assert fit.b[0] == pytest.approx(Y.mean(), abs=EXACT)
    assert fit.se[0] == pytest.approx(Y.std(ddof=1) / 6**0.5, abs=1e-8)
    assert fit.tau2 == pytest.approx(Y.var(ddof=1) - 0.01, abs=1e-8)


def test_without_heterogeneity_tau2_is_zero_and_reml_is_the_fixed_effect():
    y = np.full(5, 0.4) + 0.001 * np.arange(5)
    fit = pool(y, V[:5])
    assert fit.tau2 == 0.0
    assert fit.i2_tau == fit.i2_q == 0.0
    assert fit.b[0] == pytest.approx(pool(y, V[:5], estimator="FE").b[0], abs=EXACT)
    assert q_profile(y, V[:5]) is None  # both limits are below 0


@given(some.floats(-3, 3), some.floats(0.2, 5))
def test_shift_and_scale(shift, scale):
    base, moved = pool(Y, V), pool(shift + scale * Y, scale**2 * V)
    assert moved.b[0] == pytest.approx(shift + scale * base.b[0], abs=1e-7)
    assert moved.tau2 == pytest.approx(scale**2 * base.tau2, rel=1e-6, abs=1e-9)
    assert moved.i2_q == pytest.approx(base.i2_q, abs=1e-6)


def test_order_does_not_matter():
    order = [3, 0, 5, 1, 4, 2]
    assert pool(Y[order], V[order]).b[0] == pytest.approx(pool(Y, V).b[0], abs=EXACT)


def test_q_at_the_profile_limits():
    limits = q_profile(Y, V)
    assert limits.lower <= pool(Y, V).tau2 <= limits.upper
    spread = q_profile(3 * Y, V)
    for tau2, tail in ((spread.lower, 0.025), (spread.upper, 0.975)):
        w = 1 / (V + tau2)
        q = (w * (3 * Y - (w * 3 * Y).sum() / w.sum()) ** 2).sum()
        assert tau2 > 0
        assert q == pytest.approx(chi2.isf(tail, len(Y) - 1), rel=EXACT)


@given(some.lists(some.floats(-3, 3), min_size=3, max_size=12), some.floats(-3, 3))
def test_profile_limits_are_found_at_every_scale(y, power):
    y, v = np.array(y), np.linspace(0.02, 0.3, len(y))
    scale = 10**power
    a, b = q_profile(y, v), q_profile(scale * y, scale**2 * v)
    if a is None or b is None:
        assert (a is None) == (b is None)
        return
    assert (b.lower, b.upper) == pytest.approx((scale**2 * a.lower, scale**2 * a.upper), rel=1e-6, abs=1e-9 * scale**2)


def test_a_moderator_that_is_the_group_gives_the_difference_of_groups_when_tau2_is_fixed():
    x = np.array([0, 0, 0, 1, 1, 1.0])
    fit = pool(Y, V, np.column_stack([np.ones(6), x]), estimator="FE", knapp_hartung=False)
    a, b = (pool(Y[x == g], V[x == g], estimator="FE", knapp_hartung=False) for g in (0, 1))
    assert fit.b[1] == pytest.approx(b.b[0] - a.b[0], abs=EXACT)
    assert fit.se[1] ** 2 == pytest.approx(a.se[0] ** 2 + b.se[0] ** 2, abs=EXACT)


def test_leave_one_out_is_pooling_the_rest():
    parts = leave_one_out(Y, V)
    assert len(parts) == 6
    assert parts[2].b[0] == pytest.approx(pool(np.delete(Y, 2), np.delete(V, 2)).b[0], abs=EXACT)


def test_three_levels_with_one_effect_each_would_be_two_levels():
    with pytest.raises(ModelError, match="two-level model is enough"):
        three_level(Y, V, list("abcdef"))
    fit = three_level(Y, V, list("aabbcc"))
    assert fit.sigma2_trial >= 0
    assert fit.sigma2_effect >= 0
    assert fit.trials == 3


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_variances_of_three_levels_scale_with_the_square_of_the_unit(scale):
    base, other = (three_level(s * Y, s**2 * V, list("aabbcd")) for s in (1.0, scale))
    assert base.sigma2_trial + base.sigma2_effect > 0.01
    assert other.sigma2_trial / scale**2 == pytest.approx(base.sigma2_trial, abs=1e-7)
    assert other.sigma2_effect / scale**2 == pytest.approx(base.sigma2_effect, abs=1e-7)
    assert (other.p[0], other.q_p) == pytest.approx((base.p[0], base.q_p), rel=1e-5)


def test_a_symmetric_funnel_needs_no_filling():
    y = np.array([0.5, 0.3, 0.7, 0.1, 0.9])
    assert trim_and_fill(y, np.array([0.01, 0.04, 0.04, 0.09, 0.09])).added == 0
    assert trim_and_fill(y, np.full(5, 0.04)).pooled.k == 5


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_eggers_test_does_not_depend_on_the_unit(scale):
    base, other = egger(Y, V), egger(scale * Y, scale**2 * V)
    assert (other.t, other.p, other.df) == pytest.approx((base.t, base.p, 4))
    assert (other.lower, other.upper) == pytest.approx((base.lower, base.upper))  # of y / se on 1 / se: without a unit


def test_tau2_of_three_trials_with_a_moderator_is_their_residual_variance():
    """Equal variances: REML is the residual sum of squares over its df (here one), less the sampling variance."""
    y, x = np.array([0.0, 3.0, 1.0]), np.column_stack([np.ones(3), [0.0, 1.0, 2.0]])
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    assert tau_squared(y, np.full(3, 0.01), x) == pytest.approx(float(residual @ residual) / 1 - 0.01, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pool([0.1], [0.1]), "1 effects are too few"),
        (lambda: pool([0.1, 0.2], [0.1, 0.0]), "variance above zero"),
        (lambda: pool([0.1, np.nan], [0.1, 0.1]), "finite value"),
        (lambda: pool([0.1, 0.2], [0.1]), "same length"),
        (lambda: pool(Y, V, np.ones((6, 2))), "not independent"),
        (lambda: subgroups(Y, V, list("aaaaab")), 'subgroup "b" has one trial'),
        (lambda: subgroups(Y, V, ["a"] * 6), "only one subgroup"),
        (lambda: egger(Y[:2], V[:2]), "three effects"),
        (lambda: egger(Y, np.full(6, 0.1)), "different size"),
        (lambda: leave_one_out(Y[:2], V[:2]), "three effects"),
        (lambda: standardized(Summary(1, 0, 9), Summary(2, 0, 9)), "above zero"),
    ],
)
def test_what_cannot_be_pooled_says_why(call, words):
    with pytest.raises(ModelError, match=words):
        call()


def test_se():
    assert Measured(0.5, 0.04).se == pytest.approx(0.2)


# ---- Knapp and Hartung's factor, groups, tops of the likelihood ----


def test_the_factor_is_held_at_one_beside_the_headline():
    """Effects closer together than their errors allow: the limits are narrower than the classic ones."""
    y = np.array([0.30, 0.33, 0.36, 0.33])
    fit = pool(y, np.array([0.04, 0.05, 0.04, 0.05]))
    assert fit.factor < 0.2
    assert fit.upper[0] - fit.b[0] == pytest.approx(t_dist.isf(0.025, 3) * fit.factor * fit.classic_se[0])
    assert fit.floored.upper[0] - fit.b[0] == pytest.approx(t_dist.isf(0.025, 3) * fit.classic_se[0])
    assert fit.floored.p[0] == pytest.approx(2 * t_dist.sf(fit.b[0] / fit.classic_se[0], 3))
    assert pool(Y, V).factor >= 1 or pool(Y, V).floored is not None


def test_effects_that_do_not_differ_have_the_floored_limits_alone():
    fit = pool(np.full(3, 0.3), np.array([0.04, 0.05, 0.04]))
    assert fit.se[0] == fit.classic_se[0]
    assert fit.lower[0] == fit.floored.lower[0]
    assert 0 < fit.p[0] < 1
    assert fit.prediction().lower < 0.3


def test_groups_are_compared_in_one_model():
    """Two groups of two: each one's own factor gave p 1e-20; the common model has 1 and 2 df."""
    y, v = np.array([0.20, 0.201, 0.50, 0.501]), np.full(4, 0.04)
    found = subgroups(y, v, list("aabb"))
    assert (found.df, found.df_within) == (1, 2)
    w, residual = 1 / 0.04, 2 * 0.0005**2 * 2
    factor = residual * w / 2
    f = 0.3**2 / (factor * 0.04)
    assert found.f == pytest.approx(f, rel=1e-9)
    assert found.p == pytest.approx(f_dist.sf(f, 1, 2), rel=1e-9)
    assert found.p_floored == pytest.approx(f_dist.sf(0.3**2 / 0.04, 1, 2), rel=1e-9)
    assert found.p < 0.001 < found.p_floored


def test_cochrans_q_between_groups():
    """Each group has its own pooled effect and standard error; one degree of freedom for two groups."""
    found = subgroups(Y, V, list("aaabbb"))
    parts = [pool(Y[part], V[part]) for part in (slice(3), slice(3, 6))]
    b, w = np.array([part.b[0] for part in parts]), np.array([part.se[0] ** -2 for part in parts])
    q = (w * (b - np.average(b, weights=w)) ** 2).sum()
    assert 0.001 < found.q < 10
    assert (found.q, found.q_p) == pytest.approx((q, chi2.sf(q, 1)), rel=1e-9)


GLOBAL = 1e-6
"""Log-likelihood by which a grid may overtop what the fit calls the top."""


def test_no_grid_overtops_the_top_of_the_likelihood_of_tau2():
    random = np.random.default_rng(11)
    for _ in range(200):
        k = int(random.integers(4, 16))
        y = random.normal(0, random.choice([0.1, 0.5, 1.0]), k) + random.choice([0, 0.4]) * random.standard_t(2, k)
        v = np.exp(random.normal(-3, random.choice([0.3, 1.5, 3.0]), k))
        x = np.ones((k, 1))
        grid = np.concatenate([[0.0], np.geomspace(1e-7, 200, 1500)])
        top = restricted_likelihood(y, v, x, np.array([tau_squared(y, v, x)]))[0]
        assert restricted_likelihood(y, v, x, grid).max() <= top + GLOBAL


def test_no_grid_overtops_the_top_of_the_three_level_likelihood():
    random = np.random.default_rng(12)
    axis = np.concatenate([[0.0], np.geomspace(1e-5, 20, 60)])
    trial, effect = (part.ravel() for part in np.meshgrid(axis, axis))
    for _ in range(60):
        sizes = random.integers(1, 5, int(random.integers(3, 9)))
        sizes[0] = 2  # one trial at least has two effects
        code = np.repeat(np.arange(len(sizes)), sizes)
        k = len(code)
        between, within = random.choice([0.1, 0.5, 1.0]), random.choice([0, 0.3, 0.6])
        y = np.round(random.normal(0.3, between, len(sizes))[code] + random.normal(0, 1, k) * within, 2)
        v = np.round(np.exp(random.normal(-2, 1, k)), 3) + 0.005
        fit, x = three_level(y, v, [str(c) for c in code]), np.ones((k, 1))
        at = [np.array([s]) for s in (fit.sigma2_trial, fit.sigma2_effect)]
        assert grid_likelihood(y, v, x, code, trial, effect).max() <= grid_likelihood(y, v, x, code, *at)[0] + GLOBAL


def test_a_coefficient_that_rests_on_one_trial_has_no_robust_error():
    x = np.column_stack([np.ones(6), [0, 0, 0, 0, 0, 1]])
    fit = three_level(Y, V, list("aabbcd"), x)
    assert np.isnan(fit.robust_se).all()
    assert np.isfinite(fit.se).all()
