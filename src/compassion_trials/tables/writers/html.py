"""Tables as HTML: one semantic ``<table>``, no scripts, copies into Word as a table.

Rules and indents stand in the cells themselves: word processors that take a copied table know no style sheet, and read
borders of cells only.
"""

from __future__ import annotations

from html import escape
from typing import Final

from compassion_trials.tables.align import aligned
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, note_paragraphs, spans
from compassion_trials.tables.text import Text, plain

_TAGS = {"italic": "em", "bold": "strong", "superscript": "sup", "subscript": "sub"}

CSS = """\
.apa-table { margin: 0 0 2em; }
.apa-table .table-scroll { overflow-x: auto; position: relative; }
.apa-table table { border-collapse: separate; border-spacing: 0; line-height: 1.35; min-width: min(100%, 34em);
  font-variant-numeric: lining-nums tabular-nums; }
.apa-table caption { text-align: left; padding: 0 0 .5em; caption-side: top; }
.apa-table .stay { display: inline-block; position: sticky; left: .2em; max-width: min(60em, 100vw - 2.6rem); }
.apa-table th, .apa-table td { padding: .22em .7em; font-weight: normal; vertical-align: top; }
.apa-table th:first-child, .apa-table td:first-child { padding-left: .2em; }
.apa-table thead th { vertical-align: bottom; padding-top: .4em; padding-bottom: .4em; }
.apa-table thead .spanner { padding-bottom: .2em; position: relative; }
.apa-table thead .spanner:not(:last-child)::after { content: ""; position: absolute; top: -2px; right: -8px;
  width: 8px; height: 2px; background: #1a1a1a; }
.apa-table sup, .apa-table sub { line-height: 0; }
.apa-table tbody th[scope="row"] { min-width: 8.5em; }
.apa-table .left { text-align: left; }
.apa-table .center, .apa-table .decimal { text-align: center; }
.apa-table .right { text-align: right; }
.apa-table .decimal { white-space: nowrap; }
.apa-table thead .decimal { white-space: normal; }
.apa-table .group { text-align: left; padding-top: .55em; }
.apa-table tbody:first-of-type tr:first-child > * { padding-top: .4em; }
.apa-table tbody:last-of-type tr:last-child > * { padding-bottom: .4em; }
.apa-table .table-notes { font-size: .92em; margin-top: .4em; max-width: 60em; }
.apa-table .table-notes p { margin: .15em 0; }
.apa-table.landscape th, .apa-table.landscape td { padding-left: .4em; padding-right: .4em; }
.apa-table.landscape .table-scroll {
  background: linear-gradient(to left, #fff 45%, transparent) right / 3em 100% no-repeat local,
    linear-gradient(to left, rgba(0, 0, 0, .22), transparent) right / .8em 100% no-repeat scroll; }
.apa-table.landscape tbody th[scope="row"] { min-width: calc(var(--stub) + 2em); position: sticky; left: 0;
  background: #fff; }
@media (max-width: 56rem) {
  .apa-table .table-scroll {
    background: linear-gradient(to left, #fff 45%, transparent) right / 3em 100% no-repeat local,
      linear-gradient(to left, rgba(0, 0, 0, .22), transparent) right / .8em 100% no-repeat scroll; }
  .apa-table th, .apa-table td { padding: .22em .5em; }
  .apa-table tbody th[scope="row"] { min-width: var(--stub); max-width: 13em; position: sticky; left: 0;
    background: #fff; box-shadow: 1px 0 #e4e4e4; }
  .apa-table td.left { min-width: 9em; }
}
"""
"""Style sheet of the tables; all rules lie below the class ``apa-table``."""

