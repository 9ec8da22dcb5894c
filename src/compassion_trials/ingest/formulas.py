"""Errors of Excel formulas: they count as missing, and are told by column."""

from __future__ import annotations

from collections.abc import Iterable

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.table import RawTable
from compassion_trials.ingest.values import formula_error


def told(file: str, row: int, column: str, value: str, count: int) -> Finding:
    """A warning for the cells of a column that hold the error of a formula."""
    message = f"{count} cells hold a formula error; they count as missing"
    return Finding("warning", "formula_error", message, file, row, column, value=value)


def in_columns(columns: Iterable[str], table: RawTable) -> list[Finding]:
    """Warnings for columns that the plan names; errors among the answers are told with the answers."""
    findings = []
    for column in dict.fromkeys(columns):
        cells = table.frame[column]
        wrong = cells[cells.isin([word for word in cells.unique() if formula_error(word)])]
        if len(wrong):
            findings.append(told(table.file, int(wrong.index[0]), column, wrong.iloc[0], len(wrong)))
    return findings
