"""Word tables read back by python-docx."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import docx
import pytest
from docx.enum.section import WD_ORIENT

from compassion_trials.tables.align import FIGURE_SPACE, PUNCTUATION_SPACE
from compassion_trials.tables.spec import TableColumn, TableSpec, row
from compassion_trials.tables.stage import build_all
from compassion_trials.tables.text import plain, text
from compassion_trials.tables.writers.document import to_docx
from compassion_trials.tables.writers.docx import WIDTHS, bookmark, to_docx_xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TBL_PR = ["tblW", "jc", "tblBorders", "tblLayout", "tblCellMar", "tblLook", "tblCaption"]
P_PR = ["pStyle", "keepNext", "pBdr", "spacing", "ind", "jc"]
TC_PR = ["tcW", "gridSpan", "tcBorders", "vAlign"]


def bare(shown: str) -> str:
    return shown.strip(FIGURE_SPACE + PUNCTUATION_SPACE)


@pytest.fixture
def tables(trial, single):
    return (*build_all(trial), *build_all(single))


def test_cells_read_back(tables):
    for spec in tables:
        document = docx.Document(io.BytesIO(to_docx(spec, 1)))
        (table,) = document.tables
        body = table.rows[2 if any(c.spanner for c in spec.columns) else 1 :]
        assert len(body) == len(spec.rows)
        for found, wanted in zip(body, spec.rows, strict=True):
            cells = [bare(cell.text) for cell in found.cells]
            expected = [plain(cell) for cell in wanted.cells]
            assert cells == (expected * len(spec.columns) if wanted.group else expected)


def test_heads_repeat_and_rows_stay_whole(tables):
    for spec in tables:
        table = docx.Document(io.BytesIO(to_docx(spec))).tables[0]
        heads = [tr for tr in table._tbl.tr_lst if tr.find(f"{W}trPr/{W}tblHeader") is not None]
        assert len(heads) == 1 + any(c.spanner for c in spec.columns)
        assert all(tr.find(f"{W}trPr/{W}cantSplit") is not None for tr in table._tbl.tr_lst)


def test_caption_is_a_field_in_a_bookmark(trial):
    spec = build_all(trial)[0]
    root = ElementTree.fromstring(f'<x xmlns:w="{W[1:-1]}">{to_docx_xml(spec, 12, bookmark_id=7)}</x>')
    start = next(root.iter(f"{W}bookmarkStart"))
    assert (start.get(f"{W}id"), start.get(f"{W}name")) == ("7", bookmark(spec.name))
    assert [f.get(f"{W}fldCharType") for f in root.iter(f"{W}fldChar")] == ["begin", "separate", "end"]
    assert next(root.iter(f"{W}instrText")).text.split()[:2] == ["SEQ", "Table"]
    first, second = list(root)[:2]
    assert "".join(t.text for t in first.iter(f"{W}t")) == "Table\u00a012"
    assert "".join(t.text for t in second.iter(f"{W}t")) == spec.plain_title


def test_appendix_numbers_are_plain_text(trial):
    assert "instrText" not in to_docx_xml(build_all(trial)[0], "A1")


@pytest.mark.parametrize("name", ["effects", "effects.completers", "x" * 60, "a-b.ü"])
def test_bookmark_names_are_valid(name):
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,39}", bookmark(name))


@pytest.mark.parametrize(("tag", "order"), [("tblPr", TBL_PR), ("pPr", P_PR), ("tcPr", TC_PR)])
def test_properties_stand_in_schema_order(tables, tag, order):
    for spec in tables:
        root = ElementTree.fromstring(f'<x xmlns:w="{W[1:-1]}">{to_docx_xml(spec, 1)}</x>')
        for element in root.iter(f"{W}{tag}"):
            names = [child.tag.removeprefix(W) for child in element]
            assert names == [name for name in order if name in names]


def test_widths_add_up(tables):
    for spec in tables:
        table = docx.Document(io.BytesIO(to_docx(spec))).tables[0]
        grid = [int(c.get(f"{W}w")) for c in table._tbl.tblGrid]
        assert len(grid) == len(spec.columns)
        assert sum(grid) <= WIDTHS[spec.orientation] + len(grid)
        assert min(grid) > 200


def test_any_character_is_sound_xml():
    hostile = text('<w:p/> & "q" \x00\x0b \ufffe')
    spec = TableSpec("t", hostile, (TableColumn(hostile, "left"), TableColumn(hostile)), (row(hostile, hostile),))
    document = docx.Document(io.BytesIO(to_docx(spec, 1)))
    assert document.tables[0].rows[1].cells[0].text.startswith('<w:p/> & "q" ')


def test_landscape_page(trial):
    spec = replace(build_all(trial)[0], orientation="landscape")
    assert docx.Document(io.BytesIO(to_docx(spec))).sections[0].orientation == WD_ORIENT.LANDSCAPE


def test_same_table_same_bytes_and_sound_parts(trial):
    spec = build_all(trial)[1]
    assert to_docx(spec) == to_docx(spec)
    with zipfile.ZipFile(io.BytesIO(to_docx(spec))) as package:
        for name in package.namelist():
            ElementTree.fromstring(package.read(name))
