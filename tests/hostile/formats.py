"""Family ``formats``: the same data as Excel, SPSS or Stata file, and such files that are damaged."""

from __future__ import annotations

import datetime
import io
import random
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from tests.hostile.kinds import SAME, Truth, either, kind, told
from tests.hostile.trial import Trial

HOSTS = ("list", "long", "wide", "redcap")
SIMPLE = ("list", "long", "wide")


def typed(cell: str) -> Any:
    """A cell as a program stores it: a number, a text, nothing."""
    try:
        value = float(cell)
    except ValueError:
        return cell or None
    return int(value) if value.is_integer() else value


def book_of(trial: Trial, rng: random.Random, *, text: bool | None = None) -> Workbook:
    """A workbook with the rows of the trial, numbers as numbers or as text."""
    as_text = rng.random() < 0.3 if text is None else text
    book = Workbook()
    sheet = book.active
    for n, row in enumerate(trial.rows):
        sheet.append([(cell or None) if as_text or n < trial.heads else typed(cell) for cell in row])
    return book


def use(trial: Trial, content: Workbook | bytes, ending: str) -> None:
    """Put a file of another format in the place of the damaged one."""
    if isinstance(content, Workbook):
        stream = io.BytesIO()
        content.save(stream)
        content = stream.getvalue()
    old, part = trial.file, trial.raw
    trial.others.pop(old, None)
    part["file"] = trial.file = old.rsplit(".", 1)[0] + ending
    trial.content = content


def frame_of(trial: Trial) -> pd.DataFrame:
    """The records as a program of statistics has them: numeric columns as numbers."""
    frame = pd.DataFrame(trial.rows[trial.heads :], columns=[name.replace(" ", "_") for name in trial.header])
    for name in frame.columns:
        numbers = pd.to_numeric(frame[name].replace("", None), errors="coerce")
        if numbers.notna().sum() == (frame[name] != "").sum():
            frame[name] = numbers.astype("float64")
    return frame


