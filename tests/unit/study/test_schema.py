from __future__ import annotations

import json
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from tests.unit.study.plans import PLAN

from compassion_trials.study.schema import schema_text


def test_the_written_schema_is_in_step(root: Path) -> None:
    written = (root / "config" / "study.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), "run: make schema"


def test_the_schema_accepts_the_short_forms() -> None:
    validator = Draft202012Validator(json.loads(schema_text()))
    content = json.loads(json.dumps(PLAN))
    assert not list(validator.iter_errors(content))
    assert not list(validator.iter_errors({**content, "data": content["data"][0]}))


def test_the_schema_refuses_an_unknown_key() -> None:
    validator = Draft202012Validator(json.loads(schema_text()))
    assert [e.validator for e in validator.iter_errors({**json.loads(json.dumps(PLAN)), "titel": "x"})] == [
        "additionalProperties"
    ]


def test_the_schema_accepts_the_plans_of_the_project(root: Path) -> None:
    validator = Draft202012Validator(json.loads(schema_text()))
    plans = sorted((root / "config" / "studies").glob("*/study.yaml"))
    assert plans
    for plan in plans:
        content = json.loads(json.dumps(yaml.safe_load(plan.read_text(encoding="utf-8")), default=str))
        assert [e.message for e in validator.iter_errors(content)] == [], plan.parent.name
