"""Woodworth et al. 2017 (doi:10.1002/jclp.22328): totals from items, flow, repeated rows, reliability."""

from __future__ import annotations

import json

import pytest

ARMS = {"strengths": 72, "things": 76, "gratitude": 74, "memories": 73}
R_ARMS = {
    "strengths": "SignatureStrengths",
    "things": "ThreeGoodThings",
    "gratitude": "GratitudeVisit",
    "memories": "Control_EarlyMemories",
}
DOUBLE = 1e-9
"""Means of integers by two programs: the last bits only."""


@pytest.fixture(scope="module")
def woodworth(analysed):
    return analysed("woodworth2017")


def test_participants_by_arm(woodworth):
    assert woodworth.participants["arm"].value_counts().to_dict() == ARMS
    for arm, n in ARMS.items():
        assert woodworth.number(analysis="flow", term="allocated", arm=arm, statistic="n") == n


def test_baseline_variables_come_from_the_second_file(woodworth):
    assert set(woodworth.participants["sex"]) == {"female", "male"}
    assert woodworth.participants["age"].notna().all()


def test_repeated_rows_are_reported_and_the_first_is_kept(woodworth):
    found = woodworth.findings("ingest")
    assert len(found[found["code"].str.startswith("duplicate")]) == 2
    flow = woodworth.flow[woodworth.flow["assessed"]]
    assert len(flow) == 990
    assert not flow.duplicated(["participant", "visit"]).any()
    repeated = woodworth.flow[(woodworth.flow["participant"] == "8") & (woodworth.flow["visit"] == "fu1w")]
    assert repeated["week"].iloc[0] == pytest.approx(22 / 7, abs=0.15)  # not 39 / 7, the second row's day


def test_totals_from_items_equal_the_stored_ones(woodworth):
    both = woodworth.scores.merge(
        woodworth.stored, on=["participant", "visit", "measure", "scale"], suffixes=("", "_stored")
    )  # fmt: skip
    both = both.dropna(subset=["value"])
    assert both.groupby("measure").size().to_dict() == {"ahi": 990, "cesd": 990}
    assert (both["score"] == both["value"]).all()


@pytest.mark.parametrize("outcome", ["cesd", "ahi"])
def test_means_by_arm_and_visit_as_in_r(woodworth, shared, outcome):
    reference = json.loads((shared / "data" / "woodworth2017" / "reference_R.json").read_text(encoding="utf-8"))
    arms = {name: arm for arm, name in R_ARMS.items()}
    rows = reference[f"{outcome}Total"]["descriptives"]
    assert len(rows) == 24
    for row in rows:
        keys = {"analysis": "observed", "outcome": f"{outcome}.total", "arm": arms[row["arm"]], "visit": row["time"]}
        for statistic in ("n", "mean", "sd"):
            assert woodworth.number(**keys, statistic=statistic) == pytest.approx(row[statistic], abs=DOUBLE)


def test_reliability_at_baseline(woodworth):
    for outcome, alpha in (("cesd.total", 0.917), ("ahi.total", 0.931)):
        found = woodworth.number(analysis="reliability", outcome=outcome, visit="pre", statistic="alpha")
        assert found == pytest.approx(alpha, abs=0.0005)


def test_primary_g_has_a_bootstrap_interval_in_spite_of_six_visits_and_many_patterns(analysed):
    trial = analysed("woodworth2017")
    lower, upper = (trial.rows(analysis="primary", statistic=f"model_g_boot_{end}") for end in ("lower", "upper"))
    assert len(lower) == len(upper) == 3  # each arm against control
    for term, low, high in zip(lower["term"], lower["value"], upper["value"], strict=True):
        keys = {"analysis": "primary", "outcome": "cesd.total", "term": term, "visit": lower["visit"].iloc[0]}
        g, a, b = (trial.number(statistic=f"model_g{end}", **keys) for end in ("", "_lower", "_upper"))
        assert low < g < high
        assert high - low == pytest.approx(b - a, rel=0.25)  # beside the interval from the standard error
