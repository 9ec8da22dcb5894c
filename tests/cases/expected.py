"""What is right, in a form that several cases share: refused with a sentence, read with so many people, warned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from tests.cases.running import STAGES, Outcome, run

Right = Callable[[Path], None]
"""Runs a copy of a case and asserts what is right."""


def refused(*words: str, verb: str = "check study.yaml") -> Right:
    """Exit code 2 and one line that holds all of some words."""

    def right(folder: Path) -> None:
        outcome = run(folder, verb)
        assert outcome.code == 2, outcome.said
        errors = [line for line in outcome.said.splitlines() if "error: " in line]
        assert any(all(word in line for word in words) for line in errors), outcome.said

    return right


def folder_as_plan(folder: Path) -> None:
    """A folder named study.yaml is told in a sentence."""
    (folder / "study.yaml").mkdir(exist_ok=True)
    refused("is a folder")(folder)


def held(people: str, *, warned: tuple[str, ...] = (), silent: bool = False, never: tuple[str, ...] = ()) -> Right:
    """The verb ``check`` passes and counts people as it should; a line warns, or none does, or not of some words."""

    def right(folder: Path) -> None:
        outcome = run(folder, "check study.yaml")
        assert outcome.code == 0, outcome.said
        assert people in outcome.said, outcome.said
        if warned:
            assert outcome.warned(*warned), outcome.said
        if never:
            assert not outcome.warned(*never), outcome.said
        if silent:
            assert "no errors, 0 warnings" in outcome.said, outcome.said

    return right


def warned(*words: str) -> Right:
    """A line of ``check`` warns or refuses with all of some words."""

    def right(folder: Path) -> None:
        outcome = run(folder, "check study.yaml")
        assert outcome.warned(*words), outcome.said

    return right


def analysed(folder: Path, study: str = "study.yaml", last: str = "effects") -> Outcome:
    """The stages up to one of them, all of which must pass."""
    stages = STAGES[: STAGES.index(last) + 1]
    outcome = run(folder, *(f"{stage} {study}" for stage in stages))
    assert outcome.code == 0, outcome.said
    return outcome


def read(**columns: float) -> Right:
    """Largest value of columns of the participants or of outcomes after scoring, so that nothing is read too small."""

    def right(folder: Path) -> None:
        outcome = analysed(folder, last="score")
        people, scores = outcome.table("participants"), outcome.table("scores")
        for name, largest in columns.items():
            mine = people[name] if name in people else scores.loc[scores["measure"] == name, "score"]
            found = mine.max()
            np.testing.assert_allclose(found, largest)

    return right


def guessed(export: str, plan: str = "study.yaml") -> Right:
    """The verb ``init`` on the bare export names the id and the visits of the stored plan, and its plan can run."""

    def right(folder: Path) -> None:
        words = export.replace(" ", "|")
        outcome = run(folder, f"init @{words} --out guessed.yaml")
        assert outcome.code == 0, outcome.said
        text = (folder / "guessed.yaml").read_text(encoding="utf-8").replace("# FILL IN", "#")
        (folder / "guessed.yaml").write_text(text, encoding="utf-8")
        mine, stored = yaml.safe_load(text), yaml.safe_load((folder / plan).read_text(encoding="utf-8"))
        assert [_id(part) for part in _files(mine)][:1] == [_id(part) for part in _files(stored)][:1]
        assert len(mine["design"]["visits"]) == len(stored["design"]["visits"])
        assert _questionnaires(mine) == _questionnaires(stored)
        outcome = run(folder, "check guessed.yaml")
        assert outcome.code == 0, outcome.said

    return right


def guessed_visits(export: str, *columns: str) -> Right:
    """The verb ``init`` makes a visit of each of some columns."""

    def right(folder: Path) -> None:
        outcome = run(folder, f"init {export} --out guessed.yaml")
        assert outcome.code == 0, outcome.said
        text = (folder / "guessed.yaml").read_text(encoding="utf-8")
        plan = yaml.safe_load(text)
        assert len(plan["design"]["visits"]) == len(columns), text
        weeks = [
            visit if isinstance(visit, int | float) else visit["week"] for visit in plan["design"]["visits"].values()
        ]
        assert len(set(weeks)) == len(columns)
        used = [str(part.get("values", {}).values()) for part in [f.get("visit", {}) for f in _files(plan)]]
        assert all(any(column.split("_")[-1] in found for found in used) or column in text for column in columns)

    return right


def _files(plan: dict[str, object]) -> list[dict[str, object]]:
    """Raw files of a plan."""
    data = plan["data"]
    return data if isinstance(data, list) else [data]  # type: ignore[list-item]


def _questionnaires(plan: dict[str, object]) -> set[object]:
    """Questionnaires that a plan scores."""
    return {part.get("instrument") for part in plan["measures"].values()}  # type: ignore[attr-defined]


def _id(part: dict[str, object]) -> object:
    """Column of the id."""
    found = part["id"]
    return found["column"] if isinstance(found, dict) else found
