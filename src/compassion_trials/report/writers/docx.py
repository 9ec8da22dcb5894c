"""The report as a Word document: styles, captions as fields, real tables, contents, alternative text."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.sax.saxutils import escape

from compassion_trials.report.model import Document, Figure, Reference
from compassion_trials.report.writers.markdown import READER, raw, render
from compassion_trials.report.writers.markdown import escape as escape_markdown
from compassion_trials.report.writers.package import Properties, finish
from compassion_trials.report.writers.pandoc import convert, set_aside
from compassion_trials.report.writers.reference_docx import reference_document
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.writers.docx import bookmark, to_docx_xml

TEXT: Final = 6.27
"""Width of the text in inches."""

TALLEST: Final = 7.9
"""Greatest height of a figure in inches."""

PAGE_TO_COME: Final = "…"
"""What stands for a page number that only Word can know."""

_PORTRAIT: Final = '<w:pgSz w:w="11906" w:h="16838"/>'
_LANDSCAPE: Final = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
_MARGINS: Final = (
    '<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/>'
)
_FIGURE_IDS: Final = 20000
_TABLE_IDS: Final = 10000


class DocxWriter:
    """Tables, figures and references as WordprocessingML inside pandoc's Markdown.

    Parameters
    ----------
    document : Document
        To know which wide tables follow each other: they share their turned pages.
    """

    def __init__(self, document: Document) -> None:
        self._opening, self._closing = _wide_runs(document)

    def cited(self, markdown: str, sources: tuple[str, ...]) -> str:
        """The text alone: the format has no place for sources."""
        return markdown

    def paragraph(self, markdown: str, style: str) -> str:
        """A paragraph of a named style."""
        return _styled(style.capitalize(), markdown)

    def reference(self, reference: Reference, shown: str) -> str:
        """A REF field with its cached text."""
        mark = bookmark(reference.name) if reference.target == "table" else _figure_bookmark(reference.name)
        return f"`{_field(f' REF {mark} {chr(92)}h ', shown)}`{{=openxml}}"

    def table(self, spec: TableSpec, number: int) -> str:
        """A real table; a wide one in a section of its own, turned."""
        content = to_docx_xml(spec, number, _TABLE_IDS + number)
        if spec.orientation == "landscape":
            before = _section(_PORTRAIT) if spec.name in self._opening else ""
            content = before + content + (_section(_LANDSCAPE) if spec.name in self._closing else "")
        return raw(content, "openxml")

    def figure(self, figure: Figure, number: int) -> str:
        """Caption above, picture with alternative text, note below."""
        mark = _figure_bookmark(figure.name)
        key = _FIGURE_IDS + number
        caption = (
            f'<w:p><w:pPr><w:pStyle w:val="FigureNumber"/></w:pPr><w:bookmarkStart w:id="{key}" w:name="{mark}"/>'
            f"{_text(f'Figure{chr(160)}')}{_field(f' SEQ Figure {chr(92)}* ARABIC ', str(number))}"
            f'<w:bookmarkEnd w:id="{key}"/></w:p>'
        )
        width = min(TEXT, figure.width, TALLEST * figure.width / figure.height)
        picture = f"![{escape_markdown(figure.alt)}](<{figure.stem}.png>){{width={width:.3f}in}}"
        return (
            raw(caption, "openxml")
            + _styled("Figure Title", f"*{escape_markdown(figure.title.strip())}*")
            + _styled("Figure", picture)
            + _styled("Figure Note", f"*Note.* {escape_markdown(figure.note)}")
        )


def to_word(document: Document, folder: Path) -> bytes:
    """The whole Word document.

    Parameters
    ----------
    document : Document
    folder : Path
        Folder of the study's results, to which the figures' stems are relative.
    """
    markdown, kept = set_aside(_title_page(document) + contents(document) + render(document, DocxWriter(document)))
    with TemporaryDirectory() as scratch:
        reference = Path(scratch) / "reference.docx"
        reference.write_bytes(reference_document("SYNTHETIC DATA" if document.banner else ""))
        options = ("--reference-doc", str(reference), "--metadata", "lang=en-GB", "--output", "-")
        package = convert(markdown, "docx", READER, *options, folder=str(folder))
    return finish(package, kept, Properties(document.title, ", ".join(document.authors), document.kind))


def contents(document: Document) -> str:
    """Table of contents: a TOC field with its entries cached as links, each with the field of its page.

    Only a program that sets pages knows their numbers: the fields are marked as dirty, so that Word fills them in when
    it opens the document, and show `PAGE_TO_COME` until then. A number guessed here would be wrong on most pages.
    """
    entries = [entry for top in document.sections for entry in ((1, top), *((2, part) for part in top.sections))]
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    lines = []
    for i, (level, section) in enumerate(entries):
        mark = section.key.replace("-", "_")  # as `package.word_names` has it
        page = _field(f" PAGEREF {mark} \\h ", PAGE_TO_COME, dirty=True)
        shown = f"{_text(section.title)}<w:r><w:tab/></w:r>{page}"
        link = f'<w:hyperlink w:anchor="{mark}" w:history="1">{shown}</w:hyperlink>'
        inner = (begin if i == 0 else "") + link + (end if i == len(entries) - 1 else "")
        lines.append(f'<w:p><w:pPr><w:pStyle w:val="toc{level}"/></w:pPr>{inner}</w:p>')
    return _styled("Contents Heading", "Contents") + raw("".join(lines), "openxml") + "\n"


def _title_page(document: Document) -> str:
    """Banner, kind, title, authors and lines above the contents."""
    parts = [("Banner", document.banner), ("Subtitle", document.kind), ("Title", document.title)]
    parts += [("Author", ", ".join(document.authors)), *[("Title Line", text) for text in document.lines]]
    return "".join(_styled(style, escape_markdown(text)) for style, text in parts if text)


def _styled(style: str, markdown: str) -> str:
    """A paragraph of a named style."""
    return f'\n::: {{custom-style="{style}"}}\n{markdown}\n:::\n\n'


def _wide_runs(document: Document) -> tuple[set[str], set[str]]:
    """Names of the wide tables that begin and that end a run of wide tables with nothing between them."""
    opening, closing = set(), set()
    for section in document.walk():
        wide = [isinstance(block, TableSpec) and block.orientation == "landscape" for block in section.blocks]
        for i, block in enumerate(section.blocks):
            if isinstance(block, TableSpec) and wide[i]:
                opening |= {block.name} if i == 0 or not wide[i - 1] else set()
                closing |= {block.name} if i + 1 == len(wide) or not wide[i + 1] else set()
    return opening, closing


def _section(size: str) -> str:
    """End of a section of pages; header and footer are put in by `package.finish`."""
    return f"<w:p><w:pPr><w:sectPr>{size}{_MARGINS}</w:sectPr></w:pPr></w:p>"


def _field(instruction: str, shown: str, *, dirty: bool = False) -> str:
    """A field with its cached text; a dirty one is filled in by the program that opens the document."""
    mark = ' w:dirty="true"' if dirty else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{mark}/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{escape(instruction)}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{_text(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _text(characters: str) -> str:
    """A run of text."""
    return f'<w:r><w:t xml:space="preserve">{escape(characters)}</w:t></w:r>'


def _figure_bookmark(name: str) -> str:
    """Bookmark of a figure: letters, digits, underscores, at most 40."""
    return ("fig_" + re.sub(r"\W", "_", name, flags=re.ASCII))[:40]
