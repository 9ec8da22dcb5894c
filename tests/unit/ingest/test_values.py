"""Cells as numbers and words."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from compassion_trials.ingest.values import BLANK, NOT_NUMERIC, CellCoding, canonical, is_blank, number, numbers, recode


@pytest.mark.parametrize(
    ("word", "decimal", "value"),
    [
        ("3", ".", 3.0), ("-1.5", ".", -1.5), (".5", ".", 0.5), ("1e3", ".", 1000.0), ("1,5", ",", 1.5),
        ("−2", ".", -2.0),
        ("1,5", ".", math.nan), ("1.5", ",", math.nan), ("1.5", ".,", 1.5), ("1,5", ".,", 1.5), ("3", ",", 3.0),
        ("1.234,5", ".,", math.nan), ("1_000", ".", math.nan), ("inf", ".", math.nan), ("nan", ".", math.nan),
        ("2 ", ".", math.nan), ("", ".", math.nan), ("5a", ".", math.nan),
    ],
)  # fmt: skip
def test_number(word: str, decimal: str, value: float) -> None:
    np.testing.assert_equal(number(word, decimal), value)


def test_numbers_say_why_a_value_is_missing() -> None:
    frame = pd.DataFrame({"x": ["1", "", "NA", "-99", "two", "#N/A", "Never", "9"], "y": ["9"] * 8}, dtype="object")
    coding = CellCoding(missing=frozenset({"-99"}), answers={"never": "0"}, by_column={"x": {"9": "refused"}})
    found = numbers(frame, coding)
    assert found.reasons[:, 0].tolist() == ["", BLANK, BLANK, "-99", NOT_NUMERIC, "#N/A", "", "refused"]
    np.testing.assert_equal(found.values[:, 0], [1.0, *[math.nan] * 5, 0.0, math.nan])
    assert found.values[:, 1].tolist() == [9.0] * 8


def test_codes_in_plain_form() -> None:
    assert [canonical(w) for w in ("1.0", "1,0", " 2 ", "1.50", "01")] == ["1", "1", "2", "1.50", "01"]


def test_recode_knows_codes_labels_and_blanks() -> None:
    cells = pd.Series(["1.0", "Control", "", "3", "NA"], dtype="object")
    found = recode(cells, {"1": "act", "control group": "wait"}, {"Control": "Control group"})
    assert [None if pd.isna(word) else word for word in found] == ["act", "wait", "", None, ""]
    assert recode(cells, {"": "none", "1": "a", "3": "c", "Control": "b"}, {}).tolist() == [
        "a",
        "b",
        "none",
        "c",
        "none",
    ]


def test_blank_words() -> None:
    assert is_blank(pd.Series(["", "NA", "n/a", ".", "0", "none of it"])).tolist() == [True] * 4 + [False] * 2
