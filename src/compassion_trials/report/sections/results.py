"""The Results section: sentences from result rows, with tables and figures where they belong."""

from __future__ import annotations

from typing import Final

from compassion_trials.report.model import Block, Inline, NumberedBlock, Paragraph, Section, line, sentences
from compassion_trials.report.sections.authored import authored
from compassion_trials.report.sections.change_text import family_text, harms_text, responder_text
from compassion_trials.report.sections.mechanism_text import mechanism_sections
from compassion_trials.report.sections.results_text import (
    analysed_sentence,
    caution,
    outcome_text,
    participants_text,
)
from compassion_trials.report.source import Source
from compassion_trials.report.wording import see
from compassion_trials.tables.text import rich
from compassion_trials.tables.wording import named

PLACED: Final = (
    "flow",
    "baseline",
    "measures",
    "outcomes",
    "effects",
    "further analyses",
    "models",
    "missing",
    "data",
    "provenance",
    "further scales",
    "estimand",
    "change",
    "dose",
    "harms",
    "feasibility",
    "sensitivity",
    "mediation",
    "moderation",
    "factors",
)
"""Categories of tables that have a place of their own; all others stand under further results."""


def results(source: Source) -> Section:
    """The whole Results section."""
    parts = (
        Section("participants", "Participant Flow", _participants(source)),
        _placed(
            source, "baseline", "Baseline Characteristics", ("baseline",), "Participants at baseline are described in "
        ),
        _placed(source, "reliability", "Reliability", ("measures",), "Reliability in this sample is given in "),
        _placed(
            source, "observed", "Observed Scores", ("outcomes", "correlations"), "Observed scores are summarized in "
        ),
        _primary(source),
        _others(source),
        *mechanism_sections(source),
        _told(
            source,
            "change",
            "Reliable and Clinically Significant Change",
            ("change",),
            responder_text(source),
            "Shares are in " if source.material.single_arm else "Shares and differences are in ",
        ),
        _placed(source, "dose", "Dose", ("dose",), "Dose and the change that went with it, not because of it, are in "),
        Section("delivery", "Delivery and Adherence", authored(source, "delivery")),
        _told(
            source, "harms", "Harms", ("harms",), harms_text(source), "All counts are in ", authored(source, "harms")
        ),
        _placed(
            source,
            "feasibility",
            "Feasibility and Sample Size",
            ("feasibility",),
            "Quantities for planning are given in ",
        ),
        Section("further", "Further Analyses", _further(source)),
        _placed(
            source, "missing-data", "Missing Data", ("missing",), "How much is missing, and for whom, is shown in "
        ),
    )
    return Section("results", "Results", (), tuple(part for part in parts if part.blocks))


def _participants(source: Source) -> tuple[Block, ...]:
    """Flow: sentences, diagram, table."""
    shown: tuple[NumberedBlock, ...] = (*source.figures_of("flow"), *source.tables_of("flow"))
    words = participants_text(source.words)
    tail = line("The flow of participants is shown in ", see(*shown), ".") if shown else ()
    return (Paragraph(sentences(words, tail)), *shown) if words or shown else ()


def _placed(source: Source, key: str, title: str, categories: tuple[str, ...], lead: str) -> Section:
    """A section of tables and figures with one leading sentence."""
    shown: tuple[NumberedBlock, ...] = (*source.tables_of(*categories), *source.figures_of(*categories))
    if not shown:
        return Section(key, title)
    return Section(key, title, (Paragraph(line(lead, see(*shown), "."), "intro"), *shown))


def _told(
    source: Source,
    key: str,
    title: str,
    categories: tuple[str, ...],
    said: Inline,
    lead: str,
    more: tuple[Block, ...] = (),
) -> Section:
    """Sentences from rows, what the authors add, then tables and figures."""
    shown: tuple[NumberedBlock, ...] = (*source.tables_of(*categories), *source.figures_of(*categories))
    tail = line(lead, see(*shown), ".") if shown else ()
    text = sentences(said, tail)
    return Section(
        key, title, (*([Paragraph(text, "intro" if shown and not more else "plain")] if text else []), *more, *shown)
    )


