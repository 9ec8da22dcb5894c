"""Tables as Typst, for the PDF. All text is handed over as Typst strings, so that no character of it is markup."""

from __future__ import annotations

from compassion_trials.tables.align import aligned
from compassion_trials.tables.spec import TOGETHER, TableColumn, TableRow, TableSpec, note_paragraphs, spans
from compassion_trials.tables.text import Text
from compassion_trials.tables.widths import layout, lines

_FUNCTIONS = {"italic": "emph", "bold": "strong", "superscript": "super", "subscript": "sub"}
_ALIGN = {"left": "left", "center": "center", "right": "right", "decimal": "center"}
_GUTTER = 4
"""Space between columns in points, beside the space that the widths hold."""
_NEARLY_ALL = 0.85
"""Share of the page up to which a table is made wider by its gutters."""
_RULE = "table.hline(stroke: 0.8pt)"


def to_typst(spec: TableSpec, number: int | str | None = None) -> str:
    """A table with caption and notes as Typst markup.

    Parameters
    ----------
    spec : TableSpec
    number : int, str or None
        Number of the table; None leaves "Table 1" out, the title stays.
    """
    rows = aligned(spec.rows, spec.columns)
    body = "".join(f"  {_row(row, spec.columns)}\n" for row in rows)
    whole, parts = layout(spec)
    shares = ", ".join(f"{share:.4f}fr" for share in parts)
    gaps = f" + {_GUTTER * (len(parts) - 1)}pt" if whole < _NEARLY_ALL else ""
    breakable = "false" if lines(spec) <= TOGETHER else "true"
    notes = "".join(f"#par[{inline(paragraph)}]\n" for paragraph in note_paragraphs(spec.notes))
    return (
        f"#block(width: 100%, breakable: {breakable})[\n#set text(hyphenate: false)\n"
        "#set par(justify: false, leading: 0.5em, first-line-indent: 0pt)\n"
        f"{caption(spec, number)}"
        f"#block(width: {100 * whole:.1f}%{gaps}, breakable: true)[\n#table(\n  columns: ({shares},),\n"
        f"  align: ({', '.join(_ALIGN[column.align] for column in spec.columns)},),\n"
        f"  stroke: none, inset: (x: 0pt, y: 2.6pt), column-gutter: {_GUTTER}pt,\n"
        f"  {_RULE},\n  table.header(\n{_head(spec.columns)}    table.hline(stroke: 0.5pt),\n  ),\n"
        f"{body}  {_RULE},\n)]\n"
        + (f"#block(above: 0.5em)[#set text(size: 0.88em)\n#set par(spacing: 0.6em)\n{notes}]\n" if notes else "")
        + "]\n"
    )


def caption(spec: TableSpec, number: int | str | None = None) -> str:
    """Number in bold, title in italics below it; both stay with the table."""
    first = f"#strong[{string(f'Table {number}')}] \\\n" if number is not None else ""
    return f"#block(sticky: true, below: 0.7em)[{first}#emph[{inline(spec.title)}]]\n"


def inline(content: Text) -> str:
    """A text with its styles as Typst content."""
    return "".join(
        string(run.text) if run.style == "plain" else f"#{_FUNCTIONS[run.style]}[{string(run.text)}]" for run in content
    )


def string(characters: str) -> str:
    """Characters as a Typst string in markup: nothing in it is interpreted."""
    escaped = characters.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'#"{escaped}";'


def _head(columns: tuple[TableColumn, ...]) -> str:
    """One header row, or two when there are spanners."""
    lower = ", ".join(f"table.cell(align: {_ALIGN[c.align]} + bottom)[{inline(c.header)}]" for c in columns)
    if not any(column.spanner for column in columns):
        return f"    {lower},\n"
    upper = ", ".join(
        f"table.cell(colspan: {size}, align: center + bottom, stroke: (bottom: 0.5pt))[{inline(spanner)}]"
        if spanner
        else "[]"
        for spanner, size in spans(columns)
    )
    return f"    {upper},\n    {lower},\n"


def _row(row: TableRow, columns: tuple[TableColumn, ...]) -> str:
    """A row of the body."""
    stub = f"[#pad(left: {row.level}em)[{inline(row.cells[0])}]]" if row.level else f"[{inline(row.cells[0])}]"
    if row.group:  # a head of its own: stays with its rows and is repeated after a page break
        return f"table.header(level: {row.level + 2}, table.cell(colspan: {len(columns)}, inset: (top: 5pt)){stub}),"
    return ", ".join([stub, *[f"[{inline(cell)}]" for cell in row.cells[1:]]]) + ","
