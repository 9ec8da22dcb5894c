"""Cells that a spreadsheet would calculate."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compassion_trials.core.cells import guarded, guarded_table, unguarded
from compassion_trials.core.files import write_csv

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "-", "=HYPERLINK(1)", "-1-2", "＝1")
NUMBERS = ("-0.5", "+3", "-.05", "-1e-5", "-3.40 (2.10)", "-0.5 [-1.2, 0.3]", "-12%", "")


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_have_an_apostrophe(text: str) -> None:
    assert guarded(text).startswith("'")
    assert unguarded(guarded(text)) == text.replace("\t", " ")


@pytest.mark.parametrize("text", [*NUMBERS, "word", "'tis", "a=b", "—"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


def test_control_characters_are_spaces() -> None:
    assert guarded("A\x0bx\n") == "A x "


def test_tables_keep_their_numbers_and_guard_their_names(tmp_path: Path) -> None:
    table = pd.DataFrame({"=a": [-1.5, 2.0], "b": ["=1", "x"], "c": [None, "-2"]})
    found = guarded_table(table)
    assert list(found.columns) == ["'=a", "b", "c"]
    assert found["b"].tolist() == ["'=1", "x"]
    assert table["b"].tolist() == ["=1", "x"]
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "'=a,b,c\n-1.5,'=1,\n2.0,x,-2\n"
