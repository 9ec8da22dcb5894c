"""Ström et al. 2013 (doi:10.7717/peerj.178): Table 3 to the printed digits, from the Excel file."""

from __future__ import annotations

import pytest

PRINTED = {  # Table 3: mean (SD) of activity and wait-list at pre and post, last observation carried forward
    "madrs": {("activity", "pre"): (23.54, 4.39), ("waitlist", "pre"): (23.92, 3.87),
              ("activity", "post"): (15.71, 7.54), ("waitlist", "post"): (20.38, 7.87)},
    "bdi": {("activity", "pre"): (26.92, 9.30), ("waitlist", "pre"): (28.25, 7.08),
            ("activity", "post"): (17.88, 11.30), ("waitlist", "post"): (24.04, 6.86)},
    "bai": {("activity", "pre"): (15.50, 7.96), ("waitlist", "pre"): (15.71, 6.53),
            ("activity", "post"): (12.92, 6.36), ("waitlist", "post"): (13.71, 5.27)},
    "qoli": {("activity", "pre"): (-0.50, 1.72), ("waitlist", "pre"): (-0.25, 1.54),
             ("activity", "post"): (0.16, 1.99), ("waitlist", "post"): (0.23, 1.47)},
}  # fmt: skip

FOLLOW_UP = {"madrs": (14.46, 7.63), "bdi": (15.63, 11.44), "bai": (10.71, 6.41), "qoli": (0.33, 2.00)}

F_TESTS = {  # group, time, interaction as the data give them; the paper prints 4.25 for MADRS-S and 0.28 for QOLI
    "madrs": (3.02, 29.82, 4.24),
    "bdi": (2.52, 48.77, 6.49),
    "bai": (0.08, 9.29, 0.15),
    "qoli": (0.12, 11.49, 0.27),
    "ipaq": (0.00, 6.41, 1.47),
}

D_PRINTED = {"madrs": 0.62, "bdi": 0.67, "bai": 0.14}

HALF_OF_THE_LAST_DIGIT = 0.0050001
"""A number printed with two decimals is within half a unit of its second decimal (and a whisker for exact halves)."""


@pytest.fixture(scope="module")
def strom(analysed):
    return analysed("strom2013")


@pytest.mark.parametrize("outcome", PRINTED)
def test_means_and_sds_as_printed(strom, outcome):
    for (arm, visit), (mean, sd) in PRINTED[outcome].items():
        keys = {"analysis": "observed", "outcome": f"{outcome}_locf.total", "arm": arm, "visit": visit}
        assert strom.number(**keys, statistic="n") == 24
        assert strom.number(**keys, statistic="mean") == pytest.approx(mean, abs=HALF_OF_THE_LAST_DIGIT)
        assert strom.number(**keys, statistic="sd") == pytest.approx(sd, abs=HALF_OF_THE_LAST_DIGIT)


@pytest.mark.parametrize("outcome", FOLLOW_UP)
def test_follow_up_of_the_treated_arm_as_printed(strom, outcome):
    keys = {"analysis": "observed", "outcome": f"{outcome}_locf.total", "arm": "activity", "visit": "followup"}
    mean, sd = FOLLOW_UP[outcome]
    assert strom.number(**keys, statistic="mean") == pytest.approx(mean, abs=HALF_OF_THE_LAST_DIGIT)
    assert strom.number(**keys, statistic="sd") == pytest.approx(sd, abs=HALF_OF_THE_LAST_DIGIT)


@pytest.mark.parametrize("outcome", F_TESTS)
def test_mixed_anova_as_printed(strom, outcome):
    for term, printed in zip(("group", "time", "interaction"), F_TESTS[outcome], strict=True):
        keys = {"analysis": "table3", "model": "mixed_anova", "outcome": f"{outcome}_locf.total", "term": term}
        name = "F_weighted" if term == "time" else "F"  # the paper weights the arms by their size (44 people in IPAQ)
        assert strom.number(**keys, statistic=name) == pytest.approx(printed, abs=HALF_OF_THE_LAST_DIGIT)
        assert strom.number(**keys, statistic="df_den") == (44 if outcome == "ipaq" else 46)


@pytest.mark.parametrize("outcome", D_PRINTED)
def test_d_over_the_pooled_sd_with_divisor_n_as_printed(strom, outcome):
    rows = strom.rows(analysis="table3", outcome=f"{outcome}_locf.total", visit="post", statistic="d_pooled_n")
    assert len(rows) == 1
    assert rows["term"].iloc[0] == "difference: activity - waitlist"
    assert -rows["value"].iloc[0] == pytest.approx(D_PRINTED[outcome], abs=HALF_OF_THE_LAST_DIGIT)


def test_interval_of_d(strom):
    """The paper prints 0.09 to 1.25, the limits of d once rounded to 0.67; those of d itself are 0.092 and 1.256."""
    keys = {"analysis": "table3", "outcome": "bdi_locf.total", "visit": "post"}
    limits = [-strom.number(**keys, statistic=f"d_pooled_n_{end}") for end in ("upper", "lower")]
    rounding = 0.67 + strom.number(**keys, statistic="d_pooled_n")
    assert [limit + rounding for limit in limits] == pytest.approx([0.09, 1.25], abs=HALF_OF_THE_LAST_DIGIT)


def test_imputed_totals_are_no_observations(strom):
    scores = strom.scores.dropna(subset=["score"])
    n = scores[scores["measure"] == "bdi"].groupby("visit").size()
    assert n["pre"] == 48
    assert n["post"] == 44
    locf = scores[scores["measure"] == "bdi_locf"].groupby("visit").size()
    assert locf["post"] == 48
    assert locf["followup"] == 24


def test_who_was_imputed_was_not_assessed(strom):
    """The wait-list had no follow-up; a carried-forward total is not an assessment."""
    assessed = strom.flow[strom.flow["assessed"]].groupby(["visit", "arm"]).size().to_dict()
    assert assessed == {
        ("pre", "activity"): 24,
        ("pre", "waitlist"): 24,
        ("post", "activity"): 22,
        ("post", "waitlist"): 22,
        ("followup", "activity"): 20,
    }


def test_primary_analysis_is_on_observed_totals(strom):
    rows = strom.rows(analysis="primary")
    assert set(rows["outcome"]) == {"bdi.total"}
