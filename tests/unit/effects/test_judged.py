"""Who responded, and which reliability judges it: small trials worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.effects.outcomes.change import classify, reliable_change
from compassion_trials.effects.outcomes.clinical import Judged, clinical_rows, judge
from compassion_trials.study.plan.change import Change
from compassion_trials.trial.trial import read_trial

BEFORE = np.array([40.0, 40, 40, 40, 40, np.nan])
AFTER = np.array([12.0, 30, 36, 50, np.nan, 10])
"""Lower is better; reliable is 8, the cut-off 25: recovered, improved, unchanged, deteriorated, gone, no baseline."""


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    return read_trial(made_trial.trial(tmp_path_factory.mktemp("made"), n=10))


def judged(trial, rule: Change, before=BEFORE, after=AFTER) -> Judged:
    outcome = trial.context.outcomes["dep.total"]
    index = reliable_change(8 / (1.959963984540054 * np.sqrt(0.2)), 0.9)
    category = {"post": classify(before, after, index.criterion, 25.0, "lower")}
    return Judged(outcome, rule, index, "", 25.0, ~np.isnan(before), before, {"post": after}, category)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [1, 1, 0, 0, np.nan, np.nan]),  # recovery is reliable improvement too
        ({"responder": "recovered"}, [1, 0, 0, 0, np.nan, np.nan]),
        ({"missing": "non_responder"}, [1, 1, 0, 0, 0, np.nan]),
        ({"responder": "mid", "mid": 4}, [1, 1, 1, 0, np.nan, np.nan]),
        ({"responder": "mid", "mid": 4.5}, [1, 1, 0, 0, np.nan, np.nan]),
        ({"responder": "percent", "percent": 10}, [1, 1, 1, 0, np.nan, np.nan]),
        ({"responder": "percent", "percent": 25}, [1, 1, 0, 0, np.nan, np.nan]),
        ({"responder": "percent", "percent": 26, "missing": "non_responder"}, [1, 0, 0, 0, 0, np.nan]),
    ],
)
def test_who_responded(trial, rule, expected):
    found = judged(trial, Change.model_validate(rule))
    np.testing.assert_array_equal(
        found.category["post"], ["recovered", "improved", "unchanged", "deteriorated", "", ""]
    )
    np.testing.assert_array_equal(found.responded("post"), expected)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ({"responder": "mid", "mid": 0.3}, 1.4, 1.1),  # 0.2999999999999998 in binary numbers
        ({"responder": "mid", "mid": 3}, 30.0, 27.0),
        ({"responder": "percent", "percent": 20}, 40.0, 32.0),
        ({"responder": "percent", "percent": 20}, 4.5, 3.6),  # 19.999999999999996
    ],
)
def test_a_change_of_exactly_the_limit_counts_and_a_little_less_does_not(trial, rule, before, after):
    change, before = Change.model_validate(rule), np.array([before, before])
    found = judged(trial, change, before, np.array([after, after + 0.001]))
    assert found.responded("post").tolist() == [1, 0]


def test_the_minimal_difference_counts_changes_of_exactly_its_size(tmp_path):
    """Ten of each arm; of the treated, one changes by exactly 0.3, two by more, the others by less."""
    made = made_trial.plan(
        visits=("pre", "post"), analysis={"change": {"dep.total": {"sd": 2, "reliability": 0.8, "mid": 0.3}}}
    )
    people = made_trial.people(made.design.arms, 10)
    later = np.full(20, 1.4)
    later[:4] = [1.1, 0.9, -2.6, 1.101]  # 1.4 - 1.1 is 0.2999999999999998 in binary numbers
    rows = [
        people[["participant", "arm"]].assign(visit=visit, measure=measure, score=score)
        for measure in ("dep", "anx")
        for visit, score in (("pre", np.full(20, 1.4)), ("post", later))
    ]
    scores = pd.concat(rows).assign(scale="total", n_items=0, n_missing=0, prorated=False, band="", flag="")
    trial = read_trial(made_trial.write(tmp_path, made, people, scores))
    table = pd.DataFrame(clinical_rows(trial, pd.DataFrame(columns=["analysis", "outcome"]))[0])
    mine = table[(table["term"] == "minimal_difference") & (table["statistic"] == "n")].set_index("arm")["value"]
    assert mine.to_dict() == {"act": 3, "waitlist": 0}


def test_the_reliability_is_alpha_of_the_first_visit(trial):
    descriptives = pd.DataFrame(
        {
            "analysis": "reliability",
            "outcome": ["dep.total", "dep.total", "anx.total"],
            "visit": ["post", "pre", "pre"],
            "statistic": "alpha",
            "value": [0.95, 0.80, 0.70],
        }
    )
    found = judge(trial, "dep.total", Change(sd=5.0), descriptives)
    assert found.index.reliability == 0.80
    assert found.index.criterion == pytest.approx(1.959964 * 5 * np.sqrt(2 * 0.2), rel=1e-6)
