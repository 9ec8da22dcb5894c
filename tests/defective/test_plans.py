"""Each broken plan gives the message at its head, exit code 2 and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.cli import main

PLANS = sorted((Path(__file__).parent / "plans").glob("*.yaml"))
TEXTS = sorted(path for path in (Path(__file__).parent / "texts").iterdir() if path.is_dir())
MUST = b"# must say: "


def expected(path: Path) -> list[str]:
    """Messages that the head of a broken file promises."""
    lines = path.read_bytes().splitlines()
    return [line[len(MUST) :].decode("utf-8") for line in lines if line.startswith(MUST)]


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.stem)
def test_broken_plan(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", str(plan)])
    said = capsys.readouterr().err
    assert code == 2
    assert "Traceback" not in said
    assert expected(plan)
    for message in expected(plan):
        assert message in said


@pytest.mark.parametrize("folder", TEXTS, ids=lambda path: path.name)
def test_broken_author_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong text.yaml is told when the study is opened, not when the report is written."""
    code = main(["check", str(folder / "study.yaml")])
    said = capsys.readouterr().err
    assert code == 2
    assert "Traceback" not in said
    assert expected(folder / "text.yaml")
    for message in expected(folder / "text.yaml"):
        assert message in said


def test_missing_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "config" / "studies" / "compassion"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text("title: x\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "compasion"]) == 2
    assert 'the study plan does not exist; did you mean "compassion"?' in capsys.readouterr().err
