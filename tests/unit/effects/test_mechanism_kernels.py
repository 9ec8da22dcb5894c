"""Kernels of mediation, moderation, imputation: identities, limits, and what cannot be computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.mechanism.johnson_neyman import johnson_neyman
from compassion_trials.effects.mechanism.mediation import (
    bca_limits,
    bootstrap_indirect,
    jackknife_indirect,
    mediate,
)
from compassion_trials.effects.mechanism.moderation import moderate
from compassion_trials.effects.missing.imputation import Joint, conditional_means, impute, pool
from compassion_trials.effects.missing.least_squares import solver
from compassion_trials.effects.missing.reference_based import (
    STRATEGIES,
    discontinuation,
    jackknife_se,
    shifts,
)
from compassion_trials.effects.missing.tipping_point import delta_curve, tipping_point

EXACT = 1e-9
ARMS = ("act", "waitlist")


def mediation_data(n: int = 60, seed: int = 1):
    rng = np.random.default_rng(seed)
    x, c = np.arange(n) % 2.0, rng.standard_normal((n, 2))
    m = np.column_stack([c[:, 0] - x + rng.standard_normal(n), 10 * rng.standard_normal(n) + 5 * x])
    return x, m, m @ [0.5, -0.1] + 0.2 * x + c[:, 1] + rng.standard_normal(n), c


def test_total_is_direct_plus_indirect_and_scale_does_not_matter():
    x, m, y, c = mediation_data()
    fit = mediate(x, m, y, c)
    assert fit.total.estimate == pytest.approx(fit.direct.estimate + fit.indirect[-1], rel=EXACT)
    scaled = mediate(x, m * 1000, y / 7, c + 100)
    assert scaled.indirect * 7 == pytest.approx(fit.indirect, rel=1e-6)
    assert scaled.rho == pytest.approx(fit.rho, rel=1e-6)


def test_change_of_the_mediator_gives_the_same_paths_as_its_later_value():
    x, m, y, c = mediation_data()
    change = m[:, :1] - c[:, :1]
    assert mediate(x, change, y, c).indirect == pytest.approx(mediate(x, m[:, :1], y, c).indirect, rel=EXACT)


def test_b_path_is_rho_times_the_ratio_of_residual_spreads():
    """Imai, Keele & Yamamoto (2010): at rho = 0 their indirect effect a s2/s1 rho~ is a b."""
    x, m, y, c = mediation_data()
    fit = mediate(x, m[:, :1], y, c)
    base = np.column_stack([np.ones(len(x)), x, c])
    spread = [np.std(v - base @ np.linalg.lstsq(base, v, rcond=None)[0]) for v in (m[:, 0], y)]
    assert fit.b[0].estimate == pytest.approx(fit.rho[0] * spread[1] / spread[0], rel=EXACT)


def test_bootstrap_is_stratified_repeatable_and_centred():
    data = mediation_data()
    draws = bootstrap_indirect(*data, 2000, 7)
    assert np.array_equal(draws, bootstrap_indirect(*data, 2000, 7))
    fit = mediate(*data)
    assert abs(draws.mean(0) - fit.indirect).max() < 0.25 * draws.std(0).max()
    left_out = jackknife_indirect(*data)
    direct = mediate(*(part[1:] for part in data)).indirect
    assert left_out[0] == pytest.approx(direct, rel=1e-6)
    limits = bca_limits(fit.indirect, draws, left_out)
    assert (limits[:, 0] < fit.indirect).all()
    assert (fit.indirect < limits[:, 1]).all()


def test_mediation_of_too_few_or_of_copies_says_why():
    x, m, y, c = mediation_data()
    with pytest.raises(ModelError, match="too few"):
        mediate(x[:6], m[:6], y[:6], c[:6])
    with pytest.raises(ModelError, match="depend on each other"):
        mediate(x, np.column_stack([m[:, 0], m[:, 0]]), y, c)


def one_df(difference: float, slope: float, covariance: np.ndarray, df: float):
    """Excess of t over its quantile with one df for all values, and the roots of its quadratic."""
    from scipy.stats import t

    critical = t.ppf(0.975, df)

    def excess(m):
        spread = covariance[0, 0] + 2 * m * covariance[0, 1] + m**2 * covariance[1, 1]
        return abs(difference + slope * m) / np.sqrt(spread) - critical

    powers = [slope**2 - critical**2 * covariance[1, 1], 2 * (difference * slope - critical**2 * covariance[0, 1]),
              difference**2 - critical**2 * covariance[0, 0]]  # fmt: skip
    return excess, np.sort(np.roots(powers).real)


def test_johnson_neyman_bounds_are_the_roots_of_the_quadratic():
    excess, roots = one_df(0.5, 0.8, np.array([[1.0, 0.1], [0.1, 0.04]]), 30.0)
    region = johnson_neyman(excess, roots[0] - 3, roots[1] + 2)
    assert region.bounds == pytest.approx(tuple(roots), rel=EXACT)
    assert region.where == "outside"
    assert list(region.holds(np.array([roots[0] - 1, 0.0, roots[1] + 1]))) == [True, False, True]
    right = johnson_neyman(excess, 0.0, roots[1] + 2)
    assert (right.where, right.bounds) == ("above", pytest.approx((roots[1],), rel=EXACT))


def test_johnson_neyman_everywhere_and_nowhere():
    everywhere, _ = one_df(20.0, 0.0, np.diag([1.0, 1e-6]), 50.0)
    assert johnson_neyman(everywhere, -1, 1).where == "everywhere"
    assert johnson_neyman(everywhere, -1, 1).holds(np.array([0.0])).all()
    nowhere, _ = one_df(0.0, 0.0, np.diag([1.0, 1.0]), 50.0)
    assert johnson_neyman(nowhere, -1, 1).where == "nowhere"


def joint(n: int = 40, seed: int = 3):
    rng = np.random.default_rng(seed)
    y = 20 + 3 * rng.standard_normal((n, 1)) + 2 * rng.standard_normal((n, 3))
    y[: n // 4, 2] = np.nan
    y[: n // 10, 1] = np.nan
    y[n // 2, 1] = np.nan
    x = np.zeros((n, 3, 6))
    arm = np.arange(n) % 2
    for t in range(3):
        x[:, t, t], x[:, t, 3 + t] = 1.0, arm
    return Joint(y, x), arm


def test_imputations_keep_what_was_seen_and_repeat_with_the_seed():
    data, _ = joint()
    beta, sigma = np.full(6, 10.0), np.eye(3) * 9 + 4
    draws = impute(data, beta, sigma, 12, seed=1)
    seen = ~np.isnan(data.y)
    assert (draws.y[:, seen] == data.y[seen]).all()
    assert np.array_equal(draws.y, impute(data, beta, sigma, 12, seed=1).y)
    assert not np.array_equal(draws.y, impute(data, beta, sigma, 12, seed=2).y)
    assert np.std(draws.y[:, ~seen], axis=0).min() > 0


def test_mean_of_imputations_is_the_conditional_mean():
    data, _ = joint(200)
    draws = impute(data, np.full(6, 10.0), np.eye(3) * 9 + 4, 1500, seed=5)
    expected = conditional_means(data, draws.beta, draws.sigma)
    gaps = np.isnan(data.y)
    error = draws.y[:, gaps].std(0) / np.sqrt(1500)
    assert (np.abs(draws.y[:, gaps].mean(0) - expected[:, gaps].mean(0)) < 5 * error).all()


def test_rubin_without_missing_values_is_the_complete_analysis():
    pooled = pool(np.full(5, 2.0), np.full(5, 0.25), 38.0)
    assert pooled.se == pytest.approx(0.5)
    assert pooled.df == pytest.approx(39 / 41 * 38)
    with pytest.raises(ModelError, match="two imputations"):
        pool(np.ones(1), np.ones(1), 10.0)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_reference_arm_with_the_same_means_moves_nothing(strategy: str):
    means = np.random.default_rng(1).normal(size=(4, 3))
    assert not shifts(strategy, means, means, np.tile(np.eye(3) + 0.5, (4, 1, 1))).any()


def test_shifts_of_the_three_strategies_by_hand():
    """One draw, two visits, stop before the second: y2 moves by d2 - s21/s11 d1 under copy reference."""
    own, reference = np.array([[10.0, 8.0]]), np.array([[12.0, 13.0]])
    sigma = np.array([[[4.0, 3.0], [3.0, 9.0]]])
    moved = {name: shifts(name, own, reference, sigma)[0, 1] for name in STRATEGIES}
    assert moved["jump_to_reference"] == pytest.approx([0, 5])
    assert moved["copy_increments"] == pytest.approx([0, 3])
    assert moved["copy_reference"] == pytest.approx([0, 5 - 0.75 * 2])
    for name in STRATEGIES:  # who was never seen has nothing to go by: all three give the reference's means
        assert shifts(name, own, reference, sigma)[0, 0] == pytest.approx([2, 5])
        assert not shifts(name, own, reference, sigma)[0, 2].any()


def test_discontinuation_is_after_the_last_visit_seen_and_a_gap_is_none():
    nan = np.nan
    y = np.array([[1, 2, 3], [1, nan, 3], [1, 2, nan], [nan, nan, nan], [nan, 2, nan]])
    assert list(discontinuation(y)) == [3, 3, 2, 0, 2]


def test_jackknife_of_a_mean_is_its_standard_error():
    y = np.random.default_rng(2).normal(size=30)
    left = np.array([[np.delete(y, i).mean()] for i in range(30)])
    assert jackknife_se(np.array([y.mean()]), left)[0] == pytest.approx(y.std(ddof=1) / np.sqrt(30), rel=EXACT)
    with pytest.raises(ModelError):
        jackknife_se(np.array([0.0]), np.full((3, 1), np.nan))


def test_delta_curve_equals_moving_the_values_and_analysing_again():
    rng = np.random.default_rng(4)
    y, arm = rng.normal(size=(8, 40)), np.arange(40) % 2.0
    varying, moved = rng.normal(size=(8, 40)), (arm == 1) & (np.arange(40) < 12)
    solve = solver(np.column_stack([np.ones(40), arm]), np.array([[0.0, 1.0, 0.0]]), varying)
    curve = delta_curve(solve, y, moved)
    again = solve.fit(y + 1.7 * moved)
    ours, by_hand = curve.at(1.7), pool(again.estimate[:, 0], again.variance[:, 0], again.df)
    assert (ours.estimate, ours.se, ours.df) == pytest.approx((by_hand.estimate, by_hand.se, by_hand.df), rel=EXACT)


def test_tipping_point_is_where_p_is_alpha_and_none_when_out_of_reach():
    rng = np.random.default_rng(5)
    arm = np.arange(80) % 2.0
    y = rng.normal(size=(1, 80)) - 1.2 * arm + 0.05 * rng.normal(size=(6, 80))
    solve = solver(np.column_stack([np.ones(80), arm]), np.array([[0.0, 1.0]]))
    curve = delta_curve(solve, y, (arm == 1) & (np.arange(80) < 30))
    tip = tipping_point(curve, 0.05, 20.0)
    assert tip is not None
    assert tip > 0  # the treated are lower, so their missing values must be moved up
    assert curve.p(tip) == pytest.approx(0.05, abs=1e-6)
    assert curve.p(0.9 * tip) < 0.05
    assert tipping_point(curve, 0.05, 0.5 * tip) is None
    with pytest.raises(ModelError, match="nothing to adjust"):
        delta_curve(solve, y, np.zeros(80, bool))


def moderation_data(n: int = 60, seed: int = 6):
    rng = np.random.default_rng(seed)
    people = [f"p{i}" for i in range(n)]
    arm = np.where(np.arange(n) % 2, "act", "waitlist")
    z = pd.Series(rng.normal(50, 10, n), index=people)
    y = {"pre": rng.normal(20, 4, n)}
    y["post"] = y["pre"] - 3 * (arm == "act") * (z.to_numpy() - 50) / 10 + rng.normal(0, 2, n)
    long = (
        pd.DataFrame(y)
        .assign(participant=people, arm=arm)
        .melt(["participant", "arm"], var_name="visit", value_name="score")
    )
    return long, z


def test_moderation_with_one_later_visit_is_regression_with_an_interaction():
    import statsmodels.formula.api as smf

    long, z = moderation_data()
    model = moderate(long, z, visits=["pre", "post"], reference="waitlist", design="baseline_adjusted")
    wide = long.pivot(index=["participant", "arm"], columns="visit", values="score").reset_index()
    wide["z"] = wide["participant"].map(z)
    ols = smf.ols("post ~ pre + C(arm, Treatment('waitlist')) * z", wide).fit()
    slope = model.fit.estimates({"contrast": ["s"]}, model.slopes(ARMS, "post"))
    name = "C(arm, Treatment('waitlist'))[T.act]:z"
    ours = (slope.estimate[0], slope.se[0], slope.df[0])
    assert ours == pytest.approx((ols.params[name], ols.bse[name], ols.df_resid), rel=1e-6)


def test_moderation_of_a_binary_moderator_gives_the_difference_of_the_simple_effects():
    long, z = moderation_data()
    words = pd.Series(np.where(z > 50, "high", "low"), index=z.index)
    model = moderate(long, words, visits=["pre", "post"], reference="waitlist", design="lda")
    rows = [model.difference(ARMS, "post", level) for level in ("low", "high")]
    assert model.levels == ("high", "low")
    assert rows[0] - rows[1] == pytest.approx(model.slopes(ARMS, "post")[0], abs=EXACT)


def test_moderation_says_what_is_missing():
    long, z = moderation_data()
    with pytest.raises(ModelError, match="does not vary"):
        moderate(long, z * 0, visits=["pre", "post"], reference="waitlist", design="lda")
    rare = pd.Series(["a", "b"] + ["c"] * (len(z) - 2), index=z.index)
    with pytest.raises(ModelError, match="fewer than 3"):
        moderate(long, rare, visits=["pre", "post"], reference="waitlist", design="lda")


def test_rho_is_the_correlation_of_the_errors_when_the_mediator_does_nothing():
    """Confounding alone makes the b path: the rho that would explain it away is the true one."""
    rng, n, true = np.random.default_rng(8), 20_000, 0.4
    x, c = np.arange(n) % 2.0, rng.standard_normal((n, 1))
    errors = rng.standard_normal((n, 2)) @ np.array([[1.0, true], [0.0, np.sqrt(1 - true**2)]])
    m, y = 0.5 * x + c[:, 0] + 2 * errors[:, 0], -x + c[:, 0] + 3 * errors[:, 1]
    fit = mediate(x, m[:, None], y, c)
    assert fit.rho[0] == pytest.approx(true, abs=4.5 * (1 - true**2) / np.sqrt(n))
    assert abs(fit.b[0].estimate) > 0.4  # a path without cause
