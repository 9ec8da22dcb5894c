"""Plans guessed from a raw file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.unit.ingest.first_plan import guess_plan
from tests.unit.ingest.trial import write

from compassion_trials.ingest.first_plan.families import families, totals
from compassion_trials.ingest.first_plan.preview import preview
from compassion_trials.instruments.library import load_instruments
from compassion_trials.study.context import open_study


def opened(folder: Path, path: Path):
    text, notes = guess_plan(path)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return open_study(folder / "study.yaml").plan, notes


def test_a_wide_file(tmp_path: Path) -> None:
    names = [f"scs_{visit}_{item}" for visit in ("T1", "T2") for item in range(1, 27)]
    lines = [f"{i},{i % 2},{20 + i}," + ",".join(str((i + k) % 5 + 1) for k in range(52)) for i in range(6)]
    plan, notes = opened(tmp_path, write(tmp_path, "raw.csv", "code,group,age," + ",".join(names), *lines))
    raw = plan.data[0]
    assert (raw.id.column, raw.items) == ("code", "{instrument}_{visit}_{item}")
    assert raw.visit is not None
    assert raw.visit.values == {"t1": "T1", "t2": "T2"}
    assert raw.arm is not None
    assert raw.arm.values == {"0": "arm0", "1": "arm1"}
    assert plan.design.control == "arm0"
    assert plan.measures["scs"].instrument == "scs"
    assert list(raw.baseline) == ["age"]
    assert any("left to fill in" in note for note in notes)


def test_a_long_file_with_another_coding(tmp_path: Path) -> None:
    names = [f"DASS{item:02}" for item in range(1, 22)]
    lines = [
        f"{i},{t},{'control' if i % 2 else 'course'}," + ",".join(str((i + k) % 4 + 1) for k in range(21))
        for i in range(5)
        for t in (0, 1)
    ]
    plan, _ = opened(tmp_path, write(tmp_path, "raw.csv", "id,wave,arm," + ",".join(names), *lines))
    assert plan.data[0].items == "{instrument}{item:02}"
    assert plan.data[0].visit.values == {"0": "t0", "1": "t1"}
    assert plan.measures["DASS"].coding.max == 4
    assert plan.design.control == "control"


def test_no_values_of_participants_in_plan_or_notes(tmp_path: Path) -> None:
    lines = [f"secret{i},{i % 2},{17.123 + i},p{i}@x.org" for i in range(9)]
    text, notes = guess_plan(write(tmp_path, "raw.csv", "id,arm,bdi_pre,email", *lines))
    shown = text + "\n".join(notes)
    assert not any(word in shown for word in ("secret", "17.123", "25.123", "x.org"))
    yaml.safe_load(text)


@pytest.mark.parametrize(
    "names",
    [
        [f"scs{i}_pre" for i in range(1, 27)],
        [f"pre.scs.{i:02}" for i in range(1, 27)],
        [f"SCS_{i}" for i in range(1, 27)],
    ],
)
def test_families(names: list[str]) -> None:
    (family,) = families(["id", *names, "x1", "x2"], load_instruments())
    assert family.instrument == "scs"
    assert family.columns == tuple(names)
    visit = "pre" if "pre" in names[0] else ""
    holder = family.pattern.format(instrument=family.word, visit=visit, item=1)
    assert holder == names[0]


def test_totals_by_visit() -> None:
    assert totals(["bdi_pre", "bdi_post", "age", "bai.2m", "pre"]) == {
        "bdi_{visit}": {"pre": "bdi_pre", "post": "bdi_post"}
    }


def test_preview_hides_identifying_columns(tmp_path: Path) -> None:
    found = preview(write(tmp_path, "raw.csv", "id,x,phone", "1,2.5,491701234567", "2,,491701234568"))
    by_name = {column.name: column for column in found.columns}
    assert (by_name["x"].n, by_name["x"].low, by_name["x"].numeric) == (1, 2.5, True)
    assert by_name["phone"].identifying
    assert by_name["phone"].low != by_name["phone"].low  # NaN: not shown


def test_the_folder_of_the_raw_file_is_said_from_where_the_plan_lies(tmp_path: Path) -> None:
    raw = tmp_path / "data" / "trial" / "raw"
    raw.mkdir(parents=True)
    path = write(raw, "raw.csv", "id,bdi_pre,bdi_post", *(f"{i},{i},{i + 1}" for i in range(9)))
    target = tmp_path / "config" / "studies" / "trial" / "study.yaml"
    assert yaml.safe_load(guess_plan(path, target)[0])["data_root"] == "data/trial/raw"
    assert yaml.safe_load(guess_plan(path)[0])["data_root"] == "."
