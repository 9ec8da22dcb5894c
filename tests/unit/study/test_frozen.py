"""Freezing a plan and listing what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.study.plans import plan_with

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import read_json, write_json
from compassion_trials.study.frozen import (
    PlanChange,
    canonical,
    changes,
    check_unblinding,
    digest,
    freeze,
    frozen_file,
    read_frozen,
)
from compassion_trials.study.layout import Study
from compassion_trials.study.loader import load_plan
from compassion_trials.study.plan.study_plan import StudyPlan


def study(folder: Path, **parts: Any) -> Study:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(plan_with(**parts), sort_keys=False), encoding="utf-8")
    return Study("x", folder, path)


def plan(**parts: Any) -> StudyPlan:
    return StudyPlan.model_validate(plan_with(**parts))


def test_the_hash_is_of_what_the_plan_says() -> None:
    usual = digest(canonical(plan()))
    assert digest(canonical(plan(report={"blind": True}))) == usual
    assert digest(canonical(plan(report={"blind": False}))) == usual
    assert digest(canonical(plan(covariates=[]))) == usual  # a default written out
    assert digest(canonical(plan(covariates=["age"]))) != usual


def test_freezing_twice_keeps_the_file(tmp_path: Path) -> None:
    found = study(tmp_path)
    first = freeze(found)
    before = frozen_file(found).read_bytes()
    assert freeze(found) == first == read_frozen(found)
    assert frozen_file(found).read_bytes() == before


def test_a_changed_plan_is_not_frozen_over(tmp_path: Path) -> None:
    freeze(study(tmp_path))
    with pytest.raises(InputError, match="frozen before and has changed since"):
        freeze(study(tmp_path, covariates=["age"]))


def test_a_frozen_file_changed_by_hand_is_refused(tmp_path: Path) -> None:
    found = study(tmp_path)
    freeze(found)
    content = read_json(frozen_file(found))
    content["plan"]["title"] = "Another"
    write_json(content, frozen_file(found))
    with pytest.raises(InputError, match="hash do not agree"):
        read_frozen(found)


def test_changes_name_key_before_and_after() -> None:
    after = plan(
        title="Other",
        covariates=["age"],
        analysis={"additional": {"x": {"model": "ancova", "prespecified": False}}},
    )
    assert changes(canonical(plan()), canonical(after)) == (
        PlanChange("analysis.additional.x.model", "not given", "ancova"),
        PlanChange("analysis.additional.x.prespecified", "not given", "false"),
        PlanChange("covariates", "not given", "age"),
        PlanChange("title", "Compassion course against wait-list", "Other"),
    )
    assert changes(canonical(after), canonical(after)) == ()


@pytest.mark.parametrize(
    ("blind", "ran_blinded", "frozen", "allowed"),
    [
        (None, False, False, True),  # never blinded
        (True, False, False, True),
        (False, False, False, False),
        (None, True, False, False),  # the key was taken away
        (False, True, True, True),
        (None, True, True, True),
    ],
)
def test_when_arms_may_be_shown(
    tmp_path: Path, blind: bool | None, ran_blinded: bool, frozen: bool, allowed: bool
) -> None:
    found = study(tmp_path, report={} if blind is None else {"blind": blind})
    if ran_blinded:
        write_json({"blind": True}, found.results.blinded)
    if frozen:
        freeze(found)
    if allowed:
        check_unblinding(load_plan(found.plan_file), found)
    else:
        with pytest.raises(InputError, match="masked until the plan is frozen"):
            check_unblinding(load_plan(found.plan_file), found)
