"""Tests recomputed from print, each against SciPy or the formula of a textbook on values without rounding."""

from __future__ import annotations

from itertools import product
from math import inf, sqrt

import numpy as np
import pytest
from scipy import stats

from compassion_trials.effects.sizes.size import small_sample_factor
from compassion_trials.ledger import statistics as st
from compassion_trials.ledger.reading.cells import Cell, cells
from compassion_trials.ledger.reading.model import Published
from compassion_trials.ledger.reading.printed import Printed, Range, exactly, printed
from compassion_trials.ledger.sizes import ArmPair, between, standard_errors, within

EXACT = 1e-9
"""The same formula by another route."""


def sharp(n: int | None, mean: float, sd: float, r: float | None = None, **limits: float) -> Cell:
    """A printed row without rounding."""
    values = {name: Printed(str(x), 0, exactly(x)) for name, x in {"mean": mean, "sd": sd, **limits}.items()}
    found = exactly(r) if r is not None else None
    return Cell(n, values["mean"], exactly(sd), values["sd"], values.get("lower"), values.get("upper"), found)


def numbers(**given: float) -> dict[str, Printed]:
    return {name: Printed(str(x), 0, exactly(x)) for name, x in given.items()}


def values(candidates) -> dict[str, float]:
    return {c.definition: c.found.value for c in candidates}


PAIR = ArmPair(sharp(16, 14.0, 5.0), sharp(24, 18.0, 7.0), sharp(16, 20.0, 6.0), sharp(24, 19.0, 4.0))


def test_p_from_a_printed_test():
    found = values(st.p_values(numbers(F=5.0, df=2, df2=40), None))
    assert found == {"p_from_f": pytest.approx(stats.f.sf(5, 2, 40), rel=EXACT)}
    assert values(st.p_values(numbers(t=-2.2, df=38), None)) == {
        "p_from_t": pytest.approx(2 * stats.t.sf(2.2, 38), rel=EXACT)
    }
    assert values(st.p_values(numbers(chi2=7.0, df=3), None)) == {
        "p_from_chi2": pytest.approx(stats.chi2.sf(7, 3), rel=EXACT)
    }


def test_p_of_a_t_without_df_is_a_range():
    (found,) = st.p_values(numbers(t=2.2), 40)
    assert found.found.value == pytest.approx(2 * stats.t.sf(2.2, 38), rel=EXACT)
    assert found.found.upper == pytest.approx(2 * stats.t.sf(2.2, 20), rel=EXACT)  # half of the participants
    assert found.found.lower == pytest.approx(2 * stats.norm.sf(2.2), rel=EXACT)
    (few,) = st.p_values(numbers(t=2.2), 8)
    assert few.found.upper == pytest.approx(2 * stats.t.sf(2.2, 5), rel=EXACT)
    (unknown,) = st.p_values(numbers(t=2.2), None)
    assert (unknown.found.value, unknown.found.upper) == pytest.approx(
        (2 * stats.norm.sf(2.2), 2 * stats.t.sf(2.2, 20)), rel=EXACT
    )


def test_p_of_a_t_that_may_be_zero_reaches_one():
    found = st.p_of_t(Range(-0.05, 0.15, 0.05), 30)
    assert found.upper == 1.0
    assert found.lower == pytest.approx(2 * stats.t.sf(0.15, 30), rel=EXACT)
    mirrored = st.p_of_t(Range(-0.15, 0.05, -0.05), inf)
    assert (mirrored.lower, mirrored.value) == pytest.approx((2 * stats.norm.sf(0.15), 2 * stats.norm.sf(0.05)))


def test_t_of_two_means_is_scipys():
    found = values(st.two_sample_t(PAIR))
    args = (14.0, 5.0, 16, 18.0, 7.0, 24)
    assert found["t_student"] == pytest.approx(stats.ttest_ind_from_stats(*args).statistic, rel=EXACT)
    assert found["t_welch"] == pytest.approx(stats.ttest_ind_from_stats(*args, equal_var=False).statistic, rel=EXACT)
    assert not list(st.two_sample_t(ArmPair(sharp(None, 14, 5), sharp(24, 18, 7))))


def with_moments(n: int, mean: float, sd: float, seed: int) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=n)
    return mean + sd * (x - x.mean()) / x.std(ddof=1)


