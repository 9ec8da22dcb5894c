"""The Methods section: design, participants and measures from the plan; the rest as the stages left it."""

from __future__ import annotations

from math import isnan
from typing import Final

from compassion_trials.core.numbers import bounded, interval
from compassion_trials.report.model import Block, Bullets, Inline, Link, Paragraph, Reference, Section, line, sentences
from compassion_trials.report.source import Source
from compassion_trials.study.outcomes import Outcome
from compassion_trials.tables.builders.provenance import versions
from compassion_trials.tables.wording import named

KINDS: Final = {
    "randomized": "randomized trial",
    "non_randomized": "non-randomized trial with allocation that was not at random",
    "single_arm": "single-arm study with measurements before and after",
}
"""Designs in words."""

ROLES: Final = {
    "primary": "primary",
    "secondary": "secondary",
    "mediator": "mediator",
    "moderator": "moderator",
    "covariate": "covariate",
}


def methods(source: Source) -> Section:
    """The whole Methods section."""
    parts = (
        Section("design", "Design", _design(source)),
        Section("measures", "Measures", _measures(source)),
        Section("data-preparation", "Data Preparation", _stages(source, "ingest", "score")),
        Section("analysis", "Statistical Analysis", _analysis(source)),
        Section("software", "Software", (Paragraph(software()),)),
    )
    return Section("methods", "Methods", (), tuple(part for part in parts if part.blocks))


def design_sentence(source: Source) -> str:
    """The design in one sentence."""
    design = source.context.plan.design
    kind = KINDS[design.type].replace(
        "non-randomized trial with allocation that was not at random", "non-randomized controlled trial"
    )
    pilot = "pilot " if design.pilot else ""
    visits = named(f"{design.visit_label(key)} (week {round(visit.week, 2):g})" for key, visit in design.visits.items())
    if design.type == "single_arm":
        who = f"All participants received {next(iter(design.arms.values()))}"
    else:
        control = design.arms[design.control] if design.control else ""
        treated = named(design.arms[arm] for arm in design.treated)
        who = f"{treated} {'was' if len(design.treated) == 1 else 'were'} compared with {control}"
    article = "A" if (pilot + kind)[0] not in "aeiou" else "An"
    return f"{article} {pilot}{kind}. {who}. Assessments took place at {visits}."


def _design(source: Source) -> tuple[Block, ...]:
    """Design, clusters, registration, ethics."""
    plan = source.context.plan
    design = plan.design
    parts = [line(design_sentence(source))]
    if design.strata:
        parts.append(
            line(
                f"Randomization was stratified by {named(within(source.material.label(key)) for key in design.strata)}."
            )
        )
    for name, cluster in design.clusters.items():
        arms = named(design.arms[arm] for arm in cluster.arms) if cluster.arms else "all arms"
        label = cluster.label or name
        parts.append(line(f"Participants met in clusters ({within(label)}) in {arms}."))
    if design.control_until is not None and design.control_until != list(design.visits)[-1]:
        until = design.visit_label(design.control_until)
        parts.append(
            line(f"A concurrent control group existed until {until}; later visits are reported without comparison.")
        )
    if plan.registration is not None:
        entry = plan.registration
        date = f", {entry.date.isoformat()}" if entry.date else ""
        parts.append(line(f"The trial was registered at {entry.registry} ({entry.id}{date})."))
        if entry.url:
            parts.append(line(Link(entry.url)))
    if plan.report.ethics:
        parts.append(line(f"Ethics: {_stopped(plan.report.ethics)}"))
    if plan.report.funding:
        parts.append(line(f"Funding: {_stopped(plan.report.funding)}"))
    return (Paragraph(sentences(*parts)),)


def _measures(source: Source) -> tuple[Block, ...]:
    """One item per analysed outcome: what it is, range, direction, reliability at baseline."""
    items = tuple(_measure(source, key) for key in source.context.plan.measures)
    primary = source.context.primary
    lead: tuple[Block, ...] = ()
    if primary is not None:
        label = source.context.outcomes[primary].label
        reliability = Reference("table", "reliability")
        tail = line("; reliability in this sample is in ", reliability) if source.has(reliability) else ()
        lead = (Paragraph(line(f"The primary outcome was {label}", tail, ".")),)
    return (*lead, Bullets(items))


def _measure(source: Source, key: str) -> Inline:
    """One measure in sentences."""
    measure = source.context.plan.measures[key]
    outcomes = [outcome for outcome in source.context.outcomes.values() if outcome.measure == key and outcome.analysed]
    if measure.instrument is not None:
        instrument = source.context.instruments[measure.instrument].with_variant(measure.variant)
        name = measure.name or instrument.name
        about = f"{instrument.items} items, answers {instrument.response.min} to {instrument.response.max}"
        head = f"{name} ({instrument.short}; {ROLES[measure.role]}): {about}."
    else:
        head = f"{measure.name} ({ROLES[measure.role]}): a total score as stored in the raw file."
    alone = len(outcomes) == 1
    return sentences(line(head), *[line(_scale(source, outcome, alone=alone)) for outcome in outcomes])


