"""Small tables inside YAML texts, typed as they stand in a paper: column names, then rows; digits stay as printed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compassion_trials.core.errors import nearest

NOTHING = "-"
"""What stands for an empty cell."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A row of a text table.

    Attributes
    ----------
    row : int
        Number of the line within the text, the head being 1.
    cells : dict of str to str
        Column and text; columns without a value are missing.
    """

    row: int
    cells: dict[str, str]


def read_text_table(text: str, columns: Sequence[str], needed: Sequence[str] = ()) -> list[TextLine]:
    """Read a table whose cells are separated by blanks; cells with blanks stand in double quotes, ``-`` is empty.

    Parameters
    ----------
    text : str
        Lines beginning with ``#`` are comments.
    columns : sequence of str
        Columns that may occur.
    needed : sequence of str
        Columns that must occur.

    Raises
    ------
    ValueError
        Everything wrong with the table, one sentence each.
    """
    lines = list(_lines(text))
    if not lines:
        raise ValueError("the table is empty; its first line names the columns")
    _, head = lines[0]
    problems = [f'there is no column "{name}"; {nearest(name, columns)}' for name in head if name not in columns]
    problems += [f'the column "{name}" is missing' for name in needed if name not in head]
    problems += [f'the column "{name}" appears twice' for name in dict.fromkeys(head) if head.count(name) > 1]
    found = []
    for number, cells in lines[1:]:
        if len(cells) != len(head):
            problems.append(
                f"line {number} has {len(cells)} cells, the head {len(head)}; write {NOTHING} for an empty cell"
            )
        else:
            pairs = zip(head, cells, strict=True)
            found.append(TextLine(number, {name: cell for name, cell in pairs if cell != NOTHING}))
    if problems:
        raise ValueError("; ".join(problems))
    return found


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines as cells."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        reader = shlex.shlex(line, posix=True, punctuation_chars=False)
        reader.whitespace_split, reader.quotes, reader.commenters = True, '"', ""
        try:
            yield number, list(reader)
        except ValueError:
            raise ValueError(f"line {number} has a quotation mark without its partner") from None
