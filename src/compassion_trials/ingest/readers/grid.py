"""A grid of text cells, as a CSV file or an Excel sheet holds it, and how header rows make a table of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.folding import one_line

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of trimmed text cells, blank rows left out, all of one width.

    Attributes
    ----------
    file : str
        File name.
    rows : list of rows
        Cells as text, the header rows first.
    numbers : list of int
        Row number in the file of each row.
    encoding, decimal : str
        As `table.RawTable` has them.
    findings : tuple of Finding
        What was noticed while reading.
    merged : bool
        Whether merged header cells are already filled to the right.
    """

    file: str
    rows: Sequence[Row]
    numbers: list[int]
    encoding: str = ""
    decimal: str = "."
    findings: tuple[Finding, ...] = ()
    merged: bool = False


def rectangle(file: str, rows: Sequence[Row]) -> Grid:
    """Rows as they stand in a file, made one width; blank rows are left out and counted.

    Raises
    ------
    InputError
        The file has no rows, or rows with more filled cells than the header has columns.
    """
    kept = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if not kept:
        raise InputError(
            [Finding("error", "empty_file", "the file holds no rows", file, advice="export the data again")]
        )
    width = len(kept[0][1])
    if width == 1 and any(len(row) > 1 for _, row in kept):
        message = (
            "the first row has one cell, later rows have more; this is not a table with its header in the first row"
        )
        advice = (
            "delete a title above the header; name the delimiter in the plan (delimiter: ';') if it was guessed wrong"
        )
        raise InputError([Finding("error", "one_column", message, file, kept[0][0], advice=advice)])
    longer = [number for number, row in kept if len(row) > width and any(row[width:])]
    if longer:
        message = f"{len(longer)} rows have more cells than the header has columns ({width})"
        advice = "a cell that holds the delimiter needs quotes; a first column without a name needs one in the header"
        raise InputError([Finding("error", "ragged_rows", message, file, longer[0], advice=advice)])
    shorter = [number for number, row in kept if len(row) < width]
    findings = []
    if shorter:
        message = f"{len(shorter)} rows have fewer cells than the header; the rest of these rows counts as blank"
        findings.append(
            Finding("warning", "short_rows", message, file, shorter[0], advice="see whether the file is complete")
        )
    if torn := _odd_widths(kept, width):
        message = f"{len(torn)} rows have more cells than the other rows; the last ones are blank"
        advice = "a cell may have been put in, so that later cells of the row stand under the wrong names"
        findings.append(Finding("warning", "long_rows", message, file, torn[0], advice=advice))
    blank = [n for n, row in enumerate(rows, start=1) if not any(row) and n > kept[0][0] and (n < kept[-1][0] or row)]
    if blank:
        message = f"{len(blank)} rows are blank and were skipped"
        findings.append(Finding("warning", "blank_rows", message, file, blank[0]))
    filled = [[*row[:width], *[""] * (width - len(row))] for _, row in kept]
    filled[0] = [one_line(cell) for cell in filled[0]]  # names as a person sees them, whatever format it is
    return Grid(file, filled, [number for number, _ in kept], findings=tuple(findings))


def _odd_widths(rows: Sequence[tuple[int, Row]], width: int) -> list[int]:
    """Numbers of rows that are longer than the header and than most records (which may all end with a delimiter)."""
    usual = Counter(len(row) for _, row in rows[1:]).most_common(1)
    return [number for number, row in rows[1:] if len(row) > max(width, usual[0][0])]


def body(grid: Grid, names: Sequence[str], header_rows: int) -> pd.DataFrame:
    """The rows below the header as a frame of text, indexed by file row number."""
    index = pd.Index(grid.numbers[header_rows:], dtype="int64", name="row")
    frame = pd.DataFrame(grid.rows[header_rows:], columns=list(names), index=index, dtype="object")
    return frame.loc[:, [bool(name) for name in names]]


def header(grid: Grid, header_rows: int) -> list[str]:
    """Column names from one or more header rows; several are joined by ``_``.

    A blank cell of an upper row takes the name to its left, as a merged cell means it.
    """
    levels = [list(row) for row in grid.rows[:header_rows]]
    if not grid.merged:
        levels[:-1] = [_fill_right(level) for level in levels[:-1]]
    levels = [[one_line(cell) for cell in level] for level in levels]  # a line break in a heading is a blank
    return ["_".join(dict.fromkeys(part for part in parts if part)) for parts in zip(*levels, strict=True)]


def named(grid: Grid, names: Sequence[str], header_rows: int) -> tuple[list[str], list[Finding]]:
    """Unambiguous column names: blank ones get a number, repeated ones too; wholly blank columns lose their name.

    Returns
    -------
    names : list of str
        Empty where a column has neither name nor content and is left out.
    findings : list of Finding
    """
    findings, result = [], []
    names = [one_line(name) for name in names]
    counts = Counter(name for name in names if name)
    seen: Counter[str] = Counter()
    blank: list[str] = []
    for position, name in enumerate(names):
        if name and counts[name] > 1:
            seen[name] += 1
            result.append(f"{name} ({seen[name]})")
        elif name:
            result.append(name)
        elif any(row[position] for row in grid.rows[header_rows:]):
            blank.append(f"column_{position + 1}")
            result.append(blank[-1])
        else:
            result.append("")
    if blank:
        message = (
            f"{len(blank)} columns have no name and are called {', '.join(blank[:3])}{' ...' if len(blank) > 3 else ''}"
        )
        advice = "a title above the header row, if there is one, has to be deleted"
        findings.append(Finding("warning", "unnamed_columns", message, grid.file, grid.numbers[0], advice=advice))
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        shown = repeated[0] if len(repeated[0]) <= 40 else repeated[0][:37] + "..."
        message = f'{len(repeated)} column names occur more than once and are numbered, such as "{shown} (1)"'
        findings.append(
            Finding("warning", "repeated_names", message, grid.file, grid.numbers[0], expected="each name once")
        )
    return result, findings


def _fill_right(level: list[str]) -> list[str]:
    """Blank cells take the last name to their left."""
    filled, last = [], ""
    for cell in level:
        last = cell or last
        filled.append(last)
    return filled


def require_columns(file: str, names: Sequence[str], format_: str) -> None:
    """Refuse a table of one column: the delimiter or the format is wrong.

    Raises
    ------
    InputError
    """
    if sum(1 for name in names if name) < 2:
        message = f"only one column was found when read as {format_}"
        advice = "name the delimiter in the plan (delimiter: ';'), or the format when it is not a CSV file"
        raise InputError([Finding("error", "one_column", message, file, 1, advice=advice)])


def require_records(frame: pd.DataFrame, file: str) -> None:
    """Refuse a table without records.

    Raises
    ------
    InputError
    """
    if frame.empty:
        message = "the file has a header but no records"
        raise InputError([Finding("error", "no_records", message, file, advice="export the data again")])
