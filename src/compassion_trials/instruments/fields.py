"""Fields of outcomes: what trials are compared on across questionnaires."""

from __future__ import annotations

from typing import Final, Literal

OutcomeField = Literal[
    "self_compassion",
    "depression",
    "anxiety",
    "stress",
    "general_distress",
    "mindfulness",
    "rumination",
    "self_criticism",
]
"""Short name of a field, as questionnaires, study plans and published tables write it."""

FIELDS: Final[dict[str, str]] = {
    "self_compassion": "self-compassion",
    "depression": "depression",
    "anxiety": "anxiety",
    "stress": "stress",
    "general_distress": "general distress",
    "mindfulness": "mindfulness",
    "rumination": "rumination",
    "self_criticism": "self-criticism",
}
"""Fields in words, in the order in which they are shown; trials of one field are drawn in one forest plot."""
