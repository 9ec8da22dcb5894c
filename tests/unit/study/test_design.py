from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.study.plans import PLAN

from compassion_trials.study.plan.data import RawFile
from compassion_trials.study.plan.design import Design


def design(**changes: object) -> Design:
    return Design.model_validate({**PLAN["design"], **changes})


def test_treated_arms_and_baseline() -> None:
    three = design(arms={"a": "A", "b": "B", "c": "C"}, control="b")
    assert three.treated == ("a", "c")
    assert three.baseline == "pre"


def test_visits_with_a_concurrent_control() -> None:
    assert design().controlled_visits == ("pre", "post", "fu")
    assert design(control_until="post").controlled_visits == ("pre", "post")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"control": None}, "control is missing"),
        ({"control": "wait"}, "is not an arm"),
        ({"visits": {"pre": 0, "post": 0}}, "in order of time"),
        ({"type": "single_arm"}, "exactly one arm"),
        ({"control_until": "end"}, "is not a visit"),
        (
            {"visits": {"pre": {"week": 0, "label": "T 1"}, "post": {"week": 8, "label": "t\u00a01"}}},
            "have the same name",
        ),
    ],
)
def test_incoherent_designs(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        design(**changes)


def test_two_arms_of_one_name_cannot_be_told_apart() -> None:
    arms = dict.fromkeys(PLAN["design"]["arms"], "Compassion course")
    with pytest.raises(ValidationError, match="have the same name"):
        design(arms=arms)


def test_an_arm_needs_a_column_or_a_value() -> None:
    with pytest.raises(ValidationError, match="neither column nor value"):
        RawFile.model_validate({"file": "a.csv", "id": "id", "arm": {"values": {"A": "act"}}})


def test_single_arm_has_no_control() -> None:
    with pytest.raises(ValidationError, match="has no control"):
        design(type="single_arm", arms={"course": "C"}, control="course")
    assert design(type="single_arm", arms={"course": "C"}, control=None).treated == ("course",)
