"""The appendix: changes of the plan, sources of tables and figures, checklists; and the authors' to-do list."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from compassion_trials.core.numbers import DASH, NBSP, count
from compassion_trials.report.checklists.checklist import (
    Checklist,
    ItemAnswer,
    ReportContents,
    Status,
    answer,
    applicable,
)
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Block, Document, Figure, Link, Paragraph, Section, line
from compassion_trials.report.sections import deviations
from compassion_trials.report.source import Source
from compassion_trials.study.plan.sensitivity import IMPUTING
from compassion_trials.study.text import FILE
from compassion_trials.tables.material import words
from compassion_trials.tables.spec import TableColumn, TableSpec, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import notes

Answers = tuple[tuple[Checklist, tuple[ItemAnswer, ...]], ...]
"""Checklists with their answers."""


def with_appendix(document: Document, source: Source) -> tuple[Document, Answers]:
    """The document with its appendix, and the checklists as it answers them.

    Numbers of the tables and figures before the appendix do not change.

    Parameters
    ----------
    document : Document
        The report without appendix.
    source : Source
    """
    changed = deviations.section(source.context)
    document = _with(document, (changed, _sources(document, source)))
    if source.context.blind:
        said = (
            "The arms are masked. Author text and checklists follow when they are shown, and so do parts of the plan "
            "that treat arms differently: therapy groups, attendance, harms, margins, analyses of single arms."
        )
        return _with(document, (Section("checklists", "Reporting Checklists", (Paragraph(line(said)),)),)), ()
    known = evidence(document, source)
    answers = tuple((checklist, answer(checklist, known)) for checklist in applicable(source.context.plan))
    return _with(document, (_checklists(answers),)), answers


def evidence(document: Document, source: Source) -> ReportContents:
    """What a document holds, as far as checklists ask."""
    blocks: dict[tuple[str, str], str] = {}
    for block in document.blocks():
        if isinstance(block, TableSpec | Figure):
            target = "figure" if isinstance(block, Figure) else "table"
            label = f"{target.capitalize()}{NBSP}{document.numbers[target, block.name]}"
            for name in (block.name, block.name.partition(".")[0], block.category):
                blocks.setdefault((target, name), label)
    return ReportContents(
        plan=source.context.plan,
        text=source.context.text,
        analyses=_ran(source),
        blocks=blocks,
        sections={section.key: section.title for section in document.walk()},
        unchanged=deviations.since_freezing(source.context) == (),
    )


def _ran(source: Source) -> frozenset[str]:
    """Analyses that gave numbers, in the words of `ReportContents.analyses`."""
    table = source.results.table
    known = table[table["value"].notna()]
    found = set(known["analysis"])
    further = {"further"} if found & set(source.context.plan.analysis.additional) else set()
    imputed = (known["analysis"] == "sensitivity") & known["model"].isin(list(IMPUTING))
    return frozenset(found | further | ({"imputation"} if imputed.any() else set()))


def todo(answers: Answers, title: str, unconfirmed: tuple[str, ...] = ()) -> str:
    """The authors' to-do list as Markdown: what the checklists miss and how to add it, references to check."""
    lines = [f"# To do before submission: {' '.join(title.split())}", ""]
    lines += [f"Author text goes into `{FILE}` beside the study plan; then run the report again.", ""]
    for checklist, answers_here in answers:
        missing = [found for found in answers_here if found.status == "missing"]
        lines += [f"## {checklist.title} ({tally(answers_here)})", ""]
        lines += [f"- [ ] {a.item.id}: {a.item.report}. {a.todo[:1].upper()}{a.todo[1:]}." for a in missing]
        lines += [*([] if missing else ["Nothing is missing."]), ""]
    if unconfirmed:
        lines += ["## References to check at the source (not confirmed)", ""]
        lines += [*(f"- [ ] {reference}." for reference in unconfirmed), ""]
    return "\n".join(lines)


def tally(answers: tuple[ItemAnswer, ...]) -> str:
    """How many items have which status: "20 filled, 3 missing"."""
    counts = Counter(found.status for found in answers)
    order: tuple[Status, ...] = ("filled", "author text present", "missing", "not applicable")
    return ", ".join(f"{count(counts[status])} {status}" for status in order if counts[status])


def _with(document: Document, parts: tuple[Section, ...]) -> Document:
    """The document with more sections in its appendix."""
    empty = Section("appendix", "Appendix")
    known = next((section for section in document.sections if section.key == empty.key), empty)
    grown = replace(known, sections=(*known.sections, *parts))
    others = tuple(section for section in document.sections if section.key != "appendix")
    return replace(document, sections=(*others, grown))


def _sources(document: Document, source: Source) -> Section:
    """Which analyses fill which table and figure."""
    body = []
    for block in document.blocks():
        if not isinstance(block, TableSpec | Figure) or not block.analyses:
            continue
        target = "figure" if isinstance(block, Figure) else "table"
        label = f"{target.capitalize()}{NBSP}{document.numbers[target, block.name]}"
        title = block.title if isinstance(block, Figure) else block.plain_title
        body.append(row(label, title, ", ".join(block.analyses)))
    if not body:
        return Section("sources", "Where the Numbers Come From")
    columns = tuple(TableColumn(text(head), "left") for head in ("Place", "Title", "Analyses"))
    note = text(
        "Analyses are the values of the column “analysis” in the results table (effects/",
        source.context.results.results.with_suffix(".csv").name,
        "), which holds every number of this report.",
    )
    heading = text("Analyses Behind Tables and Figures")
    table = TableSpec(
        name="sources", title=heading, columns=columns, rows=tuple(body), notes=notes(note), category="appendix"
    )
    lead = line("Every table and figure is made from rows of one results table.")
    return Section("sources", "Where the Numbers Come From", (Paragraph(lead, "intro"), table))


def _checklists(answers: Answers) -> Section:
    """A table for each checklist."""
    blocks: list[Block] = []
    for checklist, found in answers:
        origin = f"checklist:{checklist.id}"
        head = line(cited(f"{checklist.title}: {tally(found)}", origin), ". Source: ")
        about = line(head, cited(checklist.citation, origin), " ", Link(f"https://doi.org/{checklist.doi}"))
        blocks += [Paragraph(about, "intro"), checklist_table(checklist, found)]
    return Section("checklists", "Reporting Checklists", tuple(blocks))


def checklist_table(checklist: Checklist, answers: tuple[ItemAnswer, ...]) -> TableSpec:
    """A checklist with the status of each item and its place."""
    body = tuple(row(found.item.id, found.item.report, words(found.status), found.place or DASH) for found in answers)
    columns = tuple(TableColumn(text(head), "left") for head in ("Item", "To be reported", "Status", "Place or reason"))
    note = text(
        "Items are restated in short own words; open the cited statement before submission. ",
        checklist.status,
        f" Filled = made from plan and data; author text present = written by the authors; {DASH} = nowhere yet.",
    )
    title = text(f"Checklist: {checklist.title}")
    return TableSpec(
        name=f"checklist.{checklist.id}",
        title=title,
        columns=columns,
        rows=body,
        notes=notes(note),
        category="appendix",
    )
