"""A guessed plan as the verb ``init`` writes it."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.ingest.first_plan.draft import draft
from compassion_trials.ingest.first_plan.guess import guess


def guess_plan(path: Path, target: Path | None = None) -> tuple[str, list[str]]:
    """Text of the plan and its notes."""
    found = guess(path)
    text = draft(found, path, target)
    return text, found.notes
