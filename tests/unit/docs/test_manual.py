"""Every plan in the manual is a plan that loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from compassion_trials.core.yaml import validate
from compassion_trials.instruments.library import load_instruments
from compassion_trials.study.checks.crosscheck import check_plan
from compassion_trials.study.plan.study_plan import StudyPlan

ROOT = Path(__file__).resolve().parents[3]
PLANS = re.findall(r"```yaml\n(.*?)```", (ROOT / "config" / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", PLANS, ids=[yaml.safe_load(text)["title"] for text in PLANS])
def test_plan_of_the_manual(text: str) -> None:
    plan = validate(StudyPlan, yaml.safe_load(text), "README.md")
    check_plan(plan, load_instruments(None))
    assert plan.title


def test_the_manual_has_a_gallery() -> None:
    assert len(PLANS) >= 8


def test_the_manual_names_every_key_of_a_raw_file() -> None:
    manual = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    for part in ("RawFile", "Measure", "Design"):
        keys = StudyPlan.model_json_schema()["$defs"][part]["properties"]
        missing = [key for key in keys if f"`{key}`" not in manual and f"{key}:" not in manual]
        assert missing == []
