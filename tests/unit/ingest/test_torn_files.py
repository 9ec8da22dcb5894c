"""What exports lose on their way: signs nobody sees in names, blank columns, torn rows, rows that nobody keeps."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from tests.unit.ingest.trial import HEADER, LONG, ROWS, codes, long, one, refused, trial, write

from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.table import Reading
from compassion_trials.ingest.stage import ingest


def test_signs_that_nobody_sees_do_not_hide_a_name(tmp_path: Path) -> None:
    header = HEADER.replace("mini_2", "\u200bmini_2").replace("arm", "arm\u00a0")
    assert codes(long(tmp_path, header=header)) == codes(long(tmp_path))


def test_names_of_a_qualtrics_export_too(tmp_path: Path) -> None:
    head = "ResponseId,Finished,RecordedDate,\u200bscs_1"
    path = write(tmp_path, "q.csv", head, "a,b,c,d", '"{""ImportId"":""a""}",x,y,z', "R_1,1,2020-01-01,3")
    assert list(read_raw(path).frame) == ["ResponseId", "Finished", "RecordedDate", "scs_1"]


def test_a_file_without_a_cell_at_any_visit_is_told(tmp_path: Path) -> None:
    """Names of the visit and of an item stand over each other's columns."""
    header = "id,arm,mini_1,time,mini_2,mini_3,mini_4"
    rows = [row.replace(",1,", ",7,", 1).replace(",2,", ",8,", 1) for row in ROWS]
    assert "unknown_visit" in codes(long(tmp_path, *rows, header=header), "error")


def test_an_item_that_nobody_answered_is_told(tmp_path: Path) -> None:
    rows = [f"{n},{'AB'[n % 2]},1,1,,2,{n % 4}" for n in range(8)]
    found = one(long(tmp_path, *rows, *(row.replace(",1,1,,", ",2,1,3,") for row in rows)), "item_blank")
    assert (found.severity, found.column) == ("warning", "mini_2")
    assert "at pre" in found.message


def test_a_measure_that_was_not_given_is_not_told_item_by_item(tmp_path: Path) -> None:
    rows = [f"{n},{'AB'[n % 2]},{v},{'1,2,3,0' if v == 1 else ',,,'}" for v in (1, 2) for n in range(8)]
    assert "item_blank" not in codes(long(tmp_path, *rows))


def test_a_baseline_variable_without_a_value_is_told(tmp_path: Path) -> None:
    header, rows = f"{HEADER},age", [f"{row}," for row in ROWS]
    found = one(long(tmp_path, *rows, header=header, baseline={"age": "age"}), "baseline_blank")
    assert (found.column, found.severity) == ("age", "warning")


def test_rows_that_the_plan_does_not_keep_are_told(tmp_path: Path) -> None:
    header, rows = f"{HEADER},done", [f"{row},{'1.0' if n else '0'}" for n, row in enumerate(ROWS)]
    found = one(long(tmp_path, *rows, header=header, keep_if={"done": 1}), "keep_if")
    assert (found.severity, found.row, found.column, found.value) == ("note", 2, "done", "0")
    assert found.message == "1 row is left out by keep_if"


def test_a_row_with_a_cell_put_in_is_told(tmp_path: Path) -> None:
    header = f"{HEADER},remarks"
    rows = [f"{row}," for row in ROWS]
    rows[1] = rows[1].replace(",1,1,", ",1,1,1,")
    found = one(long(tmp_path, *rows, header=header), "long_rows")
    assert found.row == 3


def test_rows_that_all_end_with_a_delimiter_are_no_matter(tmp_path: Path) -> None:
    assert "long_rows" not in codes(long(tmp_path, *(f"{row},," for row in ROWS)))


def test_cells_merged_over_records_are_told_and_merged_headings_are_not(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEADER, *ROWS):
        book.active.append(row.split(","))
    book.active.merge_cells("A1:B1")
    book.save(tmp_path / "a.xlsx")
    assert "merged_cells" not in [finding.code for finding in read_raw(tmp_path / "a.xlsx").findings]
    book.active.merge_cells("D4:D5")
    book.save(tmp_path / "a.xlsx")
    (found,) = (finding for finding in read_raw(tmp_path / "a.xlsx").findings if finding.code == "merged_cells")
    assert (found.severity, found.row) == ("warning", 4)


def test_keep_if_that_keeps_nobody_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "raw.csv", HEADER, *ROWS)
    found = refused(read_raw, tmp_path / "raw.csv", Reading(keep_if={"arm": ("9",)}))
    assert [finding.code for finding in found] == ["keep_none"]
    assert ingest(trial(tmp_path, LONG | {"keep_if": {"arm": ["A", "B"]}})).record is not None


def test_numbers_with_a_unit_in_the_cell_do_not_become_categories_without_a_word(tmp_path: Path) -> None:
    header, rows = f"{HEADER},age", [f"{row},{20 + int(row[0])} years" for row in ROWS]
    baseline = {"age": {"column": "age", "unit": "years"}}
    found = one(long(tmp_path, *rows, header=header, baseline=baseline), "number_with_text")
    assert found.column == "age"
    stated = {"age": {"column": "age", "unit": "years", "type": "category"}}
    assert "number_with_text" not in codes(long(tmp_path, *rows, header=header, baseline=stated))


def test_codes_of_places_are_categories(tmp_path: Path) -> None:
    header, rows = f"{HEADER},site", [f"{row},S{row[0]}" for row in ROWS]
    assert "number_with_text" not in codes(long(tmp_path, *rows, header=header, baseline={"site": "site"}))


def test_a_trial_of_later_visits_only_says_why_its_arms_are_empty(tmp_path: Path) -> None:
    rows = [row for row in ROWS if row.split(",")[2] == "2"]
    found = [f for f in long(tmp_path, *rows).findings if f.code == "arm_empty"]
    assert len(found) == 2
    assert all("2 ids occur after the baseline only" in finding.advice for finding in found)
