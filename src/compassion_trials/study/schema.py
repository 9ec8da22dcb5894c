"""The JSON schema of the study plan, so that editors complete and check it."""

from __future__ import annotations

import json
from typing import Any

from compassion_trials.study.plan.sensitivity import METHODS
from compassion_trials.study.plan.study_plan import StudyPlan


def schema_text() -> str:
    """The schema as JSON text, the same on every run."""
    schema = StudyPlan.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "compassion-trials study plan"
    for definition in [schema, *schema.get("$defs", {}).values()]:
        _shorthands(definition)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


WORD = {"type": ["string", "number", "boolean"]}
"""A value of a raw file: YAML may read it as a number or a truth value, the plan takes it as a word."""

SHORTHANDS = {
    "id": {"type": "string"},
    "arm": {"type": "string"},
    "visit": {"type": "string"},
    "data": {"$ref": "#/$defs/RawFile"},
    "mediator": {"type": "string"},
    "stopped": {"type": "string"},
}
"""Short forms that validators accept beside the full one."""

VALUE_SHORTHANDS: dict[str, dict[str, Any]] = {"visits": {"type": "number"}, "keep_if": WORD}
VALUE_SHORTHANDS |= {key: {"type": "string"} for key in ("baseline", "harms")}
"""Short forms of the values of a mapping."""

SENSITIVITY = {
    "anyOf": [
        {"enum": list(METHODS)},
        {
            "type": "object",
            "additionalProperties": False,
            "maxProperties": 1,
            "minProperties": 1,
            "properties": {name: {"type": ["object", "null"]} for name in METHODS},
        },
        {"$ref": "#/$defs/SensitivityAnalysis"},
    ]
}
"""A sensitivity analysis: its name, its name with options, or the full form."""

WORDS = ("keep_if", "missing_values", "equals", "values")
"""Keys whose texts are values of a raw file."""


def _shorthands(definition: dict[str, Any]) -> None:
    """Add the short forms of a definition's keys, so that an editor does not mark them."""
    for name, part in definition.get("properties", {}).items():
        if name in WORDS:
            _loosen(part)
        if name == "sensitivity":
            part["items"] = SENSITIVITY
        if name in VALUE_SHORTHANDS:
            _values(part, VALUE_SHORTHANDS[name])
        if name in SHORTHANDS:
            described = {key: part.pop(key) for key in ("description", "default", "title") if key in part}
            kinds = part.pop("anyOf", None) or [dict(part)]
            part.clear()
            part.update({"anyOf": [SHORTHANDS[name], *kinds], **described})


def _values(part: dict[str, Any], short: dict[str, Any]) -> None:
    """Let the values of a mapping be short forms."""
    for place in (part, *([part["patternProperties"]] if "patternProperties" in part else [])):
        for key in [k for k in place if k == "additionalProperties" or k.startswith("^")]:
            if isinstance(place[key], dict):
                place[key] = {"anyOf": [short, place[key]]}


def _loosen(part: Any) -> None:
    """Let every text inside be a number or truth value too."""
    if isinstance(part, dict):
        if part.get("type") == "string":
            part["type"] = WORD["type"]
        for inner in part.values():
            _loosen(inner)
    elif isinstance(part, list):
        for inner in part:
            _loosen(inner)
