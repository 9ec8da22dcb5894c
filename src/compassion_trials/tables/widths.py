"""How wide columns should be on paper, from the words in them; shared by the formats that need to be told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from typing import Final

from compassion_trials.tables.align import aligned
from compassion_trials.tables.spec import TableSpec, spans
from compassion_trials.tables.text import plain

_WIDEST: Final = 40.0
"""Width of a cell beyond which a longer one asks for no more: it wraps."""
_PAGE: Final = {"portrait": 102.0, "landscape": 154.0}
"""Width of an A4 page's text in digits of a table's type size (9 points)."""
_GAP: Final = 1.6
"""Space between columns in digits."""
_NARROWEST: Final = 0.45
"""Smallest share of the page that a table takes."""
_UNBROKEN: Final = 22.0
"""Width up to which a stub stays on one line."""
_LINES: Final = 3
"""Lines that a cell may take before the page is turned."""
_FITS: Final = 1e-6
"""Part of a line by which rounding may make a cell longer than the column that it made."""
_INDENT: Final = 2.7
"""Indentation of a level in digits."""
_WIDE: Final = {
    **dict.fromkeys("MW—", 2.0),
    **dict.fromkeys("mw", 1.6),
    **dict.fromkeys("aces", 0.9),
    **dict.fromkeys("fr()[]-", 0.7),
    **dict.fromkeys("ijlt.,:; '’\u00a0\u2008", 0.56),
    "%": 1.7,
    "−": 1.15,
    "I": 0.7,
}
"""Width of letters in digits (Times) where it is not 1, or 1.4 for capitals."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Widths of the columns of a table in digits, space between columns included.

    Attributes
    ----------
    wanted, least : tuple of float
        With every cell on one line; with no word torn, numbers and short stubs whole, at most three lines to a cell.
    """

    wanted: tuple[float, ...]
    least: tuple[float, ...]


def layout(spec: TableSpec) -> tuple[float, list[float]]:
    """Share of the page's width that the table takes, and shares of the table's width by column, which add up to 1.

    A column is as wide as its longest cell. Where the page is too narrow for that, columns whose cells can wrap give
    way, and none becomes narrower than its longest word.
    """
    found, page = measured(spec), _PAGE[spec.orientation]
    wanted = list(found.wanted)
    over = sum(wanted) - page
    slack = [max(w - n, 0.0) for w, n in zip(wanted, found.least, strict=True)]
    if over > 0 and sum(slack) > 0:
        taken = min(over / sum(slack), 1.0)
        wanted = [w - taken * s for w, s in zip(wanted, slack, strict=True)]
    return min(1.0, max(_NARROWEST, sum(wanted) / page)), [width / sum(wanted) for width in wanted]


def turned(spec: TableSpec) -> TableSpec:
    """The table on the page it needs: upright where its numbers stay whole and its words take few lines."""
    upright = sum(measured(spec).least) <= _PAGE["portrait"]
    return replace(spec, orientation="portrait" if upright else "landscape")


def lines(spec: TableSpec) -> int:
    """Lines of the table's body on paper: a row takes as many as its most wrapped cell."""
    whole, shares = layout(spec)
    widths = [max(whole * share * _PAGE[spec.orientation] - _GAP, 1.0) for share in shares]
    rows = [row for row in spec.rows if not row.group]
    taken = (max(ceil(_digits(plain(c)) / w - _FITS) for c, w in zip(row.cells, widths, strict=True)) for row in rows)
    return len(spec.rows) - len(rows) + sum(max(1, n) for n in taken)


def measured(spec: TableSpec) -> Widths:
    """Widths that the columns of a table ask for."""
    rows = [row for row in aligned(spec.rows, spec.columns) if not row.group]
    heads = [max(_longest_word(plain(c.header)), _spanner(spec, i)) for i, c in enumerate(spec.columns)]
    stub = _digits(plain(spec.columns[0].header))
    heads[0] = max(heads[0], stub if stub <= _UNBROKEN else 0.0)
    wanted, least = [], []
    for i, (column, head) in enumerate(zip(spec.columns, heads, strict=True)):
        cells = [(plain(row.cells[i]), _indent(i, row.level)) for row in rows]
        longest = max([head, *(_digits(shown) + indent for shown, indent in cells)])
        words = max([head, *(_longest_word(shown) + indent for shown, indent in cells)])
        wanted.append(min(longest, _WIDEST) + _GAP)
        if column.align == "decimal" or (i == 0 and longest <= _UNBROKEN):
            words = longest
        least.append(min(max(words, longest / _LINES), _WIDEST) + _GAP)
    return Widths(tuple(wanted), tuple(least))


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
    return _INDENT * level if column == 0 else 0.0


@cache
def _longest_word(shown: str) -> float:
    """Width of the longest word; no-break spaces do not part words."""
    return max(_digits(word) for word in shown.split(" "))


@cache
def _digits(shown: str) -> float:
    """Width of a text in digits."""
    return sum(_WIDE.get(c, 1.4 if c.isupper() else 1.0) for c in shown)
