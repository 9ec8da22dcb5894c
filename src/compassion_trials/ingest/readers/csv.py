"""CSV files of any delimiter, decimal sign and common encoding."""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import replace
from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.formats import both_decimals, decode, guess_decimal, guess_delimiter
from compassion_trials.ingest.readers.grid import (
    Grid,
    body,
    header,
    named,
    rectangle,
    require_columns,
    require_records,
)
from compassion_trials.ingest.readers.table import RawTable, Reading

_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""First line that Excel writes and reads to name the delimiter."""


def read_grid(path: Path, reading: Reading) -> Grid:
    """Cells of a CSV file.

    Raises
    ------
    InputError
        Not text, a quote that is never closed, no rows, ragged rows.
    """
    text, encoding = decode(path.read_bytes(), path.name, reading.encoding)
    hint = _SEP.match(text)
    if hint is not None:  # Excel's own first line; a blank line in its place keeps the row numbers
        text = text[hint.end() - 1 :]
    delimiter = reading.delimiter or (hint.group(1) if hint is not None else guess_delimiter(text))
    if len(delimiter) != 1:
        message = "the delimiter must be one character"
        raise InputError(
            [
                Finding(
                    "error",
                    "delimiter",
                    message,
                    path.name,
                    None,
                    "delimiter",
                    value=delimiter,
                    expected='"," ";" or "\\t"',
                )
            ]
        )
    rows, notes = _row_names(_cells(text, delimiter, path.name), text, path.name)
    grid = rectangle(path.name, rows)
    grid = replace(grid, findings=(*notes, *grid.findings))
    return replace(grid, encoding=encoding, decimal=reading.decimal or guess_decimal(grid.rows[1:]))


def _cells(text: str, delimiter: str, file: str) -> list[list[str]]:
    """Rows of trimmed cells; line feeds inside quotes belong to the cell."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    blanks = delimiter == " "  # several blanks in a row part two cells, as one does
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=blanks)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
    except csv.Error:
        message = "a quotation mark is not closed, or stands inside a cell without being doubled"
        advice = "save the file again as CSV from the program that made it"
        raise InputError([Finding("error", "quotes", message, file, len(rows) + 1, advice=advice)]) from None
    return rows


def _row_names(rows: list[list[str]], text: str, file: str) -> tuple[list[list[str]], list[Finding]]:
    """Rows without the row names that R's write.table puts before them: a first column that the header does not name.

    They are known by quotation marks around the first heading and the first cell of the first record.
    """
    quoted = text.startswith('"') and text.partition("\n")[2].startswith('"')
    if not quoted or len(rows) < 2 or any(len(row) != len(rows[0]) + 1 for row in rows[1:] if any(row)):
        return rows, []
    message = "the first column has no heading and holds the row names of R; it is left out"
    advice = "write row.names = FALSE in R"
    return [rows[0], *(row[1:] for row in rows[1:])], [Finding("note", "row_names", message, file, 2, advice=advice)]


def from_grid(grid: Grid, reading: Reading, format_: str = "csv") -> RawTable:
    """A plain table from a grid: one or more header rows, then records.

    Raises
    ------
    InputError
        One column, or no records.
    """
    count = min(reading.header_rows, len(grid.rows))
    names, findings = named(grid, header(grid, count), count)
    require_columns(grid.file, names, "Excel" if format_ == "excel" else "CSV")
    frame = body(grid, names, count)
    require_records(frame, grid.file)
    if grid.decimal == ".," and both_decimals(grid.rows[count:]):
        message = "numbers are written with a decimal point and with a decimal comma; both are read as decimals"
        advice = "write decimal: ',' or decimal: '.' in the plan to allow only one"
        findings.append(Finding("warning", "mixed_decimals", message, grid.file, advice=advice))
    return RawTable(
        grid.file,
        "excel" if format_ == "excel" else "csv",
        frame,
        findings=(*grid.findings, *findings),
        encoding=grid.encoding,
        decimal=grid.decimal,
    )
