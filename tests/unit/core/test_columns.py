from __future__ import annotations

import pytest

from compassion_trials.core.columns import RESULTS, ResultLine, result_lines, results_table

ROW = {"study": "s", "analysis": "observed", "outcome": "scs.total", "arm": "a", "visit": "pre", "statistic": "mean"}


def test_rows_become_a_typed_table() -> None:
    table = results_table([{**ROW, "value": 3, "n": 20}, {**ROW, "statistic": "sd", "value": None}])
    assert tuple(table.columns) == RESULTS
    assert table["value"].dtype == "float64"
    assert table["value"].isna().tolist() == [False, True]
    assert table["note"].tolist() == ["", ""]
    assert table["id"].tolist() == ["s|observed||scs.total||a|||pre|mean", "s|observed||scs.total||a|||pre|sd"]


def test_two_rows_cannot_be_the_same_number() -> None:
    with pytest.raises(ValueError, match="same identity"):
        results_table([ROW, ROW])


def test_an_unknown_column_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="not a column"):
        results_table([{**ROW, "outcom": "x"}])


def test_no_rows() -> None:
    assert results_table([]).empty


def test_the_typed_line_names_every_column() -> None:
    assert tuple(ResultLine.__annotations__) == RESULTS


def test_lines_give_the_cells_by_name() -> None:
    table = results_table([{**ROW, "value": 3, "n": 20}, {**ROW, "statistic": "sd", "value": 1.5}])
    assert [(line.outcome, line.statistic, line.value) for line in result_lines(table)] == [
        ("scs.total", "mean", 3.0),
        ("scs.total", "sd", 1.5),
    ]
