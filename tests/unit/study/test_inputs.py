from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from tests.unit.study.plans import PLAN, plan_with

from compassion_trials.core.files import sha256
from compassion_trials.study import inputs


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "config" / "studies" / "course"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(PLAN, sort_keys=False), encoding="utf-8")
    return tmp_path


def test_raw_files_follow_data_root(project: Path) -> None:
    assert inputs.raw_files("course") == ["data/course/raw/survey.csv"]
    plan = plan_with(data_root="../trial", data=[{**PLAN["data"][0], "dictionary": "dictionary.csv"}])
    (project / "config/studies/course/study.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    assert inputs.raw_files("course") == ["../trial/survey.csv", "../trial/dictionary.csv"]


def test_broken_plan_is_left_to_the_verbs(project: Path) -> None:
    (project / "config/studies/course/study.yaml").write_text("title: [", encoding="utf-8")
    assert inputs.raw_files("course") == []
    assert inputs.questionnaires("course") == []


def test_a_twin_waits_for_its_mark_until_real_files_come(project: Path) -> None:
    (project / "config/studies/course/simulate.yaml").write_text("seed: 1\n", encoding="utf-8")
    mark = ["data/course/raw/SYNTHETIC.json"]
    assert inputs.sources("course") == mark
    raw = project / "data/course/raw"
    raw.mkdir(parents=True)
    (raw / "survey.csv").write_text("SYNTHETIC\n", encoding="utf-8")
    (raw / "SYNTHETIC.json").write_text(json.dumps({"files": {"survey.csv": sha256(raw / "survey.csv")}}))
    assert inputs.sources("course") == mark
    (raw / "survey.csv").write_text("the real file\n", encoding="utf-8")
    assert inputs.sources("course") == ["data/course/raw/survey.csv"]


def test_a_users_questionnaire_comes_before_the_shipped_one(project: Path) -> None:
    assert [Path(p).name for p in inputs.questionnaires("course")] == ["dass21.yaml", "scs.yaml"]
    own = project / "config" / "instruments" / "scs.yaml"
    own.parent.mkdir()
    own.write_text("id: scs\n", encoding="utf-8")
    assert "config/instruments/scs.yaml" in inputs.questionnaires("course")


def test_a_plan_is_read_once_until_it_changes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    text = Path.read_text

    def counted(path: Path, *options: object, **named: object) -> str:
        read.extend([path] if path.name == "study.yaml" else [])
        return text(path, *options, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", counted)
    inputs.raw_files("course"), inputs.questionnaires("course"), inputs.sources("course")
    assert len(read) == 1
    plan = yaml.safe_dump(plan_with(data_root="../elsewhere"), sort_keys=False)
    (project / "config/studies/course/study.yaml").write_text(plan, encoding="utf-8")
    assert inputs.raw_files("course") == ["../elsewhere/survey.csv"]


def test_files_of_a_failed_stage_are_older_than_what_it_reads(project: Path) -> None:
    plan, scores = project / "config/studies/course/study.yaml", project / "results/course/data/scores.csv"
    scores.parent.mkdir(parents=True)
    scores.touch()
    inputs.date_back([str(scores), str(scores.parent), "results/none.csv"], [str(plan), "data/none.csv"])
    assert scores.stat().st_mtime < plan.stat().st_mtime


def test_studies_from_the_configuration(project: Path) -> None:
    assert inputs.studies({"studies": ["course"]}) == ["course"]
    assert inputs.studies({"studies": "course"}) == ["course"]
    with pytest.raises(SystemExit, match='no plan for "curse"; did you mean "course"'):
        inputs.studies({"studies": ["curse"]})
    with pytest.raises(SystemExit, match="no study is named"):
        inputs.studies({})
