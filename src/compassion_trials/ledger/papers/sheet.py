"""Tables of a CSV file: one, or several with an empty line between them."""

from __future__ import annotations

import csv
from io import StringIO

from compassion_trials.ingest.readers.formats import DELIMITERS
from compassion_trials.ledger.papers.grid import GridCell, PaperTable, spread


def tables_of_csv(text: str) -> list[PaperTable]:
    """Tables of a file; a line with one filled cell before a table is its caption.

    Parameters
    ----------
    text : str
    """
    rows = [[" ".join(cell.split()) for cell in row] for row in csv.reader(StringIO(text), delimiter=_delimiter(text))]
    blocks: list[list[list[str]]] = [[]]
    for row in rows:
        if any(row):
            blocks[-1].append(row)
        elif blocks[-1]:
            blocks.append([])
    found: list[PaperTable] = []
    caption: list[str] = []
    for block in blocks:
        while block and sum(map(bool, block[0])) == 1 and block[0][0] and _heads(block):
            caption.append(block.pop(0)[0])
        if not block:
            continue
        width = max(map(len, block))
        cells = [[GridCell(cell) for cell in row + [""] * (width - len(row))] for row in block]
        found.append(spread(len(found) + 1, " ".join(caption), cells))
        caption = []
    return found


def _heads(block: list[list[str]]) -> bool:
    """Whether the first line of a block is a caption: before the first line with two filled cells."""
    return len(block) == 1 or len(block[0]) == 1 or not any(block[0][1:])


def _delimiter(text: str) -> str:
    """The delimiter that makes most lines equally wide."""
    lines = text.splitlines()[:200]

    def worth(mark: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        usual = max(widths, key=lambda w: (w > 1, widths.count(w)), default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=worth)
