"""What is planted in raw files at sixty places stands in no output, message, zip, picture or hidden folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from tests.leak.planted import MARK, Planter, plan, plant
from tests.workflow.outputs import texts

from compassion_trials.cli import main
from compassion_trials.core.keeping.secret import VARIABLE

FOUND = re.compile(MARK, re.IGNORECASE)
PLACES = 60
KEY = "0123456789abcdef0123"


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Planter, str]:
    """The study from raw files to the zip, and what it said on the way."""
    root = tmp_path_factory.mktemp("leak")
    planter = plant(root)
    capture = pytest.MonkeyPatch()
    with capture.context() as patch, (root / "log.txt").open("w+", encoding="utf-8") as log:
        patch.chdir(root)
        patch.setenv(VARIABLE, KEY)
        patch.setattr("sys.stdout", log)
        patch.setattr("sys.stderr", log)
        codes = [main([verb, "leaky"]) for verb in ("check", "run", "deliver")]
        log.flush()
        log.seek(0)
        said = log.read()
    assert codes == [0, 0, 0], said
    return root, planter, said


def _made(root: Path) -> list[Path]:
    """Every file that the project did not get from us, hidden ones too."""
    given = (root / "data" / "leaky" / "raw", root / "config" / "studies" / "leaky")
    return [path for path in root.rglob("*") if path.is_file() and not any(g in path.parents for g in given)]


def test_it_is_planted_at_sixty_places(leaky: tuple[Path, Planter, str]) -> None:
    root, planter, _ = leaky
    assert len(set(planter.places)) == len(planter.places) >= PLACES
    assert FOUND.search((root / "data/leaky/raw/main.csv").read_text(encoding="utf-8"))


def test_no_message_tells(leaky: tuple[Path, Planter, str]) -> None:
    _, planter, said = leaky
    assert [planter.places[int(word[3:5]) - 1] for word in FOUND.findall(said)] == []


def test_no_output_tells(leaky: tuple[Path, Planter, str]) -> None:
    root, planter, _ = leaky
    found = {}
    for name, text in texts(root / "results"):
        words = {*FOUND.findall(text), *FOUND.findall(name)}
        if words:
            found[name] = sorted(planter.places[int(word[3:5]) - 1] for word in words)
    assert found == {}


def test_no_bytes_and_no_names_of_files_tell(leaky: tuple[Path, Planter, str]) -> None:
    root, _, _ = leaky
    made = _made(root)
    assert len(made) > 50
    pattern = re.compile(MARK.encode(), re.IGNORECASE)
    assert [path.name for path in made if FOUND.search(str(path.relative_to(root)))] == []
    assert [path.name for path in made if pattern.search(path.read_bytes())] == []


def _without_sex(raw: Path) -> None:
    """A word where the plan lists codes."""
    lines = (raw / "main.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[1] = cells[3] = "zqm98x"
    (raw / "main.csv").write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")


def test_no_error_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    plant(tmp_path)
    _without_sex(tmp_path / "data/leaky/raw")
    wrong = plan()
    wrong["data"][1]["keep_if"] = {"code": ["nobody"]}  # type: ignore[index]
    (tmp_path / "config/studies/leaky/study.yaml").write_text(yaml.safe_dump(wrong, sort_keys=False), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, KEY)
    assert main(["check", "leaky"]) == 2
    assert main(["run", "leaky"]) == 2
    out = capsys.readouterr()
    assert "error" in out.err
    assert FOUND.findall(out.out + out.err) == []
    assert [name for name, text in texts(tmp_path / "results") if FOUND.search(text)] == []
