"""What must hold of every Word document and every page: each check gives its flaws in words."""

from __future__ import annotations

import io
import itertools
import posixpath
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from zipfile import ZipFile

from docx import Document

from compassion_trials.tables.spec import TableSpec

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


def _names(words: str) -> list[str]:
    """Names of elements."""
    return words.split()


PARAGRAPH_ORDER = _names(
    "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"
)
"""Children of w:pPr in the order of ECMA-376 Part 1, 17.3.1.26."""

RUN_ORDER = _names(
    "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em "
    "lang eastAsianLayout specVanish oMath"
)
"""Children of w:rPr, 17.3.2.28."""

TABLE_ORDER = _names(
    "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd "
    "tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription"
)
"""Children of w:tblPr, 17.4.59."""

CELL_ORDER = _names(
    "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark"
)
"""Children of w:tcPr, 17.4.69."""

SECTION_ORDER = _names(
    "headerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols formProt "
    "vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings"
)
"""Children of w:sectPr, 17.6.17; references to headers stand for those to footers too."""

SETTINGS_ORDER = _names(
    "zoom embedTrueTypeFonts embedSystemFonts proofState stylePaneFormatFilter doNotTrackMoves defaultTabStop "
    "drawingGridHorizontalSpacing drawingGridVerticalSpacing displayHorizontalDrawingGridEvery "
    "displayVerticalDrawingGridEvery characterSpacingControl savePreviewPicture updateFields footnotePr endnotePr "
    "compat rsids themeFontLang clrSchemeMapping decimalSymbol listSeparator"
)
"""Children of w:settings that pandoc and we write, 17.15.1.78."""

ORDERS = {
    "pPr": PARAGRAPH_ORDER,
    "rPr": RUN_ORDER,
    "tblPr": TABLE_ORDER,
    "tcPr": CELL_ORDER,
    "sectPr": SECTION_ORDER,
    "settings": SETTINGS_ORDER,
}


def package(content: bytes) -> dict[str, bytes]:
    """Parts of a Word document."""
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def word_flaws(content: bytes, tables: list[TableSpec]) -> list[str]:
    """Everything that is wrong with a Word document that should hold these tables."""
    parts = package(content)
    body = ET.fromstring(parts["word/document.xml"])
    checks = (
        relations(parts),
        types(parts),
        ids(body),
        fields(body),
        targets(body),
        pictures(body),
        styles(parts, body),
    )
    found = [*itertools.chain(*checks, order(parts))]
    return found or [*read_back(content, tables)]  # python-docx opens sound documents only


def relations(parts: dict[str, bytes]) -> Iterator[str]:
    """Parts that do not parse, relations that lead nowhere, ids of relations that are used and not defined."""
    for name, content in parts.items():
        if not name.endswith((".xml", ".rels")):
            continue
        root = ET.fromstring(content)
        if not name.endswith(".rels"):
            continue
        folder, source = posixpath.dirname(posixpath.dirname(name)), posixpath.basename(name).removesuffix(".rels")
        for relation in root:
            target = relation.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            if relation.get("TargetMode") != "External" and path not in parts:
                yield f"{name}: {path} is not there"
        known = {relation.get("Id") for relation in root}
        owner = posixpath.join(folder, source)
        if len(known) != len(root):
            yield f"{name}: ids twice"
        used = set(re.findall(rb'\br:(?:id|embed|link)="([^"]+)"', parts.get(owner, b"")))
        yield from (f"{owner}: {key} is not defined" for key in used if key.decode() not in known)


def types(parts: dict[str, bytes]) -> Iterator[str]:
    """Parts without a content type."""
    root = ET.fromstring(parts["[Content_Types].xml"])
    ends = {entry.get("Extension") for entry in root if entry.tag.endswith("Default")}
    named = {entry.get("PartName") for entry in root if entry.tag.endswith("Override")}
    for name in parts:
        if name != "[Content_Types].xml" and f"/{name}" not in named and name.rsplit(".", 1)[-1] not in ends:
            yield f"{name} has no content type"


