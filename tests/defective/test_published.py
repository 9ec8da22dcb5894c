"""Each broken file of published numbers gives the messages at its head, all together, exit code 2 and no traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compassion_trials.cli import main

FILES = sorted((Path(__file__).parent / "published").glob("*.yaml"))
MUST = "# must say: "


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data" / "published"
    folder.mkdir(parents=True)
    shutil.copy(path, folder)
    monkeypatch.chdir(tmp_path)
    promised = [
        line.removeprefix(MUST) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(MUST)
    ]
    assert promised
    assert main(["reproduce", path.stem]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    for message in promised:
        assert message in said
    assert not (tmp_path / "results").exists()


def test_unknown_study_names_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(root)
    assert main(["reproduce", "schanche_2002"]) == 2
    assert 'did you mean "schanche_2020"?' in capsys.readouterr().err


def test_problems_of_several_files_come_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    folder = tmp_path / "data" / "published"
    folder.mkdir(parents=True)
    for name in ("sd_of_zero", "unknown_arm"):
        shutil.copy(Path(__file__).parent / "published" / f"{name}.yaml", folder)
    monkeypatch.chdir(tmp_path)
    assert main(["reproduce"]) == 2
    said = capsys.readouterr().err
    assert "sd_of_zero.yaml" in said
    assert "unknown_arm.yaml" in said
