"""Tables as WordprocessingML: real tables, for a raw block in pandoc's Markdown or for a document of their own.

Element order follows ECMA-376 Part 1 (wml.xsd). Fonts and spacing come from the named paragraph styles where the
document has them (`STYLES`); rules, alignment and widths are set in the table itself.
"""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

from compassion_trials.tables.align import aligned
from compassion_trials.tables.spec import TOGETHER, TableColumn, TableRow, TableSpec, note_paragraphs, spans
from compassion_trials.tables.text import Text
from compassion_trials.tables.widths import layout, lines

STYLES: Final = {
    "number": "TableNumber",
    "title": "TableTitle",
    "head": "TableHead",
    "text": "TableText",
    "note": "TableNote",
}
"""Ids of the paragraph styles used; a document without them shows its Normal style."""

WIDTHS: Final = {"portrait": 9026, "landscape": 13958}
"""Width of the text on A4 with margins of 2.54 cm, in twentieths of a point."""

_PROPERTIES = {
    "plain": "",
    "italic": "<w:i/>",
    "bold": "<w:b/>",
    "superscript": '<w:vertAlign w:val="superscript"/>',
    "subscript": '<w:vertAlign w:val="subscript"/>',
}
_JUSTIFY = {"left": "left", "center": "center", "right": "right", "decimal": "center"}
_RULE = '<w:{side} w:val="single" w:sz="{size}" w:space="{space}" w:color="auto"/>'
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def to_docx_xml(spec: TableSpec, number: int | str | None = None, bookmark_id: int = 0) -> str:
    """Caption (when numbered), table and notes as block-level elements of a Word document's body.

    Parameters
    ----------
    spec : TableSpec
    number : int, str or None
        Number of the table; None leaves the whole caption out.
    bookmark_id : int
        Id of the bookmark round "Table 1", unique in the document.
    """
    before = caption(spec, number, bookmark_id) if number is not None else ""
    return before + table(spec) + "".join(paragraph(note, STYLES["note"]) for note in note_paragraphs(spec.notes))


def caption(spec: TableSpec, number: int | str, bookmark_id: int = 0) -> str:
    """Number (bold, a SEQ field inside the bookmark `bookmark`) and title (italic) as two paragraphs.

    Word's cross references and its list of tables work on the field; its cached text is the number given.
    """
    shown = str(number)
    field = (
        _run("Table\u00a0", "bold")
        + '<w:r><w:rPr><w:b/></w:rPr><w:fldChar w:fldCharType="begin"/></w:r>'
        + '<w:r><w:rPr><w:b/></w:rPr><w:instrText xml:space="preserve"> SEQ Table \\* ARABIC </w:instrText></w:r>'
        + '<w:r><w:rPr><w:b/></w:rPr><w:fldChar w:fldCharType="separate"/></w:r>'
        + _run(shown, "bold")
        + '<w:r><w:rPr><w:b/></w:rPr><w:fldChar w:fldCharType="end"/></w:r>'
        if shown.isdigit()
        else _run(f"Table\u00a0{shown}", "bold")
    )
    start = f'<w:bookmarkStart w:id="{bookmark_id}" w:name="{bookmark(spec.name)}"/>'
    marked = f'{start}{field}<w:bookmarkEnd w:id="{bookmark_id}"/>'
    title = "".join(_run(run.text, "italic" if run.style == "plain" else run.style) for run in spec.title)
    return _paragraph(marked, STYLES["number"], keep=True) + _paragraph(title, STYLES["title"], keep=True)


def bookmark(name: str) -> str:
    """Name of the bookmark of a table, for REF fields: letters, digits and underscores, at most 40."""
    return ("tbl_" + re.sub(r"\W", "_", name, flags=re.ASCII))[:40]


