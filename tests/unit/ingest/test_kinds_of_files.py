"""Dates and durations, sheets nobody sees, tables of R, headings with line breaks, checkboxes of other events."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from openpyxl.chart import BarChart
from tests.unit.ingest.trial import refused, write

from compassion_trials.ingest.readers.moments import EPOCH, kind_of, moment
from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.table import Reading


def seconds(*moment_: int) -> float:
    """A date as SPSS stores it."""
    return (datetime.datetime(*moment_) - EPOCH).total_seconds()


@pytest.fixture
def spss(tmp_path: Path) -> Path:
    frame = pd.DataFrame(
        {
            "id": [1.0, 2, 3],
            "left": [seconds(2024, 3, 5), seconds(1900, 1, 1), seconds(1900, 1, 1)],
            "stay": [86400.0 * 3 + 3600, 3600.0, 60.0],
            "home": [3600.0 * 25, 60.0, 90.0],
            "bed": [3600.0 * 22.5, 3600.0 * 23, 0.0],
            "entry": [seconds(2024, 2, 1)] * 3,
        }
    )
    formats = {"left": "DATE11", "stay": "DTIME12", "home": "TIME8", "bed": "TIME8", "entry": "MOYR8"}
    none = {"left": [seconds(1900, 1, 1)]}
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(path), variable_format=formats, missing_ranges=none)
    return path


def test_dates_and_durations_of_spss(spss: Path) -> None:
    table = read_raw(spss)
    assert table.frame["left"].tolist() == ["2024-03-05", "1900-01-01", "1900-01-01"]
    assert table.missing_codes == {"left": {"1900-01-01": "1900-01-01"}}
    assert table.frame["stay"].tolist() == ["262800", "3600", "60"]
    assert table.frame["home"].tolist() == ["90000", "60", "90"]
    assert table.frame["bed"].tolist() == ["22:30:00", "23:00:00", "00:00:00"]
    assert table.frame["entry"].tolist() == ["2024-02"] * 3
    assert [finding.code for finding in table.findings] == ["durations", "months"]


def test_what_seconds_are() -> None:
    assert kind_of("F8.2", pd.Series([1.0])) is None
    assert kind_of("DATETIME20", pd.Series([1.0])) == "date"
    assert kind_of("TIME5", pd.Series([86399.0])) == "clock"
    assert kind_of("TIME5", pd.Series([86400.0])) == "duration"
    assert moment(1e20, "date") == 1e20  # beyond every calendar


def workbook(path: Path) -> openpyxl.Workbook:
    """A workbook whose first sheet is the data."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    for row in (["id", "x"], [1, 2.5], [2, 3.5]):
        sheet.append(row)
    return book


def test_durations_of_excel(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    for row, value in enumerate((datetime.timedelta(hours=30), datetime.time(2, 30)), start=2):
        book.active.cell(row, 3, value).number_format = "[h]:mm"
    book.active.cell(1, 3, "practice")
    book.save(tmp_path / "a.xlsx")
    table = read_raw(tmp_path / "a.xlsx")
    assert table.frame["practice"].tolist() == ["108000", "9000"]
    assert "durations" in [finding.code for finding in table.findings]


def test_charts_and_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    book.create_chartsheet("Chart", 0).add_chart(BarChart())
    hidden = book.create_sheet("codes", 0)
    hidden.append(["a", "b"])
    hidden.append(["c", "d"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    table = read_raw(tmp_path / "a.xlsx")
    assert list(table.frame.columns) == ["id", "x"]
    assert not table.findings
    assert read_raw(tmp_path / "a.xlsx", Reading(sheet="codes")).frame["a"].tolist() == ["c"]


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_workbook_that_was_cut_off_is_told(tmp_path: Path, keep: float) -> None:
    workbook(tmp_path).save(tmp_path / "a.xlsx")
    content = (tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "a.xlsx").write_bytes(content[: int(keep * len(content))])
    assert refused(read_raw, tmp_path / "a.xlsx")[0].code == "unreadable_format"


def test_a_workbook_with_a_damaged_sheet_is_told(tmp_path: Path) -> None:
    workbook(tmp_path).save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b"<c r=", b"<c <r=") if "sheet1" in name else part)
    assert refused(read_raw, tmp_path / "b.xlsx")[0].code == "unreadable_format"


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").mkdir()
    assert refused(read_raw, tmp_path / "raw.csv")[0].code == "is_folder"


def test_a_table_of_r(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", '"code" "arm" "x"', '"1" "P1" "A b" 2.5', '"2" "P2" "B" NA')
    table = read_raw(path)
    assert table.frame.to_dict("list") == {"code": ["P1", "P2"], "arm": ["A b", "B"], "x": ["2.5", "NA"]}
    assert [finding.code for finding in table.findings] == ["row_names"]
    plain = write(tmp_path, "b.txt", "code  arm x", "P1 A   2.5", "P2 B 3")
    assert read_raw(plain).frame.to_dict("list") == {"code": ["P1", "P2"], "arm": ["A", "B"], "x": ["2.5", "3"]}


def test_a_comma_too_much_in_every_row_is_no_row_name(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,arm,x", "1,A,2,5", "2,B,3,5")
    assert refused(read_raw, path)[0].code == "ragged_rows"


def test_headings_on_two_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'id,"BDI', 'post",BDI\u00a0fu\ufeff', "1,2,3")
    assert list(read_raw(path).frame.columns) == ["id", "BDI post", "BDI fu"]


def test_checkboxes_of_events_without_them_are_blank(tmp_path: Path) -> None:
    head = "record_id,redcap_event_name,ill___1,ill___2,who___1"
    rows = ["1,pre,1,0,0", "1,post,0,0,1", "2,pre,0,0,0", "2,post,0,0,0"]
    frame = read_raw(write(tmp_path, "a.csv", head, *rows)).frame
    assert frame["ill___1"].tolist() == ["1", "", "0", ""]
    assert frame["ill___2"].tolist() == ["0", "", "0", ""]
    assert frame["who___1"].tolist() == ["", "1", "", "0"]
