"""What YAML reads otherwise than a person wrote is told with its line and how to write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.yaml import load_yaml, row_of, with_rows


def told(folder: Path, text: str) -> list[Finding]:
    """Findings of a text that must be refused."""
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_yaml(path)
    return list(caught.value.findings)


@pytest.mark.parametrize(
    ("line", "code", "found"),
    [
        ("values: {07: a}", "yaml_number", "07"),
        ("week: 012", "yaml_number", "012"),
        ("time: 12:30", "yaml_number", "12:30"),
        ("code: 0x1F", "yaml_number", "0x1F"),
        ("code: 1_000", "yaml_number", "1_000"),
        ("range: [0, .NaN]", "yaml_number", ".NaN"),
        ("week: -.inf", "yaml_number", "-.inf"),
        ("label: {{name}}", "yaml_braces", ""),
        ("label: {[a]: b}", "yaml_braces", ""),
        ("values: {~: a}", "yaml_null", "~"),
        ("date: 2020-13-01", "yaml_syntax", ""),
        ("a: &x\n  b: *x", "yaml_circle", ""),
        ("a: " + "[" * 100 + "]" * 100, "yaml_circle", ""),
        ("a: " + "{x: " * 5000 + "1" + "}" * 5000, "yaml_circle", ""),
    ],
)
def test_traps_are_told(tmp_path: Path, line: str, code: str, found: str) -> None:
    findings = told(tmp_path, f"title: x\n{line}\n")
    assert [finding.code for finding in findings] == [code]
    assert findings[0].value == found
    assert code == "yaml_syntax" or findings[0].row in (2, 3)


def test_all_traps_at_once(tmp_path: Path) -> None:
    assert [finding.row for finding in told(tmp_path, "a: 01\nb: {c: [02, .inf]}\n")] == [1, 2, 2]


def test_aliases_that_grow_are_told(tmp_path: Path) -> None:
    text = "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
    text += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    assert told(tmp_path, text)[0].code == "yaml_circle"


def test_quoted_words_and_plain_numbers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text('a: {"01": x, 1: y, 0: z}\nb: [0, 10, 0.5, -3, "1:20", 1e3]\nc: &c [1]\nd: *c\n', encoding="utf-8")
    found = load_yaml(path)
    assert found == {"a": {"01": "x", 1: "y", 0: "z"}, "b": [0, 10, 0.5, -3, "1:20", "1e3"], "c": [1], "d": [1]}


def test_the_line_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  - b: 1\n  - c:\n      1: x\n", encoding="utf-8")
    content = load_yaml(path)
    assert row_of(content, ("a", 1, "c", "1")) == 4
    assert row_of(content, ("a", 1, "short form", "c")) == 3
    assert row_of(content, ("z",)) is None
    (finding,) = with_rows([Finding("error", "x", "y", "a.yaml", None, "a.1.c")], path)
    assert finding.row == 3


@pytest.mark.parametrize("what", ["folder", "bytes"])
def test_what_is_no_yaml_file_is_told(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.yaml"
    if what == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"a: \xff\xfe\x00")
    with pytest.raises(InputError, match="folder" if what == "folder" else "UTF-8"):
        load_yaml(path)
