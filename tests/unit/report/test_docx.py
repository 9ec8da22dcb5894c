import io
import shutil
import subprocess
import xml.etree.ElementTree as ET
from zipfile import ZipFile

import pytest
from docx import Document
from tests.unit.report.small_study import NASTY
from tests.unit.report.soundness import WP, W, package, word_flaws

from compassion_trials.report.assemble import assemble
from compassion_trials.report.sections.appendix import with_appendix
from compassion_trials.report.source import read_source
from compassion_trials.report.writers.docx import PAGE_TO_COME
from compassion_trials.tables.spec import TableSpec


@pytest.fixture(scope="module", params=["report", "nasty"])
def study(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def parts(study) -> dict[str, bytes]:
    return package((study.results.report / "report.docx").read_bytes())


@pytest.fixture(scope="module")
def body(parts) -> ET.Element:
    return ET.fromstring(parts["word/document.xml"])


def test_document_is_sound(study):
    source = read_source(study)
    whole, _ = with_appendix(assemble(source), source)
    tables = [block for block in whole.blocks() if isinstance(block, TableSpec)]
    assert word_flaws((study.results.report / "report.docx").read_bytes(), tables) == []


BROKEN = [
    ("word/document.xml", b'w:name="tbl_effects"', b'w:name="tbl-effects"', "bookmark 'tbl-effects'"),
    ("word/document.xml", b'<w:fldChar w:fldCharType="end"/>', b"", "field"),
    ("word/document.xml", b'<w:pStyle w:val="TableText"', b'<w:pStyle w:val="Gone"', "no style Gone"),
    ("word/document.xml", b" REF tbl_effects ", b" REF tbl_gone ", "no bookmark tbl_gone"),
    ("word/_rels/document.xml.rels", b"styles.xml", b"gone.xml", "is not there"),
    ("word/settings.xml", b"<w:zoom", b'<w:listSeparator w:val=","/><w:zoom', "settings holds"),
]
"""Part, what is changed in it, and what the check says."""


@pytest.mark.parametrize(("part", "old", "new", "said"), BROKEN)
def test_a_broken_document_is_found(report, part, old, new, said):
    source = read_source(report)
    whole, _ = with_appendix(assemble(source), source)
    parts = package((report.results.report / "report.docx").read_bytes())
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    tables = [block for block in whole.blocks() if isinstance(block, TableSpec)]
    assert any(said in flaw for flaw in word_flaws(stream.getvalue(), tables))


def test_references_and_captions_are_fields(body):
    told = "".join(code.text for code in body.iter(f"{W}instrText"))
    assert " REF " in told
    assert told.count(" SEQ Figure ") == 5
    assert told.count(" TOC ") == 1
    assert len(list(body.iter(f"{WP}docPr"))) == 5


def test_contents_lead_to_every_section_and_leave_page_numbers_to_word(study, parts, body):
    source = read_source(study)
    whole, _ = with_appendix(assemble(source), source)
    listed = [
        paragraph
        for paragraph in body.iter(f"{W}p")
        if (paragraph.find(f".//{W}pStyle") is not None)
        and paragraph.find(f".//{W}pStyle").get(f"{W}val", "").startswith("toc")
    ]
    titles = [title for top in whole.sections for title in (top.title, *(part.title for part in top.sections))]
    shown = ["".join(text.text for text in paragraph.iter(f"{W}t")) for paragraph in listed]
    assert shown == [f"{title}{PAGE_TO_COME}" for title in titles]
    told = "".join(code.text for paragraph in listed for code in paragraph.iter(f"{W}instrText"))
    assert told.count(" PAGEREF ") == len(titles)
    dirty = [char for char in body.iter(f"{W}fldChar") if char.get(f"{W}dirty") == "true"]
    assert len(dirty) == len(titles) + 1  # the page of each entry, and the contents as a whole
    assert ET.fromstring(parts["word/settings.xml"]).find(f"{W}updateFields").get(f"{W}val") == "true"


def test_python_docx_reads_the_tables_back(study, parts):
    document = Document(io.BytesIO((study.results.report / "report.docx").read_bytes()))
    found = [cell.text.strip("\u2007") for table in document.tables for row in table.rows for cell in row.cells]
    assert "2.70\u00a0(0.50)" in found
    assert document.core_properties.title == study.plan.title
    assert document.core_properties.created.year == 1980


def test_names_from_the_data_are_shown_as_they_are(nasty):
    document = Document(io.BytesIO((nasty.results.report / "report.docx").read_bytes()))
    shown = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert f"A compassion course {NASTY}" in shown
    assert f"ACT workshop {NASTY} was compared with Wait-list {NASTY}" in shown


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_converts_it(study, tmp_path):
    source = study.results.report / "report.docx"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
