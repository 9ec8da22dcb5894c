import io
import posixpath
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from zipfile import ZipFile

import pytest
from docx import Document
from tests.unit.report.small_study import NASTY

from compassion_trials.report.appendix import with_appendix
from compassion_trials.report.assemble import assemble
from compassion_trials.report.source import read_source
from compassion_trials.tables.spec import TableSpec

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@pytest.fixture(scope="module", params=["report", "nasty"])
def study(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def parts(study) -> dict[str, bytes]:
    with ZipFile(study.results.report / "report.docx") as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="module")
def body(parts) -> ET.Element:
    return ET.fromstring(parts["word/document.xml"])


def test_every_part_parses_and_relationships_resolve(parts):
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            root = ET.fromstring(content)
            if name.endswith(".rels"):
                folder = posixpath.dirname(posixpath.dirname(name))
                for relation in root:
                    if relation.get("TargetMode") != "External":
                        target = relation.get("Target")
                        path = (
                            target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                        )
                        assert path in parts, (name, path)


def test_every_part_has_a_content_type(parts):
    types = ET.fromstring(parts["[Content_Types].xml"])
    ends = {entry.get("Extension") for entry in types if entry.tag.endswith("Default")}
    named = {entry.get("PartName") for entry in types if entry.tag.endswith("Override")}
    for name in parts:
        assert name == "[Content_Types].xml" or f"/{name}" in named or name.rsplit(".", 1)[-1] in ends, name


def test_bookmark_and_picture_ids_are_unique_and_fields_are_balanced(body):
    starts = [mark.get(f"{W}id") for mark in body.iter(f"{W}bookmarkStart")]
    ends = [mark.get(f"{W}id") for mark in body.iter(f"{W}bookmarkEnd")]
    assert len(starts) == len(set(starts))
    assert sorted(starts) == sorted(ends)
    names = [mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    pictures = [picture.get("id") for picture in body.iter(f"{WP}docPr")]
    assert len(pictures) == 5
    assert len(set(pictures)) == 5
    kinds = [char.get(f"{W}fldCharType") for char in body.iter(f"{W}fldChar")]
    depth = 0
    for kind in kinds:
        depth += {"begin": 1, "separate": 0, "end": -1}[kind]
        assert depth in (0, 1)
    assert depth == 0
    assert kinds.count("begin") == kinds.count("separate")


def test_references_and_contents_point_to_bookmarks(body):
    names = {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}
    told = "".join(code.text for code in body.iter(f"{W}instrText"))
    assert set(re.findall(r" REF (\w+) ", told)) <= names
    assert " REF " in told
    assert {link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink") if link.get(f"{W}anchor")} <= names
    assert told.count(" SEQ Figure ") == 5
    assert told.count(" TOC ") == 1


def test_pictures_have_alternative_text(body):
    assert all(len(picture.get("descr", "")) > 40 for picture in body.iter(f"{WP}docPr"))


def test_styles_in_use_exist_and_header_stands_on_every_page(parts, body):
    known = {style.get(f"{W}styleId") for style in ET.fromstring(parts["word/styles.xml"]).iter(f"{W}style")}
    used = {style.get(f"{W}val") for style in body.iter(f"{W}pStyle")}
    assert used <= known, used - known
    sections = list(body.iter(f"{W}sectPr"))
    assert all(section.find(f"{W}footerReference") is not None for section in sections)


def test_python_docx_reads_the_tables_back(study, parts):
    document = Document(io.BytesIO((study.results.report / "report.docx").read_bytes()))
    source = read_source(study)
    whole, _ = with_appendix(assemble(source), source)
    tables = [block for block in whole.blocks() if isinstance(block, TableSpec)]
    assert [len(table.columns) for table in document.tables] == [len(table.columns) for table in tables]
    found = [cell.text.strip("\u2007") for table in document.tables for row in table.rows for cell in row.cells]
    assert "2.70\u00a0(0.50)" in found
    assert document.core_properties.title == study.plan.title
    assert document.core_properties.created.year == 1980


def test_names_from_the_data_are_shown_as_they_are(nasty):
    document = Document(io.BytesIO((nasty.results.report / "report.docx").read_bytes()))
    shown = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert f"A compassion course {NASTY}" in shown
    assert f"ACT workshop {NASTY} was compared with Wait-list {NASTY}" in shown


PARAGRAPH_ORDER = [
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "framePr",
    "widowControl",
    "numPr",
    "suppressLineNumbers",
    "pBdr",
    "shd",
    "tabs",
    "suppressAutoHyphens",
    "kinsoku",
    "wordWrap",
    "overflowPunct",
    "topLinePunct",
    "autoSpaceDE",
    "autoSpaceDN",
    "bidi",
    "adjustRightInd",
    "snapToGrid",
    "spacing",
    "ind",
    "contextualSpacing",
    "mirrorIndents",
    "suppressOverlap",
    "jc",
    "textDirection",
    "textAlignment",
    "textboxTightWrap",
    "outlineLvl",
    "divId",
    "cnfStyle",
    "rPr",
    "sectPr",
    "pPrChange",
]
"""Children of w:pPr in the order of ECMA-376 Part 1, 17.3.1.26."""

TABLE_ORDER = [
    "tblStyle",
    "tblpPr",
    "tblOverlap",
    "bidiVisual",
    "tblStyleRowBandSize",
    "tblStyleColBandSize",
    "tblW",
    "jc",
    "tblCellSpacing",
    "tblInd",
    "tblBorders",
    "shd",
    "tblLayout",
    "tblCellMar",
    "tblLook",
    "tblCaption",
    "tblDescription",
]
"""Children of w:tblPr, 17.4.59."""

CELL_ORDER = [
    "cnfStyle",
    "tcW",
    "gridSpan",
    "hMerge",
    "vMerge",
    "tcBorders",
    "shd",
    "noWrap",
    "tcMar",
    "textDirection",
    "tcFitText",
    "vAlign",
    "hideMark",
]
"""Children of w:tcPr, 17.4.69."""


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml"])
@pytest.mark.parametrize(("tag", "order"), [("pPr", PARAGRAPH_ORDER), ("tblPr", TABLE_ORDER), ("tcPr", CELL_ORDER)])
def test_properties_stand_in_the_order_of_the_schema(parts, part, tag, order):
    for properties in ET.fromstring(parts[part]).iter(f"{W}{tag}"):
        names = [child.tag.removeprefix(W) for child in properties if child.tag.startswith(W)]
        assert names == sorted(names, key=order.index), names


def test_every_field_shows_a_cached_text(body):
    for paragraph in body.iter(f"{W}p"):
        state, shown = "", ""
        for run in paragraph.iter(f"{W}r"):
            char = run.find(f"{W}fldChar")
            kind = char.get(f"{W}fldCharType") if char is not None else ""
            if kind == "end" and state == "separate":
                assert shown.strip()
            state, shown = (kind, "") if kind else (state, shown)
            shown += "".join(text.text or "" for text in run.iter(f"{W}t")) if state == "separate" else ""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_converts_it(study, tmp_path):
    source = study.results.report / "report.docx"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
