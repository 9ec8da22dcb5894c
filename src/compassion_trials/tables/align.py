"""Decimal alignment by padding: cells of a column get figure spaces until their decimal points stand below each other.

Works alike in HTML, Word and Typst and survives copying, which decimal tabs (LibreOffice) and CSS (Word) do not.
"""

from __future__ import annotations

import re
from typing import Final

from compassion_trials.core.numbers import DASH
from compassion_trials.tables.spec import TableColumn, TableRow
from compassion_trials.tables.text import Text, plain, text

FIGURE_SPACE: Final = "\u2007"
"""As wide as a digit."""
PUNCTUATION_SPACE: Final = "\u2008"
"""As wide as a point."""

_POINT = re.compile(r"\.(?=\d)")
_WHOLE = re.compile(r"\d(?:[\d,]*\d)?")
_HALF_DIGITS: Final = {DASH: 4, "%": 3, **dict.fromkeys(".,()[] \u00a0", 1)}
"""Width of characters in half digits; 2 for all others."""


def aligned(rows: tuple[TableRow, ...], columns: tuple[TableColumn, ...]) -> tuple[TableRow, ...]:
    """Rows whose decimal columns are padded on both sides to one width, to be set centred."""
    padded = [list(row.cells) for row in rows]
    for i, column in enumerate(columns):
        if column.align != "decimal":
            continue
        members = [r for r, row in enumerate(rows) if not row.group and row.cells[i]]
        for r, cell in zip(members, _pad([rows[r].cells[i] for r in members]), strict=True):
            padded[r][i] = cell
    return tuple(TableRow(tuple(cells), row.level, row.group) for cells, row in zip(padded, rows, strict=True))


def _pad(cells: list[Text]) -> list[Text]:
    """Cells padded to the widest part before and after the point."""
    sides = [_split(plain(cell)) for cell in cells]
    left = max((before for before, _ in sides), default=0)
    right = max((after for _, after in sides), default=0)
    pairs = zip(cells, sides, strict=True)
    return [text(_space(left - before), cell, _space(right - after)) for cell, (before, after) in pairs]


def _split(shown: str) -> tuple[int, int]:
    """Widths before and after the place of alignment: the first point, else the end of the first whole number."""
    if shown == DASH:
        return _width(shown) // 2, _width(shown) // 2
    found = _POINT.search(shown)
    whole = _WHOLE.search(shown)
    if found and (whole is None or found.start() <= whole.end()):
        place = found.start()
    else:
        place = whole.end() if whole else len(shown)
    return _width(shown[:place]), _width(shown[place:])


def _width(shown: str) -> int:
    """Width in half digits."""
    return sum(_HALF_DIGITS.get(character, 2) for character in shown)


def _space(half_digits: int) -> str:
    """White space of a width in half digits."""
    return FIGURE_SPACE * (half_digits // 2) + PUNCTUATION_SPACE * (half_digits % 2)
