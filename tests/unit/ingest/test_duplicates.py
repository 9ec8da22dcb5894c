"""Repeated rows and the rule for them."""

from __future__ import annotations

import pandas as pd
import pytest

from compassion_trials.ingest.duplicates import combine, resolve

KEYS = pd.DataFrame({"participant": ["1", "1", "2", "1"], "visit": ["pre"] * 4}, index=[2, 3, 4, 5])
CELLS = pd.DataFrame({"a": ["1", "1", "3", "1"], "b": ["", "2", "", "3"]}, index=[2, 3, 4, 5])


@pytest.mark.parametrize(
    ("rule", "keep"),
    [
        ("first", [True, False, True, False]),
        ("last", [False, False, True, True]),
        ("most_complete", [False, True, True, False]),  # rows 3 and 5 are equally complete: the first of them
    ],
)
def test_rules(rule: str, keep: list[bool]) -> None:
    found = resolve(KEYS, CELLS, rule, "a.csv")
    assert found.keep.tolist() == keep
    assert {f.code for f in found.findings} == {"duplicate_differs"}
    assert {f.severity for f in found.findings} == {"warning"}


def test_error_rule_names_both_rows() -> None:
    found = resolve(KEYS, CELLS, "error", "a.csv")
    assert [(f.severity, f.row) for f in found.findings] == [("error", 3), ("error", 5)]
    assert "row 2" in found.findings[0].message


def test_the_same_answers_twice_are_harmless() -> None:
    cells = CELLS.assign(b="2")
    found = resolve(KEYS, cells, "error", "a.csv")
    assert found.keep.tolist() == [True, False, True, False]
    assert {(f.severity, f.code) for f in found.findings} == {("warning", "duplicate_same")}


def test_no_repeated_rows() -> None:
    found = resolve(KEYS.iloc[[0, 2]], CELLS.iloc[[0, 2]], "error", "a.csv")
    assert found.keep.all()
    assert not found.findings


def test_redcap_forms_on_separate_rows_are_combined() -> None:
    cells = pd.DataFrame({"a": ["1", "", "3", ""], "b": ["", "2", "", ""]}, index=[2, 3, 4, 5])
    merged = combine(KEYS, cells)
    assert merged.index.tolist() == [2, 4]
    assert merged.loc[2].tolist() == ["1", "2"]


def test_rows_that_contradict_are_not_combined() -> None:
    assert combine(KEYS, CELLS).index.tolist() == [2, 3, 4, 5]
