"""Widths of columns and the page a table needs."""

from __future__ import annotations

import pytest

from compassion_trials.tables.spec import TableColumn, TableSpec, row
from compassion_trials.tables.text import text
from compassion_trials.tables.widths import layout, lines, measured, turned


def spec(columns: int, cell: str, align: str = "decimal", stub: str = "Outcome") -> TableSpec:
    heads = (TableColumn(text("Outcome"), "left"), *(TableColumn(text("M"), align) for _ in range(columns)))
    return TableSpec("t", text("T"), heads, (row(stub, *[cell] * columns),))


@pytest.mark.parametrize(("columns", "page"), [(4, "portrait"), (5, "landscape"), (10, "landscape")])
def test_the_page_follows_the_numbers(columns, page):
    assert turned(spec(columns, "10.25 [−10.21, 14.48]")).orientation == page


def test_words_wrap_before_the_page_is_turned():
    assert turned(spec(3, "a long sentence that takes two lines in its cell", "left")).orientation == "portrait"
    assert turned(spec(9, "a long sentence that takes two lines in its cell", "left")).orientation == "landscape"


def test_numbers_are_never_torn_and_words_not_either():
    found = measured(spec(2, "1.25 [0.5, 2.0]", stub="Psychological inflexibility of students"))
    assert found.wanted[1] == found.least[1]
    assert found.least[0] < found.wanted[0]
    assert found.least[0] == measured(spec(2, "1", stub="Psychological")).wanted[0]


def test_shares_add_up_and_a_small_table_does_not_fill_the_page():
    whole, parts = layout(spec(2, "1.2"))
    assert sum(parts) == pytest.approx(1)
    assert whole < 0.5
    assert layout(spec(12, "10.25 [−10.21, 14.48]"))[0] == 1


def test_lines_count_wrapped_cells():
    assert lines(spec(3, "1.2")) == 1
    long = spec(
        3, "a sentence of words that goes on and on and that no column of the page can hold in one line", "left"
    )
    assert lines(long) > 2


@pytest.mark.parametrize("columns", range(3, 15))
def test_a_cell_that_made_its_column_takes_one_line(columns):
    assert lines(spec(columns, "295")) == 1