def table(spec: TableSpec) -> str:
    """The ``<w:tbl>`` element."""
    share, shares = layout(spec)
    widths = [round(WIDTHS[spec.orientation] * share * part) for part in shares]
    rows = aligned(spec.rows, spec.columns)
    keep = lines(spec) <= TOGETHER
    body = "".join(_row(row, spec.columns, widths, keep) for row in rows)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rules = _RULE.format(side="top", size=8, space=0) + _RULE.format(side="bottom", size=8, space=0)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="left"/>'
        f'<w:tblBorders>{rules}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        'w:noHBand="1" w:noVBand="1"/>'
        f'<w:tblCaption w:val="{_attribute(spec.plain_title)}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"{_head(spec.columns, widths)}{body}</w:tbl>"
    )


def paragraph(content: Text, style: str) -> str:
    """A text as a paragraph of a named style."""
    return _paragraph("".join(_run(run.text, run.style) for run in content), style)


def _head(columns: tuple[TableColumn, ...], widths: list[int]) -> str:
    """One header row, or two when there are spanners; repeated on every page."""
    rule = f"<w:tcBorders>{_RULE.format(side='bottom', size=6, space=0)}</w:tcBorders>"
    lower = "".join(
        _cell(column.header, width, STYLES["head"], _JUSTIFY[column.align], borders=rule, keep=True, bottom=True)
        for column, width in zip(columns, widths, strict=True)
    )
    lower = f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{lower}</w:tr>"
    if not any(column.spanner for column in columns):
        return lower
    upper = ""
    at = 0
    for spanner, size in spans(columns):
        width = sum(widths[at : at + size])
        upper += _cell(
            spanner, width, STYLES["head"], "center", span=size, keep=True, bottom=True, underline=bool(spanner)
        )
        at += size
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{upper}</w:tr>{lower}"


def _row(row: TableRow, columns: tuple[TableColumn, ...], widths: list[int], keep: bool) -> str:
    """A row of the body."""
    if row.group:
        cells = _cell(row.cells[0], sum(widths), STYLES["text"], "left", span=len(columns), keep=True, level=row.level)
    else:
        cells = "".join(
            _cell(cell, width, STYLES["text"], _JUSTIFY[column.align], keep=keep, level=row.level if i == 0 else 0)
            for i, (cell, column, width) in enumerate(zip(row.cells, columns, widths, strict=True))
        )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _cell(
    content: Text,
    width: int,
    style: str,
    justify: str,
    *,
    span: int = 1,
    borders: str = "",
    keep: bool = False,
    bottom: bool = False,
    underline: bool = False,
    level: int = 0,
) -> str:
    """A table cell with one paragraph."""
    grid = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    vertical = '<w:vAlign w:val="bottom"/>' if bottom else ""
    runs = "".join(_run(run.text, run.style) for run in content)
    inner = _paragraph(runs, style, keep=keep, justify=justify, level=level, underline=underline)
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{grid}{borders}{vertical}</w:tcPr>{inner}</w:tc>'


def _paragraph(
    runs: str, style: str, *, keep: bool = False, justify: str = "left", level: int = 0, underline: bool = False
) -> str:
    """A paragraph; the order of its properties is that of CT_PPr."""
    in_cell = style in (STYLES["head"], STYLES["text"])
    properties = (
        f'<w:pStyle w:val="{style}"/>'
        + ("<w:keepNext/>" if keep else "")
        + (f"<w:pBdr>{_RULE.format(side='bottom', size=6, space=1)}</w:pBdr>" if underline else "")
        + ('<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>' if in_cell else "")
        + (f'<w:ind w:left="{240 * level}" w:firstLine="0"/>' if in_cell else "")
        + f'<w:jc w:val="{justify}"/>'
    )
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def _run(characters: str, style: str) -> str:
    """A run of text in one style."""
    properties = f"<w:rPr>{_PROPERTIES[style]}</w:rPr>" if _PROPERTIES[style] else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(_clean(characters))}</w:t></w:r>'


def _clean(characters: str) -> str:
    """Characters that XML 1.0 can hold."""
    return _NOT_XML.sub("\ufffd", characters)


def _attribute(characters: str) -> str:
    """Text inside a double-quoted attribute."""
    return escape(_clean(characters), {'"': "&quot;", "\n": " "})
