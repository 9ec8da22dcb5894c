"""The JSON schema of the study plan, so that editors complete and check it."""

from __future__ import annotations

import json

from compassion_trials.study.plan import StudyPlan


def schema_text() -> str:
    """The schema as JSON text, the same on every run."""
    schema = StudyPlan.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "compassion-trials study plan"
    for definition in [schema, *schema.get("$defs", {}).values()]:
        _shorthands(definition)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


SHORTHANDS = {
    "id": {"type": "string"},
    "arm": {"type": "string"},
    "visit": {"type": "string"},
    "data": {"$ref": "#/$defs/RawFile"},
}
"""Short forms that validators accept beside the full one."""

VALUE_SHORTHANDS = {
    "visits": {"type": "number"},
    "baseline": {"type": "string"},
    "keep_if": {"type": ["string", "number", "boolean"]},
}
"""Short forms of the values of a mapping."""


def _shorthands(definition: dict[str, object]) -> None:
    """Add the short forms of a definition's keys, so that an editor does not mark them."""
    properties = definition.get("properties")
    if not isinstance(properties, dict):
        return
    for name, part in properties.items():
        values = part.get("additionalProperties")
        if name in VALUE_SHORTHANDS and isinstance(values, dict):
            part["additionalProperties"] = {"anyOf": [VALUE_SHORTHANDS[name], values]}
        elif name in SHORTHANDS and ("$ref" in part or part.get("type") == "array" or "anyOf" in part):
            text = {key: part.pop(key) for key in ("description", "default", "title") if key in part}
            kinds = part.pop("anyOf", None) or [dict(part)]
            part.clear()
            part.update({"anyOf": [SHORTHANDS[name], *kinds], **text})
