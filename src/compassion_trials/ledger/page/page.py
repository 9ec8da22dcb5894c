"""The ledger's page: counts, findings, evidence across trials, and every printed number."""

from __future__ import annotations

from collections.abc import Sequence

from compassion_trials.core.numbers import count
from compassion_trials.ledger.evidence.evidence import Evidence, undrawn_references
from compassion_trials.ledger.ledger import Ledger
from compassion_trials.ledger.page.tables import (
    counts_table,
    evidence_table,
    findings_table,
    study_table,
)
from compassion_trials.report.model import Block, Bullets, Document, Figure, Link, Paragraph, Reference, Section, line

TITLE = "Ledger of Published Numbers"

METHOD = (
    "A printed number stands for every value that rounds to it: 17.88 is the interval "
    "[17.875, 17.885]. What is computed from "
    "printed numbers is an interval too, from all corners of its inputs.",
    "Definitions are tried from a fixed list; the one that reproduces most numbers of a "
    "table is tried first and is named. Nothing is "
    "tuned: a number that no definition gives is shown as such.",
    "Numbers that were not read at a source are never compared.",
    "A quantity that is not printed, such as a pre-post correlation, gets a stated range; "
    "what holds somewhere in it is called possible.",
    "Where the data of a trial are here, the printed numbers are compared with the trial's own rerun.",
)
"""How the ledger is made."""


def assemble(ledger: Ledger, figures: Sequence[Figure] = (), study: str | None = None) -> Document:
    """Put the page together.

    Parameters
    ----------
    ledger : Ledger
    figures : sequence of Figure
        Forest and funnel plots, by field.
    study : str, optional
        Name of the one study of the page.
    """
    parts = [_summary(ledger, study), _checks(ledger)]
    if ledger.evidence:
        parts.append(_evidence(ledger, figures))
    parts += [Section("numbers", "Printed Numbers", (), tuple(_study(ledger, name) for name in ledger.studies))]
    parts.append(Section("method", "Methods", (Bullets(tuple(line(text) for text in METHOD)),)))
    title = TITLE if study is None else f"Ledger of {ledger.label(study)}"
    command = "compassion-trials reproduce" + (f" {study}" if study else "")
    return Document(
        title=title,
        kind="Recomputation of published results",
        authors=(),
        lines=(f"Made by {command}",),
        banner="",
        sections=tuple(parts),
    )


def _summary(ledger: Ledger, study: str | None) -> Section:
    """Counts in a sentence and a table."""
    found = ledger.counts()
    good = found["agrees"] + found["within rounding"]
    said = ", ".join(f"{verdict} {count(n)}" for verdict, n in found.items() if n)
    whole = f"{count(len(ledger.lines))} printed numbers" + (
        "" if study else f" of {count(len(ledger.studies))} studies"
    )
    checked = len(ledger.lines) - found["cannot be checked"]
    lead = (
        f"{whole}: {said}. Of the {count(checked)} that could be checked, {count(good)} are "
        "reproduced by a named definition"
    )
    twice = found["rounded twice"]
    lead += f", {count(twice)} more if it was rounded twice." if twice else "."
    table = counts_table(ledger)
    intro = line("They are listed by study in ", Reference("table", table.name), ".")
    return Section("summary", "Summary", (Paragraph(line(lead), "lead"), Paragraph(intro), table))


def _checks(ledger: Ledger) -> Section:
    """What does not fit."""
    table = findings_table(ledger)
    if table is None:
        return Section(
            "checks",
            "Internal Consistency of the Published Numbers",
            (Paragraph(line("The checks found no inconsistencies.")),),
        )
    what = (
        "Checked were whole scores behind means and SDs (GRIM, GRIMMER), scale ranges, "
        "possible SDs, p against test statistics, df "
        "against n, sums of participants, rows that may have slipped, repeated estimates and "
        "the place of estimates in their "
        "intervals. Each finding says what does not fit and which innocent explanations there are."
    )
    return Section("checks", "Internal Consistency of the Published Numbers", (Paragraph(line(what)), table))


def _evidence(ledger: Ledger, figures: Sequence[Figure]) -> Section:
    """Evidence across trials by field."""
    parts = tuple(_field(found, figures) for found in ledger.evidence)
    intro = (
        "Effects are computed from the printed rows at the visit each file names, or taken from meta-analyses that "
        "print those of single trials. They are a selection, not a systematic review."
    )
    blocks = [Paragraph(line(intro))]
    missing = undrawn_references(ledger.evidence, ledger.published)
    if missing:
        named = "; ".join(f"{field} ({label})" for field, label in missing)
        text = f"Not drawn are the pooled effects on {named}: no trial here has an outcome of the field."
        blocks.append(Paragraph(line(text)))
    return Section("evidence", "Evidence across Trials", tuple(blocks), parts)


def _field(found: Evidence, figures: Sequence[Figure]) -> Section:
    """Forest and funnel plot of a field, and its pooled results."""
    blocks: list[Block] = [f for f in figures if f.name.endswith(f".{found.field}")]
    if found.pooled is not None:
        blocks.append(evidence_table(found))
    else:
        effects, trials = len(found.evidence), len({e.cluster or e.trial for e in found.evidence})
        text = (
            f"{count(effects)} published effect{'s' * (effects != 1)} of {count(trials)} "
            f"trial{'s' * (trials != 1)}: "
            + (f"not pooled, because {found.problem}." if found.problem else "too few to pool.")
        )
        blocks.insert(0, Paragraph(line(text)))
    if found.field in FIELD_NOTES:
        blocks.insert(0, Paragraph(line(FIELD_NOTES[found.field])))
    return Section(f"evidence-{found.field.replace('_', '-')}", found.label.capitalize(), tuple(blocks))


FIELD_NOTES = {
    "self_criticism": "The subscale self-judgment of the Self-Compassion Scale stands for self-criticism here; whether "
    "the meta-analyses whose pooled effects are drawn counted this subscale was not read at a source.",
}
"""What a reader must know about the outcomes of a field."""


def _study(ledger: Ledger, name: str) -> Section:
    """One study: citation, design, all its lines."""
    if name in ledger.published:
        study = ledger.published[name]
        doi = line(" ", Link(f"https://doi.org/{study.doi}")) if study.doi else ()
        texts = [
            line(study.citation, doi),
            line(f"{study.design}.") if study.design else (),
            line(study.note) if study.note else (),
        ]
        where = "; ".join(study.sources)
        texts.append(line(f"Read at: {where}. File: {ledger.place.file(name)}.") if where else ())
    else:
        plan = ledger.plans[name].plan
        texts = [
            line(plan.report.citation or plan.title),
            line(f"Compared with results/{name}; the numbers stand in its plan."),
        ]
    blocks: list[Block] = [Paragraph(text) for text in texts if text]
    return Section(f"study-{name.replace('_', '-')}", ledger.label(name), (*blocks, study_table(ledger, name)))