def _primary(source: Source) -> Section:
    """The primary outcome: the result, its caution, its trajectory."""
    key = source.context.primary
    if key is None:
        return Section("primary", "Primary Outcome")
    outcome = source.context.outcomes[key]
    text = outcome_text(source.words, outcome)
    figures = [figure for figure in source.figures_of("trajectory") if not figure.name.startswith("trajectory.others")]
    single = source.figures_of("individual")
    tail = line("Means over time are shown in ", see(*figures), ".") if figures else ()
    tail = sentences(tail, line("Single participants are shown in ", see(*single), ".") if single else ())
    blocks: list[Block] = []
    if text:
        blocks.append(Paragraph(text, "lead"))
    else:
        blocks.append(Paragraph(line("The primary analysis gave no estimate; the table of models says why.")))
    rest = sentences(analysed_sentence(source.words, outcome), line(caution(source.words)), _flags(source), tail)
    if rest:
        blocks.append(Paragraph(rest))
    estimand = source.tables_of("estimand")
    if estimand:
        blocks.append(Paragraph(line("The estimand is set out in ", see(*estimand), "."), "intro"))
    return Section("primary", "Primary Outcome", (*blocks, *estimand, *figures, *single))


def _flags(source: Source) -> Inline:
    """A warning when the primary fit was flagged."""
    rows = source.results.rows(analysis="primary", outcome=source.context.primary or "")
    flagged = [word for word in dict.fromkeys(rows["convergence"]) if word.startswith("flagged")]
    return line(f"The fit of the primary model was {'; '.join(flagged)}.") if flagged else ()


def _others(source: Source) -> Section:
    """All other planned outcomes: sentences, table of effects, figures."""
    by_measure: dict[str, list[Inline]] = {}
    for outcome in source.context.analysed:
        text = outcome_text(source.words, outcome) if outcome.key != source.context.primary else ()
        if text:
            by_measure.setdefault(outcome.measure, []).append(text)
    paragraphs: list[Block] = [Paragraph(sentences(*texts)) for texts in by_measure.values()]
    shown: list[NumberedBlock] = [
        *source.tables_of("effects"),
        *source.figures_of("effects"),
        *[figure for figure in source.figures_of("trajectory") if figure.name.startswith("trajectory.others")],
    ]
    lead = [Paragraph(line("All planned comparisons are in ", see(*shown), "."))] if shown else []
    adjusted = family_text(source)
    note = [Paragraph(adjusted)] if adjusted else _multiplicity(source) if paragraphs else []
    title = "Other Outcomes" if paragraphs else "Effects"
    return Section("secondary", title, (*lead, *paragraphs, *note, *shown))


def _multiplicity(source: Source) -> list[Block]:
    """A reminder that several outcomes were tested, unless adjusted p values exist."""
    if len(source.results.rows(statistic="p_adjusted")) or source.context.plan.design.pilot:
        return []
    return [
        Paragraph(line("The ", rich("*p*"), " values of these outcomes are not adjusted for the number of outcomes."))
    ]


def _further(source: Source) -> tuple[Block, ...]:
    """Additional analyses of the plan, model specification, and tables without another place."""
    plan = source.context.plan
    names = list(plan.analysis.additional)
    rest = tuple(table for table in source.tables if table.category not in PLACED)
    shown: tuple[NumberedBlock, ...] = (
        *source.tables_of("further analyses", "models"),
        *source.figures_of("models"),
        *rest,
    )
    parts: list[Inline] = []
    if names:
        said = [
            source.material.analysis(name)
            + ("" if plan.analysis.additional[name].prespecified else " (not prespecified)")
            for name in names
        ]
        parts.append(line(f"Beside the planned analysis of each outcome, the plan asked for: {'; '.join(said)}."))
    if shown:
        parts.append(line("Results and models are in ", see(*shown), "."))
    lead = (Paragraph(sentences(*parts), "intro"),) if parts else ()
    return (*lead, *shown)


def further_scales(source: Source) -> Section | None:
    """Scales that are described but not analysed."""
    shown = source.tables_of("further scales")
    if not shown:
        return None
    lead = line("Scales that the planned analyses do not cover are described in ", see(*shown), ".")
    return Section("further-scales", "Further Scales", (Paragraph(lead, "intro"), *shown))


def summary_outcomes(source: Source) -> str:
    """Names of the other outcomes."""
    return named(outcome.short for outcome in source.context.covered if outcome.key != source.context.primary)
