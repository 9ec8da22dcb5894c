from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.report.tracing import untraced

from compassion_trials.report.appendix import with_appendix
from compassion_trials.report.assemble import assemble
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Document, Paragraph, Section, line
from compassion_trials.report.source import Source, read_source

ROOT = Path(__file__).resolve().parents[3]
STAGES = ("ingest", "scoring", "describe", "fit", "effects", "figures", "tables")


def whole(source: Source) -> Document:
    return with_appendix(assemble(source), source)[0]


@pytest.fixture(scope="module", params=["yadavaia2014", "frostadottir2019", "raab2015"])
def twin(request, tmp_path_factory):
    """A twin run through all stages before the report."""
    from importlib import import_module

    from compassion_trials.study.context import open_study

    folder = tmp_path_factory.mktemp("twin")
    shutil.copytree(ROOT / "config", folder / "config")
    shutil.copytree(ROOT / "data" / request.param, folder / "data" / request.param)
    context = open_study(folder / "config" / "studies" / request.param)
    for stage in STAGES:
        import_module(f"compassion_trials.{stage}.stage").run(context)
    return read_source(context)


def with_words(document: Document, *content: object) -> Document:
    """The document with one more sentence."""
    return replace(document, sections=(*document.sections, Section("more", "More", (Paragraph(line(*content)),))))


@pytest.mark.parametrize("name", ["report", "nasty"])
def test_every_number_of_a_small_report_has_its_source(name, request):
    source = read_source(request.getfixturevalue(name))
    assert untraced(whole(source), source) == []


@pytest.mark.slow
def test_every_number_of_a_twins_report_has_its_source(twin):
    assert untraced(whole(twin), twin) == []


def test_a_number_typed_by_hand_is_found(report):
    source = read_source(report)
    document = with_words(whole(source), "Altogether 73 people took part.")
    assert untraced(document, source) == ["more: typed by hand: 'Altogether 73 people took part.'"]


def test_a_number_that_is_not_that_of_its_row_is_found(report):
    source = read_source(report)
    document = with_words(whole(source), "In all ", cited("74", "row:1"))
    (found,) = untraced(document, source)
    assert "74" in found


def test_html_leads_to_rows_of_the_table_beside_it(report):
    folder = report.results.report
    page = (folder / "report.html").read_text(encoding="utf-8")
    with (folder / "results.csv").open(encoding="utf-8", newline="") as stream:
        values = {row["row"]: row["value"] for row in csv.DictReader(stream)}
    found = re.findall(r'<span data-source="row:(\d+)">([^<]*)</span>', page)
    assert len(found) > 10
    shown = {text.replace("\u00a0", " "): values[row] for row, text in found}
    assert float(shown["0.20"]) == 0.2
    assert shown["38.3"] == "38.25"
