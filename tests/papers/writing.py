"""Drawn tables as HTML, Word and CSV files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from html import escape
from io import BytesIO, StringIO

from tests.papers.records import DrawnTable


def to_html(tables: Sequence[DrawnTable]) -> bytes:
    """A page."""
    parts = ["<!doctype html><html><body>"]
    for table in tables:
        parts.append(f"<table><caption>{escape(table.caption)}</caption>")
        for row in table.rows:
            parts.append("<tr>")
            for cell in row:
                tag = "th" if cell.head else "td"
                spans = "".join(
                    f' {name}="{n}"' for name, n in (("colspan", cell.columns), ("rowspan", cell.rows)) if n > 1
                )
                parts.append(f"<{tag}{spans}>{escape(cell.text)}</{tag}>")
            parts.append("</tr>")
        parts.append("</table>" + (f"<p>{escape(table.note)}</p>" if table.note else ""))
    return ("".join(parts) + "</body></html>").encode("utf-8")


def grid(table: DrawnTable) -> list[list[tuple[str, int, int, bool]]]:
    """Text, row and column at which a cell begins, and whether it begins here, for each position."""
    filled: dict[tuple[int, int], tuple[str, int, int, bool]] = {}
    for i, row in enumerate(table.rows):
        j = 0
        for cell in row:
            while (i, j) in filled:
                j += 1
            for a in range(cell.rows):
                for b in range(cell.columns):
                    filled[i + a, j + b] = (cell.text, i, j, not (a or b))
            j += cell.columns
    width = 1 + max(j for _, j in filled)
    return [[filled.get((i, j), ("", i, j, True)) for j in range(width)] for i in range(len(table.rows))]


def to_csv(tables: Sequence[DrawnTable]) -> bytes:
    """One file, an empty line between two tables; the caption stands in the line before its table."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for table in tables:
        writer.writerow([table.caption])
        for row in grid(table):
            writer.writerow([text if begins else "" for text, _, _, begins in row])
        if table.note:
            writer.writerow([table.note])
        writer.writerow([])
    return stream.getvalue().encode("utf-8")


def to_docx(tables: Sequence[DrawnTable]) -> bytes:
    """A Word document with real tables and merged cells where a cell spans several."""
    from docx import Document

    document = Document()
    for table in tables:
        document.add_paragraph(table.caption)
        cells = grid(table)
        made = document.add_table(rows=len(cells), cols=len(cells[0]))
        rows = [list(row.cells) for row in made.rows]
        last: dict[tuple[int, int], tuple[int, int]] = {}
        for i, row in enumerate(cells):
            for j, (_, a, b, _) in enumerate(row):
                last[a, b] = (i, j)
        for (a, b), (i, j) in last.items():
            cell = rows[a][b] if (a, b) == (i, j) else rows[a][b].merge(rows[i][j])
            cell.text = cells[a][b][0]
        document.add_paragraph(table.note)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


WRITERS = {".html": to_html, ".docx": to_docx, ".csv": to_csv}
"""How a document of each kind is written."""
