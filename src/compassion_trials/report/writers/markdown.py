"""The document as pandoc's Markdown, in which only our own marks have a meaning."""

from __future__ import annotations

import re
import string
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from compassion_trials.core.printable import printable
from compassion_trials.report.model import Bullets, Cited, Document, Figure, Inline, Link, Paragraph, Reference, Section
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import Run

if TYPE_CHECKING:
    from jinja2 import Environment

READER: Final = (
    "markdown-smart-auto_identifiers-implicit_figures-citations-tex_math_dollars-raw_tex-raw_html-yaml_metadata_block"
)
"""Pandoc's Markdown with nothing that rewrites words; raw blocks by attribute stay."""

_MARKS: Final = {"plain": "", "italic": "*", "bold": "**", "superscript": "^", "subscript": "~"}
_PUNCTUATION: Final = re.compile(f"([{re.escape(string.punctuation)}])")


class Writer(Protocol):
    """What differs between HTML, Word and Typst."""

    def reference(self, reference: Reference, shown: str) -> str:
        """A cross-reference inside a paragraph."""
        ...

    def cited(self, markdown: str, sources: tuple[str, ...]) -> str:
        """Text with sources, where the format can carry them unseen."""
        ...

    def paragraph(self, markdown: str, style: str) -> str:
        """A paragraph of a style other than plain."""
        ...

    def table(self, spec: TableSpec, number: int) -> str:
        """A table as a block."""
        ...

    def figure(self, figure: Figure, number: int) -> str:
        """A figure as a block."""
        ...


def render(document: Document, writer: Writer) -> str:
    """The body of a document, title page left out.

    Parameters
    ----------
    document : Document
    writer : Writer
        Of the format to which pandoc will turn the Markdown.
    """
    template = environment().get_template("body.md.j2")

    def block(content: object) -> str:
        return _block(content, document, writer)

    return template.render(sections=document.sections, block=block, heading=heading)


def heading(section: Section) -> str:
    """Title and anchor of a section."""
    return f"{escape(section.title)} {{#{section.key}}}"


def inline(content: Inline, document: Document, writer: Writer) -> str:
    """An inline text; every character of data is escaped."""
    from compassion_trials.report.model import label

    parts = []
    for piece in content:
        if isinstance(piece, Reference):
            parts.append(writer.reference(piece, label(piece, document.numbers)))
        elif isinstance(piece, Cited):
            parts.append(_cited(piece, writer))
        elif isinstance(piece, Link):
            safe = re.match(r"https?://[^\s<>\"]+$", piece.address)
            parts.append(f"[{escape(piece.address)}](<{piece.address}>)" if safe else escape(piece.address))
        else:
            parts.append(_run(piece))
    return "".join(parts).strip()


def escape(characters: str) -> str:
    """Characters without any meaning in Markdown: every ASCII punctuation mark gets a backslash.

    Line breaks and control characters become spaces, so that no text can begin a block of its own.
    """
    return _PUNCTUATION.sub(r"\\\1", printable(characters))


def raw(content: str, kind: str) -> str:
    """A raw block of a format, fenced by more backticks than it holds."""
    longest = max((len(run) for run in re.findall("`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{={kind}}}\n{content.strip(chr(10))}\n{fence}\n"


@cache
def environment() -> Environment:
    """Jinja2 with the templates of this package; HTML templates escape by themselves."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=select_autoescape(["html.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _block(content: object, document: Document, writer: Writer) -> str:
    """One block with a blank line after it."""
    if isinstance(content, TableSpec):
        return writer.table(content, document.numbers["table", content.name])
    if isinstance(content, Figure):
        return writer.figure(content, document.numbers["figure", content.name])
    if isinstance(content, Bullets):
        return "".join(f"- {inline(item, document, writer)}\n" for item in content.items)
    assert isinstance(content, Paragraph)
    text = inline(content.content, document, writer)
    return text + "\n" if content.style == "plain" else writer.paragraph(text, content.style)


def _cited(piece: Cited, writer: Writer) -> str:
    """Text with its sources; spaces at its ends stay outside."""
    inner = piece.text.strip(" ")
    if not inner:
        return piece.text
    before, _, after = piece.text.partition(inner)
    return f"{before}{writer.cited(_run(Run(inner, piece.style)), piece.sources)}{after}"


def _run(run: Run) -> str:
    """A styled run; spaces at its ends stay outside the marks."""
    mark = _MARKS[run.style]
    inner = run.text.strip(" ")
    if not mark or not inner:
        return escape(run.text)
    before, _, after = run.text.partition(inner)
    shown = escape(inner)
    if run.style in ("superscript", "subscript"):
        shown = shown.replace(" ", "\\ ")
    return f"{before}{mark}{shown}{mark}{after}"
