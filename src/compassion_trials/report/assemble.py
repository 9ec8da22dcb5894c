"""The whole document, section by section."""

from __future__ import annotations

from typing import Any

from compassion_trials.core.files import sha256
from compassion_trials.core.numbers import count
from compassion_trials.report.methods import design_sentence, methods, references
from compassion_trials.report.model import (
    Block,
    Bullets,
    Document,
    Inline,
    Paragraph,
    Reference,
    Section,
    line,
    sentences,
)
from compassion_trials.report.results import further_scales, results, see, summary_outcomes
from compassion_trials.report.results_text import caution, outcome_text, participants_text
from compassion_trials.report.source import Source
from compassion_trials.tables.wording import named

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
        summary(source),
        methods(source),
        results(source),
        data_checks(source),
        further_scales(source),
        provenance(source),
        references(source),
    )
    lines = [text for text in (meta.affiliation, f"Data: {meta.data_source}" if meta.data_source else None) if text]
    return Document(
        title=plan.title,
        kind=f"Report of a {'pilot ' * plan.design.pilot}{kind}",
        authors=meta.authors,
        lines=tuple(lines),
        banner=SYNTHETIC if source.material.synthetic else "",
        sections=tuple(part for part in parts if part is not None),
    )


def summary(source: Source) -> Section:
    """Design, participants and the primary result on one page."""
    blocks: list[Block] = [
        Paragraph(sentences(line(design_sentence(source)), participants_text(source.words))),
    ]
    if source.context.primary is not None:
        outcome = source.context.outcomes[source.context.primary]
        text = outcome_text(source.words, outcome)
        if text:
            blocks.append(Paragraph(text, "lead"))
    others = summary_outcomes(source)
    tables = source.tables_of("effects")
    pointer: Inline = ()
    if others and tables:
        pointer = line(f"Results for {others} are in ", see(source, *tables), ".")
    closing = sentences(line(caution(source.words)), pointer)
    return Section("summary", "Summary", (*blocks, *([Paragraph(closing)] if closing else [])))


def data_checks(source: Source) -> Section:
    """What was found in the raw data, what was dropped for privacy."""
    findings = source.material.findings
    tables = source.tables_of("data")
    if len(findings):
        kinds = {"error": "error", "warning": "warning", "note": "note"}
        counts = [(name, int((findings["severity"] == key).sum())) for key, name in kinds.items()]
        said = named(f"{count(n)} {name}{'s' * (n != 1)}" for name, n in counts if n)
        first = line(f"Automatic checks of plan, raw files and scores left {said}.")
    else:
        first = line("Automatic checks of plan, raw files and scores found nothing to mend.")
    tail = line("They are listed in ", see(source, *tables), ".") if tables else ()
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


def _privacy(source: Source) -> Inline:
    """What was dropped to protect participants."""
    dropped: Any = source.material.fact("ingest", "dropped", [])
    pseudonymized = bool(source.material.fact("ingest", "pseudonymized", False))
    reference = Reference("table", "deidentification")
    where = line(" (", reference, ")") if source.has(reference) else ()
    n = len(dropped)
    parts = [line("No column needed to be dropped to protect participants.")]
    if n:
        noun, verb = ("column", "was") if n == 1 else ("columns", "were")
        said = f"{count(n)} {noun} that could identify a person {verb} dropped before anything was written"
        parts = [line(said, where, ".")]
    if pseudonymized:
        parts.append(line("Participant ids were replaced by a keyed hash."))
    return sentences(*parts)


def provenance(source: Source) -> Section:
    """Command, seed, hashes and versions."""
    plan, study = source.context.plan, source.context.study
    inputs: Any = source.material.fact("ingest", "inputs", [])
    items = [
        line(f"Command: python -m compassion_trials run {study.name}"),
        line(f"Study plan: {study.plan_file.name}, SHA-256 {sha256(study.plan_file)}"),
        *[line(f"Raw file: {entry.get('file')}, SHA-256 {entry.get('sha256')}") for entry in inputs],
        line(
            f"Results: {count(len(source.results.table))} numbers in effects/{source.context.results.results.name}, "
            "of which all tables, figures and sentences are made"
        ),
        line(f"Seed of everything random: {plan.analysis.seed}"),
    ]
    return Section("provenance", "Provenance", (Bullets(tuple(items)), *source.tables_of("provenance")))
