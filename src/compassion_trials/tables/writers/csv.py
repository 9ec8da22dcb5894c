"""Tables as CSV, for spreadsheets: numbers with a hyphen as minus and ordinary spaces, group rows as a first column."""

from __future__ import annotations

import csv
import io

from compassion_trials.core.cells import guarded
from compassion_trials.core.numbers import MINUS, NBSP
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import Text, plain
from compassion_trials.tables.writers.markdown import head


def to_csv(spec: TableSpec) -> str:
    """The body of a table as CSV with one header row; title and notes are left out.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    grouped = any(row.group for row in spec.rows)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((["Group"] if grouped else []) + [_cell(head(column)) for column in spec.columns])
    group = ""
    for row in spec.rows:
        if row.group:
            group = _cell(row.cells[0])
            continue
        writer.writerow(([group] if grouped else []) + [_cell(cell) for cell in row.cells])
    return stream.getvalue()


def _cell(content: Text) -> str:
    """A cell for machines."""
    return guarded(plain(content).replace(MINUS, "-").replace(NBSP, " "))
