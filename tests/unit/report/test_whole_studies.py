"""The reports of the three twins and of three real trials: sound, accessible, every number traced."""

from __future__ import annotations

import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from tests.unit.report.soundness import page_flaws, word_flaws
from tests.unit.report.tracing import untraced, untraced_checklists, untraced_words

from compassion_trials.report.assemble import assemble
from compassion_trials.report.sections.appendix import with_appendix
from compassion_trials.report.source import Source, read_source
from compassion_trials.study.context import open_study
from compassion_trials.tables.spec import TableSpec

ROOT = Path(__file__).resolve().parents[3]
STAGES = ("ingest", "scoring", "describe", "fit", "effects", "figures", "tables", "report")
TWINS = ("yadavaia2014", "frostadottir2019", "raab2015")
REAL = ("strom2013", "woodworth2017", "garnaes_pgwbi")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[*TWINS, *REAL])
def source(request, tmp_path_factory) -> Source:
    """A study run through all stages in a folder of its own; a real trial only where its data are."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(ROOT / "config", folder / "config")
    place = folder / "config" / "studies" / request.param
    if request.param in TWINS:
        from compassion_trials.simulate.stage import run
        from compassion_trials.study.layout import locate

        run(locate(place))
    else:
        shared = request.getfixturevalue("shared")
        plan = (place / "study.yaml").read_text(encoding="utf-8")
        moved = f"data_root: {(shared / 'data' / request.param).as_posix()}"
        (place / "study.yaml").write_text(plan.replace(f"data_root: ../shared/data/{request.param}", moved), "utf-8")
    context = open_study(place)
    for stage in STAGES:
        import_module(f"compassion_trials.{stage}.stage").run(context)
    return read_source(context)


@pytest.fixture(scope="module")
def document(source):
    return with_appendix(assemble(source), source)[0]


def test_every_number_has_its_source(source, document):
    assert untraced(document, source) == []
    assert untraced_words(document, source) == []
    assert untraced_checklists(document) == []


def test_word_document_is_sound_and_its_tables_are_read_back(source, document):
    tables = [block for block in document.blocks() if isinstance(block, TableSpec)]
    assert word_flaws((source.context.results.report / "report.docx").read_bytes(), tables) == []


def test_page_is_accessible(source):
    assert page_flaws((source.context.results.report / "report.html").read_text(encoding="utf-8")) == []


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_converts_the_word_document(source, tmp_path):
    report = source.context.results.report / "report.docx"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(report)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