def _scale(source: Source, outcome: Outcome, *, alone: bool) -> str:
    """Range, direction and reliability of one scale; the only one of a measure needs no name."""
    low, high = outcome.range
    better = {
        "higher": "higher scores are better",
        "lower": "lower scores are better",
        "neither": "neither direction is better",
    }
    known = _reliability(source, outcome)
    subject = "Scores range" if alone else f"{outcome.label} ranges"
    return f"{subject} from {_scale_end(low)} to {_scale_end(high)}; {better[outcome.better]}{known}."


def _reliability(source: Source, outcome: Outcome) -> str:
    """Cronbach's alpha at baseline."""
    visit = source.context.plan.design.baseline
    alpha, low, high = (
        source.results.value(name, analysis="reliability", outcome=outcome.key, visit=visit)
        for name in ("alpha", "alpha_lower", "alpha_upper")
    )
    if isnan(alpha):
        return ""
    level = f"{100 * (1 - source.context.plan.analysis.alpha):.4g}%"
    limits = "" if isnan(low + high) else f", {level} CI {interval(low, high, style=bounded)}"
    return f"; Cronbach’s α at {source.context.plan.design.visit_label(visit)} {bounded(alpha)}{limits}"


def _stages(source: Source, *stages: str) -> tuple[Block, ...]:
    """What stages say about themselves, a paragraph each."""
    paragraphs = []
    for stage in stages:
        found = [line(_stopped(sentence)) for sentence in source.methods(stage)]
        if found:
            paragraphs.append(Paragraph(sentences(*found)))
    return tuple(paragraphs)


def _analysis(source: Source) -> tuple[Block, ...]:
    """Descriptive methods, models, effect sizes, and the error level."""
    alpha = source.context.plan.analysis.alpha
    level = f"{100 * (1 - alpha):.4g}%"
    end = line(f"Tests are two-sided at a level of {bounded(alpha)}; intervals cover {level}.")
    late = [name for name, part in source.context.plan.analysis.additional.items() if not part.prespecified]
    post_hoc = line(f"Not prespecified: {named(source.material.analysis(name) for name in late)}.") if late else ()
    fit = [Paragraph(sentences(*[line(text) for text in group])) for group in _by_analysis(source)]
    return (*_stages(source, "describe"), *fit, *_stages(source, "effects"), Paragraph(sentences(end, post_hoc)))


def _by_analysis(source: Source) -> list[list[str]]:
    """Sentences of the fit stage, a group per analysis: each begins with the name of the analysis and a colon."""
    names = (
        "Primary analysis",
        "Secondary outcomes",
        *[source.material.analysis(name) for name in source.context.plan.analysis.additional],
    )
    groups: list[list[str]] = []
    for sentence in source.methods("fit"):
        if not groups or sentence.startswith(tuple(f"{name}:" for name in names)):
            groups.append([])
        groups[-1].append(_stopped(sentence))
    return groups


def software() -> Inline:
    """Programs with versions, as one sentence."""
    import platform

    found = versions()
    others = named(f"{name} {version}" for name, version in found.items() if name != "compassion-trials")
    return line(
        f"Everything was computed by compassion-trials {found['compassion-trials']} under Python "
        f"{platform.python_version()}, with {others}."
    )


def references(source: Source) -> Section | None:
    """Citations of the questionnaires used, alphabetical."""
    plan = source.context.plan
    used = {measure.instrument for measure in plan.measures.values() if measure.instrument}
    entries = {}
    for name in sorted(used):
        instrument = source.context.instruments[name]
        address = f"https://doi.org/{instrument.doi}" if instrument.doi else ""
        entries[_stopped(instrument.citation)] = address
    if plan.report.citation:
        entries[_stopped(plan.report.citation)] = ""
    if not entries:
        return None
    items = tuple(
        line(text, " ", Link(address)) if address and address not in text else line(text)
        for text, address in sorted(entries.items())
    )
    return Section("references", "References", (Bullets(items),))


def _scale_end(value: float) -> str:
    """An end of a scale, without needless decimals."""
    return f"{value:g}".replace("-", "\u2212")


def within(label: str) -> str:
    """A label inside a sentence: its capital letter goes, unless it begins an acronym."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _stopped(sentence: str) -> str:
    """A sentence that ends in a full stop."""
    sentence = sentence.strip()
    return sentence if sentence.endswith((".", "!", "?", ":")) else f"{sentence}."
