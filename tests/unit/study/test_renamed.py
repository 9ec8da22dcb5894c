"""Words of earlier versions: told as such, with the new word."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import BaseModel, ConfigDict
from tests.unit.study.plans import plan_with
from tests.unit.study.test_loader import write

from compassion_trials.core.errors import InputError
from compassion_trials.core.yaml import validate
from compassion_trials.study.loader import load_plan
from compassion_trials.study.plan.renamed import RENAMED
from compassion_trials.study.plan.study_plan import StudyPlan


class _Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    shape: str


class _Outer(BaseModel):
    renamed: ClassVar[Mapping[str, str]] = {"parts.*.form": "write shape", "colour=grey": "write gray"}
    model_config = ConfigDict(extra="forbid")
    parts: dict[str, _Inner] = {}


def _found(content: object) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as caught:
        validate(_Outer, content, "plan.yaml")
    return [(f.code, f.column, f.advice) for f in caught.value.findings]


def test_an_old_key_is_told_with_the_new_one() -> None:
    assert _found({"parts": {"mine": {"form": "x", "shape": "x"}}}) == [("renamed", "parts.mine.form", "write shape")]


def test_an_old_word_is_told_only_for_that_word() -> None:
    assert _found({"colour": "grey"}) == [("renamed", "colour", "write gray")]
    (other,) = _found({"colour": "blue"})
    assert other[0] == "unknown_key"


def test_a_plan_of_an_earlier_version(tmp_path: Path) -> None:
    paths = {"mediator": "scs.total", "mediator_visit": "post", "outcome": "dass.total", "outcome_visit": "fu"}
    content = plan_with(analysis={"mediation": [{**paths, "label": "By self-compassion"}]})
    with pytest.raises(InputError) as caught:
        load_plan(write(tmp_path, content))
    (finding,) = caught.value.findings
    assert (finding.code, finding.column) == ("renamed", "analysis.mediation.0.label")
    assert finding.advice.startswith("delete it")
    assert finding.row is not None


@pytest.mark.parametrize("place", RENAMED)
def test_no_renamed_key_is_valid_today(place: str) -> None:
    """A key that came back with another meaning must not be refused as old."""
    key, _, word = place.partition("=")
    schema = StudyPlan.model_json_schema()
    here = [schema]
    for part in key.split("."):
        here = [inner for one in here for inner in _inside(one, part, schema)]
    assert here == [] if not word else word not in str(here)


def _inside(part: dict, key: str, schema: dict) -> list[dict]:
    """Schemas one step further along a place; a reference and each alternative is followed."""
    if "$ref" in part:
        return _inside(schema["$defs"][part["$ref"].rpartition("/")[2]], key, schema)
    found = [inner for one in part.get("anyOf", []) for inner in _inside(one, key, schema)]
    found += [part["properties"][key]] if key in part.get("properties", {}) else []
    if key == "*":
        found += [part[name] for name in ("items", "additionalProperties") if isinstance(part.get(name), dict)]
    return found


def test_the_way_along_the_schema_finds_what_is_there() -> None:
    schema = StudyPlan.model_json_schema()
    here = [schema]
    for part in ("analysis", "mediation", "*", "mediator"):
        here = [inner for one in here for inner in _inside(one, part, schema)]
    assert len(here) == 1
