"""A Word document with one table in it: the smallest sound package, the same bytes for the same table."""

from __future__ import annotations

import io
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.writers.docx import STYLES, to_docx_xml

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEADER: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_LONG, _SHORT = 16838, 11906  # A4 in twentieths of a point


def to_docx(spec: TableSpec, number: int | str | None = 1) -> bytes:
    """A ``.docx`` file that holds one table with its caption and notes on a page of its orientation."""
    wide = spec.orientation == "landscape"
    size = f'w:w="{_LONG}" w:h="{_SHORT}" w:orient="landscape"' if wide else f'w:w="{_SHORT}" w:h="{_LONG}"'
    margins = " ".join(f'w:{side}="1440"' for side in ("top", "right", "bottom", "left"))
    body = (
        f'{_HEADER}<w:document xmlns:w="{_W}"><w:body>{to_docx_xml(spec, number)}<w:sectPr><w:pgSz {size}/>'
        f'<w:pgMar {margins} w:header="720" w:footer="720" w:gutter="0"/></w:sectPr></w:body></w:document>'
    )
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "word/document.xml")}),
        "word/document.xml": body,
        "word/styles.xml": _styles(),
        "word/_rels/document.xml.rels": _relationships({"rId1": ("styles", "styles.xml")}),
    }
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as package:
        for name, content in parts.items():
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            package.writestr(entry, content.encode("utf-8"))
    return stream.getvalue()


def _content_types() -> str:
    """What each part is."""
    return (
        f'{_HEADER}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_MAIN}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_MAIN}.styles+xml"/></Types>'
    )


def _relationships(targets: dict[str, tuple[str, str]]) -> str:
    """Relationships of one part by id."""
    entries = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _styles() -> str:
    """Normal and the styles of tables, Times New Roman."""
    named = "".join(
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:pPr>{spacing}</w:pPr><w:rPr><w:sz w:val="{size}"/></w:rPr></w:style>'
        for key, name, spacing, size in (
            (STYLES["number"], "Table Number", "", 24),
            (STYLES["title"], "Table Title", '<w:spacing w:after="120"/>', 24),
            (STYLES["head"], "Table Head", "", 18),
            (STYLES["text"], "Table Text", "", 18),
            (STYLES["note"], "Table Note", '<w:spacing w:before="60"/>', 18),
        )
    )
    fonts = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>'
    return (
        f'{_HEADER}<w:styles xmlns:w="{_W}"><w:docDefaults>'
        f'<w:rPrDefault><w:rPr>{fonts}<w:sz w:val="24"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
        f"{named}</w:styles>"
    )
