"""Therapy groups of a trial with three arms: how many, how large, how alike, and whose people are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.groups.clustered_risk import compare_clustered, compared_in_groups
from compassion_trials.effects.groups.clustering import clustering
from compassion_trials.effects.groups.group_rows import group_rows
from compassion_trials.effects.mechanism import mediation_rows
from compassion_trials.trial.trial import read_trial

ARMS, SIZES = ("mbct", "cft", "waitlist"), (3, 5, 4, 6)


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """18 people of each treated arm met in groups of 3, 5, 4 and 6; nobody of the waitlist did."""
    plan = made_trial.plan(
        arms=ARMS, design={"clusters": {"course": {"arms": list(ARMS[:2])}}}, data={"clusters": {"course": "course"}},
        analysis={"mediation": [{"mediator": "anx.total", "mediator_visit": "post", "outcome": "dep.total",
                                 "outcome_visit": "fu", "replicates": 500, "between": ["mbct", "waitlist"]}]},
    )  # fmt: skip
    people = made_trial.people(ARMS, 18)
    people["course"] = [
        *(f"{arm} {g}" for arm in ARMS[:2] for g, n in enumerate(SIZES) for _ in range(n)),
        *[None] * 18,
    ]
    scores = made_trial.scored(people, plan.design.visits, gone=0)
    return read_trial(made_trial.write(tmp_path_factory.mktemp("made"), plan, people, scores))


def test_groups_are_counted_by_arm_and_likeness_is_over_both(trial):
    found = pd.DataFrame(group_rows(trial)).fillna({"arm": "", "outcome": "", "visit": ""})
    for arm in ARMS[:2]:
        mine = found[found["arm"] == arm]
        assert dict(zip(mine["statistic"], mine["value"], strict=True)) == {
            "n_groups": 4, "group_size": 4.5, "smallest": 3, "largest": 6
        }  # fmt: skip
        assert set(mine["n"]) == {18}
    assert set(found["arm"]) == {*ARMS[:2], ""}
    outcome, met = trial.context.outcomes["dep.total"], ~trial.in_arm("waitlist")
    labels, arms = (np.array(trial.participants.loc[met, name].to_list()) for name in ("course", "arm"))
    theirs = clustering(trial.score(outcome, "fu")[met], labels, arms)
    mine = found[(found["outcome"] == "dep.total") & (found["visit"] == "fu")].set_index("statistic")["value"]
    assert mine.to_dict() == pytest.approx(
        {"icc": theirs.icc, "icc_lower": theirs.lower, "icc_upper": theirs.upper, "design_effect": theirs.design_effect}
    )
    assert set(found["visit"]) == {"", "post", "fu"}  # before they met, groups are none


def test_only_the_people_of_the_pair_are_compared(trial):
    """The third arm, all responders, changes nothing; whoever does not count is left out."""
    yes = np.tile([1.0, 0.0, 0.0, 1.0, 1.0, 0.0], 9)
    yes[trial.in_arm("cft")] = 1.0
    yes[[0, 40]] = np.nan
    found = compared_in_groups(trial, ("mbct", "waitlist"), yes)
    pair = (trial.in_arm("mbct") | trial.in_arm("waitlist")) & ~np.isnan(yes)
    codes = np.where(trial.in_arm("mbct"), pd.factorize(trial.participants["course"])[0], -1)
    theirs = compare_clustered(yes[pair], trial.in_arm("mbct")[pair], codes[pair].astype(np.intp))
    assert found.risk_difference == theirs.risk_difference
    assert (found.treated.n, found.comparison.n) == (17, 17)


def test_paths_whose_robust_errors_fail_are_estimated_without_groups_and_say_so(trial, monkeypatch):
    whole = mediation_rows.mediate

    def fails(x, m, y, c, alpha=0.05, seed=0, unit=None):
        if unit is not None:
            raise ModelError("too few")
        return whole(x, m, y, c, alpha, seed)

    monkeypatch.setattr(mediation_rows, "mediate", fails)
    found, findings = mediation_rows.mediation_rows(trial)
    assert {row["note"] for row in found if row["term"] == "total: mbct - waitlist"} == {
        f"{mediation_rows.NOT_GROUPED}: too few"
    }
    assert [finding.code for finding in findings] == ["groups_ignored"]


def test_without_groups_there_is_nothing_to_fall_back_to(trial, monkeypatch):
    def fails(*_: object):
        raise ModelError("depend on each other")

    monkeypatch.setattr(mediation_rows, "mediate", fails)
    alone = replace(trial, participants=trial.participants.drop(columns="course"))
    (row,), findings = mediation_rows.mediation_rows(alone)
    assert (row["text"], row["note"]) == ("not estimable", "depend on each other")
    assert findings[0].advice == "depend on each other"
