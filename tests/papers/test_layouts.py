"""Tables of all publications, in every layout and kind of document: read back, few cells wrong and none silently."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.papers.bench import Counted, read_back
from tests.papers.layouts import LAYOUTS
from tests.papers.writing import WRITERS

CELLS = 2000
"""Fewest cells of a layout over the kinds of documents."""
WRONG = 0.02
"""Largest upper 95 % limit of the share of wrong cells."""


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read_back(name):
    parts = [read_back(LAYOUTS[name], ending) for ending in WRITERS]
    whole = Counted(
        sum(p.cells for p in parts), [w for p in parts for w in p.wrong], [s for p in parts for s in p.silent]
    )
    assert whole.cells >= CELLS
    assert whole.silent == []
    assert whole.limit <= WRONG, Counter(whole.wrong).most_common(5)


def test_the_count_of_wrong_cells_can_fail():
    assert Counted(2000, ["x"] * 60, []).limit > WRONG
    assert Counted(2000, ["x"] * 20, []).limit < WRONG
