"""Every format and its traps, from small files made on the spot."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from tests.unit.ingest.trial import refused, write

from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.redcap import read_dictionary
from compassion_trials.ingest.readers.table import Reading


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    path = write(
        tmp_path,
        "a.csv",
        delimiter.join(["id", "x", "y"]),
        delimiter.join(["1", "2", "3"]),
        delimiter.join(["2", "4", "5"]),
    )
    table = read_raw(path)
    assert list(table.frame.columns) == ["id", "x", "y"]
    assert table.frame.loc[3, "y"] == "5"
    assert list(table.frame.index) == [2, 3]


def test_decimal_comma_and_cp1252(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, "a.csv", "id;größe", "1;1,5", "2;0,25", encoding="cp1252"))
    assert table.decimal == ","
    assert table.encoding == "cp1252"
    assert "größe" in table.frame


def test_bom_and_utf16(tmp_path: Path) -> None:
    assert list(read_raw(write(tmp_path, "a.csv", "id,x", "1,2", encoding="utf-8-sig")).frame.columns) == ["id", "x"]
    assert list(read_raw(write(tmp_path, "b.csv", "id\tx", "1\t2", encoding="utf-16")).frame.columns) == ["id", "x"]


def test_thousands_are_not_taken_for_decimals(tmp_path: Path) -> None:
    assert read_raw(write(tmp_path, "a.csv", "id;x", "1;1,200", "2;3,400")).decimal == "."


def test_line_feeds_inside_quotes_count_as_one_row(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, "a.csv", "id,note,x", '1,"two', 'lines",5', "2,none,6"))
    assert table.frame["x"].tolist() == ["5", "6"]
    assert table.frame.index.tolist() == [2, 3]


def test_blank_rows_keep_the_row_numbers(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, "a.csv", "id,x", "1,2", ",", "", "2,4"))
    assert table.frame.index.tolist() == [2, 5]
    assert [f.code for f in table.findings] == ["blank_rows"]


def test_two_header_rows_of_a_csv(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", ",scs,,dass", "id,1,2,1", "7,3,4,0")
    assert list(read_raw(path, Reading(header_rows=2)).frame.columns) == ["id", "scs_1", "scs_2", "dass_1"]


def test_repeated_and_blank_names(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, "a.csv", "id,x,x,,", "1,2,3,4,", "2,5,6,7,"))
    assert list(table.frame.columns) == ["id", "x (1)", "x (2)", "column_4"]
    assert {f.code for f in table.findings} == {"repeated_names", "unnamed_columns"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n", "empty_file"),
        (b"id,x\n", "no_records"),
        (b"id\n1\n2\n", "one_column"),
        (b"id,x\n1,2,3\n", "ragged_rows"),
        (b'id,x\n1,"2\n2,3\n', "quotes"),
        (b"My export\nid,x\n1,2\n", "one_column"),
        (b"\x00\x01\x02\x00" * 50, "unreadable_format"),
        (b"%PDF-1.7 ...", "unreadable_format"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "unreadable_format"),
        (b"PK\x03\x04 no workbook", "unreadable_format"),
        (b"$FL2 cut off", "unreadable_format"),
        (b"<stata_dta> cut off", "unreadable_format"),
    ],
)
def test_unusable_files_give_one_clear_message(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    findings = refused(read_raw, path)
    assert [f.code for f in findings] == [code]
    assert findings[0].file == "a.csv"


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "survey.csv", "id,x", "1,2")
    assert 'did you mean "survey.csv"' in refused(read_raw, tmp_path / "survy.csv")[0].text()


def test_wrong_delimiter_and_encoding_in_the_plan(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id;größe", "1;2", encoding="cp1252")
    assert refused(read_raw, path, Reading(delimiter=","))[0].code == "one_column"
    assert refused(read_raw, path, Reading(encoding="utf-8"))[0].code == "encoding"
    assert refused(read_raw, path, Reading(delimiter="ab"))[0].code == "delimiter"


def workbook(path: Path, sheets: dict[str, list[list[object]]], merged: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if merged:
            sheet.merge_cells(merged)
    book.save(path)
    return path


def test_excel_sheets(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", {"notes": [["hello", "x"], ["a", 1]], "data": [["id", "x"], [1, 2.5], [2, 3.0]]}
    )
    assert read_raw(path, Reading(sheet="data")).frame["x"].tolist() == ["2.5", "3"]
    assert read_raw(path, Reading(sheet=2)).frame["id"].tolist() == ["1", "2"]
    assert "several_sheets" in [f.code for f in read_raw(path).findings]
    assert 'did you mean "data"' in refused(read_raw, path, Reading(sheet="dta"))[0].text()


def test_excel_empty_sheet_names_the_others(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"empty": [], "data": [["id", "x"], [1, 2]]})
    finding = refused(read_raw, path, Reading(sheet="empty"))[0]
    assert finding.code == "empty_sheet"
    assert "data" in finding.advice


def test_excel_two_header_rows_with_merged_cells(tmp_path: Path) -> None:
    rows = [["id", "scs", None, "age"], [None, 1, 2, None], [7, 3, 4, 30]]
    path = workbook(tmp_path / "a.xlsx", {"s": rows}, merged="B1:C1")
    assert list(read_raw(path, Reading(header_rows=2)).frame.columns) == ["id", "scs_1", "scs_2", "age"]


def test_excel_dates_and_formula_errors(tmp_path: Path) -> None:
    rows = [
        ["id", "day", "x"],
        [1, datetime.datetime(2020, 2, 1), "#N/A"],
        [2, datetime.datetime(2020, 2, 1, 8, 30), True],
    ]
    frame = read_raw(workbook(tmp_path / "a.xlsx", {"s": rows})).frame
    assert frame["day"].tolist() == ["2020-02-01", "2020-02-01 08:30:00"]
    assert frame["x"].tolist() == ["#N/A", "true"]


def test_excel_formulas_without_stored_results_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"s": [["id", "x"], [1, "=1+1"], [2, 3]]})
    finding = refused(read_raw, path)[0]
    assert (finding.code, finding.row) == ("formulas", 2)


def test_spss_labels_and_user_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": [1.0, 2.0, 3.0], "x": [1.5, -99.0, 2.0], "name": ["a", "", "c"]})
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        frame, str(path), missing_ranges={"x": [-99]}, variable_value_labels={"x": {-99: "refused", 2: "two"}},
        column_labels={"x": "Label of x"}, file_label="SYNTHETIC twin",
    )  # fmt: skip
    table = read_raw(path)
    assert table.format == "spss"
    assert table.frame["x"].tolist() == ["1.5", "-99", "2"]
    assert table.missing_codes == {"x": {"-99": "refused"}}
    assert table.value_labels["x"]["2"] == "two"
    assert table.labels["x"] == "Label of x"
    assert table.synthetic


def test_stata_extended_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"id": [1, 2, 3], "x": [1.0, 2.0, "a"]})
    pyreadstat.write_dta(frame, str(path), missing_user_values={"x": ["a"]}, variable_value_labels={"x": {1: "one"}})
    table = read_raw(path)
    assert table.frame["x"].tolist() == ["1", "2", "a"]
    assert table.missing_codes == {"x": {"a": ".a"}}


QUALTRICS = ("StartDate", "Status", "IPAddress", "Progress", "Finished", "ResponseId", "RecordedDate", "scs_1")


def qualtrics(folder: Path, *rows: str, name: str = "q.csv") -> Path:
    ids = ",".join('"' + json.dumps({"ImportId": n}).replace('"', '""').replace(" ", "") + '"' for n in QUALTRICS)
    return write(folder, name, ",".join(QUALTRICS), ",".join(f"Text {n}" for n in QUALTRICS), ids, *rows)


def test_qualtrics_previews_and_unfinished_are_counted(tmp_path: Path) -> None:
    rows = [
        "d,0,1.1.1.1,100,1,R_1,d,3",
        "d,1,1.1.1.1,100,1,R_2,d,3",
        "d,0,1.1.1.1,40,0,R_3,d,3",
        "d,IP Address,1.1.1.1,100,True,R_4,d,2",
    ]
    table = read_raw(qualtrics(tmp_path, *rows))
    assert table.format == "qualtrics"
    assert table.frame["ResponseId"].tolist() == ["R_1", "R_4"]
    assert table.frame.index.tolist() == [4, 7]
    assert dict(table.removed) == {"preview or test response": 1, "unfinished response": 1}
    assert table.labels["scs_1"] == "Text scs_1"
    assert "IPAddress" in table.identifying


def test_qualtrics_keep_if_decides_itself(tmp_path: Path) -> None:
    rows = ["d,0,1.1.1.1,100,1,R_1,d,3", "d,Survey Preview,1.1.1.1,100,1,R_2,d,3", "d,0,1.1.1.1,40,0,R_3,d,3"]
    table = read_raw(qualtrics(tmp_path, *rows), Reading(keep_if={"Finished": ("0", "1")}))
    assert table.frame["ResponseId"].tolist() == ["R_1", "R_3"]


def test_qualtrics_text_values_in_another_language(tmp_path: Path) -> None:
    rows = ["d,IP-Adresse,1.1.1.1,100,Wahr,R_1,d,3", "d,IP-Adresse,1.1.1.1,40,Falsch,R_2,d,3"]
    assert read_raw(qualtrics(tmp_path, *rows)).frame["ResponseId"].tolist() == ["R_1"]


def test_qualtrics_legacy(tmp_path: Path) -> None:
    path = write(
        tmp_path, "q.csv", "V1,V2,V7,V10,Q1", "ResponseID,ResponseSet,Status,Finished,How are you?",
        "R_1,Default Response Set,0,1,3", "R_2,Preview Responses,0,1,3", "R_3,Default Response Set,0,0,3",
    )  # fmt: skip
    table = read_raw(path)
    assert list(table.frame.columns) == ["ResponseID", "ResponseSet", "Status", "Finished", "Q1"]
    assert table.frame["ResponseID"].tolist() == ["R_1"]


def test_qualtrics_read_as_csv_is_refused(tmp_path: Path) -> None:
    path = qualtrics(tmp_path, "d,0,1.1.1.1,100,1,R_1,d,3")
    assert refused(read_raw, path, Reading(format="csv"))[0].code == "wrong_format"


@pytest.mark.parametrize(
    ("format_", "code"),
    [
        ("qualtrics", "not_qualtrics"),
        ("limesurvey", "not_limesurvey"),
        ("spss", "wrong_format"),
        ("excel", "wrong_format"),
    ],
)
def test_wrong_format_in_the_plan(tmp_path: Path, format_: str, code: str) -> None:
    path = write(tmp_path, "a.csv", "id,x", "1,2")
    assert refused(read_raw, path, Reading(format=format_))[0].code == code


DICTIONARY = (
    '"Variable / Field Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels",'
    '"Text Validation Type OR Show Slider Number","Identifier?"'
)


def test_redcap_dictionary(tmp_path: Path) -> None:
    dictionary = write(
        tmp_path, "d.csv", DICTIONARY,
        "record_id,text,ID,,,", "family,text,Family,,,y", 'sex,radio,Sex,"0, Female | 1, Male",,',
        "seen,text,Seen,,date_ymd,", "remarks,notes,Remarks,,,", 'drug,checkbox,Drug,"1, A | 2, B",,',
    )  # fmt: skip
    path = write(
        tmp_path, "r.csv",
        "record_id,redcap_event_name,redcap_survey_identifier,family,sex,seen,remarks,drug___1,form_timestamp",
        "1,pre_arm_1,x,Doe,0,2020-01-01,hello,1,2020",
    )  # fmt: skip
    table = read_raw(path, Reading(dictionary=dictionary))
    assert table.format == "redcap"
    assert set(table.identifying) == {"redcap_survey_identifier", "family", "seen", "remarks", "form_timestamp"}
    assert table.value_labels["sex"] == {"0": "Female", "1": "Male"}
    assert table.labels["drug___1"] == "Drug"


def test_redcap_dictionary_missing_or_none(tmp_path: Path) -> None:
    assert refused(read_dictionary, tmp_path / "d.csv")[0].code == "file_missing"
    assert refused(read_dictionary, write(tmp_path, "x.csv", "a,b", "1,2"))[0].code == "no_dictionary"


def test_limesurvey(tmp_path: Path) -> None:
    path = write(
        tmp_path, "l.csv", '"id","submitdate","lastpage","startlanguage","token","scs[SQ001]","scs[SQ002]"',
        '"1","2020-01-01","3","en","abc","4","2"', '"2","","1","en","abd","3",""', encoding="utf-8-sig",
    )  # fmt: skip
    table = read_raw(path)
    assert table.format == "limesurvey"
    assert {"token", "submitdate"} <= set(table.identifying)
    assert "unsubmitted" in [f.code for f in table.findings]


def test_keep_if(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,site,x", "1,A,2", "2,B,3", "3,,4")
    table = read_raw(path, Reading(keep_if={"site": ("a", "")}))
    assert table.frame["id"].tolist() == ["1", "3"]
    assert sum(n for _, n in table.removed) == 1
    assert refused(read_raw, path, Reading(keep_if={"sites": ("A",)}))[0].code == "column_missing"
    assert refused(read_raw, path, Reading(keep_if={"site": ("C",)}))[0].code == "keep_none"


def test_the_line_in_which_excel_names_the_delimiter(tmp_path: Path) -> None:
    table = read_raw(write(tmp_path, "a.csv", "sep=;", "id;x", "1;2,5"))
    assert list(table.frame.columns) == ["id", "x"]
    assert list(table.frame.index) == [3]


def test_a_name_that_promises_another_content(tmp_path: Path) -> None:
    assert refused(read_raw, write(tmp_path, "a.sav", "id,x", "1,2"))[0].code == "wrong_name"


def test_values_of_other_people_are_not_shown_by_keep_if(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,mail", "1,a.b@c.org", "2,d.e@f.org")
    assert "org" not in refused(read_raw, path, Reading(keep_if={"mail": ("x",)}))[0].text()
