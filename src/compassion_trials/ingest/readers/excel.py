"""Excel sheets (.xlsx): cells as text, header cells that were merged, formula errors, dates."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.formats import guess_decimal
from compassion_trials.ingest.readers.grid import Grid, rectangle
from compassion_trials.ingest.readers.table import Reading

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def read_grid(path: Path, reading: Reading) -> Grid:
    """Cells of one sheet.

    Raises
    ------
    InputError
        No workbook, a damaged one, no such sheet, an empty sheet, formulas without stored results.
    """
    book = _open(path, read_only=reading.header_rows == 1)
    try:
        return _read(book, path, reading)
    except (InputError, OSError):
        raise
    except Exception:  # a damaged part of the file comes to light while it is read, in many kinds of errors
        raise InputError([_damaged(path.name)]) from None
    finally:
        book.close()


def _read(book: Any, path: Path, reading: Reading) -> Grid:
    """Cells of one sheet of an open workbook."""
    sheet = _sheet(book, reading.sheet, path.name)
    if reading.header_rows == 1:
        sheet.reset_dimensions()
    values = [list(row) for row in sheet.iter_rows(values_only=True)]
    durations = _durations(values)
    rows = [[_text(cell) for cell in row] for row in values]
    if not any(any(row) for row in rows):
        raise InputError([_empty(book, sheet.title, path.name)])
    merged = reading.header_rows > 1 and _fill_merged(sheet, rows, reading.header_rows)
    sheets = _sheets(path)
    _check_formulas(path, sheet.title, sheets)
    grid = rectangle(path.name, _trim(rows))
    findings = [
        *grid.findings,
        *_merged_records(path, sheet.title, reading.header_rows, sheets),
        *_other_sheets(book, sheet.title, reading.sheet, path.name),
    ]
    if durations:
        message = f"{durations} columns hold durations, which are read as seconds"
        findings.append(Finding("note", "durations", message, path.name))
    decimal = reading.decimal or guess_decimal(grid.rows[reading.header_rows :])
    return Grid(
        file=path.name,
        rows=grid.rows,
        numbers=grid.numbers,
        encoding="",
        decimal=decimal,
        findings=tuple(findings),
        merged=merged,
    )


def _open(path: Path, read_only: bool) -> Any:
    """The workbook with stored results of formulas."""
    from openpyxl import load_workbook

    try:
        return load_workbook(path, data_only=True, read_only=read_only)
    except PermissionError:
        raise
    except Exception:  # openpyxl answers broken files with many kinds of errors; all mean the same to a person
        raise InputError([_damaged(path.name)]) from None


def _damaged(file: str) -> Finding:
    """The finding for a file that says it is a workbook and cannot be read."""
    advice = "open it in Excel and save it as .xlsx; a file with a password cannot be read"
    return Finding("error", "unreadable_format", "this is not a readable Excel workbook", file, advice=advice)


def _sheet(book: Any, wanted: str | int | None, file: str) -> Any:
    """The sheet by name or number; when none is named the first that a person sees and that holds a table.

    Charts are not sheets of data, and hidden sheets hold what others must not see or need not.
    """
    names: list[str] = [sheet.title for sheet in book.worksheets]
    if wanted is None:
        seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        found = seen or book.worksheets
        if not found:
            message = "the workbook holds charts only, no sheet with cells"
            raise InputError([Finding("error", "empty_sheet", message, file, advice="export the data again")])
        return next((sheet for sheet in found if _is_table(sheet)), found[0])
    if str(wanted) in names:
        return book[str(wanted)]
    every = list(book.sheetnames)
    if str(wanted).isdigit() and 1 <= int(wanted) <= len(every) and every[int(wanted) - 1] in names:
        return book[every[int(wanted) - 1]]
    message = "the workbook has no such sheet"
    raise InputError(
        [
            Finding(
                "error",
                "sheet_missing",
                message,
                file,
                None,
                "sheet",
                value=str(wanted),
                advice=nearest(str(wanted), names),
            )
        ]
    )


def _is_table(sheet: Worksheet) -> bool:
    """Whether a sheet has at least two rows of at least two filled cells."""
    if hasattr(sheet, "reset_dimensions"):  # the size that a file states may be wrong
        sheet.reset_dimensions()
    filled = (sum(cell is not None for cell in row) >= 2 for row in sheet.iter_rows(values_only=True))
    return sum(1 for _ in zip(range(2), (row for row in filled if row), strict=False)) == 2


def _text(value: object) -> str:
    """A cell as text: whole numbers without decimals, dates as ISO, durations in seconds."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    if isinstance(value, datetime.timedelta):
        return f"{value.total_seconds():g}" if value.total_seconds() % 1 else str(int(value.total_seconds()))
    return str(value).strip()


