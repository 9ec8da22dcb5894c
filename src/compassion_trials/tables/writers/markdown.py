"""Tables as Markdown pipe tables, for reading as they are and for pandoc."""

from __future__ import annotations

import re

from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, note_paragraphs
from compassion_trials.tables.text import Run, Text, text

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~^$@&{}])")
_MARKS = {"italic": "*", "bold": "**", "superscript": "^", "subscript": "~"}
_RULES = {"left": ":---", "center": ":---:", "right": "---:", "decimal": "---:"}
_INDENT = "\u2003"


def to_markdown(spec: TableSpec, number: int | str | None = None) -> str:
    """A table with caption and notes; spanners stand before the heads of their columns, group rows in bold.

    Parameters
    ----------
    spec : TableSpec
    number : int, str or None
        Number of the table; None leaves "Table 1" out.
    """
    lines = [
        _line([inline(head(column)) for column in spec.columns]),
        _line([_RULES[column.align] for column in spec.columns]),
        *[_line(_cells(row, len(spec.columns))) for row in spec.rows],
    ]
    parts = [caption(spec, number), "\n".join(lines), *[inline(paragraph) for paragraph in note_paragraphs(spec.notes)]]
    return "\n\n".join(parts) + "\n"


def caption(spec: TableSpec, number: int | str | None = None) -> str:
    """Number in bold and title in italics, as paragraphs."""
    title = inline(tuple(Run(run.text, "italic" if run.style == "plain" else run.style) for run in spec.title))
    return title if number is None else f"**Table {number}**\n\n{title}"


def inline(content: Text) -> str:
    """A text with its styles as pandoc's Markdown; every character with a meaning is escaped."""
    return "".join(
        _escape(run.text) if run.style == "plain" else f"{_MARKS[run.style]}{_marked(run)}{_MARKS[run.style]}"
        for run in content
    )


def head(column: TableColumn) -> Text:
    """Head of a column with its spanner before it, for formats that know one header row."""
    return text(column.spanner, ": ", column.header) if column.spanner else column.header


def _marked(run: Run) -> str:
    """Escaped characters of a styled run; sub- and superscripts hold no bare spaces."""
    shown = _escape(run.text)
    return shown.replace(" ", "\\ ") if run.style in ("superscript", "subscript") else shown


def _escape(characters: str) -> str:
    """Characters without any meaning in Markdown; a line break would end the cell."""
    return _SPECIAL.sub(r"\\\1", " ".join(characters.splitlines()))


def _cells(row: TableRow, width: int) -> list[str]:
    """Cells of a row as Markdown."""
    indent = _INDENT * row.level
    if row.group:
        return [f"{indent}**{inline(row.cells[0])}**", *[""] * (width - 1)]
    return [indent + inline(row.cells[0]), *[inline(cell) for cell in row.cells[1:]]]


def _line(cells: list[str]) -> str:
    """One line of a pipe table."""
    return "| " + " | ".join(cells) + " |"
