"""LimeSurvey exports: question codes or texts as header, blank and repeated names."""

from __future__ import annotations

from dataclasses import replace

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers import csv
from compassion_trials.ingest.readers.formats import is_limesurvey
from compassion_trials.ingest.readers.grid import Grid
from compassion_trials.ingest.readers.table import RawTable, Reading

IDENTIFYING = {
    "token", "ipaddr", "refurl", "firstname", "lastname", "email", "startlanguage", "startdate", "datestamp",
    "submitdate", "access code", "ip address", "referrer url", "first name", "last name", "email address",
    "start language", "date started", "date last action", "date submitted", "seed",
}  # fmt: skip
"""Columns of the tool itself that point at a person or a moment."""

SUBMITTED = ("submitdate", "Date submitted")


def from_grid(grid: Grid, reading: Reading) -> RawTable:
    """A LimeSurvey export from its cells.

    Raises
    ------
    InputError
        It has none of LimeSurvey's own columns, or no records.
    """
    if not is_limesurvey(grid.rows[0]):
        message = "this is not a LimeSurvey export: submitdate, lastpage, startlanguage are not in its first row"
        advice = "leave out the key format, or write format: csv"
        raise InputError([Finding("error", "not_limesurvey", message, grid.file, 1, advice=advice)])
    table = csv.from_grid(grid, reading)
    names = list(table.frame.columns)
    return replace(
        table,
        format="limesurvey",
        identifying={
            name: "LimeSurvey column about the person or moment" for name in names if name.lower() in IDENTIFYING
        },
        findings=(*table.findings, *_unsubmitted(table)),
    )


def _unsubmitted(table: RawTable) -> list[Finding]:
    """A warning that counts responses never submitted; they are kept."""
    column = next((name for name in SUBMITTED if name in table.frame), None)
    if column is None:
        return []
    blank = table.frame[column].isin(["", "NA"])
    if not blank.any():
        return []
    message = f"{int(blank.sum())} responses were never submitted; their answers are kept"
    advice = 'to leave them out export "completed responses only"'
    return [Finding("warning", "unsubmitted", message, table.file, int(blank.index[blank][0]), column, advice=advice)]
