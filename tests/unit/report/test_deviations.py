"""The table of deviations: every changed key, with what the authors say about it."""

from __future__ import annotations

from compassion_trials.report.sections.deviations import deviations_table
from compassion_trials.study.frozen import PlanChange
from compassion_trials.study.text import AuthorText
from compassion_trials.tables.text import plain

CHANGED = (
    PlanChange("analysis.primary.covariance", "not given", "cs"),
    PlanChange("title", "Old", "New"),
)


def cells(found: tuple[PlanChange, ...], **text: object) -> list[list[str]]:
    table = deviations_table(found, AuthorText.model_validate(text))
    assert table is not None
    heads = [plain(column.header) for column in table.columns]
    return [heads, *[[plain(cell) for cell in row.cells] for row in table.rows]]


def test_nothing_changed_is_no_table() -> None:
    assert deviations_table((), AuthorText()) is None


def test_changes_without_words() -> None:
    assert cells(CHANGED) == [
        ["Key of the plan", "Before", "After"],
        ["analysis.primary.covariance", "not given", "cs"],
        ["title", "Old", "New"],
    ]


def test_the_authors_words_stand_with_the_change() -> None:
    said = [{"key": "analysis.primary", "date": "May 2020", "reason": "No convergence."}]
    assert cells(CHANGED, deviations=said)[:2] == [
        ["Key of the plan", "Before", "After", "Date", "Reason"],
        ["analysis.primary.covariance", "not given", "cs", "May 2020", "No convergence."],
    ]


def test_a_deviation_that_is_no_key_of_the_plan_is_listed_too() -> None:
    said = [{"change": "Recruitment took longer.", "reason": "Holidays."}]
    assert cells((), deviations=said) == [
        ["Key of the plan", "Change", "Reason"],
        ["—", "Recruitment took longer.", "Holidays."],
    ]
