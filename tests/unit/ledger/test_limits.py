"""Limits of the ledger's checks: what stands on the limit, what just misses it, and where a sign counts."""

from __future__ import annotations

from math import exp, isnan, log, sqrt

import pytest
from scipy.stats import norm, t

from compassion_trials.ledger.checks.checks import check_study
from compassion_trials.ledger.checks.rows import row_problems
from compassion_trials.ledger.evidence.pool import i_squared_interval, pool
from compassion_trials.ledger.evidence.pooled import _prediction
from compassion_trials.ledger.reading.cells import Cell
from compassion_trials.ledger.reading.model import PrintedMeasure, Published
from compassion_trials.ledger.reading.printed import printed
from compassion_trials.ledger.recompute import recompute
from compassion_trials.ledger.statistics import p_values

HAND = 5e-4
"""Numbers worked by hand to four digits."""

STUDY = {
    "label": "Made up",
    "citation": "Nobody",
    "arms": {"a": "A", "b": "B"},
    "visits": {"pre": "Pre", "post": "Post"},
    "measures": {"x": {"label": "X", "range": (0, 60), "better": "lower"}},
}


def study(rows: str = "", effects: str = "", **parts: object) -> Published:
    return Published.model_validate(
        {**STUDY, "tables": [{"name": "t", "source": "Table 2", "rows": rows, "effects": effects, **parts}]}
    )


def codes(made: Published) -> list[str]:
    return [f.code for f in check_study("made", made, [])[0]]


@pytest.mark.parametrize(("sd", "told"), [("12.00", ["sd_changes"]), ("11.99", []), ("4.00", [])])
def test_sds_from_three_times_apart(sd, told):
    rows = f"measure arm visit n mean sd\nx a pre 20 30.00 4.00\nx a post 20 30.00 {sd}\n"
    assert codes(study(rows)) == told


def test_sds_of_other_arms_and_outcomes_are_not_compared():
    rows = "measure arm visit n mean sd\nx a pre 20 30.00 4.00\nx b post 20 30.00 20.00\n"
    assert codes(study(rows)) == []


@pytest.mark.parametrize(("estimate", "told"), [("1.26", ["off_centre"]), ("1.24", []), ("0.74", ["off_centre"])])
def test_estimates_from_a_quarter_of_half_the_interval_off_the_middle(estimate, told):
    assert codes(study("", f"measure arm versus visit d d_lower d_upper\nx a b post {estimate} 0.00 2.00\n")) == told


@pytest.mark.parametrize(
    ("n", "sd", "told"), [(5, "5.4", []), (5, "5.7", ["sd_too_large"]), (50, "5.4", ["sd_too_large"])]
)
def test_the_largest_sd_depends_on_n(n, sd, told):
    """Scores of 0 to 10 with mean 5: sqrt(25 n / (n - 1)) is 5.59 for five people, 5.05 for fifty."""
    m, s = printed("5.0"), printed(sd)
    problems = row_problems(PrintedMeasure(label="X", range=(0, 10)), Cell(n, m, s.range, s, None, None, None))
    assert [p[0] for p in problems] == told


@pytest.mark.parametrize(
    ("sign", "estimate", "d", "verdicts"),
    [
        ("absolute", "-2.00", "-0.50", ("agrees", "agrees")),
        ("absolute", "2.00", "0.50", ("not reproduced", "agrees")),  # sizes are printed bare, differences are not
        ("difference", "-2.00", "0.50", ("agrees", "not reproduced")),
    ],
)
def test_only_standardized_differences_and_t_may_lack_their_sign(sign, estimate, d, verdicts):
    rows = "measure arm visit n mean sd\nx a post 20 28.00 4.00\nx b post 20 30.00 4.00\n"
    made = study(rows, f"measure arm versus visit estimate d\nx a b post {estimate} {d}\n", sign=sign)
    found = {line.statistic: line.verdict for line in recompute("made", made)}
    assert (found["estimate"], found["d"]) == verdicts


