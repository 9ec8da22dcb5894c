"""Failures of the system end in one sentence and exit code 2, never in a traceback."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from compassion_trials.cli import main
from compassion_trials.core.errors import SYSTEM, system_finding

PLAN = """title: x
design: {type: randomized, arms: {a: A, b: B}, control: b, visits: {pre: 0, post: 8}}
data_root: .
data: {file: raw.csv, id: id, arm: {column: arm, values: {1: a, 2: b}}}
measures: {y: {total: "y_{visit}", name: Y, range: [0, 60], better: lower, role: primary}}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    rows = [f"{i},{1 + i % 2},{i},{30 - i}" for i in range(20)]
    (tmp_path / "raw.csv").write_text("id,arm,y_pre,y_post\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "study.yaml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def test_results_that_are_a_file(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study / "results").write_text("", encoding="utf-8")
    assert main(["ingest", str(study / "study.yaml")]) == 2
    assert "this is a file, where a folder is expected" in capsys.readouterr().err


def test_a_folder_in_place_of_plan_and_raw_file(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study / "raw.csv").unlink()
    (study / "raw.csv").mkdir()
    assert main(["check", str(study / "study.yaml")]) == 2
    assert "raw.csv: this is a folder" in capsys.readouterr().err
    (study / "study.yaml").unlink()
    (study / "study.yaml").mkdir()
    assert main(["check", str(study / "study.yaml")]) == 2
    assert "this is a folder" in capsys.readouterr().err


def test_a_full_disk(study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "participants.parquet")

    monkeypatch.setattr("compassion_trials.ingest.stage.write_table", full)
    assert main(["ingest", str(study / "study.yaml")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "participants.parquet: the disk is full; make room" in said


def test_a_damaged_table_of_an_earlier_stage(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", str(study / "study.yaml")]) == 0
    (table,) = study.rglob("stored.parquet")
    table.write_bytes(table.read_bytes()[:-20])
    assert main(["score", str(study / "study.yaml")]) == 2
    said = capsys.readouterr().err
    assert "changed by hand, or by a run that was stopped" in said
    assert "compassion-trials ingest" in said
    table.unlink()
    assert main(["score", str(study / "study.yaml")]) == 2
    said = capsys.readouterr().err
    assert "stored" in said
    assert "compassion-trials ingest" in said


@pytest.mark.parametrize("number", sorted(SYSTEM))
def test_every_known_failure_has_its_words(number: int) -> None:
    finding = system_finding(OSError(number, "as the system says it", "file"))
    assert finding.file == "file"
    assert finding.advice
    assert "system says" not in finding.message
    assert "as the system says it" in system_finding(OSError(9999, "as the system says it")).message
