"""The Methods section: design, participants and measures from the plan; the rest as the stages left it."""

from __future__ import annotations

from typing import Final

from compassion_trials.core.numbers import bounded
from compassion_trials.report.cite import cited, level
from compassion_trials.report.model import Block, Inline, Link, Paragraph, Section, line, sentences
from compassion_trials.report.sections.authored import authored
from compassion_trials.report.sections.measures import measures
from compassion_trials.report.sections.references import sources_of_methods
from compassion_trials.report.source import Source
from compassion_trials.report.wording import told, within
from compassion_trials.tables.builders.people.provenance import versions
from compassion_trials.tables.wording import named

KINDS: Final = {
    "randomized": "randomized trial",
    "non_randomized": "non-randomized trial with allocation that was not at random",
    "single_arm": "single-arm study with measurements before and after",
}
"""Designs in words."""


OPENINGS: Final = (
    "Factor models",
    "Measurement invariance",
    "Change of single participants",
    "Family",
    "Equivalence",
    "Non-inferiority",
    "Intraclass",
    "Shares of",
    "Power",
    "Mediation",
    "Moderation",
    "Sensitivity analyses",
    "Values were imputed",
)
"""Beginnings of sentences of a stage that open a paragraph."""


def methods(source: Source) -> Section:
    """The whole Methods section."""
    parts = (
        Section("design", "Design", _design(source)),
        Section("participants-methods", "Participants and Procedure", authored(source, "participants-methods")),
        Section("interventions", "Interventions", authored(source, "interventions")),
        Section("allocation", "Allocation and Masking", authored(source, "allocation")),
        Section("measures", "Measures", (*measures(source), *authored(source, "measures"))),
        Section("harms-methods", "Assessment of Harms", authored(source, "harms-methods")),
        Section("sample-size", "Sample Size", authored(source, "sample-size")),
        Section("data-preparation", "Data Preparation", _stages(source, "ingest", "score")),
        Section("analysis", "Statistical Analysis", _analysis(source)),
        Section("software", "Software", (Paragraph(software()),)),
    )
    return Section("methods", "Methods", (), tuple(part for part in parts if part.blocks))


def design_sentence(source: Source) -> Inline:
    """The design in two sentences."""
    design = source.context.plan.design
    kind = KINDS[design.type].replace(
        "non-randomized trial with allocation that was not at random", "non-randomized controlled trial"
    )
    pilot = "pilot " if design.pilot else ""
    if design.type == "single_arm":
        who = f"all participants received {next(iter(design.arms.values()))}"
    else:
        control = design.arms[design.control] if design.control else ""
        treated = named(design.arms[arm] for arm in design.treated)
        who = f"{treated} {'was' if len(design.treated) == 1 else 'were'} compared with {control}"
    article = "a" if (pilot + kind)[0] not in "aeiou" else "an"
    return line(f"In {article} {pilot}{kind}, {who}. Assessments took place at ", *_visits(source), ".")


def _visits(source: Source) -> Inline:
    """Visits with their weeks: "Baseline (week 0) and Post-treatment (week 8)"."""
    design = source.context.plan.design
    parts: list[Inline] = []
    for i, (key, visit) in enumerate(design.visits.items()):
        last, several = i == len(design.visits) - 1, len(design.visits) > 2
        joint = "" if i == 0 else ((", and " if several else " and ") if last else ", ")
        week = cited(f"{round(visit.week, 2):g}", f"plan:design.visits.{key}.week")
        parts.append(line(f"{joint}{design.visit_label(key)} (week ", week, ")"))
    return line(*parts)


def _design(source: Source) -> tuple[Block, ...]:
    """Design, clusters, registration."""
    plan = source.context.plan
    design = plan.design
    parts = [design_sentence(source)]
    if design.strata:
        strata = named(within(source.material.label(key)) for key in design.strata)
        parts.append(line(f"Randomization was stratified by {strata}."))
    for name, cluster in design.clusters.items():
        arms = named(design.arms[arm] for arm in cluster.arms) if cluster.arms else "all arms"
        parts.append(line(f"Participants met in clusters ({within(cluster.label or name)}) in {arms}."))
    if design.control_until is not None and design.control_until != list(design.visits)[-1]:
        until = design.visit_label(design.control_until)
        parts.append(
            line(f"A concurrent control group existed until {until}; later visits are reported without comparison.")
        )
    if plan.registration is not None:
        entry = plan.registration
        date = f", {entry.date.isoformat()}" if entry.date else ""
        where = cited(f"{entry.registry} ({entry.id}{date})", "plan:registration")
        parts.append(line("The trial was registered at ", where, "."))
        if entry.url:
            parts.append(line(Link(entry.url)))
    return (Paragraph(sentences(*parts)),)


def _stages(source: Source, *stages: str) -> tuple[Block, ...]:
    """What stages say about themselves, a paragraph each."""
    paragraphs = []
    for stage in stages:
        paragraphs += [
            Paragraph(sentences(*[told(sentence, f"record:{stage}") for sentence in group]))
            for group in by_topic(source.methods(stage))
        ]
    return tuple(paragraphs)


def by_topic(said: tuple[str, ...]) -> list[list[str]]:
    """Sentences in groups: a new one begins where a sentence opens a new topic."""
    groups: list[list[str]] = []
    last = ""
    for sentence in said:
        opening = next((words for words in OPENINGS if sentence.startswith(words)), "")
        if not groups or (opening and opening != last):
            groups.append([])
        last = opening or last
        groups[-1].append(sentence)
    return groups


def _analysis(source: Source) -> tuple[Block, ...]:
    """Descriptive methods, models, effect sizes, the error level, and sources."""
    alpha = cited(bounded(source.context.plan.analysis.alpha), "plan:analysis.alpha")
    end = line("Tests are two-sided at a level of ", alpha, "; intervals cover ", level(source.context), ".")
    late = [name for name, part in source.context.plan.analysis.additional.items() if not part.prespecified]
    post_hoc = line(f"Not prespecified: {named(source.material.analysis(name) for name in late)}.") if late else ()
    fit = [Paragraph(sentences(*group)) for group in _by_analysis(source)]
    last = Paragraph(sentences(end, post_hoc, sources_of_methods(source)))
    return (*_stages(source, "describe"), *fit, *_stages(source, "effects"), last)


def _by_analysis(source: Source) -> list[list[Inline]]:
    """Sentences of the fit stage, a group per analysis: each begins with the name of the analysis and a colon."""
    names = (
        "Primary analysis",
        "Secondary outcomes",
        *[source.material.analysis(name) for name in source.context.plan.analysis.additional],
    )
    groups: list[list[Inline]] = []
    for sentence in source.methods("fit"):
        if not groups or sentence.startswith(tuple(f"{name}:" for name in names)):
            groups.append([])
        opening = "The analysis " if sentence[:1].isdigit() else ""  # no sentence begins with a digit
        groups[-1].append(told(f"{opening}{sentence}", "record:fit"))
    return groups


def software() -> Inline:
    """Programs with versions, as one sentence."""
    import platform

    found = versions()
    own = cited(found["compassion-trials"], "software:compassion-trials")
    parts: list[Inline] = []
    others = [name for name in found if name != "compassion-trials"]
    for i, name in enumerate(others):
        joint = "" if i == 0 else (", and " if i == len(others) - 1 else ", ")
        parts.append(line(f"{joint}{name} ", cited(found[name], f"software:{name}")))
    python = cited(platform.python_version(), "software:python")
    return line("Everything was computed by compassion-trials ", own, " under Python ", python, ", with ", *parts, ".")
