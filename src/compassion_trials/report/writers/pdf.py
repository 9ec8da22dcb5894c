"""The report as PDF through Typst, with the fonts that Typst and matplotlib ship."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from compassion_trials.report.model import Document, Figure, Reference
from compassion_trials.report.writers.markdown import READER, environment, raw, render
from compassion_trials.report.writers.pandoc import convert, put_back, set_aside
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.writers.typst import string, to_typst

TEXT: Final = 6.27
"""Width of the text on A4 with margins of 2.54 cm, in inches."""

TALLEST: Final = 8.1
"""Greatest height of a figure in inches, so that caption and note share its page."""


class TypstWriter:
    """Tables, figures and references as Typst."""

    def cited(self, markdown: str, sources: tuple[str, ...]) -> str:
        """The text alone: the format has no place for sources."""
        return markdown

    def paragraph(self, markdown: str, style: str) -> str:
        """A paragraph inside the template's function of that name."""
        return raw(f"#{style}[", "typst") + f"\n{markdown}\n\n" + raw("]", "typst")

    def reference(self, reference: Reference, shown: str) -> str:
        """A link to a label."""
        return f"`#link(<{reference.target}-{reference.name}>)[{string(shown)}]`{{=typst}}"

    def table(self, spec: TableSpec, number: int) -> str:
        """A table with its label; a wide one on a page of its own, turned."""
        content = f"[\n#set text(size: 9pt)\n#metadata(none) <table-{spec.name}>\n{to_typst(spec, number)}]"
        if spec.orientation == "landscape":
            return raw(f"#page(flipped: true){content}", "typst")
        return raw(f"#block(width: 100%, below: 2em){content}", "typst")

    def figure(self, figure: Figure, number: int) -> str:
        """A figure with caption above and note below, on one page."""
        width = min(TEXT, figure.width, TALLEST * figure.width / figure.height)
        return raw(
            f"#block(breakable: false, width: 100%)[\n#strong[{string(f'Figure {number}')}] \\\n"
            f"#emph[{string(figure.title)}]\n\n"
            f"#image({_literal(f'/{figure.stem}.svg')}, width: {width:.3f}in, alt: {_literal(figure.alt)})\n\n"
            f"#text(size: 0.88em)[#emph[Note.] {string(figure.note)}]\n] <figure-{figure.name}>\n#v(0.8em)",
            "typst",
        )


def to_pdf(document: Document, folder: Path) -> bytes:
    """Compile the report.

    Parameters
    ----------
    document : Document
    folder : Path
        Folder of the study's results, root of all file names.
    """
    import typst

    from compassion_trials.figures.parts.theme import font_folder

    source = to_source(document).encode("utf-8")
    compiled = typst.compile(  # type: ignore[call-overload]  # its TypeVar forbids bytes with a str root
        source, root=str(folder.resolve()), font_paths=[str(font_folder())], ignore_system_fonts=True, format="pdf"
    )
    assert isinstance(compiled, bytes)
    return compiled


def to_source(document: Document) -> str:
    """The report as Typst source."""
    prose, kept = set_aside(render(document, TypstWriter()))
    body = put_back(convert(prose, "typst", READER, "--wrap=none").decode("utf-8"), kept, "typst")
    template = environment().get_template("report.typ.j2")
    return template.render(document=document, body=body, string=string, literal=_literal)


def _literal(characters: str) -> str:
    """Characters as a string in Typst's code."""
    return string(characters)[1:-1]
