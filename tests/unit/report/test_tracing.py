from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.report.tracing import typed_digits, untraced, untraced_checklists, untraced_words

from compassion_trials.report.assemble import assemble
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Document, Paragraph, Section, line
from compassion_trials.report.sections.appendix import with_appendix
from compassion_trials.report.source import Source, read_source
from compassion_trials.tables.text import text

ROOT = Path(__file__).resolve().parents[3]


def whole(source: Source) -> Document:
    return with_appendix(assemble(source), source)[0]


def with_words(document: Document, *content: object) -> Document:
    """The document with one more sentence."""
    return replace(document, sections=(*document.sections, Section("more", "More", (Paragraph(line(*content)),))))


@pytest.mark.parametrize("name", ["report", "nasty"])
def test_every_number_of_a_small_report_has_its_source(name, request):
    source = read_source(request.getfixturevalue(name))
    assert untraced(whole(source), source) == []


@pytest.mark.parametrize("name", ["report", "nasty"])
def test_every_number_about_tables_and_figures_has_its_source(name, request):
    source = read_source(request.getfixturevalue(name))
    assert untraced_words(whole(source), source) == []


def test_entries_of_checklists_lead_to_tables_that_are_there(report):
    source = read_source(report)
    document = whole(source)
    assert untraced_checklists(document) == []
    checklist = next(b for b in document.blocks() if getattr(b, "name", "") == "checklist.consort2025")
    cells = (*checklist.rows[0].cells[:3], text("Table 99"))
    wrong = replace(checklist, rows=(replace(checklist.rows[0], cells=cells), *checklist.rows[1:]))
    found = untraced_checklists(replace(document, sections=(*document.sections, Section("more", "More", (wrong,)))))
    assert len(found) == 1
    assert "Table 99" in found[0]


@pytest.mark.parametrize("part", ["title", "note", "alt"])
def test_a_number_typed_into_the_words_of_a_figure_is_found(report, part):
    source = read_source(report)
    first = source.figures[0]
    typed = replace(first, **{part: f"{getattr(first, part)} It was 7.193."})
    (found,) = untraced_words(whole(replace(source, figures=(typed, *source.figures[1:]))), source)
    assert found.startswith(f"{first.name}: 7.193 in")


def test_a_number_typed_into_the_note_of_a_table_is_found(report):
    source = read_source(report)
    first = source.tables[0]
    typed = replace(first, notes=replace(first.notes, general=text(first.notes.general, " It was 7.193.")))
    (found,) = untraced_words(whole(replace(source, tables=(typed, *source.tables[1:]))), source)
    assert found.startswith(f"{first.name}: 7.193 in")


DECLARED = {
    ("figures/pictures/outcomes/checks.py", "0.1"): "width of the band in the love plot",
    ("ledger/page/plots.py", "95% prediction"): "level of the prediction interval of a meta-analysis",
    ("figures/pictures/people/individuals.py", "1.5 interquartile"): "length of whiskers",
    ("figures/pictures/mechanism/moderation.py", "5th and 95th"): "ends of the axis of the moderator",
    ("figures/pictures/mechanism/tipping.py", "delta 0"): "what no shift means",
    ("tables/builders/outcomes/change.py", "CR2"): "name of an estimator",
    ("tables/builders/outcomes/change.py", "0.5"): "what is added to empty cells",
    ("tables/builders/outcomes/estimands.py", "E9(R1)"): "name of a guideline",
    ("tables/builders/mechanism/mediation.py", "CR2"): "name of an estimator",
    ("tables/builders/people/baseline.py", "counts of 1 to"): "least count that speaks of somebody",
    ("tables/builders/people/harms.py", "CR2"): "name of an estimator",
    ("tables/builders/people/dose.py", "CR2"): "name of an estimator",
    ("tables/builders/people/dropout.py", "CR2"): "name of an estimator",
    ("tables/builders/people/pilot.py", "80% upper limit"): "level of the limit for planning (Browne, 1995)",
    ("tables/builders/people/provenance.py", "first 16 digits"): "digits of a hash that are shown",
    ("tables/builders/mechanism/sensitivity.py", "delta 0"): "what no shift means",
    ("tables/wording.py", "n*~1~"): "index of a formula",
    ("tables/wording.py", "η^2^"): "exponent of a statistic",
    ("report/", "SHA-256"): "name of the hash",
    ("report/", "d*~ppc2~"): "index of a statistic",
}
"""Digits that stand in the words of the source code, with what they are."""


def test_no_number_is_typed_into_the_words_of_reports_tables_and_figures():
    patterns = ("figures/**/*.py", "tables/**/*.py", "report/**/*.py", "ledger/page/plots.py")
    found = list(typed_digits(ROOT / "src" / "compassion_trials", patterns))
    used = set()
    for file, words in found:
        declared = [key for key in DECLARED if file.startswith(key[0]) and key[1] in words]
        assert declared, f"{file}: {words!r} says a number that is neither looked up nor declared"
        used.update(declared)
    assert used == set(DECLARED), "declared but gone"
    typed = ROOT.joinpath("tests", "unit", "report")
    assert any("73 people" in words for _, words in typed_digits(typed, ("test_tracing.py",)))  # the scan sees numbers


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
