"""A small plan that tests change one key at a time."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

PLAN: dict[str, Any] = {
    "title": "Compassion course against wait-list",
    "design": {
        "type": "randomized",
        "arms": {"course": "Compassion course", "waitlist": "Wait-list"},
        "control": "waitlist",
        "visits": {"pre": 0, "post": 8, "fu": {"week": 20, "label": "Follow-up"}},
    },
    "data": [
        {
            "file": "survey.csv",
            "id": "participant",
            "arm": {"column": "group", "values": {1: "course", 2: "waitlist"}},
            "items": "{instrument}_{visit}_{item}",
            "baseline": {"age": "Age", "gender": {"column": "Sex", "values": {1: "female", 2: "male"}}},
        }
    ],
    "measures": {
        "scs": {"instrument": "scs", "role": "primary"},
        "dass": {"instrument": "dass21"},
        "qoli": {"total": "qoli_{visit}", "name": "Quality of Life Inventory", "range": [-6, 6], "better": "higher"},
    },
}


def plan_with(**parts: Any) -> dict[str, Any]:
    """The small plan with top-level parts replaced."""
    return {**deepcopy(PLAN), **parts}
