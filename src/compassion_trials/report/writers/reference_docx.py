"""The reference document that gives the Word report its styles, page, header and footer; made by code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, cast

from compassion_trials.report.writers.pandoc import data_file

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle

SERIF: Final = "Times New Roman"
SANS: Final = "Arial"
ALARM: Final = "B00020"


def reference_document(header: str) -> bytes:
    """Pandoc's own reference document with our styles.

    Parameters
    ----------
    header : str
        Text at the upper right of every page; empty for none.
    """
    from docx import Document as open_document

    document = open_document(io.BytesIO(data_file("reference.docx")))
    _page(document, header)
    _body(document)
    _headings(document)
    _captions(document)
    _contents(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _page(document: Document, header: str) -> None:
    """A4 with margins of 2.54 cm, page number below, mark above."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(2.54))
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("text", "1"), ("end", "")):
        _field_part(footer.add_run(), kind, text)
    if header:
        line = section.header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = line.add_run(header)
        run.bold = True
        run.font.size = Pt(8)
        run.font.color.rgb = RGBColor.from_string(ALARM)


def _field_part(run: Any, kind: str, text: str) -> None:
    """One run of a field: its begin, instruction, separator, cached text or end."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    if kind == "text":
        run.text = text
        return
    element = OxmlElement("w:fldChar" if kind else "w:instrText")
    if kind:
        element.set(qn("w:fldCharType"), kind)
    else:
        element.set(qn("xml:space"), "preserve")
        element.text = text
    run._r.append(element)


def _body(document: Document) -> None:
    """Running text, lists, title page."""
    from docx.shared import Cm

    for name in ("Normal", "Body Text", "First Paragraph", "Compact"):
        _set(document, name, SERIF, 11, after=8 if name != "Compact" else 3, line=1.15)
    _set(document, "Title", SANS, 20, bold=True, before=6, after=10, align="left")
    _set(document, "Subtitle", SANS, 10, colour="555555", before=0, after=2, align="left")
    _set(document, "Author", SERIF, 12, after=4, align="left")
    _set(document, "Title Line", SERIF, 11, colour="555555", after=4)
    banner = _set(document, "Banner", SANS, 10, bold=True, colour="FFFFFF", after=10)
    _shade(banner, ALARM)
    lead = _set(document, "Lead", SERIF, 11, before=4, after=10, line=1.15)
    _shade(lead, "F0F5FA")
    _set(document, "Prompt", SERIF, 11, colour="8A4B00", after=8, line=1.15)
    hanging = _set(document, "Reference", SERIF, 11, after=4, line=1.15, align="left").paragraph_format
    hanging.left_indent, hanging.first_line_indent = Cm(1.27), Cm(-1.27)
    _set(document, "Intro", SERIF, 11, after=8, line=1.15).paragraph_format.keep_with_next = True


def _headings(document: Document) -> None:
    """Three levels."""
    for level, size, before in ((1, 16, 22), (2, 12.5, 16), (3, 11, 12)):
        style = _set(document, f"Heading {level}", SANS, size, bold=True, before=before, after=6)
        style.paragraph_format.keep_with_next = True


def _captions(document: Document) -> None:
    """Numbers, titles and notes of tables and figures, cells of tables."""
    for kind in ("Table", "Figure"):
        number = _set(document, f"{kind} Number", SERIF, 11, bold=True, before=14, after=0)
        title = _set(document, f"{kind} Title", SERIF, 11, after=4)
        note = _set(document, f"{kind} Note", SERIF, 9, before=4, after=14)
        for style in (number, title):
            style.paragraph_format.keep_with_next = True
        note.paragraph_format.keep_together = True
        _close_up(note)
    picture = _set(document, "Figure", SERIF, 11, after=2)
    picture.paragraph_format.keep_with_next = True
    _set(document, "Table Text", SERIF, 9, after=0)
    _set(document, "Table Head", SERIF, 9, after=0)


def _contents(document: Document) -> None:
    """Two levels of the table of contents, page numbers at the right edge of the text."""
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Cm

    _set(document, "Contents Heading", SANS, 12.5, bold=True, before=14, after=4)
    for level in (1, 2):
        style = _set(document, f"toc {level}", SERIF, 11, after=1)
        style.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        style.paragraph_format.tab_stops.add_tab_stop(Cm(15.92), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _set(
    document: Document,
    name: str,
    font: str,
    size: float,
    *,
    bold: bool = False,
    colour: str = "000000",
    before: float = 0,
    after: float = 0,
    line: float = 1.0,
    align: str = "",
) -> ParagraphStyle:
    """Set a paragraph style, which is made when the document lacks it."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    known = {style.name for style in document.styles}
    style = cast(
        "ParagraphStyle",
        document.styles[name]
        if name in known
        else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc ")),
    )
    if name not in known:
        style.base_style = document.styles["Normal"]
    _font(style, font)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(colour)
    shape = style.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), line
    if align:
        shape.alignment = WD_ALIGN_PARAGRAPH.LEFT
    return style


def _font(style: Any, font: str) -> None:
    """One font for all scripts, theme fonts taken off."""
    from docx.oxml.ns import qn

    style.font.name = font
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), font)


def _close_up(style: Any) -> None:
    """No space between neighbours of this style; the element follows spacing in the schema."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    properties.find(qn("w:spacing")).addnext(OxmlElement("w:contextualSpacing"))


def _shade(style: Any, fill: str) -> None:
    """A coloured ground behind a paragraph; the element stands before spacing, as the schema wants."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shade.set(qn(f"w:{key}"), value)
    properties = style.element.get_or_add_pPr()
    spacing = properties.find(qn("w:spacing"))
    if spacing is None:
        properties.append(shade)
    else:
        spacing.addprevious(shade)
