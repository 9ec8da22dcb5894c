"""Characters that no file format takes, and markup of all formats, in names of the plan and in data."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from tests.unit.report import small_study
from tests.unit.report.small_study import NASTY, build, plan
from tests.unit.report.soundness import Page, page_flaws, word_flaws

from compassion_trials.report.assemble import assemble
from compassion_trials.report.sections.appendix import with_appendix
from compassion_trials.report.source import read_source
from compassion_trials.tables.spec import TableSpec

CONTROL = "a\x00b\x07c\x0bd\x0ce\x13f\x14g\x15h\x1fi\x85j\u2028k\u2029l\ufffem\uffffn ]]> <!-- --> &amp; &#1; =1+1"
"""Null, Word's cell mark and field marks, line and page breaks, characters that XML forbids, ends of its sections."""

SEEN = "]]> <!-- --> &amp; &#1; =1+1"
"""The part of it that must arrive as it is."""


@pytest.fixture(scope="module")
def controlled(tmp_path_factory):
    """A report whose names and data hold control characters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_study, "NASTY", CONTROL)
        return build(tmp_path_factory.mktemp("controlled"), plan("non_randomized", nasty=True))


def test_word_takes_control_characters(controlled):
    source = read_source(controlled)
    whole, _ = with_appendix(assemble(source), source)
    tables = [block for block in whole.blocks() if isinstance(block, TableSpec)]
    assert word_flaws((controlled.results.report / "report.docx").read_bytes(), tables) == []


def test_page_takes_control_characters(controlled):
    source = (controlled.results.report / "report.html").read_text(encoding="utf-8")
    assert page_flaws(source) == []
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", source)
    assert SEEN in Page(source).shown


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize(("study", "seen"), [("controlled", SEEN), ("nasty", NASTY)])
def test_pdf_shows_hostile_names_and_data(study, seen, request):
    report = request.getfixturevalue(study).results.report / "report.pdf"
    done = subprocess.run(["pdftotext", "-layout", str(report), "-"], capture_output=True, check=True)
    shown = "".join(done.stdout.decode("utf-8").split())
    assert "".join(seen.split())[:20] in shown


def test_hostile_data_are_words_of_the_page(nasty):
    page = Page((nasty.results.report / "report.html").read_text(encoding="utf-8"))
    shown = " ".join(page.shown.replace("\u2007", " ").split())
    tame = NASTY.partition("[")[0].strip()  # underscores and full stops of data become spaces
    for data in (f"o time {tame}", f"ther {tame}"):  # and the table may begin it with a capital
        assert data in shown, data