def _durations(rows: list[list[Any]]) -> int:
    """Number of columns with durations; their times below a day, which look like clock times, become durations too."""
    columns = {i for row in rows for i, cell in enumerate(row) if isinstance(cell, datetime.timedelta)}
    for row in rows:
        for i in columns & set(range(len(row))):
            if isinstance(row[i], datetime.time):
                clock = row[i]
                row[i] = datetime.timedelta(
                    hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
                )
    return len(columns)


def _trim(rows: list[list[str]]) -> list[list[str]]:
    """Rows without blank cells at the right and below, which an edited sheet often has, all as wide as the widest."""
    rows = rows[: max(i + 1 for i, row in enumerate(rows) if any(row))]
    width = max(max((i + 1 for i, cell in enumerate(row) if cell), default=0) for row in rows)
    return [[*row[:width], *[""] * (width - len(row))] for row in rows]


def _fill_merged(sheet: Worksheet, rows: list[list[str]], header_rows: int) -> bool:
    """Fill merged header cells to the right, in place; whether there were any."""
    found = False
    for area in sheet.merged_cells.ranges:
        if area.min_row <= header_rows and area.max_col > area.min_col:
            found = True
            value = rows[area.min_row - 1][area.min_col - 1]
            for column in range(area.min_col - 1, area.max_col):
                rows[area.min_row - 1][column] = value
    return found


def _empty(book: Any, title: str, file: str) -> Finding:
    """A finding for an empty sheet, naming the others."""
    others = [sheet.title for sheet in book.worksheets if sheet.title != title]
    advice = f"name the sheet with the data in the plan: {', '.join(others)}" if others else "export the data again"
    return Finding(
        "error", "empty_sheet", f'the sheet "{title}" is empty', file, None, "sheet", value=title, advice=advice
    )


def _other_sheets(book: Any, title: str, wanted: str | int | None, file: str) -> Iterable[Finding]:
    """A note when a sheet was chosen among several without the plan naming it."""
    seen = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if wanted is None and len(seen) > 1:
        which = "the first" if title == seen[0] else "the first with a table"
        message = f'the workbook has {len(seen)} sheets; {which}, "{title}", is read'
        yield Finding("warning", "several_sheets", message, file, advice=f"write sheet: {title} to confirm")


def _sheets(path: Path) -> list[bytes]:
    """The XML of the sheets of a workbook."""
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]


def _merged_records(path: Path, title: str, header_rows: int, sheets: list[bytes]) -> Iterable[Finding]:
    """A warning for cells merged below the header: only the first of them holds a value."""
    if not any(b"<mergeCell " in sheet for sheet in sheets):
        return
    from openpyxl import load_workbook

    areas = [area for area in load_workbook(path)[title].merged_cells.ranges if area.max_row > header_rows]
    if areas:
        message = f"{len(areas)} times cells of records are merged; only the first cell of each holds a value"
        advice = "undo the merging in Excel and fill in what belongs into each cell"
        yield Finding("warning", "merged_cells", message, path.name, min(area.min_row for area in areas), advice=advice)


def _check_formulas(path: Path, title: str, sheets: list[bytes]) -> None:
    """Refuse formulas whose results are not stored: their cells would look blank.

    Raises
    ------
    InputError
    """
    if not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets):
        return
    from openpyxl import load_workbook

    stored, formulas = load_workbook(path, data_only=True)[title], load_workbook(path)[title]
    without = [
        cell.row
        for row in formulas.iter_rows()
        for cell in row
        if cell.data_type == "f" and stored[cell.coordinate].value is None
    ]
    if without:
        message = f"{len(without)} cells hold formulas without a stored result"
        advice = "open the file in Excel and save it, or paste the values"
        raise InputError([Finding("error", "formulas", message, path.name, without[0], advice=advice)])
