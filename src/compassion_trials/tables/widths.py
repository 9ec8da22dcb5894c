"""How wide columns should be on paper, from the words in them; shared by the formats that need to be told."""

from __future__ import annotations

from typing import Final

from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import plain

_WIDEST: Final = 36
"""Characters beyond which a longer cell asks for no more width: it wraps."""
_PAGE: Final = {"portrait": 92, "landscape": 142}
"""Characters of a table's type size that fit across an A4 page."""
_GAP: Final = 2.2
"""Characters of space between columns."""
_NARROWEST: Final = 0.45
"""Smallest share of the page that a table takes."""


def column_widths(spec: TableSpec) -> list[float]:
    """Shares of the table's width by column; they add up to 1.

    A column is as wide as its longest cell, at least as the longest word of its head.
    """
    needed = _needed(spec)
    return [width / sum(needed) for width in needed]


def table_width(spec: TableSpec) -> float:
    """Share of the page's width that the table takes."""
    return min(1.0, max(_NARROWEST, sum(_needed(spec)) / _PAGE[spec.orientation]))


def _needed(spec: TableSpec) -> list[float]:
    """Characters that each column asks for, with space between columns."""
    needed = []
    for i, column in enumerate(spec.columns):
        cells = [len(plain(row.cells[i])) + (2 * row.level if i == 0 else 0) for row in spec.rows if not row.group]
        word = max((len(part) for part in plain(column.header).split(" ")), default=1)
        needed.append(min(max([word, *cells]), _WIDEST) + _GAP)
    return needed