def test_one_way_f_is_scipys():
    rows = [(10, 3.0, 1.0), (14, 4.0, 2.0), (12, 3.5, 1.5)]
    f, df, df2 = st.one_way_f([sharp(n, m, s) for n, m, s in rows])
    samples = [with_moments(*row, seed=i) for i, row in enumerate(rows)]
    assert (f.value, df, df2) == (pytest.approx(stats.f_oneway(*samples).statistic, rel=EXACT), 2, 33)
    assert st.one_way_f([sharp(10, 3, 1)]) is None
    assert st.one_way_f([sharp(10, 3, 1), sharp(None, 3, 1)]) is None


def arm(n: int, after: tuple[float, float], before: tuple[float, float], r: float, seed: int) -> np.ndarray:
    """Scores before and after with exactly these means, SDs and correlation."""
    z = np.random.default_rng(seed).normal(size=(n, 2))
    z -= z.mean(0)
    z = np.linalg.solve(np.linalg.cholesky(np.cov(z, rowvar=False)), z.T).T
    x = z[:, 0]
    y = r * x + sqrt(1 - r * r) * z[:, 1]
    return np.column_stack([before[0] + before[1] * x, after[0] + after[1] * y])


def regression_f(y: np.ndarray, x: np.ndarray) -> float:
    """F of the second column."""
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    rss = ((y - x @ beta) ** 2).sum()
    return float(beta[1] ** 2 / (rss / (len(y) - x.shape[1]) * np.linalg.inv(x.T @ x)[1, 1]))


def test_f_of_a_covariance_analysis_lies_among_the_fs_of_any_correlation():
    """With equal SDs of both arms the pooled r is that of each arm: F of the regression for r of 0, .3 and .95."""
    pair = ArmPair(sharp(16, 14.0, 5.0), sharp(24, 18.0, 5.0), sharp(16, 20.0, 6.0), sharp(24, 19.0, 6.0))
    (found,) = st.ancova_f(pair)
    fs = {}
    for r in (0.0, 0.3, 0.95):
        data = np.vstack([arm(16, (14, 5), (20, 6), r, 1), arm(24, (18, 5), (19, 6), r, 2)])
        treated = (np.arange(40) < 16).astype(float)
        fs[r] = regression_f(data[:, 1], np.column_stack([np.ones(40), treated, data[:, 0]]))
        assert st._ancova((-4.0, 1.0, 5.0, 5.0, 6.0, 6.0), 16, 24, np.array([r]))[0] == pytest.approx(fs[r], rel=1e-7)
    assert (found.found.lower, found.found.upper) == pytest.approx((fs[0.0], fs[0.95]), rel=1e-7)
    unequal = ArmPair(pair.a, pair.b, sharp(15, 20, 6), sharp(24, 19, 6))
    assert not list(st.ancova_f(unequal))


def test_corners_of_differences_and_sds():
    wide = [Range(1.0, 2.0, 1.5), Range(0.0, 0.5, 0.25)]
    assert st._difference(*wide) == Range(0.5, 2.0, 1.25)


def test_f_of_arm_by_time_is_the_squared_t_of_the_changes():
    r = 0.6
    pair = ArmPair(sharp(16, 14, 5, r), sharp(24, 18, 7, r), sharp(16, 20, 6), sharp(24, 19, 4))
    (found,) = st.interaction_f(pair)
    changes = [np.diff(arm(n, after, before, r, n))[:, 0] for n, after, before in
               ((16, (14, 5), (20, 6)), (24, (18, 7), (19, 4)))]  # fmt: skip
    assert found.found.value == pytest.approx(stats.ttest_ind(*changes).statistic ** 2, rel=1e-8)
    assert not found.open
    (unknown,) = st.interaction_f(PAIR)
    assert unknown.open
    assert unknown.found.lower < found.found.value < unknown.found.upper