def ids(body: ET.Element) -> Iterator[str]:
    """Ids and names that stand twice, marks without an end, names that Word does not take."""
    starts = [mark.get(f"{W}id") for mark in body.iter(f"{W}bookmarkStart")]
    names = [mark.get(f"{W}name", "") for mark in body.iter(f"{W}bookmarkStart")]
    drawn = [picture.get("id") for picture in body.iter(f"{WP}docPr")]
    if sorted(map(str, starts)) != sorted(str(mark.get(f"{W}id")) for mark in body.iter(f"{W}bookmarkEnd")):
        yield "bookmarks begin and do not end"
    for what, found in (("bookmark id", starts), ("bookmark", names), ("picture id", drawn)):
        yield from (f"{what} {name} appears twice" for name in {name for name in found if found.count(name) > 1})
    yield from (f"bookmark {n!r}" for n in names if not re.fullmatch(r"[A-Za-z_]\w{0,39}", n, flags=re.ASCII))


def fields(body: ET.Element) -> Iterator[str]:
    """Fields that are not balanced, have no instruction or show nothing."""
    stack: list[dict[str, str]] = []
    for run in body.iter(f"{W}r"):
        char = run.find(f"{W}fldChar")
        kind = char.get(f"{W}fldCharType") if char is not None else ""
        if kind == "begin":
            stack.append({"code": "", "shown": "", "state": "begin"})
        elif kind and not stack:
            yield f"a field has {kind} without begin"
        elif kind == "separate":
            stack[-1]["state"] = "separate"
        elif kind == "end":
            done = stack.pop()
            if not done["code"].strip() or done["state"] != "separate" or not done["shown"].strip():
                yield f"field {done['code']!r} shows {done['shown']!r}"
        for field in stack:
            field["code"] += "".join(code.text or "" for code in run.iter(f"{W}instrText"))
            field["shown"] += (
                "".join(text.text or "" for text in run.iter(f"{W}t")) if field["state"] != "begin" else ""
            )
    if stack:
        yield f"{len(stack)} fields do not end"


