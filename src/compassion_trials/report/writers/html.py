"""The report as one HTML file: no scripts, no requests, everything inside."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from compassion_trials.report.model import Document, Figure, Reference
from compassion_trials.report.writers.markdown import READER, environment, raw, render
from compassion_trials.report.writers.pandoc import convert, put_back, set_aside
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.writers.html import CSS, to_html


@dataclass(frozen=True, slots=True)
class HtmlWriter:
    """Tables, figures and references as HTML; figures are read from ``folder``."""

    folder: Path

    def reference(self, reference: Reference, shown: str) -> str:
        """A link to the anchor of a table or figure."""
        return f"[{shown}](<#{reference.target}-{reference.name}>)"

    def cited(self, markdown: str, sources: tuple[str, ...]) -> str:
        """A span whose ``data-source`` leads to rows of results.csv, keys of the plan, records."""
        safe = re.sub(r"[^\w:.,+ -]", "_", " ".join(sources), flags=re.ASCII)
        return f'[{markdown}]{{data-source="{safe}"}}' if safe else markdown

    def paragraph(self, markdown: str, style: str) -> str:
        """A division with the style as its class."""
        return f"::: {{.{style}}}\n{markdown}\n:::\n"

    def table(self, spec: TableSpec, number: int) -> str:
        """A table as a raw block."""
        return raw(to_html(spec, number), "html")

    def figure(self, figure: Figure, number: int) -> str:
        """A figure with its SVG inside."""
        picture = base64.b64encode((self.folder / f"{figure.stem}.svg").read_bytes()).decode("ascii")
        size = f'width="{round(figure.width * 96)}" height="{round(figure.height * 96)}"'
        name = escape(figure.name)
        return raw(
            f'<figure id="figure-{name}" data-analyses="{escape(" ".join(figure.analyses))}">\n'
            f'<figcaption><span class="figure-number">Figure {number}</span> '
            f'<span class="figure-title">{escape(figure.title)}</span></figcaption>\n'
            f'<div class="picture" id="enlarged-{name}">'
            f'<a class="back" href="#figure-{name}">Back to the report</a>'
            f'<img src="data:image/svg+xml;base64,{picture}" alt="{escape(figure.alt)}" {size}></div>\n'
            f'<p class="enlarge"><a href="#enlarged-{name}">Enlarge Figure {number}</a></p>\n'
            f'<p class="figure-note"><em>Note.</em> {escape(figure.note)}</p>\n</figure>',
            "html",
        )


def to_page(document: Document, folder: Path) -> bytes:
    """The whole page.

    Parameters
    ----------
    document : Document
    folder : Path
        Folder of the study's results, to which the figures' stems are relative.
    """
    from markupsafe import Markup

    prose, kept = set_aside(render(document, HtmlWriter(folder)))
    written = convert(prose, "html5", READER, "--shift-heading-level-by=1", "--wrap=none")
    body = put_back(written.decode("utf-8"), kept, "html")
    style = (Path(__file__).parent.parent / "templates" / "style.css").read_text(encoding="utf-8")
    # body and style are our own markup: data in them are escaped by the writers
    page = environment().get_template("page.html.j2")
    return page.render(document=document, body=Markup(body), css=Markup(style + CSS)).encode("utf-8")
