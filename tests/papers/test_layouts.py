"""Tables of all publications, in every layout and kind of document: read back, few cells wrong and none silently.

Two layouts have more wrong cells, all told, and say so.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from tests.papers.bench import Counted, read_back
from tests.papers.layouts import LAYOUTS
from tests.papers.records import published_records
from tests.papers.writing import WRITERS

CELLS = 2000
"""Fewest cells of a layout over the kinds of documents."""
WRONG = 0.02
"""Largest upper 95 % limit of the share of wrong cells."""


MISSED = {
    "stacked": "1128 of 4602 cells wrong, all told (upper limit 25.78%): F (df) in a head, visits in the caption",
    "panels": "1950 of 3996 cells wrong, all told (upper limit 50.36%): lines of tests at the foot",
}
"""Layouts, drawn after the reader was frozen, that are not read well enough; docs/reproduce.md has the reasons."""


def judged(name: str):
    """A layout; one that is known to be missed must still be missed."""
    marks = [pytest.mark.xfail(strict=True, raises=AssertionError, reason=MISSED[name])] if name in MISSED else []
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_prints_enough_numbers(name):
    printed = [t for (_, table), records in published_records().items() for t in LAYOUTS[name](table, records)]
    assert len(WRITERS) * sum(len(t.records) for t in printed) >= CELLS


@cache
def read_back_whole(name: str) -> Counted:
    """All kinds of documents of a layout together."""
    parts = [read_back(LAYOUTS[name], ending) for ending in WRITERS]
    return Counted(
        sum(p.cells for p in parts), [w for p in parts for w in p.wrong], [s for p in parts for s in p.silent]
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYOUTS)
def test_nothing_is_wrong_silently(name):
    assert read_back_whole(name).silent == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [judged(name) for name in LAYOUTS])
def test_a_layout_is_read_back(name):
    whole = read_back_whole(name)
    assert whole.limit <= WRONG, Counter(whole.wrong).most_common(5)


def test_the_count_of_wrong_cells_can_fail():
    assert Counted(2000, ["x"] * 60, []).limit > WRONG
    assert Counted(2000, ["x"] * 20, []).limit < WRONG
