"""The appendix of a whole report: numbers stay, every place exists, every number has its analyses."""

from __future__ import annotations

import re

from compassion_trials.report.assemble import assemble
from compassion_trials.report.model import Figure, label
from compassion_trials.report.model import Reference as To
from compassion_trials.report.sections.appendix import with_appendix
from compassion_trials.report.source import read_source
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import plain


def table(document, name: str) -> list[list[str]]:
    found = next(block for block in document.blocks() if isinstance(block, TableSpec) and block.name == name)
    return [[plain(cell) for cell in row.cells] for row in found.rows]


def test_the_numbers_before_the_appendix_stay(report):
    source = read_source(report)
    before = assemble(source)
    after, _ = with_appendix(before, source)
    assert before.numbers.items() <= after.numbers.items()
    assert after.sections[-1].key == "appendix"
    keys = [section.key for section in after.walk()]
    assert len(keys) == len(set(keys))


def test_every_table_and_figure_with_numbers_has_its_analyses(report):
    source = read_source(report)
    document, _ = with_appendix(assemble(source), source)
    known = set(source.results.table["analysis"])
    listed = {place: analyses.split(", ") for place, _, analyses in table(document, "sources")}
    blocks = [b for b in assemble(source).blocks() if isinstance(b, TableSpec | Figure) and b.analyses]
    assert blocks
    for block in blocks:
        kind = "figure" if isinstance(block, Figure) else "table"
        assert listed[label(To(kind, block.name), document.numbers)] == list(block.analyses)
    assert {name for names in listed.values() for name in names} & known


def test_every_place_of_a_checklist_exists(report):
    source = read_source(report)
    document, answers = with_appendix(assemble(source), source)
    labels = {label(To(kind, name), document.numbers) for kind, name in document.numbers}
    titles = {section.title for section in document.walk()}
    assert [checklist.id for checklist, _ in answers] == ["consort2025", "spi2018", "jars_quant", "tidier"]
    for _, found in answers:
        for one in found:
            if one.status in ("filled", "author text present"):
                for place in one.place.split("; "):
                    known = place in labels | titles | {"Title"} or place.startswith("Results table, analysis ")
                    assert known, f"{one.item.id}: {place}"


def test_a_filled_item_has_a_place(report):
    source = read_source(report)
    _, answers = with_appendix(assemble(source), source)
    assert [one.item.id for _, found in answers for one in found if one.status == "filled" and not one.place] == []


def test_html_carries_the_analyses(report):
    page = (report.results.report / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'<figure id="figure-flow"[^>]*data-analyses="flow"', page)
    assert re.findall(r'id="table-effects"[^>]*data-analyses="primary secondary"', page)


def test_the_todo_list_stands_beside_the_report(report):
    written = (report.results.report / "todo.md").read_text(encoding="utf-8")
    assert "- [ ] C25-5b: Interests of the authors. Write conflicts in text.yaml." in written


def test_no_markup_of_the_data_in_the_appendix(nasty):
    page = (nasty.results.report / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page[page.index('id="appendix"') :]
