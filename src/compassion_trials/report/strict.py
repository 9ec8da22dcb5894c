"""What a strict plan demands of its report: no item of its checklists is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.record import Record

if TYPE_CHECKING:
    from compassion_trials.report.sections.appendix import Answers
    from compassion_trials.study.context import Context

FACT: Final = "missing"
"""Key of the report's record."""


def lacking(answers: Answers) -> list[list[str]]:
    """What the checklists miss: item with its checklist, and advice."""
    return [
        [f"{checklist.title} {a.item.id}: {a.item.report}", a.todo]
        for checklist, found in answers
        for a in found
        if a.status == "missing"
    ]


def demand(context: Context) -> None:
    """End in error when the plan says ``report: {strict: true}`` and items of the checklists are missing.

    Parameters
    ----------
    context : Context
        The stage report must have run: its files stay whatever is missing.

    Raises
    ------
    InputError
        One finding for each missing item.
    """
    if not context.plan.report.strict:
        return
    missing = Record.read(context.results.record("report")).facts.get(FACT, [])
    if missing:
        raise InputError([Finding("error", "checklist_item", item, advice=advice) for item, advice in missing])