def test_p_from_an_estimate_and_its_limits():
    """1 [0.2, 1.8]: the standard error is 1.6 / 3.92, z = 2.45."""
    numbers = {name: printed(text) for name, text in (("estimate", "1.000"), ("lower", "0.200"), ("upper", "1.800"))}
    (found,) = p_values(numbers, None)
    assert found.definition == "p_from_limits"
    assert found.found.value == pytest.approx(2 * norm.sf(2.45), abs=1e-5)  # 1.96 stands for 1.959964
    assert found.found.lower < found.found.value < found.found.upper
    (negative,) = p_values(
        {**numbers, "estimate": printed("-1.000"), "lower": printed("-1.800"), "upper": printed("-0.200")}, None
    )
    assert negative.found.value == pytest.approx(found.found.value, rel=1e-9)


def test_interval_of_i_squared_by_hand():
    """Higgins & Thompson (2002), eq. 15-16: k = 10 and Q = 20, H = 1.4907, SE of ln H = 0.1814."""
    i2, h = i_squared_interval(20.0, 9)
    se = 0.5 * (log(20) - log(9)) / (sqrt(40) - sqrt(17))
    assert se == pytest.approx(0.1814, abs=HAND)
    limits = [exp(0.5 * log(20 / 9) + q * 1.959964 * se) for q in (-1, 1)]
    assert (h.lower, h.upper) == pytest.approx(limits, rel=1e-6)
    assert (i2.lower, i2.upper) == pytest.approx([100 * (1 - x**-2) for x in limits], rel=1e-5)
    assert (h.lower, h.upper) == pytest.approx((1.0447, 2.1271), abs=HAND)


def test_interval_of_i_squared_without_excess():
    """k = 10 and Q = 8: sqrt(1 / 16 (1 - 1 / 192)) = 0.2493, H = 1."""
    i2, h = i_squared_interval(8.0, 9)
    assert (h.lower, i2.lower) == (1.0, 0.0)
    assert h.upper == pytest.approx(exp(1.959964 * 0.24935), abs=HAND)
    assert i2.upper == pytest.approx(100 * (1 - exp(-2 * 1.959964 * 0.24935)), abs=0.05)


def test_interval_of_i_squared_of_three_trials_and_of_two():
    """k = 3: sqrt(1 / 2 (1 - 1 / 3)) = 0.5774; two trials have no standard error."""
    h = i_squared_interval(1.0, 2)[1]
    assert h.upper == pytest.approx(exp(1.959964 * sqrt(1 / 3)), rel=1e-6)
    assert isnan(i_squared_interval(0.5, 1)[1].upper)


@pytest.mark.parametrize(("se", "less"), [("hk", 1), ("classic", 2), ("hk", 2)])
@pytest.mark.parametrize("end", ["lower", "upper"])
def test_a_prediction_limit_allows_for_a_larger_tau2(se, less, end):
    """R's programs stop within 1e-5 of the optimal tau²; the half width goes with the root of SE² + tau²."""
    fit = pool([0.1, 0.45, 0.3, 0.9, -0.1, 0.6], [0.02, 0.05, 0.03, 0.08, 0.04, 0.06])
    error = {"hk": fit.se[0], "classic": fit.classic_se[0]}[se]
    sign = {"lower": -1, "upper": 1}[end]
    half = t.isf(0.025, 6 - less) * sqrt(error**2 + fit.tau2)
    wider = t.isf(0.025, 6 - less) * sqrt(error**2 + fit.tau2 + 1e-5)
    found = _prediction(fit, se, less, end)
    assert found.value == pytest.approx(fit.b[0] + sign * half, abs=1e-12)
    assert (found.lower, found.upper) == pytest.approx(sorted(fit.b[0] + sign * w for w in (half, wider)), abs=1e-12)