def targets(body: ET.Element) -> Iterator[str]:
    """Fields and links that point to no bookmark."""
    names = {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}
    told = "".join(code.text or "" for code in body.iter(f"{W}instrText"))
    links = {link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink") if link.get(f"{W}anchor")}
    wanted = {*re.findall(r"\b(?:REF|PAGEREF) (\w+) ", told), *links}
    yield from (f"no bookmark {name}" for name in sorted(map(str, wanted - names)))


def pictures(body: ET.Element) -> Iterator[str]:
    """Pictures without alternative text."""
    yield from (f"picture {p.get('id')} has no words" for p in body.iter(f"{WP}docPr") if len(p.get("descr", "")) <= 40)


def styles(parts: dict[str, bytes], body: ET.Element) -> Iterator[str]:
    """Styles that are used and not defined; sections without a footer."""
    known = {style.get(f"{W}styleId") for style in ET.fromstring(parts["word/styles.xml"]).iter(f"{W}style")}
    used = {style.get(f"{W}val") for tag in ("pStyle", "rStyle", "tblStyle") for style in body.iter(f"{W}{tag}")}
    yield from (f"no style {name}" for name in sorted(map(str, used - known)))
    if not all(section.find(f"{W}footerReference") is not None for section in body.iter(f"{W}sectPr")):
        yield "a section has no footer"


def order(parts: dict[str, bytes]) -> Iterator[str]:
    """Properties that do not stand in the order of the schema."""
    for part in ("word/document.xml", "word/styles.xml", "word/settings.xml"):
        root = ET.fromstring(parts[part])
        for tag, expected in ORDERS.items():
            for element in root.iter(f"{W}{tag}"):
                names = [child.tag.removeprefix(W) for child in element if child.tag.startswith(W)]
                names = [name.replace("footerReference", "headerReference") for name in names]  # they may mix
                strange = [name for name in names if name not in expected]
                if strange or names != sorted(names, key=expected.index):
                    yield f"{part}: {tag} holds {' '.join(names)}"


def read_back(content: bytes, tables: list[TableSpec]) -> Iterator[str]:
    """Tables that python-docx does not read as they are: columns, rows, words of every cell."""
    found = Document(io.BytesIO(content)).tables
    if len(found) != len(tables):
        yield f"{len(found)} tables instead of {len(tables)}"
    for real, table in zip(found, tables, strict=False):
        heads = 2 if any(column.spanner for column in table.columns) else 1
        if (len(real.columns), len(real.rows)) != (len(table.columns), len(table.rows) + heads):
            yield f"table {table.name} has another shape"
            continue
        for row, expected in zip(real.rows[heads:], table.rows, strict=True):
            shown = [_flat(cell.text) for cell in row.cells]
            said = [_flat("".join(run.text for run in cell)) for cell in expected.cells]
            if shown[: len(said)] != said and not expected.group:
                yield f"table {table.name}: {shown} instead of {said}"


def _flat(text: str) -> str:
    """Words without the spaces that align them."""
    clean = "".join(" " if ord(c) < 32 or c in "\u2028\u2029" else c for c in text)
    return " ".join(clean.replace("\u2007", " ").replace("\u2008", " ").split())


class Page(HTMLParser):
    """What checks want to know about a page."""

    def __init__(self, source: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.shown += data

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def page_flaws(source: str) -> list[str]:
    """Everything that is wrong with a page: accessibility, links, anything from outside."""
    page = Page(source)
    return [*outside(page), *landmarks(page), *headings(page), *alternatives(page), *links(page)]


def outside(page: Page) -> Iterator[str]:
    """Scripts, and whatever a browser would fetch."""
    for tag in ("script", "iframe", "link", "object", "embed", "form"):
        yield from (f"there is a {tag}" for _ in page.all(tag))
    yield from ("a picture from outside" for p in page.all("img") if not str(p["src"]).startswith("data:image/svg+xml"))
    for tag, attributes in page.tags:
        if any(n.startswith("on") or (n == "style" and "url" in (v or "")) for n, v in attributes.items()):
            yield f"{tag} acts: {attributes}"
    for attributes in page.all("a"):
        if not str(attributes["href"]).startswith(("#", "https://", "http://")):
            yield f"link to {attributes['href']}"


def landmarks(page: Page) -> Iterator[str]:
    """Language, title, viewport, main part, name of the contents."""
    if [part.get("lang") for part in page.all("html")] != ["en"]:
        yield "no language"
    if len(page.all("title")) != 1 or len(page.all("main")) != 1:
        yield "title or main part missing"
    if not all(part.get("aria-label") for part in page.all("nav")):
        yield "contents without a name"
    if not any(part.get("name") == "viewport" for part in page.all("meta")):
        yield "no viewport"


def headings(page: Page) -> Iterator[str]:
    """Headings that skip a level."""
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield "not one first heading"
    yield from (f"h{a} before h{b}" for a, b in itertools.pairwise(levels) if b - a > 1)


def alternatives(page: Page) -> Iterator[str]:
    """Pictures without words, heads of tables without scope, tables without caption."""
    yield from ("a picture has no words" for p in page.all("img") if len(p.get("alt") or "") <= 40)
    scopes = {"col", "row", "colgroup", "rowgroup"}
    yield from (f"head {head}" for head in page.all("th") if head.get("scope") not in scopes)
    if len(page.all("caption")) != len(page.all("table")):
        yield "a table has no caption"


def links(page: Page) -> Iterator[str]:
    """Ids that stand twice, links inside that lead nowhere."""
    names = [a["id"] for _, a in page.tags if a.get("id")]
    yield from (f"id {name} appears twice" for name in {name for name in names if names.count(name) > 1})
    inside = {str(a["href"])[1:] for a in page.all("a") if str(a["href"]).startswith("#")}
    yield from (f"no part {name}" for name in sorted(inside - set(names)))


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    digits = colour.lstrip("#")
    digits = "".join(2 * c for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
