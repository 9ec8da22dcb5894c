"""Beat the Blues: descriptives as in R, from the wide CSV."""

from __future__ import annotations

import json

import pytest

VISITS = {"pre": "pre", "m2": "m2", "m4": "m3", "m6": "m5", "m8": "m8"}
"""The reference names visits as this copy of the file does; the plan by the months of later editions."""

DOUBLE = 1e-9
"""Means of integers by two programs: the last bits only."""


@pytest.fixture(scope="module")
def btheb(analysed):
    return analysed("btheb")


def test_means_by_arm_and_visit_as_in_r(btheb, shared):
    reference = json.loads((shared / "data" / "btheb" / "reference_R.json").read_text(encoding="utf-8"))
    rows = reference["bdi"]["descriptives"]
    assert len(rows) == 10
    for row in rows:
        arm = {"TAU": "tau", "BtheB": "btheb"}[row["arm"]]
        keys = {"analysis": "observed", "outcome": "bdi.total", "arm": arm, "visit": VISITS[row["time"]]}
        for statistic in ("n", "mean", "sd", "median"):
            assert btheb.number(**keys, statistic=statistic) == pytest.approx(row[statistic], abs=DOUBLE)


def test_participants_and_baseline_variables(btheb):
    assert btheb.participants["arm"].value_counts().to_dict() == {"btheb": 52, "tau": 48}
    assert set(btheb.participants["drug"]) == {"yes", "no"}
    assert set(btheb.participants["length"]) == {"under 6 months", "over 6 months"}


def test_280_values_after_baseline(btheb):
    observed = btheb.scores[(btheb.scores["visit"] != "pre") & btheb.scores["score"].notna()]
    assert len(observed) == 280


def test_ancova_at_the_first_follow_up(btheb):
    keys = {"analysis": "early", "model": "ancova", "outcome": "bdi.total", "visit": "m2"}
    contrast = keys | {"term": "difference: btheb - tau"}
    assert btheb.number(**contrast, statistic="df") == 97 - 5  # intercept, arm, baseline, drug, length
    assert btheb.number(**contrast, statistic="estimate") < 0
