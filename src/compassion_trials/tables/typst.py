"""Tables as Typst, for the PDF. All text is handed over as Typst strings, so that no character of it is markup."""

from __future__ import annotations

from compassion_trials.tables.align import aligned
from compassion_trials.tables.spec import Column, Row, TableSpec, note_paragraphs, spans
from compassion_trials.tables.text import Text, plain

_FUNCTIONS = {"italic": "emph", "bold": "strong", "superscript": "super", "subscript": "sub"}
_ALIGN = {"left": "left", "center": "center", "right": "right", "decimal": "center"}
_RULE = "table.hline(stroke: 0.8pt)"
_WIDE_STUB = 28
"""Characters from which a column of words may wrap."""


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
    notes = "".join(f"#par[{inline(paragraph)}]\n" for paragraph in note_paragraphs(spec.notes))
    return (
        "#block(width: 100%, breakable: true)[\n#set text(hyphenate: false)\n"
        "#set par(justify: false, leading: 0.5em, first-line-indent: 0pt)\n"
        f"{caption(spec, number)}"
        f"#table(\n  columns: ({', '.join(_widths(spec))},),\n"
        f"  align: ({', '.join(_ALIGN[column.align] for column in spec.columns)},),\n"
        "  stroke: none, inset: (x: 4pt, y: 2.6pt),\n"
        f"  {_RULE},\n  table.header(\n{_head(spec.columns)}    table.hline(stroke: 0.5pt),\n  ),\n"
        f"{body}  {_RULE},\n)\n"
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


def _widths(spec: TableSpec) -> list[str]:
    """Column widths: numbers as wide as they are, long words share what is left."""
    body = [row for row in spec.rows if not row.group]
    longest = [max((len(plain(row.cells[i])) for row in body), default=0) for i in range(len(spec.columns))]
    pairs = zip(spec.columns, longest, strict=True)
    flexible = [column.align == "left" and size > _WIDE_STUB for column, size in pairs]
    if not any(flexible):
        flexible[0] = True
    return [f"{max(1, min(size, 60))}fr" if wide else "auto" for wide, size in zip(flexible, longest, strict=True)]


def _head(columns: tuple[Column, ...]) -> str:
    """One header row, or two when there are spanners."""
    lower = ", ".join(f"table.cell(align: {_ALIGN[c.align]} + bottom)[{inline(c.header)}]" for c in columns)
    if not any(column.spanner for column in columns):
        return f"    {lower},\n"
    upper = ", ".join(
        f"table.cell(colspan: {size}, align: center)[#block(width: 100%, stroke: (bottom: 0.5pt), "
        f"inset: (bottom: 3pt))[{inline(spanner)}]]"
        if spanner
        else "[]"
        for spanner, size in spans(columns)
    )
    return f"    {upper},\n    {lower},\n"


def _row(row: Row, columns: tuple[Column, ...]) -> str:
    """A row of the body."""
    indent = f"#h({row.level}em)" if row.level else ""
    if row.group:
        return f"table.cell(colspan: {len(columns)}, inset: (top: 5pt))[{indent}{inline(row.cells[0])}],"
    return ", ".join(f"[{indent if i == 0 else ''}{inline(cell)}]" for i, cell in enumerate(row.cells)) + ","
