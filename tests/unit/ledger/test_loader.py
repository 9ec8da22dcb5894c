"""What a file of published numbers must not say: numbers that cannot be, and names that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from compassion_trials.core.errors import InputError
from compassion_trials.ledger.reading.loader import read_published

STUDY = {
    "label": "Made up",
    "citation": "Nobody",
    "arms": {"a": "A", "b": "B"},
    "visits": {"pre": "Pre", "post": "Post"},
    "measures": {"x": {"label": "X"}},
}
ROWS = "measure arm visit n mean sd\nx a pre 20 12.0 5.0\nx b pre 20 12.0 5.0\n"


def told(folder: Path, **parts: object) -> list[tuple[str, str]]:
    """Key and message of every problem of a file that holds one table."""
    path = folder / "made.yaml"
    study = {k: v for k, v in parts.items() if k in ("control", "counts", "measures", "reference")}
    table = {"name": "t", "source": "Table 2", "rows": ROWS} | {k: v for k, v in parts.items() if k not in study}
    path.write_text(yaml.safe_dump({**STUDY, **study, "tables": [table]}), encoding="utf-8")
    try:
        read_published(path)
    except InputError as error:
        return [(finding.column, finding.message) for finding in error.findings]
    return []


WHOLE = "a number of participants is whole and at least 1"
SPREAD = "a standard deviation or standard error is above zero; print that shows 0 cannot be recomputed"
CORRELATION = "a correlation lies between -1 and 1"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("n", "0", WHOLE),
        ("n", "1.5", WHOLE),
        ("n", "1", ""),
        ("sd", "0.0", SPREAD),
        ("sd", "0.1", ""),
        ("se", "0.00", SPREAD),
        ("r", "1.01", CORRELATION),
        ("r", "-1.01", CORRELATION),
        ("r", "1.00", ""),
        ("r", "-1.00", ""),
        ("mean", "twelve", "not a number"),
        ("mean", "-12", ""),
    ],
)
def test_a_row_holds_numbers_that_can_be(tmp_path, name, text, message):
    columns = dict.fromkeys(("n", "mean", "sd", "se", "r"), "-") | {"mean": "12.0"} | {name: text}
    rows = f"measure arm visit {' '.join(columns)}\nx a pre {' '.join(columns.values())}\n"
    assert told(tmp_path, rows=rows) == ([(f"tables.0.rows, line 2, {name}", message)] if message else [])


P = "a p value lies between 0 and 1"
TEST = "an F or chi-squared is not below zero"
DF = "degrees of freedom are above zero"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p", "1.01", P),
        ("p", "-.01", P),
        ("p", ">1", P),
        ("p", "<0", P),
        ("p", "1.00", ""),
        ("p", "<.001", ""),
        ("p", ".000", ""),
        ("F", "-0.1", TEST),
        ("F", "0.0", ""),
        ("chi2", "-0.1", TEST),
        ("df", "0", DF),
        ("df2", "0", DF),
        ("df", "1", ""),
        ("g_se", "0.00", SPREAD),
        ("estimate", "-3.0", ""),
    ],
)
def test_an_effect_holds_numbers_that_can_be(tmp_path, name, text, message):
    effects = f"measure arm versus visit {name}\nx a b post {text}\n"
    assert told(tmp_path, effects=effects) == ([(f"tables.0.effects, line 2, {name}", message)] if message else [])


@pytest.mark.parametrize(
    ("parts", "key", "message"),
    [
        ({"control": "c"}, "control", "there is no such arm"),
        ({"control": "b"}, "", ""),
        ({"reference": {"mood": "0.5"}}, "reference.mood", "there is no such field"),
        ({"reference": {"stress": "0.5"}}, "", ""),
        ({"measures": {"x": {"label": "X", "field": "mood"}}}, "measures.x.field", "there is no such field"),
        ({"repeats": "u"}, "tables.0.repeats", "there is no such table"),
        ({"repeats": "t"}, "", ""),
        ({"pooled_at": "later", "control": "b"}, "tables.0.pooled_at", "there is no such visit"),
        ({"effects": "measure arm visit note\nx a pre why\n"}, "tables.0.effects, line 2", "the line holds no printed"),
        ({"effects": "measure versus visit d\nx b pre 0.1\n"}, "tables.0.effects, line 2", "the line compares with an"),
        ({"effects": "measure arm versus visit d\nx c b pre 0.1\n"}, "tables.0.effects, line 2, arm", "there is no"),
        ({"rows": ROWS + "x a pre 19 11.0 4.0\n"}, "tables.0.rows, line 4", "these cells of the paper appear twice"),
        ({"rows": "measure visit n mean\nx pre 20 12.0\n"}, "tables.0.rows, line 2", "the row names no arm"),
        ({"rows": "measure arm visit n\nx a pre 20\n"}, "tables.0.rows, line 2", "the row has no mean"),
    ],
)
def test_names_lead_somewhere_and_lines_are_whole(tmp_path, parts, key, message):
    found = told(tmp_path, **parts)
    assert [column for column, _ in found] == ([key] if key else [])
    assert all(text.startswith(message) for _, text in found)
