"""When the treatment was stopped: visits, weeks, days and dates lead to the first visit afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.ingest.trial import DESIGN, HEADER, LONG, codes, ingest, one, refused, trial, write

from compassion_trials.ingest.stage import Ingested

VISITS = {"pre": 0, "post": 8, "fu": 20}
VISIT = {"column": "time", "values": {"1": "pre", "2": "post", "3": "fu"}}


def stopped(tmp_path: Path, *cells: str, **stop: object) -> Ingested:
    """Participants 1, 2, ... with a cell about stopping each; all are assessed at the first visit only."""
    rows = [f"{i},{'AB'[i % 2]},1,0,1,2,3,{cell}" for i, cell in enumerate(cells, start=1)]
    write(tmp_path, "raw.csv", f"{HEADER},stop,start,why", *rows)
    flow = {"stopped": {"column": "stop", **stop}, "reason": "why"}
    return ingest(trial(tmp_path, LONG | {"visit": VISIT, "flow": flow}, design=DESIGN | {"visits": VISITS}))


def visits(result: Ingested) -> list[str | None]:
    column = result.participants["stopped"]
    return [visit if known else None for visit, known in zip(column, column.notna(), strict=True)]


def test_visits_by_key_and_by_value(tmp_path: Path) -> None:
    assert visits(stopped(tmp_path, "post,,", "fu,,", ",,", "no,,", "pre,,")) == ["post", "fu", None, None, "post"]
    values = {"T2": "post", "T3": "fu", "-": "stayed"}
    assert visits(stopped(tmp_path, "T2,,", "-,,", "T3,,", values=values)) == ["post", None, "fu"]


def test_weeks_and_days_lead_to_the_next_visit(tmp_path: Path) -> None:
    weeks = stopped(tmp_path, "3,,", "8,,", "20,,", "0,,", unit="week")
    assert visits(weeks) == ["post", "fu", None, "post"]  # on the day of a visit the treatment was still on
    assert visits(stopped(tmp_path, "55,,", "57,,", "200,,", unit="day")) == ["post", "fu", None]


def test_dates_count_from_the_baseline_and_are_not_kept(tmp_path: Path) -> None:
    cells = ("2020-02-01,2020-01-01,", "15.4.2020,2020-01-01,", ",2020-01-01,")
    result = stopped(tmp_path, *cells, unit="date", start="start")
    assert visits(result) == ["post", "fu", None]
    assert not result.participants.astype(str).apply(lambda column: column.str.contains("2020")).any(axis=None)


@pytest.mark.parametrize(
    ("cells", "stop"),
    [
        (("T9,,", ",,"), {}),
        (("soon,,", ",,"), {"unit": "week"}),
        (("1/2/2020,2020-01-01,", ",,"), {"unit": "date", "start": "start"}),
        (("2020-02-01,,", ",,"), {"unit": "date", "start": "start"}),
    ],
)
def test_cells_that_do_not_say_when(tmp_path: Path, cells: tuple[str, ...], stop: dict[str, object]) -> None:
    result = stopped(tmp_path, *cells, **stop)
    assert one(result, "stop_unknown").row == 2
    assert result.record is None


def test_missed_visits_after_stopping_have_a_reason(tmp_path: Path) -> None:
    result = stopped(tmp_path, "fu,,moved away", "post,,", ",,")
    assert not codes(result, "error")
    reason = result.flow.set_index(["participant", "visit"])["reason"]
    assert reason["1", "fu"] == "moved away"
    assert reason["2", "post"] == "stopped the treatment, reason not recorded"
    assert reason["3", "fu"] == ""
    assert result.participants["stop_reason"].tolist() == ["moved away", "", ""]


def test_a_plan_that_leads_to_no_visit(tmp_path: Path) -> None:
    said = refused(lambda: stopped(tmp_path, "T2,,", values={"T2": "pst"}))
    assert [(f.column, f.value) for f in said] == [("data.0.flow.stopped.values", "pst")]
    said = refused(lambda: stopped(tmp_path, "1,,", unit="date"))
    assert "unit: date and start" in said[0].text()
