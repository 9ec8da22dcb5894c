"""Finishing a Word package: core properties, headers on turned pages, the same bytes on every run."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

STAMP: Final = "1980-01-01T00:00:00Z"
"""Date of creation in the properties: fixed, the inputs' hashes say more."""

FIRST: Final = ("[Content_Types].xml", "_rels/.rels")
"""Parts that stand first in a package."""

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Properties:
    """What file managers show about a document."""

    title: str
    creator: str
    subject: str


def finish(package: bytes, properties: Properties) -> bytes:
    """Rewrite a package that pandoc made.

    Parameters
    ----------
    package : bytes
        A ``.docx`` file.
    properties : Properties

    Returns
    -------
    bytes
        The same document with our properties, the page's header and footer in every section, parts in fixed order and
        without dates.
    """
    with ZipFile(io.BytesIO(package)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    parts["docProps/core.xml"] = core_properties(properties).encode("utf-8")
    document = parts["word/document.xml"].decode("utf-8")
    parts["word/document.xml"] = same_header_everywhere(document).encode("utf-8")
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name in [*FIRST, *sorted(name for name in parts if name not in FIRST)]:
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            archive.writestr(entry, parts[name])
    return stream.getvalue()


def core_properties(properties: Properties) -> str:
    """``docProps/core.xml``."""
    title, creator, subject = (
        escape(_NOT_XML.sub("", text)) for text in (properties.title, properties.creator, properties.subject)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:dcmitype="http://purl.org/dc/dcmitype/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:subject>{subject}</dc:subject><dc:creator>{creator}</dc:creator>"
        f"<cp:lastModifiedBy>compassion-trials</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{STAMP}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{STAMP}</dcterms:modified>'
        "<dc:language>en-GB</dc:language></cp:coreProperties>"
    )


def same_header_everywhere(document: str) -> str:
    """Copy header and footer of the last section into the sections before it, which otherwise have none."""
    sections = re.findall(r"<w:sectPr\b.*?</w:sectPr>", document, flags=re.DOTALL)
    if len(sections) < 2:
        return document
    marks = "".join(re.findall(r"<w:(?:header|footer)Reference\b[^>]*/>", sections[-1]))
    before, last, after = document.rpartition(sections[-1])
    return before.replace("<w:sectPr>", f"<w:sectPr>{marks}") + last + after
