"""Which definition answers for a printed number, by what the test of its table is; values by SciPy."""

from __future__ import annotations

from math import sqrt

import pytest
from scipy import stats

from compassion_trials.ledger.reading.model import Published
from compassion_trials.ledger.recompute import recompute

ROUNDED = 1e-9
"""Means and SDs are taken as printed, so that the recomputed value is the formula's at these."""

STUDY = {
    "label": "Made up",
    "citation": "Nobody",
    "arms": {"a": "A", "b": "B", "c": "C"},
    "visits": {"pre": "Pre", "post": "Post"},
    "measures": {"x": {"label": "X", "better": "lower"}},
    "counts": "what arm n\nrandomized a 16\nrandomized b 24\nrandomized c 20\n",
}
ROWS = """measure arm visit n mean sd lower upper
x a pre 16 20.0 6.0 - -
x b pre 24 19.0 4.0 - -
x c pre 20 19.5 5.0 - -
x a post 16 14.0 5.0 12.0 16.0
x b post 24 18.0 7.0 15.0 21.0
x c post 20 17.0 6.0 14.5 19.5
"""
WITHOUT_N = ROWS.replace(" 16 ", " - ").replace(" 24 ", " - ").replace(" 20 ", " - ")


def found(model: str, effects: str, rows: str = ROWS, **parts: object) -> dict[str, tuple[str, float]]:
    """Definition and value by statistic."""
    table = {"name": "t", "source": "Table 2", "rows": rows, "effects": effects, "model": model, **parts}
    lines = recompute("made", Published.model_validate({**STUDY, "tables": [table]}))
    return {line.statistic: (line.definition, line.recomputed) for line in lines if line.table == "t"}


def close(value: float):
    return pytest.approx(value, rel=ROUNDED)


def student() -> float:
    return float(stats.ttest_ind_from_stats(14, 5, 16, 18, 7, 24).statistic)


def one_way(sizes: tuple[int, ...] = (16, 24, 20)) -> float:
    means, sds = (14.0, 18.0, 17.0), (5.0, 7.0, 6.0)
    total = sum(sizes)
    grand = sum(n * m for n, m in zip(sizes, means, strict=True)) / total
    between = sum(n * (m - grand) ** 2 for n, m in zip(sizes, means, strict=True)) / 2
    return between / (sum((n - 1) * s * s for n, s in zip(sizes, sds, strict=True)) / (total - 3))


def test_a_t_test():
    line = found("t_test", "measure arm versus visit t df p\nx a b post -1.98 38 .055\n")
    assert line["t"] == ("t_student", close(abs(student())))  # papers print t bare
    assert line["df"] == ("df_from_n", 38.0)
    assert line["p"] == ("p_from_t", close(2 * stats.t.sf(1.98, 38)))


def test_p_of_a_t_test_without_its_t():
    line = found("t_test", "measure arm versus visit p\nx a b post .055\n")
    assert line["p"] == ("p_from_rows", close(2 * stats.t.sf(abs(student()), 38)))


def test_an_analysis_of_variance_compares_all_arms():
    line = found("anova", "measure visit F df df2 p\nx post 2.00 2 57 .14\n")
    assert line["F"] == ("f_one_way", close(one_way()))
    assert (line["df"], line["df2"]) == (("df_arms", 2.0), ("df_from_n", 57.0))
    assert line["p"] == ("p_from_f", close(stats.f.sf(2.0, 2, 57)))
    bare = found("anova", "measure visit p\nx post .14\n")
    assert bare["p"] == ("p_one_way", close(stats.f.sf(one_way(), 2, 57)))


def test_an_analysis_of_variance_without_n_takes_those_allocated():
    line = found("anova", "measure visit p\nx post .14\n", WITHOUT_N)
    assert line["p"] == ("p_one_way_allocated", close(stats.f.sf(one_way(), 2, 57)))


@pytest.mark.parametrize(("model", "expected"), [("mixed_anova", 38.0), ("ancova", 37.0)])
def test_models_of_two_visits(model, expected):
    definition = {"mixed_anova": "f_interaction", "ancova": "f_ancova"}[model]
    line = found(model, "measure arm versus visit from F df df2\nx a b post pre 3.00 1 38\n")
    assert line["F"][0] == definition
    assert line["df"] == ("df_arms", 1.0)
    assert line["df2"] == ("df_from_n", expected)


