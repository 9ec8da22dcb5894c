"""Finishing a Word package: core properties, headers on turned pages, the same bytes on every run."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from compassion_trials.report.writers.pandoc import put_back

STAMP: Final = "1980-01-01T00:00:00Z"
"""Date of creation in the properties: fixed, the inputs' hashes say more."""

FIRST: Final = ("[Content_Types].xml", "_rels/.rels")
"""Parts that stand first in a package."""

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_BOOKMARK = re.compile(r'(<w:bookmarkStart\b[^>]*?\bw:name="|\bw:anchor=")([^"]+)"')


@dataclass(frozen=True, slots=True)
class Properties:
    """What file managers show about a document."""

    title: str
    creator: str
    subject: str


def finish(package: bytes, kept: list[str], properties: Properties) -> bytes:
    """Rewrite a package that pandoc made.

    Parameters
    ----------
    package : bytes
        A ``.docx`` file.
    kept : list of str
        Blocks that were set aside before pandoc.
    properties : Properties

    Returns
    -------
    bytes
        The same document with our properties, the page's header and footer in every section, fields that are filled in
        on opening, parts in fixed order and without dates.
    """
    with ZipFile(io.BytesIO(package)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    parts["docProps/core.xml"] = core_properties(properties).encode("utf-8")
    document = put_back(close_to_text(word_names(parts["word/document.xml"].decode("utf-8"))), kept, "openxml")
    parts["word/document.xml"] = same_header_everywhere(document).encode("utf-8")
    parts["word/settings.xml"] = fields_up_to_date(parts["word/settings.xml"].decode("utf-8")).encode("utf-8")
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name in [*FIRST, *sorted(name for name in parts if name not in FIRST)]:
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_STORED if name.endswith(".png") else ZIP_DEFLATED  # pictures are packed already
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


def word_names(document: str) -> str:
    """Bookmarks of pandoc, and links to them, with names as Word takes them: underscores where pandoc has hyphens."""
    return _BOOKMARK.sub(lambda found: f'{found[1]}{found[2].replace("-", "_")}"', document)


def close_to_text(document: str) -> str:
    """Pictures without room around them: where nothing is said, LibreOffice moves them an eighth inch to the right."""
    return document.replace("<wp:inline>", '<wp:inline distT="0" distB="0" distL="0" distR="0">')


def fields_up_to_date(settings: str) -> str:
    """Settings that let Word fill in the fields (page numbers of the contents) when it opens the document.

    The element stands before ``w:rsids``, as the schema of CT_Settings (ECMA-376 Part 1, 17.15.1.78) wants.
    """
    if "<w:updateFields" in settings:
        return settings
    found = re.search(r"<w:(?:hdrShapeDefaults|footnotePr|endnotePr|compat|docVars|rsids|themeFontLang)\b", settings)
    assert found is not None, "the settings of pandoc's reference document have changed"
    return f'{settings[: found.start()]}<w:updateFields w:val="true"/>{settings[found.start() :]}'


def same_header_everywhere(document: str) -> str:
    """Copy header and footer of the last section into the sections before it, which otherwise have none."""
    sections = re.findall(r"<w:sectPr\b.*?</w:sectPr>", document, flags=re.DOTALL)
    if len(sections) < 2:
        return document
    marks = "".join(re.findall(r"<w:(?:header|footer)Reference\b[^>]*/>", sections[-1]))
    before, last, after = document.rpartition(sections[-1])
    return before.replace("<w:sectPr>", f"<w:sectPr>{marks}") + last + after
