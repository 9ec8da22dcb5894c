"""Masked plans: sound, and silent about which arm is which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.study.plans import PLAN, plan_with

from compassion_trials.core.errors import InputError
from compassion_trials.instruments.library import load_instruments
from compassion_trials.study.blinding import masked, masks
from compassion_trials.study.checks.crosscheck import check_plan
from compassion_trials.study.loader import load_plan
from compassion_trials.study.plan.study_plan import StudyPlan

KEY = b"a key of the tests"
PLANS = sorted((Path(__file__).resolve().parents[3] / "config/studies").glob("*/study.yaml"))


def plan(**parts: Any) -> StudyPlan:
    return StudyPlan.model_validate(plan_with(**parts))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
def test_every_shipped_plan_can_be_masked(path: Path) -> None:
    known = load_plan(path)
    found = masked(known, KEY)
    check_plan(found, load_instruments(None))
    assert list(found.design.arms) == sorted(masks(known, KEY).values())
    content = found.model_dump(mode="json")
    content.pop("data")  # the raw files' own values lead to letters
    content["design"].pop("control")  # a key of the plan, which may be the key of an arm too
    words = {f'"{word}"' for word in (*known.design.arms, *known.design.arms.values())}
    assert [word for word in words if word in json.dumps(content, ensure_ascii=False)] == []


def test_the_control_is_not_always_last() -> None:
    last = {max(letters, key=letters.get) for n in range(20) for letters in [masks(plan(), f"key {n}".encode())]}
    assert last == {"course", "waitlist"}


def test_the_control_makes_no_difference() -> None:
    arms = {"course": "Course", "drug": "Drug", "waitlist": "Wait-list"}
    values = {1: "course", 2: "waitlist", 3: "drug"}
    data = [{**PLAN["data"][0], "arm": {"column": "group", "values": values}}]

    def made(control: str, between: list[str]) -> StudyPlan:
        design = {**PLAN["design"], "arms": arms, "control": control}
        return plan(design=design, data=data, analysis={"primary": {"contrast": {"visit": "fu", "between": between}}})

    first, second = made("waitlist", ["course", "waitlist"]), made("drug", ["waitlist", "drug"])
    assert masked(first, KEY) == masked(second, KEY)


def test_visits_without_a_control_are_left_out() -> None:
    found = masked(plan(design={**PLAN["design"], "control_until": "post"}), KEY)
    assert list(found.design.visits) == ["pre", "post"]
    assert found.design.control_until is None


def test_texts_lose_the_names_of_arms() -> None:
    found = masked(plan(title="COMPASSION COURSE or waitlist; of course not"), KEY)
    assert found.title == "[arm] or [arm]; of [arm] not"


def test_a_file_of_one_arm_is_refused() -> None:
    files = [{**PLAN["data"][0], "file": f"{arm}.csv", "arm": {"value": arm}} for arm in ("course", "waitlist")]
    files[1] = {key: value for key, value in files[1].items() if key != "baseline"}
    with pytest.raises(InputError, match="holds one arm only"):
        masked(plan(data=files), KEY)
