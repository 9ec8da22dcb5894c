"""A demo folder, and the twins by name where the folder has no plan of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.cli import main
from compassion_trials.study.layout import locate
from compassion_trials.study.shipped import TWINS, twin_plan

FILES = ("simulate.yaml", "study.yaml", "text.yaml")


def test_demo_writes_the_plans_of_the_twins_and_says_what_to_do_next(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    said = capsys.readouterr().out
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.yaml"))
    assert written == [f"config/studies/{twin}/{name}" for twin in TWINS for name in FILES]
    for path in written:
        assert f"wrote {path}\n" in said
        assert Path(path).read_bytes() == twin_plan(Path(path).parent.name).with_name(Path(path).name).read_bytes()
    assert "compassion-trials run yadavaia2014" in said
    assert "cd " not in said
    assert not locate("yadavaia2014").shipped
    assert main(["demo"]) == 0  # nothing was changed: the same again


def test_demo_in_a_folder_of_the_users_choice(tmp_path, capsys):
    folder = tmp_path / "Übung eins"
    assert main(["demo", str(folder)]) == 0
    assert f'cd "{folder.as_posix()}"' in capsys.readouterr().out
    assert (folder / "config" / "studies" / "raab2015" / "text.yaml").is_file()


def test_demo_overwrites_nothing_and_then_writes_nothing(tmp_path, capsys):
    mine = tmp_path / "config" / "studies" / "raab2015" / "study.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("title: mine\n", encoding="utf-8")
    assert main(["demo", str(tmp_path)]) == 2
    assert f"error: {mine.as_posix()}: a file with other content is there" in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text(encoding="utf-8") == "title: mine\n"


def test_demo_where_a_file_stands_in_the_way(tmp_path, capsys):
    (tmp_path / "config").write_text("", encoding="utf-8")
    assert main(["demo", str(tmp_path)]) == 2
    assert "a file stands where the demo needs a folder" in capsys.readouterr().err


def test_a_twin_without_a_plan_in_the_folder_is_the_shipped_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = locate("raab2015")
    assert (study.shipped, study.name, study.plan_file) == (True, "raab2015", twin_plan("raab2015"))
    assert study.results.root == Path("results/raab2015")
    assert study.raw(None) == Path("data/raab2015/raw")
    assert not locate("another").shipped
    mine = tmp_path / "config" / "studies" / "raab2015" / "study.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("title: mine\n", encoding="utf-8")
    assert (locate("raab2015").shipped, locate("raab2015").plan_file.resolve()) == (False, mine)


def test_a_shipped_plan_is_never_frozen_in_the_package(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["freeze", "raab2015"]) == 2
    said = capsys.readouterr().err
    assert "config/studies/raab2015 is not here, the plan that comes with compassion-trials is used" in said
    assert "compassion-trials demo writes it into your folder" in said
    assert not twin_plan("raab2015").with_name("frozen.json").exists()


def test_a_misspelt_twin_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["check", "yadavia2014"]) == 2
    assert 'did you mean "yadavaia2014"?' in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["Selbstmitgefühl & Mut – Studie (1)"])
def test_a_twin_runs_in_a_folder_with_spaces_and_letters_of_any_alphabet(tmp_path, monkeypatch, capsys, folder):
    place = tmp_path / folder / "自己への思いやり"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    assert main(["run", "raab2015"]) == 0
    said = capsys.readouterr()
    assert "the plan that comes with compassion-trials is used" in said.err
    names = [f"report.{ending}" for ending in ("docx", "html", "json", "pdf")]
    assert [path.name for path in sorted((place / "results" / "raab2015" / "report").glob("report.*"))] == names
    assert main(["deliver", "raab2015"]) == 0
    assert (place / "results" / "raab2015" / "deliverables" / "raab2015.zip").is_file()
    assert sorted(path.name for path in place.iterdir()) == ["data", "results"]
