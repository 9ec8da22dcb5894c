"""Values of the wrong type or size are told in words, with the keys that a person wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from compassion_trials.core.errors import InputError
from compassion_trials.core.yaml import load_yaml, validate


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    words: str | tuple[str, ...] | None = None
    count: int = Field(3, ge=1, lt=9)


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    inner: dict[str, Inner] = {}
    share: float | None = None
    on: bool = False


def said(folder: Path, text: str) -> list[str]:
    """Lines of the refusal."""
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        validate(Whole, load_yaml(path), path.name)
    return [finding.text().removeprefix("error: plan.yaml, ") for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("title:", "row 1, title: the key has no value; expected a text"),
        ("title: [a]", "row 1, title: not a valid value; expected a text"),
        ("title: x\nshare: most", 'row 2, share: not a valid value; found "most"; expected a number'),
        ("title: x\non: often", 'row 2, on: not a valid value; found "often"; expected true or false'),
        ("title: x\ninner: [a]", "row 2, inner: not a valid value; expected keys, each with its value"),
        ("title: x\ninner: {a: {count: 0}}", 'row 2, inner.a.count: not a valid value; found "0"; expected at least 1'),
        (
            "title: x\ninner: {a: {count: 9}}",
            'row 2, inner.a.count: not a valid value; found "9"; expected less than 9',
        ),
        (
            "title: x\ninner: {a: {words: {b: 1}}}",
            "row 2, inner.a.words: not a valid value; expected a text or a list, such as [a, b]",
        ),
    ],
)
def test_in_words(tmp_path: Path, text: str, line: str) -> None:
    assert said(tmp_path, text) == [line]


def test_a_key_that_is_called_as_a_type_is_named(tmp_path: Path) -> None:
    assert 'unknown key "str"' in said(tmp_path, "title: x\nstr: y")[0]
    assert 'unknown key "IdColumn"' in said(tmp_path, "title: x\nIdColumn: y")[0]
