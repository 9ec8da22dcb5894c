"""Each broken raw file gives the message at the head of its plan: errors stop the run, notes stand in the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.cli import main

CASES = sorted(path.parent for path in (Path(__file__).parent / "data").glob("*/study.yaml"))


def promised(case: Path, kind: str) -> list[str]:
    """Messages of one kind that the head of a plan promises."""
    lines = (case / "study.yaml").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"# must {kind}: ") for line in lines if line.startswith(f"# must {kind}: ")]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_broken_data(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", str(case / "study.yaml")])
    said = capsys.readouterr()
    errors, notes = promised(case, "say"), promised(case, "note")
    assert code == (2 if errors else 0)
    assert errors or notes
    assert "Traceback" not in said.err
    for message in errors:
        assert message in said.err
    for message in notes:
        assert message in said.out


def test_nothing_is_written() -> None:
    assert not [path for case in CASES for path in case.iterdir() if path.name not in ("study.yaml", "raw")]


def test_there_are_many_cases() -> None:
    plans = list((Path(__file__).parent / "plans").glob("*.yaml"))
    assert len(CASES) + len(plans) >= 40