@pytest.mark.parametrize(
    ("after", "meets"),
    [((14.0, 13.0), True), ((14.4, 13.0), False), ((14.2, 13.0), True), ((13.6, 13.0), False), ((13.8, 13.0), True)],
)
def test_changes_that_may_be_equal_within_rounding(after, meets):
    """Changes of 14 - 20 and 13 - 19, each cell printed to ± 0.05: they may differ by less than 0.2."""

    def near(x: float) -> Cell:
        half = Range(x - 0.05, x + 0.05, x)
        return Cell(20, Printed(str(x), 1, half), exactly(5.0), None, None, None, exactly(0.5))

    four = (near(after[0]), near(after[1]), near(20.0), near(19.0))
    assert st._changes_meet(four) == meets
    (found,) = st.interaction_f(ArmPair(*four))
    assert (found.found.lower == 0.0) == meets


def test_differences_of_means_and_of_changes():
    found = values(st.estimates(PAIR))
    assert found == {"difference_in_change": -5.0, "difference": -4.0}  # (14 - 20) - (18 - 19)


def test_t_and_limits_from_each_other():
    """2 [0, 4]: half the interval is q se, t = 2 q / 2 = q."""
    (t,) = st.t_from_limits(numbers(estimate=2.0, lower=0.0, upper=4.0))
    assert (t.found.lower, t.found.upper) == pytest.approx((st.NORMAL.lower, 2.1), rel=EXACT)
    given = numbers(estimate=2.0, t=-4.0, lower=1.0, upper=3.2)
    for name, sign, mirror in (("lower", -1, 0.8), ("upper", 1, 3.0)):
        assert values(st.limits_from_t(name, given)) == {
            "limits_from_t": pytest.approx(2 + sign * st.NORMAL.lower * 0.5, rel=EXACT)
        }
        assert values(st.mirrored_limit(name, given)) == {"mirror_of_other_limit": pytest.approx(mirror, rel=EXACT)}
    assert not list(st.limits_from_t("lower", numbers(estimate=2.0, t=0.0)))
    assert not list(st.mirrored_limit("lower", numbers(estimate=2.0, lower=1.0)))
    (d,) = st.mirrored_limit("d_upper", numbers(d=0.5, d_lower=0.1))
    assert d.found.value == pytest.approx(0.9, rel=EXACT)


@pytest.mark.parametrize(("name", "sign"), [("d_lower", -1), ("d_upper", 1)])
def test_normal_limits_of_d(name, sign):
    half = st.NORMAL.lower * sqrt(40 / (16 * 24) + 0.25 / 80)
    found = values(st.limits_from_n(name, numbers(d=0.5), (16, 24)))
    assert found == {"limits_normal": pytest.approx(0.5 + sign * half, rel=EXACT)}
    assert not list(st.limits_from_n(name, numbers(d=0.5), None))


@pytest.mark.parametrize(("sign", "given"), [*product((1, -1), ({"t": 2.0, "df": 38}, {"F": 4.0, "df": 1, "df2": 38}))])
def test_d_from_a_test_has_the_sign_of_the_printed_d(sign, given):
    found = values(st.from_test(numbers(**given), (16, 24), printed(f"{0.6 * sign:.1f}")))
    assert found == {
        "d_from_t": pytest.approx(sign * 2 * sqrt(1 / 16 + 1 / 24), rel=EXACT),
        "d_from_t_df": pytest.approx(sign * 4 / sqrt(38), rel=EXACT),
        "d_from_t_equal_arms": pytest.approx(sign * 4 / sqrt(40), rel=EXACT),
    }
    assert not list(st.from_test(numbers(F=4.0, df=2, df2=38), (16, 24), printed("0.6")))


def test_eta_squared():
    assert values(st.eta_squared(numbers(F=4.0, df=2, df2=57))) == {"eta_squared": pytest.approx(8 / 65, rel=EXACT)}
    assert not list(st.eta_squared(numbers(F=4.0, df=2)))


def test_degrees_of_freedom():
    (found,) = st.df_from_n([20, 21, 22], 1, "N - arms - 1")
    assert found.found == exactly(59.0)
    (arms,) = st.df_arms(3)
    assert arms.found == exactly(2.0)
    assert not list(st.df_arms(1))
    assert not list(st.df_from_n([20, None, 20], 0, ""))
    assert not list(st.df_from_n([], 0, ""))


