from __future__ import annotations

from pathlib import Path

from compassion_trials.study.layout import locate


def test_a_name_means_the_project_below(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    study = locate("course")
    assert study.plan_file == Path("config/studies/course/study.yaml")
    assert study.results.root == Path("results/course")
    assert study.raw(None) == Path("data/course/raw")
    assert study.raw("../trial") == Path("../trial")


def test_a_plan_in_a_project_knows_its_root(tmp_path: Path) -> None:
    plan = tmp_path / "config" / "studies" / "course" / "study.yaml"
    study = locate(plan)
    assert (study.name, study.root) == ("course", tmp_path)


def test_a_plan_anywhere_has_its_own_folder_as_root(tmp_path: Path) -> None:
    folder = tmp_path / "my trial"
    folder.mkdir()
    (folder / "study.yaml").write_text("title: x\n", encoding="utf-8")
    for given in (folder, folder / "study.yaml"):
        study = locate(given)
        assert (study.name, study.root) == ("my trial", folder)
        assert study.results.scores == folder / "results" / "my trial" / "data" / "scores.parquet"


def test_two_plans_of_a_folder_share_raw_data_but_no_results(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (Path("course"), Path("config/studies/course")):
        folder.mkdir(parents=True)
        first, other = locate(folder / "study.yaml"), locate(folder / "per-protocol.yaml")
        assert (first.name, other.name) == ("course", "course.per-protocol")
        assert other.results.root == first.root / "results" / "course.per-protocol"
        assert first.raw(None) == other.raw(None) == first.root / "data" / "course" / "raw"
        assert first.beside("frozen.json") == folder / "frozen.json"
        assert other.beside("frozen.json") == folder / "per-protocol.frozen.json"


def test_the_word_for_a_study_finds_it_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for given in ("course", "config/studies/course/study.yaml", "config/studies/course/other.yaml", "trial/study.yaml"):
        study = locate(given)
        study.plan_file.parent.mkdir(parents=True, exist_ok=True)
        study.plan_file.touch()
        assert locate(study.word) == study