def test_adjusted_means():
    """d over an SD before; p by t of all participants less one per arm and one for the covariate."""
    line = found("adjusted_means", "measure arm versus visit d p\nx a b post 0.78 .10\n")
    assert line["d"] == ("adjusted_rms_before", close(4 / sqrt((36 + 16) / 2)))
    df = 16 + 24 + 20 - 3 - 1
    q = stats.t.ppf(0.975, df)
    t = 4 / sqrt((2 / q) ** 2 + (3 / q) ** 2)
    assert line["p"] == ("p_adjusted_independent", close(2 * stats.t.sf(t, df)))


@pytest.mark.parametrize("row", ["x a pre 16 20.0 - - -\n", ""])
def test_adjusted_means_without_an_sd_before_have_no_d(row):
    rows = ROWS.replace("x a pre 16 20.0 6.0 - -\n", row)
    line = found("adjusted_means", "measure arm versus visit d\nx a b post 0.78\n", rows)
    assert line["d"][0] == ""


@pytest.mark.parametrize("rows", [WITHOUT_N, ROWS.replace("x b post 24 18.0 7.0 15.0 21.0\n", "")])
def test_p_of_a_t_test_needs_both_arms_and_their_n(rows):
    assert found("t_test", "measure arm versus visit p\nx a b post .055\n", rows)["p"][0] == ""


@pytest.mark.parametrize(
    ("statistic", "without_rows", "with_rows"),
    [
        ("df", "n of the arms, or what kind of test it is, is not printed", None),
        ("df2", "n of the arms, or what kind of test it is, is not printed", None),
        ("F", "an input of the recomputation of p; its own inputs (n, M, SD) are not printed or not read",
         "n, or means and SDs of the visits compared, are not printed"),
        ("t", "an input of the recomputation of p; its own inputs (n, M, SD) are not printed or not read",
         "n, or means and SDs of the visits compared, are not printed"),
        ("chi2", "an input of the recomputation of p; its own inputs (n, M, SD) are not printed or not read",
         "what is needed to recompute it is not printed"),
        ("p", "neither the test statistic nor n, M and SD were read at a source", None),
        ("d", "n, M and SD were not read at a source", None),
        ("g", "n, M and SD were not read at a source", None),
        ("estimate", "the means, or the single effects behind a pooled one, were not read at a source", None),
    ],
)  # fmt: skip
def test_a_number_that_nothing_gives_says_what_is_missing(statistic, without_rows, with_rows):
    """Of a table without rows, and of one whose rows print neither n nor SD nor the comparison arm."""
    bare = "measure arm visit n mean sd\nx a post - 14.0 -\n"
    for rows, note in (("", without_rows), (bare, with_rows or without_rows)):
        effects = f"measure arm versus visit {statistic}\nx a b post 1.0\n"
        table = {"name": "t", "source": "Table 2", "rows": rows, "effects": effects}
        (line,) = [
            x for x in recompute("made", Published.model_validate({**STUDY, "tables": [table]})) if x.table == "t"
        ]
        assert (line.verdict, line.note) == ("cannot be checked", note)


def test_limits_of_d_take_the_allocated_n_where_rows_print_none():
    line = found("other", "measure arm versus visit d d_lower d_upper\nx a b post 0.50 -0.14 1.14\n", WITHOUT_N)
    half = stats.norm.ppf(0.975) * sqrt(40 / (16 * 24) + 0.25 / 80)
    assert line["d_lower"] == ("limits_normal", close(0.5 - half))
    assert line["d_upper"] == ("limits_normal", close(0.5 + half))


def test_change_within_one_arm():
    line = found("other", "measure arm visit from d\nx a post pre 1.00\n")
    assert line["d"] == ("d_before", close(1.0))


def test_a_statement_cannot_be_checked():
    claims = [{"what": "Nobody left", "value": "0", "reason": "no numbers", "status": "read"}]
    lines = recompute("made", Published.model_validate({**STUDY, "claims": claims}))
    (line,) = [x for x in lines if x.statistic == "statement"]
    assert (line.verdict, line.note, line.what) == ("cannot be checked", "no numbers", "Nobody left")


def test_a_difference_that_may_be_nothing_has_no_sign():
    """20.0 and 20.0 to one decimal: d lies within ± 0.02, and 0.01 is printed without a sign."""
    rows = "measure arm visit n mean sd\nx a post 16 20.0 5.0\nx b post 24 20.0 5.0\n"
    table = {"name": "t", "source": "s", "rows": rows, "effects": "measure arm versus visit d\nx a b post 0.01\n"}
    (line,) = recompute("made", Published.model_validate({**STUDY, "tables": [table]}))[-1:]
    assert (line.statistic, line.verdict, line.recomputed) == ("d", "within rounding", 0.0)
    assert line.lower == 0.0
    assert 0.015 < line.upper < 0.025