def test_p_of_two_adjusted_means_from_their_limits():
    """Standard errors 1 and 1.5 by t(40); independent, and with a little correlation."""
    q = stats.t.ppf(0.975, 40)
    a, b = (sharp(20, m, 1.0, lower=m - q * s, upper=m + q * s) for m, s in ((14.0, 1.0), (18.0, 1.5)))
    found = {c.definition: c.found for c in st.adjusted_contrast_p(ArmPair(a, b), 40)}
    t = 4 / sqrt(1 + 2.25)
    assert found["p_adjusted_independent"].value == pytest.approx(2 * stats.t.sf(t, 40), rel=1e-7)
    for r, p in ((0.05, found["p_adjusted_shared"].lower), (-0.05, found["p_adjusted_shared"].upper)):
        assert p == pytest.approx(2 * stats.t.sf(4 / sqrt(3.25 - 2 * r * 1.5), 40), rel=1e-7)
    assert not list(st.adjusted_contrast_p(ArmPair(a, sharp(20, 18, 1)), 40))


def test_standardized_changes_between_arms():
    found = values(between(PAIR))
    gain = (14 - 20) - (18 - 19)
    assert found["d_change_rms_before"] == pytest.approx(gain / sqrt((36 + 16) / 2), rel=EXACT)
    assert found["d_change_rms_after"] == pytest.approx(gain / sqrt((25 + 49) / 2), rel=EXACT)
    assert found["d_change_rms_all"] == pytest.approx(gain / sqrt((36 + 16 + 25 + 49) / 4), rel=EXACT)
    assert found["d_after_minus_d_before"] == pytest.approx(-4 / sqrt(37) - 1 / sqrt(26), rel=EXACT)
    r = 0.6  # the middle of the range given to an unknown correlation
    v1, v2 = 36 + 25 - 2 * r * 30, 16 + 49 - 2 * r * 28
    assert found["d_change_sd"] == pytest.approx(gain / sqrt((v1 + v2) / 2), rel=EXACT)
    pooled = sqrt((15 * 36 + 23 * 16) / 38)
    assert found["d_ppc2_uncorrected"] == pytest.approx(gain / pooled, rel=EXACT)
    assert found["glass_delta_treated"] == pytest.approx(-4 / 5, rel=EXACT)


def test_standardized_change_within_an_arm():
    found = values(within(sharp(20, 14, 5, 0.5), sharp(20, 20, 6)))
    assert found == {
        "d_before": pytest.approx(-1.0),
        "d_av": pytest.approx(-6 / sqrt(30.5)),
        "d_after": pytest.approx(-1.2),
        "d_z": pytest.approx(-6 / sqrt(36 + 25 - 30)),
    }


def test_every_standard_error_of_g():
    found = values(standard_errors(PAIR))
    d = -4 / sqrt((15 * 25 + 23 * 49) / 38)
    j = small_sample_factor(38)
    k = 1 / 16 + 1 / 24
    assert found == {
        "se_hedges": pytest.approx(sqrt(k + (j * d) ** 2 / 80), rel=EXACT),
        "se_uncorrected_d": pytest.approx(sqrt(k + d * d / 80), rel=EXACT),
        "se_corrected": pytest.approx(j * sqrt(k + d * d / 80), rel=EXACT),
        "se_df": pytest.approx(sqrt(k + d * d / 76), rel=EXACT),
    }


def test_sds_derived_from_standard_errors_and_limits():
    rows = "measure arm visit n mean sd se lower upper\nx a pre 25 10.0 - 1.00 - -\nx b pre 25 10.0 - - 8.00 12.00\n"
    content = {
        "label": "Made up", "citation": "Nobody", "arms": {"a": "A", "b": "B"}, "visits": {"pre": "Pre"},
        "measures": {"x": {"label": "X", "better": "lower"}}, "tables": [{"name": "t", "source": "s", "rows": rows}],
    }  # fmt: skip
    here = cells(Published.model_validate(content).tables[0])
    by_se, by_limits = here["x", "a", "pre"].sd, here["x", "b", "pre"].sd
    assert (by_se.value, by_se.lower, by_se.upper) == pytest.approx((5.0, 4.975, 5.025), rel=EXACT)
    q = stats.t.ppf(0.975, 24)
    assert by_limits.value == pytest.approx(4 / (2 * q) * 5, rel=EXACT)
    assert (by_limits.lower, by_limits.upper) == pytest.approx((3.99 / (2 * q) * 5, 4.01 / (2 * q) * 5), rel=EXACT)
