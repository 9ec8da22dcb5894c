from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.unit.study.plans import PLAN, plan_with

from compassion_trials.core.errors import InputError
from compassion_trials.study.loader import load_plan


def write(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def test_short_forms(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, PLAN))
    raw = plan.data[0]
    assert raw.id.column == "participant"
    assert raw.id.pseudonymize is False
    assert raw.arm is not None
    assert raw.arm.values == {"1": "course", "2": "waitlist"}
    assert raw.baseline["age"].column == "Age"
    assert plan.design.visits["post"].week == 8
    assert plan.design.visit_label("fu") == "Follow-up"
    assert plan.design.visit_label("pre") == "pre"


def test_one_file_needs_no_list(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, plan_with(data=PLAN["data"][0])))
    assert len(plan.data) == 1


def test_words_that_yaml_turns_into_booleans(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    text = (
        yaml.safe_dump(PLAN, sort_keys=False).replace("1: course", "no: course").replace("2: waitlist", "on: waitlist")
    )
    path.write_text(text, encoding="utf-8")
    arm = load_plan(path).data[0].arm
    assert arm is not None
    assert arm.values == {"no": "course", "on": "waitlist"}


def test_keep_if_accepts_numbers_and_words(tmp_path: Path) -> None:
    data = [{**PLAN["data"][0], "keep_if": {"Finished": 1, "Status": [0, "IP Address"], "Consent": True}}]
    plan = load_plan(write(tmp_path, plan_with(data=data)))
    assert plan.data[0].keep_if == {"Finished": ("1",), "Status": ("0", "IP Address"), "Consent": ("true",)}


def test_every_problem_is_told(tmp_path: Path) -> None:
    data = [{**PLAN["data"][0], "fromat": "csv", "duplicates": "lst"}]
    with pytest.raises(InputError) as caught:
        load_plan(write(tmp_path, plan_with(data=data, titel="x")))
    codes = {(f.code, f.column) for f in caught.value.findings}
    assert codes == {("unknown_key", "titel"), ("unknown_key", "data.0.fromat"), ("invalid_value", "data.0.duplicates")}


def test_findings_name_the_file_and_line_of_bad_yaml(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("title: x\ndesign: [1, 2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_plan(path)
    (finding,) = caught.value.findings
    assert finding.file == "study.yaml"
    assert finding.row is not None
