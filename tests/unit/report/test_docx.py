import io
import posixpath
import re
import xml.etree.ElementTree as ET
from zipfile import ZipFile

import pytest
from docx import Document
from tests.unit.report.small_study import NASTY

from compassion_trials.tables.stage import read_tables

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
    tables = read_tables(study.results.tables)
    assert len(document.tables) == len(tables)
    found = [cell.text.strip("\u2007") for table in document.tables for row in table.rows for cell in row.cells]
    assert "2.70\u00a0(0.50)" in found
    assert document.core_properties.title == study.plan.title
    assert document.core_properties.created.year == 1980


def test_names_from_the_data_are_shown_as_they_are(nasty):
    document = Document(io.BytesIO((nasty.results.report / "report.docx").read_bytes()))
    shown = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert f"A compassion course {NASTY}" in shown
    assert f"ACT workshop {NASTY} was compared with Wait-list {NASTY}" in shown
