"""The tool behind `make mutants`: what it changes, what it leaves alone, and that its exceptions are not stale."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import yaml

MUTANTS = Path(__file__).resolve().parents[2] / "mutants"
sys.path.insert(0, str(MUTANTS))
import changes as tool  # noqa: E402

SOURCE = Path(__file__).resolve().parents[3] / "src" / "compassion_trials"


def words(code: str) -> list[str]:
    return [what for _, _, what, _ in tool.places(ast.parse(code))]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("a < b", ["a < b -> a <= b", "a < b -> a >= b"]),
        ("a == b", ["a == b -> a != b"]),
        ("a + b * 2", ["a + b * 2 -> a - b * 2", "b * 2 -> b / 2", "2 -> 3"]),
        ("x = -n", ["-n -> n"]),
        ("x = 0.05", ["0.05 -> 0.1"]),
        ("x = 1e-9", []),
        ("x = a and not b", ["a and (not b) -> a or not b", "not b -> b"]),
        ("x = min(a)", ["min -> max"]),
        (
            "x = k in ('a', 'b')",
            ["k in ('a', 'b') -> k not in ('a', 'b')", "('a', 'b') -> ('b',)", "('a', 'b') -> ('a',)"],
        ),
        ("if ready:\n    pass", ["ready -> not ready"]),
    ],
)
def test_changes(code, found):
    assert words(code) == found


@pytest.mark.parametrize(
    "code",
    [
        'raise ValueError(1 + 1)', "assert a < b", "x: tuple[int, 2] = y", "@wraps(1)\ndef f(): pass", "f'{a + 1}'",
        "zip(a, b, strict=True)", "if TYPE_CHECKING:\n    import x",
        "Finding(1 + 1)",
    ],
)  # fmt: skip
def test_what_people_read_and_guards_are_left_alone(code):
    assert not words(code)


def test_every_change_compiles_and_is_one_change():
    plain = ast.unparse(ast.parse((SOURCE / "effects/outcomes/change.py").read_text(encoding="utf-8")))
    found = tool.changes(SOURCE, "effects/outcomes/change.py")
    assert len({change.key for change in found}) == len(found) > 20
    for change in found:
        other = ast.unparse(tool.changed(SOURCE, change))
        lines = [(a, b) for a, b in zip(plain.splitlines(), other.splitlines(), strict=True) if a != b]
        assert len(lines) == 1, change


def test_equivalent_changes_stand_in_the_code_and_have_a_reason():
    entries = yaml.safe_load((MUTANTS / "equivalent.yaml").read_text(encoding="utf-8")) or []
    keys = {change.key for file in {e["file"] for e in entries} for change in tool.changes(SOURCE, file)}
    for entry in entries:
        assert len(entry["reason"]) > 20
        for number in entry["numbers"]:
            key = (entry["file"], entry["function"], entry["text"], entry["change"], number)
            assert key in keys, f"no longer in the code: {key}"
