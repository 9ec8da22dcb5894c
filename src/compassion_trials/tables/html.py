"""Tables as HTML: one semantic ``<table>``, no scripts, copies into Word as a table."""

from __future__ import annotations

from html import escape

from compassion_trials.tables.align import aligned
from compassion_trials.tables.spec import Column, Row, TableSpec, note_paragraphs, spans
from compassion_trials.tables.text import Text

_TAGS = {"italic": "em", "bold": "strong", "superscript": "sup", "subscript": "sub"}

CSS = """\
.apa-table { margin: 0 0 2em; }
.apa-table .table-scroll { overflow-x: auto; }
.apa-table table { border-collapse: collapse; border-top: 1.5px solid; border-bottom: 1.5px solid;
  line-height: 1.35; min-width: min(100%, 34em);
  font-variant-numeric: lining-nums tabular-nums; }
.apa-table caption { text-align: left; padding: 0 0 .5em; caption-side: top; }
.apa-table .table-number { display: block; font-weight: bold; }
.apa-table .table-title { display: block; font-style: italic; }
.apa-table th, .apa-table td { padding: .22em .7em; font-weight: normal; vertical-align: top; border: 0; }
.apa-table th:first-child, .apa-table td:first-child { padding-left: .2em; }
.apa-table thead th { vertical-align: bottom; padding-top: .4em; padding-bottom: .4em; }
.apa-table thead tr:last-child th, .apa-table thead th[rowspan] { border-bottom: 1px solid; }
.apa-table thead tr:first-child .spanner { padding-bottom: 0; }
.apa-table .spanner > span { display: block; border-bottom: 1px solid; padding-bottom: .2em; }
.apa-table sup, .apa-table sub { line-height: 0; }
.apa-table tbody th[scope="row"] { min-width: 8.5em; }
.apa-table .left { text-align: left; }
.apa-table .center, .apa-table .decimal { text-align: center; }
.apa-table .right { text-align: right; }
.apa-table .decimal { white-space: nowrap; }
.apa-table thead .decimal { white-space: normal; }
.apa-table .level-1 { padding-left: 1.4em !important; }
.apa-table .level-2 { padding-left: 2.6em !important; }
.apa-table .group { text-align: left; padding-top: .55em; }
.apa-table tbody:first-of-type tr:first-child > * { padding-top: .4em; }
.apa-table tbody:last-of-type tr:last-child > * { padding-bottom: .4em; }
.apa-table .table-notes { font-size: .9em; margin-top: .4em; max-width: 60em; }
.apa-table .table-notes p { margin: .15em 0; }
"""
"""Style sheet of the tables; all rules lie below the class ``apa-table``."""


def to_html(spec: TableSpec, number: int | str | None = None) -> str:
    """A table with caption and notes as an HTML fragment.

    Parameters
    ----------
    spec : TableSpec
    number : int, str or None
        Number of the table (``1``, ``"A1"``); None leaves "Table 1" out, the title stays.
    """
    notes = "".join(f"<p>{inline(paragraph)}</p>\n" for paragraph in note_paragraphs(spec.notes))
    label = escape(f"Table {number}" if number is not None else spec.plain_title)
    return (
        f'<div class="apa-table {spec.orientation}" id="table-{escape(spec.name)}" '
        f'data-analyses="{escape(" ".join(spec.analyses))}">\n'
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}">\n'
        f"<table>\n{caption(spec, number)}\n"
        f"<thead>\n{_head(spec.columns)}</thead>\n{_bodies(spec)}</table>\n</div>\n"
        + (f'<div class="table-notes">\n{notes}</div>\n' if notes else "")
        + "</div>\n"
    )


def caption(spec: TableSpec, number: int | str | None = None) -> str:
    """The ``<caption>``: number bold, title in italics on the next line."""
    first = f'<span class="table-number">Table {escape(str(number))}</span> ' if number is not None else ""
    return f'<caption>{first}<span class="table-title">{inline(spec.title)}</span></caption>'


def page(spec: TableSpec, number: int | str | None = None) -> str:
    """A table alone, as a complete HTML page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(spec.plain_title)}</title>\n"
        f"<style>\nbody {{ font: 16px/1.5 'Times New Roman', serif; margin: 2em; color: #111; }}\n{CSS}</style>\n"
        f"</head>\n<body>\n<main>\n{to_html(spec, number)}</main>\n</body>\n</html>\n"
    )


def inline(content: Text) -> str:
    """A text with its styles as HTML; every character of it is escaped."""
    return "".join(
        escape(run.text) if run.style == "plain" else f"<{_TAGS[run.style]}>{escape(run.text)}</{_TAGS[run.style]}>"
        for run in content
    )


def _head(columns: tuple[Column, ...]) -> str:
    """One header row, or two when there are spanners."""
    if not any(column.spanner for column in columns):
        return "<tr>" + "".join(_column_head(column) for column in columns) + "</tr>\n"
    top = ""
    lower = ""
    at = 0
    for spanner, size in spans(columns):
        members = columns[at : at + size]
        at += size
        if spanner:
            top += f'<th scope="colgroup" colspan="{size}" class="spanner center"><span>{inline(spanner)}</span></th>'
            lower += "".join(_column_head(column) for column in members)
        else:
            top += _column_head(members[0], ' rowspan="2"')
    return f"<tr>{top}</tr>\n<tr>{lower}</tr>\n"


def _column_head(column: Column, extra: str = "") -> str:
    """Head of one column."""
    return f'<th scope="col"{extra} class="{column.align}">{inline(column.header)}</th>'


def _bodies(spec: TableSpec) -> str:
    """One ``<tbody>`` for each group of rows."""
    bodies: list[list[str]] = [[]]
    for row in aligned(spec.rows, spec.columns):
        if row.group and bodies[-1]:
            bodies.append([])
        bodies[-1].append(_row(row, spec.columns))
    return "".join(f"<tbody>\n{''.join(rows)}</tbody>\n" for rows in bodies)


def _row(row: Row, columns: tuple[Column, ...]) -> str:
    """A row of the body, its stub as row heading."""
    level = f" level-{row.level}" if row.level else ""
    if row.group:
        head = f'<th scope="rowgroup" colspan="{len(columns)}" class="group{level}">{inline(row.cells[0])}</th>'
        return f"<tr>{head}</tr>\n"
    stub = f'<th scope="row" class="{columns[0].align}{level}">{inline(row.cells[0])}</th>'
    pairs = zip(row.cells[1:], columns[1:], strict=True)
    rest = "".join(f'<td class="{column.align}">{inline(cell)}</td>' for cell, column in pairs)
    return f"<tr>{stub}{rest}</tr>\n"
