"""Text in the cells of CSV and Excel files: nothing that a spreadsheet would calculate, nothing that breaks a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from compassion_trials.core.printable import printable

if TYPE_CHECKING:
    import pandas as pd

GUARD: Final = "'"
"""Stands before a text that a spreadsheet would take for a formula, as OWASP advises against CSV injection."""

_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?%?"
_HARMLESS: Final = re.compile(rf"{_NUMBER}(?: \({_NUMBER}\)| \[{_NUMBER}, {_NUMBER}\])?")
"""A number, a mean with its SD, an estimate with its interval."""

_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]")
_GUARDED: Final = re.compile(rf"{GUARD}(?={_FORMULA.pattern})")


def guarded(text: str) -> str:
    r"""A text as it may stand in a cell: control characters are spaces, and a formula has an apostrophe before it.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-0.5"), guarded("-0.5 [-1.2, 0.3]"), guarded("a\x0bb")
    ("'=1+1", '-0.5', '-0.5 [-1.2, 0.3]', 'a b')
    """
    clean = printable(text)
    return f"{GUARD}{clean}" if _FORMULA.match(clean) and not _HARMLESS.fullmatch(clean) else clean


def unguarded(text: str) -> str:
    """The text that `guarded` was given, but for its control characters."""
    return _GUARDED.sub("", text, count=1) if text.startswith(GUARD) else text


def guarded_table(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of a table with every text and every column name guarded; numbers stay numbers."""
    found = table.copy()
    for place, name in enumerate(table.columns):
        cells = table.iloc[:, place]
        if cells.dtype == "object" or cells.dtype == "str":
            known = {word: guarded(word) for word in cells.unique() if isinstance(word, str)}
            if any(word != safe for word, safe in known.items()):
                changed = [known.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
                found[name] = type(cells)(changed, index=cells.index, dtype=cells.dtype)
    found.columns = [guarded(str(name)) for name in table.columns]
    return found