_TOP: Final = "border-top: 2px solid #1a1a1a"
_BOTTOM: Final = "border-bottom: 2px solid #1a1a1a"
_THIN: Final = "border-bottom: 1px solid #1a1a1a"
_GAP: Final = "border-right: 8px solid #ffffff"
"""Right of a spanner, so that its rule ends before that of the next; on screen the rule above it is drawn over this."""


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
        f'<div class="apa-table {spec.orientation}" id="table-{escape(spec.name)}" style="--stub: {_stub(spec):.1f}em" '
        f'data-analyses="{escape(" ".join(spec.analyses))}">\n'
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}">\n'
        f"<table>\n{caption(spec, number)}\n"
        f"<thead>\n{_head(spec.columns)}</thead>\n{_bodies(spec)}</table>\n</div>\n"
        + (f'<div class="table-notes">\n{notes}</div>\n' if notes else "")
        + "</div>\n"
    )


def _stub(spec: TableSpec) -> float:
    """Width that the stub keeps where the table is scrolled, in ems: of its longest entry, but not more than 10.5."""
    longest = max((0.48 * len(plain(row.cells[0])) + 1.2 * row.level for row in spec.rows if not row.group), default=0)
    return min(max(longest + 0.8, 4.0), 10.5)


def caption(spec: TableSpec, number: int | str | None = None) -> str:
    """The ``<caption>``: number bold, title in italics on the next line."""
    first = f'<strong class="table-number">Table {escape(str(number))}</strong><br>' if number is not None else ""
    title = f'<em class="table-title">{inline(spec.title)}</em>'
    return f'<caption><span class="stay">{first}{title}</span></caption>'


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


def _head(columns: tuple[TableColumn, ...]) -> str:
    """One header row, or two when there are spanners."""
    if not any(column.spanner for column in columns):
        return "<tr>" + "".join(_column_head(column, _TOP, _THIN) for column in columns) + "</tr>\n"
    top = ""
    lower = ""
    at = 0
    for spanner, size in spans(columns):
        members = columns[at : at + size]
        at += size
        if spanner:
            style = _style(_TOP, _THIN, _GAP if at < len(columns) else "")
            top += f'<th scope="colgroup" colspan="{size}" class="spanner center"{style}>{inline(spanner)}</th>'
            lower += "".join(_column_head(column, _THIN) for column in members)
        else:
            top += _column_head(members[0], _TOP, _THIN, extra=' rowspan="2"')
    return f"<tr>{top}</tr>\n<tr>{lower}</tr>\n"


def _column_head(column: TableColumn, *rules: str, extra: str = "") -> str:
    """Head of one column."""
    return f'<th scope="col"{extra} class="{column.align}"{_style(*rules)}>{inline(column.header)}</th>'


def _bodies(spec: TableSpec) -> str:
    """One ``<tbody>`` for each group of rows."""
    bodies: list[list[str]] = [[]]
    rows = aligned(spec.rows, spec.columns)
    for i, row in enumerate(rows):
        if row.group and bodies[-1]:
            bodies.append([])
        bodies[-1].append(_row(row, spec.columns, _BOTTOM if i + 1 == len(rows) else ""))
    return "".join(f"<tbody>\n{''.join(rows)}</tbody>\n" for rows in bodies)


def _row(row: TableRow, columns: tuple[TableColumn, ...], rule: str) -> str:
    """A row of the body, its stub as row heading."""
    level = f" level-{row.level}" if row.level else ""
    first = _style(f"padding-left: {0.2 + 1.2 * row.level:.1f}em" if row.level else "", rule)
    if row.group:
        about = f'scope="rowgroup" colspan="{len(columns)}" class="group{level}"{first}'
        return f'<tr><th {about}><span class="stay">{inline(row.cells[0])}</span></th></tr>\n'
    stub = f'<th scope="row" class="{columns[0].align}{level}"{first}>{inline(row.cells[0])}</th>'
    pairs = zip(row.cells[1:], columns[1:], strict=True)
    rest = "".join(f'<td class="{column.align}"{_style(rule)}>{inline(cell)}</td>' for cell, column in pairs)
    return f"<tr>{stub}{rest}</tr>\n"


def _style(*rules: str) -> str:
    """A style attribute, where there is something to say."""
    kept = "; ".join(rule for rule in rules if rule)
    return f' style="{kept}"' if kept else ""
