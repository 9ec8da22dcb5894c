"""How wide columns should be on paper, from the words in them; shared by the formats that need to be told."""

from __future__ import annotations

from typing import Final

from compassion_trials.tables.spec import TableSpec, spans
from compassion_trials.tables.text import plain

_WIDEST: Final = 36.0
"""Width of a cell beyond which a longer one asks for no more: it wraps."""
_PAGE: Final = {"portrait": 92.0, "landscape": 142.0}
"""Width of an A4 page's text in digits of a table's type size."""
_GAP: Final = 2.2
"""Space between columns in digits."""
_NARROWEST: Final = 0.45
"""Smallest share of the page that a table takes."""
_WIDE: Final = {"M": 1.8, "W": 1.9, "m": 1.55, "w": 1.45, "%": 1.7, "—": 2.0}
"""Width of wide letters in digits (Times)."""


def column_widths(spec: TableSpec) -> list[float]:
    """Shares of the table's width by column; they add up to 1.

    A column is as wide as its longest cell. Where the page is too narrow for that, columns whose cells can wrap give
    way, and none becomes narrower than its longest word.
    """
    wanted, least = _wanted(spec), _least(spec)
    over = sum(wanted) - _PAGE[spec.orientation]
    slack = [max(w - n, 0.0) for w, n in zip(wanted, least, strict=True)]
    if over > 0 and sum(slack) > 0:
        taken = min(over / sum(slack), 1.0)
        wanted = [w - taken * s for w, s in zip(wanted, slack, strict=True)]
    return [width / sum(wanted) for width in wanted]


def table_width(spec: TableSpec) -> float:
    """Share of the page's width that the table takes."""
    return min(1.0, max(_NARROWEST, sum(_wanted(spec)) / _PAGE[spec.orientation]))


def _wanted(spec: TableSpec) -> list[float]:
    """Width that each column asks for, with space between columns."""
    found = []
    for i, column in enumerate(spec.columns):
        cells = [_digits(plain(row.cells[i])) + _indent(i, row.level) for row in spec.rows if not row.group]
        head = max(_longest_word(plain(column.header)), _spanner(spec, i))
        found.append(min(max([head, *cells]), _WIDEST) + _GAP)
    return found


def _least(spec: TableSpec) -> list[float]:
    """Width below which a word of a column would be torn, with space between columns."""
    found = []
    for i, column in enumerate(spec.columns):
        words = [_longest_word(plain(row.cells[i])) + _indent(i, row.level) for row in spec.rows if not row.group]
        head = max(_longest_word(plain(column.header)), _spanner(spec, i))
        found.append(min(max([head, *words]), _WIDEST) + _GAP)
    return found


def _spanner(spec: TableSpec, column: int) -> float:
    """Share of a column in the longest word of the head that spans it."""
    at = 0
    for spanner, size in spans(spec.columns):
        if at <= column < at + size:
            return _longest_word(plain(spanner)) / size if spanner else 0.0
        at += size
    return 0.0


def _indent(column: int, level: int) -> float:
    """Indentation of a stub."""
    return 2.0 * level if column == 0 else 0.0


def _longest_word(shown: str) -> float:
    """Width of the longest word; no-break spaces do not part words."""
    return max(_digits(word) for word in shown.split(" "))


def _digits(shown: str) -> float:
    """Width of a text in digits: capitals are wider."""
    return sum(_WIDE.get(c, 1.4 if c.isupper() else 1.0) for c in shown)
