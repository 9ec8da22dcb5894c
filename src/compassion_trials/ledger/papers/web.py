"""Tables of an HTML page."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from compassion_trials.ledger.papers.grid import GridCell, PaperTable, is_note, spread

Attributes = list[tuple[str, str | None]]
MOST_SPAN = 1000
"""Largest span that HTML allows for columns."""


class TableParser(HTMLParser):
    """Collects tables, their captions and cells; footnote marks in superscript are left out.

    Attributes
    ----------
    tables : list of (str, list of list of GridCell)
    notes : dict of int to str
        By number of the table, from 1: the paragraph below it that begins like a note.
    nested : bool
        Whether a table stands inside a cell of another.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, list[list[GridCell]]]] = []
        self.notes: dict[int, str] = {}
        self.nested = False
        self._depth = 0
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._caption: list[str] | None = None
        self._skip = 0
        self._before = ""
        self._heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Begin a table, row, cell or caption."""
        if tag == "table":
            self._depth += 1
            self.nested |= self._depth > 1
            if self._depth == 1:
                self.tables.append((self._before, []))
        elif self._depth != 1:
            if tag in ("p", "h1", "h2", "h3", "h4", "figcaption", "div"):
                self._heading = []
        elif tag == "tr":
            self._close()
            self.tables[-1][1].append([])
        elif tag in ("td", "th"):
            self._close()
            self._text, self._span = [], (_span(attrs, "rowspan"), _span(attrs, "colspan"))
        elif tag == "caption":
            self._caption = []
        elif tag == "sup":
            self._skip += 1
        elif tag in ("br", "p") and self._text is not None:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End what was begun."""
        if tag == "table":
            self._close()
            self._depth = max(0, self._depth - 1)
            self._before = ""
        elif tag in ("td", "th", "tr"):
            self._close()
        elif tag == "sup":
            self._skip = max(0, self._skip - 1)
        elif tag == "caption" and self._caption is not None:
            self.tables[-1] = (" ".join("".join(self._caption).split()), self.tables[-1][1])
            self._caption = None
        elif self._heading is not None and self._depth == 0:
            text = " ".join("".join(self._heading).split())
            if self.tables and is_note(text):
                self.notes[len(self.tables)] = text
            self._before = text or self._before
            self._heading = None

    def handle_data(self, data: str) -> None:
        """Text of what is open."""
        if self._caption is not None:
            self._caption.append(data)
        elif self._text is not None and not self._exponent(data):
            self._text.append(data)
        elif self._heading is not None:
            self._heading.append(data)

    def _exponent(self, data: str) -> bool:
        """Whether text is the mark of a footnote; the 2 of chi-squared and eta-squared is kept."""
        return self._skip > 0 and data.strip() != "2"

    def _close(self) -> None:
        """Put the open cell into its row."""
        if self._text is not None and self._depth == 1:
            rows = self.tables[-1][1]
            if not rows:
                rows.append([])
            rows[-1].append(GridCell(" ".join("".join(self._text).split()), *self._span))
        if self._depth <= 1:
            self._text = None


def _span(attrs: Attributes, name: str) -> int:
    """A span of a cell; 1 where it is no number."""
    text = dict(attrs).get(name) or "1"
    return min(max(int(text), 1), MOST_SPAN) if text.isdecimal() else 1


def tables_of_html(text: str) -> tuple[list[PaperTable], bool]:
    """Tables of a page, and whether some table stands inside another.

    Parameters
    ----------
    text : str
    """
    parser = TableParser()
    parser.feed(text)
    parser.close()
    found = [spread(i, caption, rows) for i, (caption, rows) in enumerate(parser.tables, start=1)]
    return [replace(table, note=parser.notes.get(table.number, "")) for table in found], parser.nested