def packed(trial: Trial, ending: str) -> bytes:
    """The records as an SPSS or Stata file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{ending}"
        if ending == ".dta":
            pyreadstat.write_dta(frame_of(trial), path)
        else:
            pyreadstat.write_sav(frame_of(trial), path, compress=ending == ".zsav")
        return path.read_bytes()


@kind("formats", *HOSTS)
def excel(trial: Trial, rng: random.Random) -> Truth:
    use(trial, book_of(trial, rng), ".xlsx")
    return SAME


@kind("formats", *HOSTS)
def excel_dressed(trial: Trial, rng: random.Random) -> Truth:
    """Colours, comments, hidden rows and columns, a filter, a frozen header, blank formatted cells."""
    book = book_of(trial, rng)
    sheet = book.active
    sheet["B2"].comment = Comment("see me", "a person")
    sheet["C3"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet.freeze_panes, sheet.auto_filter.ref = "B2", sheet.dimensions
    sheet.column_dimensions["C"].hidden = True
    sheet.row_dimensions[4].hidden = True
    sheet.cell(len(trial.rows) + 20, len(trial.header) + 5).fill = PatternFill("solid", fgColor="FF0000")
    use(trial, book, ".xlsx")
    return SAME


@kind("formats", *SIMPLE)
def excel_other_sheets(trial: Trial, rng: random.Random) -> Truth:
    """More sheets: a legend before the data, a hidden one, a chart sheet, an empty one."""
    book = book_of(trial, rng)
    way = rng.choice(["after", "hidden before", "chart before", "empty before"])
    if way == "chart before":
        book.create_chartsheet("Chart", 0).add_chart(BarChart())
    else:
        other = book.create_sheet("Legend", len(book.sheetnames) if way == "after" else 0)
        if way != "empty before":
            other.append(["code", "meaning"])
            other.append([1, "never"])
        if way == "hidden before":
            other.sheet_state = "hidden"
    book.active = book.sheetnames.index("Sheet")
    use(trial, book, ".xlsx")
    return SAME


@kind("formats", *SIMPLE)
def excel_legend_first(trial: Trial, rng: random.Random) -> Truth:
    """A table of codes stands on the first visible sheet."""
    book = book_of(trial, rng)
    other = book.create_sheet("Codes", 0)
    for n in range(4):
        other.append([f"code {n}", f"meaning {n}"])
    use(trial, book, ".xlsx")
    return told(trial.file)


@kind("formats", *SIMPLE)
def excel_title_above(trial: Trial, rng: random.Random) -> Truth:
    """A title, merged over the table, above the header; a legend at the side."""
    book = book_of(trial, rng)
    sheet = book.active
    sheet.insert_rows(1)
    sheet["A1"] = "Data of the trial"
    if rng.random() < 0.5:
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=5)
    use(trial, book, ".xlsx")
    return told(trial.file)


@kind("formats", *SIMPLE)
def excel_legend_beside(trial: Trial, rng: random.Random) -> Truth:
    """Notes to the right of the table, a column left between."""
    book = book_of(trial, rng)
    book.active.cell(3, len(trial.header) + 2).value = rng.choice(["1 = yes", "checked", 17])
    use(trial, book, ".xlsx")
    return either(trial.file)


@kind("formats", *SIMPLE)
def excel_formulas(trial: Trial, rng: random.Random) -> Truth:
    """Formulas whose results are not stored, in cells that are used."""
    book = book_of(trial, rng)
    column = rng.choice([name for names in trial.roles.items.values() for name in names] or trial.roles.numbers)
    book.active.cell(trial.heads + 2, trial.place(column) + 1).value = rng.choice(["=1+1", "=SUM(A1:A2)", "=B2"])
    use(trial, book, ".xlsx")
    return told(trial.file)


@kind("formats", *HOSTS)
def excel_dates_for_numbers(trial: Trial, rng: random.Random) -> Truth:
    """Excel made a date of an answer, an age or a total."""
    columns = (
        [name for names in trial.roles.items.values() for name in names] + trial.roles.numbers + trial.roles.totals
    )
    column = rng.choice(columns)
    book = book_of(trial, rng, text=False)
    row = rng.choice(trial.filled(column))
    value = rng.choice([datetime.datetime(2020, 2, 1), datetime.date(2020, 3, 4), datetime.time(3, 0), True])
    book.active.cell(row + 1, trial.place(column) + 1).value = value
    use(trial, book, ".xlsx")
    names = [key for key, part in trial.raw.get("baseline", {}).items() if part["column"] == column]
    return told(column, *names)


@kind("formats", *HOSTS)
def excel_errors(trial: Trial, rng: random.Random) -> Truth:
    columns = (
        [name for names in trial.roles.items.values() for name in names] + trial.roles.numbers + trial.roles.totals
    )
    column = rng.choice(columns)
    book = book_of(trial, rng)
    cell = book.active.cell(rng.choice(trial.filled(column)) + 1, trial.place(column) + 1)
    cell.value = rng.choice(["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"])
    use(trial, book, ".xlsx")
    return told(column)


@kind("formats", *SIMPLE)
def excel_merged_cells(trial: Trial, rng: random.Random) -> Truth:
    """Cells merged over two records: the second has no value of its own."""
    column = rng.choice([name for names in trial.roles.items.values() for name in names] or [trial.roles.id])
    if rng.random() < 0.3:
        column = trial.roles.id
    book = book_of(trial, rng)
    at, row = trial.place(column) + 1, rng.randrange(trial.heads + 1, len(trial.rows))
    book.active.merge_cells(start_row=row, start_column=at, end_row=row + 1, end_column=at)
    use(trial, book, ".xlsx")
    return told(trial.file, column, "arm")


@kind("formats", *SIMPLE)
def excel_damaged(trial: Trial, rng: random.Random) -> Truth:
    """Half a workbook, one without its sheet, a zip that is none, a protected or old file."""
    use(trial, book_of(trial, rng), ".xlsx")
    content, way = (
        trial.encoded(),
        rng.choice(["half", "no sheet", "no book", "bytes", "old", "text", "empty zip", "sheet cut"]),
    )
    if way in ("no sheet", "no book", "empty zip", "sheet cut"):
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w") as target:
            for name in source.namelist():
                lost = {"no sheet": "sheet1.xml", "no book": "workbook.xml", "empty zip": ""}.get(way, "\n")
                if not name.endswith(lost):
                    body = source.read(name)
                    target.writestr(name, body[: len(body) // 2] if way == "sheet cut" and "sheet1" in name else body)
        content = stream.getvalue()
    elif way == "half":
        content = content[: len(content) // 2]
    elif way == "bytes":
        at = len(content) // 2
        content = content[:at] + bytes(255 - byte for byte in content[at : at + 400]) + content[at + 400 :]
    elif way == "old":
        content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 5000
    else:
        trial.content = None
        content = "\n".join(",".join(row) for row in trial.rows).encode()
    trial.content = content
    return told(trial.file)


@kind("formats", *SIMPLE)
def excel_named_csv(trial: Trial, rng: random.Random) -> Truth:
    """A workbook under the name of a CSV file: read for what it is, or refused."""
    name = trial.file
    use(trial, book_of(trial, rng), ".csv")
    assert trial.file == name
    return either(trial.file)


@kind("formats", *SIMPLE)
def spss(trial: Trial, rng: random.Random) -> Truth:
    ending = rng.choice([".sav", ".zsav", ".dta"])
    use(trial, packed(trial, ending), ending)
    return SAME


@kind("formats", *SIMPLE)
def spss_damaged(trial: Trial, rng: random.Random) -> Truth:
    """Half a file of SPSS or Stata, one with overwritten bytes, one without records."""
    ending = rng.choice([".sav", ".dta"])
    content = packed(trial, ending)
    way = rng.choice(["half", "head", "start", "name"])
    cut = {"half": len(content) // 2, "head": 200, "start": 4}.get(way, len(content))
    use(trial, content[:cut], ".csv" if way == "name" and ending == ".x" else ending)
    if way == "name":
        trial.content = b"id,a\n1,2\n"
    return told(trial.file)


@kind("formats", *SIMPLE)
def spss_no_records(trial: Trial, rng: random.Random) -> Truth:
    """A header without records, in each format."""
    ending = rng.choice([".sav", ".dta", ".xlsx", ".csv"])
    del trial.rows[trial.heads :]
    if ending == ".csv":
        return told(trial.file)
    use(trial, book_of(trial, rng) if ending == ".xlsx" else packed(trial, ending), ending)
    return told(trial.file)
