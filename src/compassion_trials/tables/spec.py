"""The table specification: what a table says, without any format. Everything in it is finished text."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, Literal

from compassion_trials.tables.text import Run, Text, decode, encode, join, plain, text

Align = Literal["left", "center", "right", "decimal"]
"""Alignment of a column; ``decimal`` puts the decimal points below each other."""

Orientation = Literal["portrait", "landscape"]
"""Page that the table needs on paper."""

TOGETHER: Final = 24
"""Lines up to which a table is kept on one page."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column and its head.

    Attributes
    ----------
    header : Text
        Head of the column; every column has one.
    align : {"left", "center", "right", "decimal"}
    spanner : Text
        Head over several columns; neighbours with the same spanner are joined. Empty for none.
    """

    header: Text
    align: Align = "decimal"
    spanner: Text = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the body.

    Attributes
    ----------
    cells : tuple of Text
        One per column, the stub first; a group row has the stub only.
    level : int
        Indentation of the stub, 0 for none.
    group : bool
        Whether the row is a heading over the rows that follow.
    """

    cells: tuple[Text, ...]
    level: int = 0
    group: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes below a table, in APA order.

    Attributes
    ----------
    general : Text
        About the whole table, with every abbreviation; writers put "Note." before it.
    specific : tuple of (str, Text)
        Letter of the superscript mark and its note.
    probability : Text
        Meaning of asterisks.
    """

    general: Text = ()
    specific: tuple[tuple[str, Text], ...] = ()
    probability: Text = ()


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table, without its number: the report gives numbers in the order of appearance.

    Attributes
    ----------
    name : str
        File stem and anchor, such as ``effects`` or ``effects.completers``.
    title : Text
        Title in title case, without "Table" and number.
    columns : tuple of TableColumn
        The first is the stub.
    rows : tuple of TableRow
    notes : Notes
    category : str
        Part of the report, such as ``baseline``, ``effects``, ``data``.
    analyses : tuple of str
        Values of the column ``analysis`` of the results table from which the numbers come.
    orientation : {"portrait", "landscape"}
    """

    name: str
    title: Text
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    notes: Notes = field(default_factory=Notes)
    category: str = ""
    analyses: tuple[str, ...] = ()
    orientation: Orientation = "portrait"

    def __post_init__(self) -> None:
        """Refuse a table whose rows do not fit its columns: a programming error."""
        for row in self.rows:
            wanted = 1 if row.group else len(self.columns)
            if len(row.cells) != wanted:
                raise ValueError(f'table "{self.name}": row of {len(row.cells)} cells, expected {wanted}')

    def to_dict(self) -> dict[str, Any]:
        """The specification as JSON-able content; `from_dict` reads it back unchanged."""
        return {
            "name": self.name,
            "title": encode(self.title),
            "columns": [
                {"header": encode(c.header), "align": c.align, "spanner": encode(c.spanner)} for c in self.columns
            ],
            "rows": [{"cells": [encode(x) for x in r.cells], "level": r.level, "group": r.group} for r in self.rows],
            "notes": {
                "general": encode(self.notes.general),
                "specific": [[mark, encode(note)] for mark, note in self.notes.specific],
                "probability": encode(self.notes.probability),
            },
            "category": self.category,
            "analyses": list(self.analyses),
            "orientation": self.orientation,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> TableSpec:
        """Read what `to_dict` made."""
        notes = content["notes"]
        return cls(
            name=content["name"],
            title=decode(content["title"]),
            columns=tuple(
                TableColumn(decode(c["header"]), c["align"], decode(c["spanner"])) for c in content["columns"]
            ),
            rows=tuple(TableRow(tuple(decode(x) for x in r["cells"]), r["level"], r["group"]) for r in content["rows"]),
            notes=Notes(
                decode(notes["general"]),
                tuple((mark, decode(note)) for mark, note in notes["specific"]),
                decode(notes["probability"]),
            ),
            category=content["category"],
            analyses=tuple(content["analyses"]),
            orientation=content["orientation"],
        )

    @property
    def plain_title(self) -> str:
        """Title without styles."""
        return plain(self.title)


def spans(columns: tuple[TableColumn, ...]) -> list[tuple[Text, int]]:
    """Spanners from left to right with the number of columns each covers; columns without one stand alone.

    Examples
    --------
    >>> spans((Column(text("Visit")), Column(text("n"), spanner=text("ACT")), Column(text("M"), spanner=text("ACT"))))
    [((), 1), ((Run(text='ACT', style='plain'),), 2)]
    """
    found: list[tuple[Text, int]] = []
    for spanner, members in groupby(columns, key=lambda column: column.spanner):
        size = len(list(members))
        found += [(spanner, size)] if spanner else [((), 1)] * size
    return found


def heading(content: Text | str, level: int = 0) -> TableRow:
    """A group row: a heading over the rows that follow it."""
    return TableRow((text(content),), level, True)


def row(*cells: Text | str, level: int = 0) -> TableRow:
    """A row of the body; strings are plain text."""
    return TableRow(tuple(text(cell) for cell in cells), level)


def note_paragraphs(notes: Notes) -> list[Text]:
    """Notes as paragraphs in APA order: general after an italic "Note.", specific after their marks, probability."""
    specific = [text(Run(mark, "superscript"), "\u00a0", note) for mark, note in notes.specific]
    paragraphs = [
        text(Run("Note.", "italic"), " ", notes.general) if notes.general else (),
        join(" ", specific),
        notes.probability,
    ]
    return [paragraph for paragraph in paragraphs if paragraph]
