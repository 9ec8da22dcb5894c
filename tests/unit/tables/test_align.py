from __future__ import annotations

import pytest

from compassion_trials.tables.align import FIGURE_SPACE, aligned
from compassion_trials.tables.spec import TableColumn, heading, row
from compassion_trials.tables.text import plain, text

COLUMNS = (TableColumn(text("stub"), "left"), TableColumn(text("x")))
F = FIGURE_SPACE


def pad(*cells: str) -> list[str]:
    rows = aligned((heading("g"), *[row("s", cell) for cell in cells]), COLUMNS)
    return [plain(r.cells[1]) for r in rows[1:]]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["1.23", "12.30", "−0.50"], [f"{F}1.23", "12.30", "−0.50"]),
        ([".034", "<\u00a0.001"], [f"{F}\u2008.034", "<\u00a0.001"]),
        (["12 (3.0%)", "7 (10.0%)"], [f"12 (3.0%){F}", f"{F}7 (10.0%)"]),
        (["1,234", "5"], ["1,234", f"{F}{F}{F}\u20085"]),
        (["2.10 (0.50)", "12.10 (10.50)"], [f"{F}2.10 (0.50){F}", "12.10 (10.50)"]),
        (["5.0", "12"], [f"{F}5.0", f"12{F}\u2008"]),
    ],
)
def test_decimal_points_stand_below_each_other(cells, shown):
    assert pad(*cells) == shown


def test_a_dash_stands_round_the_point():
    assert pad("12.30", "—") == ["12.30", f"{F}—{F}\u2008"]


def test_group_rows_and_other_columns_stay():
    rows = (heading("g"), row("1", "2"), row("10", "20"))
    assert [r.cells[0] for r in aligned(rows, COLUMNS)] == [text("g"), text("1"), text("10")]
    left = (TableColumn(text("stub"), "left"), TableColumn(text("x"), "left"))
    assert aligned(rows, left) == rows


def test_empty_cells_stay_empty():
    assert pad("", "1.0") == ["", "1.0"]
