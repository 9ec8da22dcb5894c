"""Findings in plan and data, grouped; never a participant, never a value of one."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import DASH, count
from compassion_trials.tables.material import Material, words
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import dash, general, notes

SEVERITIES = {"error": "Errors", "warning": "Warnings", "note": "Notes"}
_NAMED = 3
"""Columns named before the rest is counted."""


def build(material: Material) -> list[TableSpec]:
    """One row per kind of finding and file."""
    if material.findings.empty:
        return []
    heads = ("Finding", "File", "Columns", "Advice")
    body = tuple(_body(material.findings))
    note = general(
        material,
        "Findings of the automatic checks, counted by kind; single findings with their row stand in the issues files.",
        dash(body, "concerns no single file or column, or has no single advice"),
    )
    return [
        TableSpec(
            name="issues",
            title=text("Issues Found in the Data"),
            columns=(
                *[TableColumn(text(head), "left") for head in heads[:3]],
                TableColumn(text("Count")),
                TableColumn(text(heads[3]), "left"),
            ),
            rows=body,
            notes=notes(note),
            category="data",
        )
    ]


def _body(findings: pd.DataFrame) -> list[TableRow]:
    """Severities as groups."""
    body: list[TableRow] = []
    for severity, label in SEVERITIES.items():
        mine = findings[findings["severity"] == severity]
        if mine.empty:
            continue
        body.append(heading(label))
        for (code, file), members in mine.groupby(["code", "file"], sort=False):
            body.append(_row(str(code), str(file), members))
    return body


def _row(code: str, file: str, members: pd.DataFrame) -> TableRow:
    """One kind of finding in one file; its message when all say the same, else its name."""
    messages = members["message"].unique()
    advice = [word for word in members["advice"].unique() if word]
    columns = [name for name in members["column"].unique() if name]
    more = f" and {len(columns) - _NAMED} more" if len(columns) > _NAMED else ""
    return row(
        _sentence(messages[0]) if len(messages) == 1 else words(code),
        file or DASH,
        ", ".join(columns[:_NAMED]) + more or DASH,
        count(len(members)),
        _sentence(advice[0]) if len(advice) == 1 else DASH,
        level=1,
    )


def _sentence(words: str) -> str:
    """A message with a capital letter."""
    return words[:1].upper() + words[1:]
