"""The whole document, section by section."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from compassion_trials.core.files import sha256
from compassion_trials.core.numbers import count, words
from compassion_trials.core.printable import printable
from compassion_trials.report.cite import cited
from compassion_trials.report.model import (
    Bullets,
    Document,
    Inline,
    Paragraph,
    Reference,
    Section,
    line,
    sentences,
    with_ranges,
)
from compassion_trials.report.sections.abstract import abstract, prompt
from compassion_trials.report.sections.authored import authored
from compassion_trials.report.sections.declarations import declarations
from compassion_trials.report.sections.factor_text import factor_section
from compassion_trials.report.sections.limitations import limitations
from compassion_trials.report.sections.methods import methods
from compassion_trials.report.sections.references import references
from compassion_trials.report.sections.results import further_scales, results
from compassion_trials.report.sections.results_text import caution
from compassion_trials.report.source import Source
from compassion_trials.report.wording import see

SYNTHETIC = (
    "SYNTHETIC DATA. These numbers were simulated to show that the design can be analysed; "
    "they say nothing about any real trial."
)
"""The banner of a report on simulated data."""


def assemble(source: Source) -> Document:
    """Put the report together.

    Returns
    -------
    Document
        Title page, summary, methods, results, data checks, provenance, references.
    """
    plan = source.context.plan
    meta = plan.report
    kind = {
        "randomized": "randomized trial",
        "non_randomized": "non-randomized trial",
        "single_arm": "single-arm study",
    }[plan.design.type]
    parts = (
        abstract(source),
        Section("introduction", "Introduction", authored(source, "introduction")),
        methods(source),
        results(source),
        discussion(source),
        declarations(source),
        references(source),
        data_checks(source),
        further_scales(source),
        factor_section(source),
        provenance(source),
    )
    lines = [text for text in (meta.affiliation, f"Data: {meta.data_source}" if meta.data_source else None) if text]
    document = Document(
        title=printable(plan.title),
        kind=f"Report of a {'pilot ' * plan.design.pilot}{kind}",
        authors=tuple(map(printable, meta.authors)),
        lines=tuple(map(printable, lines)),
        banner=SYNTHETIC if source.material.synthetic else "",
        sections=tuple(part for part in parts if part is not None and (part.blocks or part.sections)),
    )
    return replace(document, sections=tuple(_ranged(section, document.numbers) for section in document.sections))


def _ranged(section: Section, numbers: dict[tuple[str, str], int]) -> Section:
    """The section with references in a row as ranges."""
    blocks = tuple(
        replace(block, content=with_ranges(block.content, numbers)) if isinstance(block, Paragraph) else block
        for block in section.blocks
    )
    return replace(section, blocks=blocks, sections=tuple(_ranged(part, numbers) for part in section.sections))


def discussion(source: Source) -> Section:
    """What the authors write; where they say nothing about limitations, what the data raise."""
    written = authored(source, "discussion")
    prompts = () if source.text.limitations else limitations(source)
    cautious = caution(source.words)
    lead = (Paragraph(line(cautious)),) if cautious and not written else ()
    gap = () if source.text.interpretation else (Paragraph(prompt("interpretation beside other evidence"), "prompt"),)
    return Section("discussion", "Discussion", (*gap, *written, *lead, *prompts))


def data_checks(source: Source) -> Section:
    """What was found in the raw data, what was dropped for privacy."""
    findings = source.material.findings
    tables = source.tables_of("data")
    one = len(findings) == 1
    if len(findings):
        kinds = {"error": "error", "warning": "warning", "note": "note"}
        counts = [(name, int((findings["severity"] == key).sum())) for key, name in kinds.items()]
        first = line("Automatic checks of plan, raw files and scores left ", *_listed(counts), ".")
    else:
        first = line("Automatic checks of plan, raw files and scores found no problems.")
    tail = line("It is listed in " if one else "They are listed in ", see(*tables), ".") if tables else ()
    privacy = _privacy(source)
    return Section(
        "data-checks",
        "Data Checks",
        (
            *([Paragraph(privacy)] if privacy else []),
            Paragraph(sentences(first, tail), "intro" if tables else "plain"),
            *tables,
        ),
    )


def _listed(counts: list[tuple[str, int]]) -> Inline:
    """How many findings of each kind: "1 error and 2 notes"."""
    kept = [(name, n) for name, n in counts if n]
    parts: list[Inline] = []
    for i, (name, n) in enumerate(kept):
        joint = "" if i == 0 else ((", and " if len(kept) > 2 else " and ") if i == len(kept) - 1 else ", ")
        parts.append(line(joint, cited(count(n), "findings:" + name), f" {name}{'s' * (n != 1)}"))
    return line(*parts)


def _privacy(source: Source) -> Inline:
    """What was dropped to protect participants."""
    dropped: Any = source.material.fact("ingest", "dropped", [])
    pseudonymized = bool(source.material.fact("ingest", "pseudonymized", False))
    reference = Reference("table", "deidentification")
    where = line(" (", reference, ")") if source.has(reference) else ()
    n = sum(int(entry["n"]) for entry in dropped)
    parts = [line("No column needed to be dropped to protect participants.")]
    if n:
        noun, verb = ("column", "was") if n == 1 else ("columns", "were")
        said = f" {noun} that could identify a person {verb} dropped"
        parts = [line("Before anything was written, ", cited(words(n), "record:ingest"), said, where, ".")]
    if pseudonymized:
        parts.append(line("Participant ids were replaced by a keyed hash."))
    return sentences(*parts)


def provenance(source: Source) -> Section:
    """Command, seed, hashes and versions."""
    plan, study = source.context.plan, source.context.study
    inputs: Any = source.material.fact("ingest", "inputs", [])
    rows = cited(count(len(source.results.table)), "file:results")
    items = [
        line("Command: ", cited(f"python -m compassion_trials run {study.name}", "plan:name")),
        line("Study plan: ", cited(f"{study.plan_file.name}, SHA-256 {sha256(study.plan_file)}", "file:plan")),
        *[
            line("Raw file: ", cited(f"{entry.get('file')}, SHA-256 {entry.get('sha256')}", "record:ingest"))
            for entry in inputs
        ],
        line(
            "Results: ",
            rows,
            " numbers in results.csv beside this report, of which all tables, figures and sentences are made",
        ),
        line("Seed of everything random: ", cited(str(plan.analysis.seed), "plan:analysis.seed")),
    ]
    return Section("provenance", "Provenance", (Bullets(tuple(items)), *source.tables_of("provenance")))
