"""The verbs as a person types them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compassion_trials.cli import STAGES, main

CSV = "id,group," + ",".join(f"who_{visit}_{item}" for visit in ("pre", "post") for item in range(1, 6)) + "\n"
ROWS = "".join(f"{i},{1 + i % 2},{','.join(str((i * k) % 6) for k in range(1, 11))}\n" for i in range(1, 21))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "survey.csv"
    path.write_text(CSV + ROWS, encoding="utf-8")
    return path


def test_init_writes_a_plan_and_never_overwrites_one(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(raw)]) == 0
    said = capsys.readouterr().out
    assert "left to fill in" in said
    plan = raw.parent / "study.yaml"
    before = plan.read_bytes()
    assert main(["init", str(raw)]) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert plan.read_bytes() == before


def test_a_guessed_plan_runs_only_when_its_guesses_are_confirmed(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", str(raw)])
    plan = raw.parent / "study.yaml"
    capsys.readouterr()
    assert main(["check", str(plan)]) == 2
    assert "a guess that waits for your answer" in capsys.readouterr().err
    assert main(["run", str(plan)]) == 2
    assert "delete its comment" in capsys.readouterr().err
    assert not (raw.parent / "results").exists()
    plan.write_text(plan.read_text(encoding="utf-8").replace("# FILL IN", "#"), encoding="utf-8")
    assert main(["check", str(plan)]) == 0
    assert "The study can run" in capsys.readouterr().out


def test_check_writes_nothing(raw: Path) -> None:
    main(["init", str(raw)])
    main(["check", str(raw.parent / "study.yaml")])
    assert sorted(path.name for path in raw.parent.iterdir()) == ["study.yaml", "survey.csv"]


def test_instruments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments"]) == 0
    listed = capsys.readouterr().out
    assert "dass21" in listed
    assert "(disabled)" in listed
    assert main(["instruments", "scs"]) == 0
    shown = capsys.readouterr().out
    assert "reversed: self_judgment, isolation, over_identification" in shown
    assert "Pitfalls" in shown
    assert main(["instruments", "scss"]) == 2
    assert 'did you mean "scs"?' in capsys.readouterr().err


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "compassion-trials study plan"


@pytest.mark.parametrize("verb", ["--help", *STAGES, "run", "check"])
def test_help_needs_no_heavy_library(verb: str) -> None:
    words = [verb] if verb == "--help" else [verb, "--help"]
    program = (
        "import sys, compassion_trials.cli as cli\n"
        f"try: cli.main({words!r})\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'pydantic', 'matplotlib', 'scipy', 'statsmodels', 'rich'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert "usage: compassion-trials" in done.stdout
