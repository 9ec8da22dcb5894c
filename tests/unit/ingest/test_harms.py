"""Unwanted events counted from raw columns: what a cell means, who is unknown, what is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.ingest.trial import DESIGN, HEADER, LONG, codes, ingest, long, one, trial, write

AE = "adverse event"


def counted(tmp_path: Path, *cells: str, **part: object) -> dict[str, float]:
    """Events of participants 1, 2, ... from one cell each, in the trial's long file."""
    rows = [f"{i},{'AB'[i % 2]},1,0,1,2,3,{cell}" for i, cell in enumerate(cells, start=1)]
    result = long(tmp_path, *rows, header=f"{HEADER},ae", **({"harms": {AE: "ae"}} | part))
    people = result.participants.set_index("participant")[f"harms.{AE}"]
    return people.to_dict()


@pytest.mark.parametrize(
    ("cell", "events"), [("3", 3), ("0", 0), ("yes", 1), ("No", 0), ("2020-03-01", 1), ("1.0", 1), ("x", 1)]
)
def test_what_a_cell_counts(tmp_path: Path, cell: str, events: float) -> None:
    assert counted(tmp_path, cell, "1", "0")["1"] == events


def test_blank_is_none_unless_the_column_says_none_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert counted(tmp_path / "a", "2020-03-01", "", "2020-04-01", "")["2"] == 0
    unknown = counted(tmp_path / "b", "1", "", "0", "2")
    assert np.isnan(unknown["2"])
    assert unknown["3"] == 0


def test_rows_of_a_participant_add_up(tmp_path: Path) -> None:
    rows = ["1,A,1,0,1,2,3,1,0", "1,A,2,0,1,2,3,2,1", "2,B,1,0,1,2,3,0,0", "2,B,2,0,1,2,3,,"]
    harms = {AE: "ae", "serious adverse event": "sae"}
    people = long(tmp_path, *rows, header=f"{HEADER},ae,sae", harms=harms).participants
    assert people[f"harms.{AE}"].tolist() == [3, 0]
    assert people["harms.serious adverse event"].tolist() == [1, 0]


def test_a_wide_file_has_a_column_per_visit(tmp_path: Path) -> None:
    columns = ",".join(f"mini_{v}_{i}" for v in ("pre", "post") for i in (1, 2, 3, 4))
    write(tmp_path, "raw.csv", f"id,arm,{columns},ae_post", "1,A,0,1,2,3,1,1,2,3,2", "2,B,3,0,1,1,2,0,1,0,0")
    part = {"file": "raw.csv", "id": "id", "arm": LONG["arm"], "items": "{instrument}_{visit}_{item}"}
    result = ingest(trial(tmp_path, part | {"harms": {AE: "ae_{visit}"}}))
    assert result.participants[f"harms.{AE}"].tolist() == [2, 0]
    finding = one(ingest(trial(tmp_path, part | {"harms": {AE: "sae_{visit}"}})), "column_missing")
    assert finding.column == "sae_{visit}"


def test_a_file_of_events_has_one_row_each(tmp_path: Path) -> None:
    write(tmp_path, "raw.csv", HEADER, "1,A,1,0,1,2,3", "2,B,1,3,0,1,1", "3,B,1,3,0,1,1")
    events = ("1,2020-03-01,mild", "1,2020-03-01,mild", "3,2020-04-02,severe", "9,2020-04-02,mild")
    write(tmp_path, "events.csv", "code,onset,severity", *events)
    serious = {"column": "severity", "values": {"mild": "no", "severe": "yes"}}
    listing = {"file": "events.csv", "id": "code", "harms": {AE: "onset", "serious adverse event": serious}}
    result = ingest(trial(tmp_path, [LONG, listing]))
    assert result.participants[f"harms.{AE}"].tolist() == [2, 0, 1]
    known = result.participants["harms.serious adverse event"].tolist()
    assert known[0] == 0
    assert np.isnan(known[1])  # the listing does not say
    assert known[2] == 1
    assert one(result, "event_twice").row == 3
    assert "1 events of people who are in no arm" in one(result, "harm_nobody").message


def test_words_count_once_and_are_not_kept(tmp_path: Path) -> None:
    rows = ["1,A,1,0,1,2,3,headache of Anna", "2,B,1,0,1,2,3,no"]
    result = long(tmp_path, *rows, header=f"{HEADER},ae", harms={AE: "ae"})
    assert result.participants[f"harms.{AE}"].tolist() == [1, 0]
    finding = one(result, "harm_words")
    assert "Anna" not in finding.text()
    assert not result.participants.astype(str).apply(lambda column: column.str.contains("Anna")).any(axis=None)


@pytest.mark.parametrize("cell", ["-1", "1.5"])
def test_what_is_no_count_is_an_error(tmp_path: Path, cell: str) -> None:
    result = long(tmp_path, f"1,A,1,0,1,2,3,{cell}", "2,B,1,0,1,2,3,0", header=f"{HEADER},ae", harms={AE: "ae"})
    assert one(result, "harm_count").value == cell
    assert result.record is None


def test_after_the_control_period_treated_participants_count_apart(tmp_path: Path) -> None:
    design = DESIGN | {"visits": {"pre": 0, "post": 8, "fu": 20}, "control_until": "post"}
    visit = {"column": "time", "values": {"1": "pre", "2": "post", "3": "fu"}}
    rows = ["1,A,1,0,1,2,3,0", "1,A,2,0,1,2,3,1", "1,A,3,0,1,2,3,2"]
    rows += ["2,B,1,0,1,2,3,0", "2,B,2,0,1,2,3,0", "2,B,3,0,1,2,3,4"]
    write(tmp_path, "raw.csv", f"{HEADER},ae", *rows)
    people = ingest(trial(tmp_path, LONG | {"visit": visit, "harms": {AE: "ae"}}, design=design)).participants
    assert people[f"harms.{AE}"].tolist() == [1, 0]
    later = people[f"harms.{AE}, after the control period"].tolist()
    assert later[0] == 2
    assert np.isnan(later[1])  # the wait-list was treated itself by then


def test_plan_and_file_must_agree(tmp_path: Path) -> None:
    rows = ["1,A,1,0,1,2,3,2", "2,B,1,0,1,2,3,0", "3,B,1,0,1,2,3,1"]
    write(tmp_path, "raw.csv", f"{HEADER},ae", *rows)
    part = LONG | {"harms": {AE: "ae"}}
    agree = ingest(trial(tmp_path, part, harms={"events": {AE: {"act": 1, "wait": 1}}}))
    assert not codes(agree, "error")
    finding = one(ingest(trial(tmp_path, part, harms={"events": {AE: {"act": 1, "wait": 0}}})), "harms_disagree")
    assert (finding.column, finding.value, finding.expected) == (f"harms.events.{AE}", "0", "1")
