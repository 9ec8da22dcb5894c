"""One small trial run to its zip; then its data, plan and files change, and old results are not taken for new ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from compassion_trials import stages
from compassion_trials.cli import main
from compassion_trials.core.keeping.lock import held

PLAN = {
    "title": "A course against a wait-list",
    "design": {"type": "randomized", "arms": {"a": "A", "b": "B"}, "control": "b", "visits": {"pre": 0, "post": 8}},
    "data_root": "raw",
    "data": [{"file": "d.csv", "id": "code", "arm": {"column": "g", "values": {1: "a", 2: "b"}}}],
    "measures": {"y": {"total": "y_{visit}", "name": "Score", "range": [0, 60], "better": "higher", "role": "primary"}},
}


def write_raw(folder: Path, shift: float = 0.0) -> None:
    rng = np.random.default_rng(4)
    arm = np.repeat([1, 2], 16)
    pre = rng.integers(15, 40, 32)
    post = np.clip(pre + rng.integers(-6, 7, 32) + np.where(arm == 1, 4 + shift, 0), 0, 60).astype(int)
    table = pd.DataFrame({"code": np.arange(101, 133), "g": arm, "y_pre": pre, "y_post": post})
    (folder / "raw").mkdir(exist_ok=True)
    table.to_csv(folder / "raw" / "d.csv", index=False)


def write_plan(path: Path, **parts: object) -> Path:
    path.write_text(yaml.safe_dump({**PLAN, **parts}, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a trial that was run to its zip."""
    folder = tmp_path_factory.mktemp("made") / "trial"
    folder.mkdir()
    write_raw(folder)
    assert main(["run", str(write_plan(folder / "study.yaml"))]) == 0
    return folder


@pytest.fixture
def trial(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "trial"))


def do(trial: Path, *verbs: str, plan: str = "study.yaml") -> list[int]:
    return [main([verb, str(trial / plan)]) for verb in verbs]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_finished_run_is_delivered_and_leaves_no_lock(trial: Path) -> None:
    assert do(trial, "deliver") == [0]
    left = contents(trial / "results")
    assert [name for name in left if name.endswith((".part", ".lock"))] == []
    assert "trial/seals/report.json" in left


def test_a_report_older_than_its_results_is_not_delivered(trial: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_raw(trial, shift=9.0)
    assert do(trial, "ingest", "score", "describe", "fit", "effects") == [0] * 5
    capsys.readouterr()
    assert do(trial, "deliver") == [2]
    assert "run figures, tables, report in this order" in capsys.readouterr().err
    assert do(trial, "report") == [2]
    assert "run figures, tables in this order" in capsys.readouterr().err
    assert not (trial / "results" / "trial" / "deliverables").exists()


def test_effects_alone_after_an_edit_of_the_plan_are_refused(trial: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(trial / "results")
    write_plan(trial / "study.yaml", analysis={"primary": {"model": "ancova"}})
    assert do(trial, "effects", "deliver") == [2, 2]
    assert "study.yaml: the plan, or a questionnaire in it, has changed" in capsys.readouterr().err
    assert contents(trial / "results") == before


def test_tables_before_effects_are_refused(trial: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(trial / "results")
    assert do(trial, "ingest", "score", "tables") == [0, 0, 2]
    err = capsys.readouterr().err
    assert "not run yet: describe, fit, effects" in err
    assert "Traceback" not in err


def test_two_plans_of_a_folder_keep_their_results_apart(trial: Path) -> None:
    before = contents(trial / "results" / "trial")
    write_plan(trial / "other.yaml", title="The other plan")
    assert do(trial, "ingest", "score", plan="other.yaml") == [0, 0]
    assert contents(trial / "results" / "trial") == before
    assert (trial / "results" / "trial.other" / "seals" / "score.json").is_file()
    assert do(trial, "report", plan="other.yaml") == [2]
    assert do(trial, "deliver") == [0]


@pytest.mark.parametrize("verb", ["run", "fit", "deliver"])
def test_a_second_run_of_a_study_is_refused(trial: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(trial / "results")
    with held(trial / "results" / "trial", "run"):
        assert do(trial, verb) == [2]
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "wait until it has ended" in err
    assert contents(trial / "results") == before


def test_a_stage_stopped_in_mid_write_is_not_taken_for_done(
    trial: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The data change, and scoring is stopped between its scores and its record."""
    from compassion_trials.core.record import Record

    before = contents(trial / "results")
    write_raw(trial, shift=9.0)
    assert do(trial, "ingest") == [0]

    def stop(record: Record, path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Record, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            do(trial, "score")
    capsys.readouterr()
    assert do(trial, "describe") == [2]
    assert "run compassion-trials score" in capsys.readouterr().err
    write_raw(trial)
    assert do(trial, "run") == [0]
    assert contents(trial / "results") == before


def test_raw_data_changed_during_a_run_stop_it(
    trial: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from compassion_trials.ingest import stage

    ingest = stage.ingest

    def slow(*given: object) -> object:
        found = ingest(*given)
        write_raw(trial, shift=9.0)
        return found

    monkeypatch.setattr(stage, "ingest", slow)
    assert do(trial, "run") == [2]
    assert "raw/d.csv: changed while ingest was at work" in capsys.readouterr().err
    monkeypatch.undo()
    assert do(trial, "score") == [2]


def test_every_stage_has_its_place_in_the_chain() -> None:
    from compassion_trials.study.provenance import BEFORE

    assert [*stages.STAGES, "deliver"] == list(BEFORE)
