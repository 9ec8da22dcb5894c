"""A table of a document as a grid: cells with their spans, caption and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding

LARGEST = 200_000
"""Positions of a grid beyond which a document is damaged or no paper."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as a document holds it.

    Attributes
    ----------
    text : str
    rows, columns : int
        How many it spans.
    """

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table of a document.

    Attributes
    ----------
    number : int
        From 1, in the order of the document.
    caption : str
        Title; empty when there is none.
    cells : tuple of tuple of GridCell
        By row and column; a cell that spans several positions stands in each of them.
    note : str
        The paragraph below that begins like a note; empty when there is none.
    """

    number: int
    caption: str
    cells: tuple[tuple[GridCell, ...], ...]
    note: str = ""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.cells[0]) if self.cells else 0


def spread(number: int, caption: str, rows: Sequence[Sequence[GridCell]]) -> PaperTable:
    """Rows of cells with spans as a full grid; positions that no cell covers are empty.

    Parameters
    ----------
    number : int
    caption : str
    rows : sequence of sequence of GridCell
        As HTML and Word list them: a cell that spans rows stands in the first of them only.
    """
    filled: dict[tuple[int, int], GridCell] = {}
    for i, row in enumerate(rows):
        j = 0
        for cell in row:
            while (i, j) in filled:
                j += 1
            height = min(cell.rows, len(rows) - i)
            if len(filled) + height * cell.columns > LARGEST:
                raise paper_error("the table has too many cells for a table of a paper", f"table {number}")
            filled.update({(i + a, j + b): cell for a in range(height) for b in range(cell.columns)})
            j += cell.columns
    width = 1 + max((j for _, j in filled), default=-1)
    empty = GridCell("")
    grid = tuple(tuple(filled.get((i, j), empty) for j in range(width)) for i in range(len(rows)))
    return PaperTable(number, caption, grid)


def is_note(text: str) -> bool:
    """Whether a paragraph below a table is its note."""
    return (
        text.casefold()
        .lstrip("* ")
        .startswith(("note", "values", "data are", "numbers are", "abbrev", "m =", "sd =", "m,"))
    )


def paper_error(message: str, value: str = "", advice: str = "", file: str = "") -> InputError:
    """Bad input of this reader as one sentence."""
    return InputError([Finding("error", "paper", message, file, value=value, advice=advice)])
