"""The abstract: four parts, with the numbers filled in; what only the authors can say is marked."""

from __future__ import annotations

from typing import Literal

from compassion_trials.core.numbers import fixed
from compassion_trials.report.cite import cited, row
from compassion_trials.report.model import Block, Inline, Paragraph, Section, line, sentences
from compassion_trials.report.sections.methods import design_sentence
from compassion_trials.report.sections.results import summary_outcomes
from compassion_trials.report.sections.results_text import caution, outcome_text, participants_text
from compassion_trials.report.source import Source
from compassion_trials.study.text import paragraphs
from compassion_trials.tables.text import Run, rich

PROMPT = "[Author text: {}]"
"""How a gap is marked."""


def abstract(source: Source) -> Section:
    """Background, methods, results and conclusions."""
    blocks: tuple[Block, ...] = (
        _part("Background", _background(source)),
        _part("Methods", _methods(source)),
        _part("Results", _results(source), "lead"),
        _part("Conclusions", _conclusions(source)),
    )
    registered = _registration(source)
    return Section("summary", "Abstract", (*blocks, *([_part("Registration", registered)] if registered else [])))


def _part(name: str, content: Inline, style: Literal["plain", "lead"] = "plain") -> Paragraph:
    """A part with its name in bold."""
    return Paragraph(line(Run(f"{name}. ", "bold"), content), style)


def _background(source: Source) -> Inline:
    """The authors' words, or the place for them."""
    said = paragraphs(source.text.get("abstract"))
    return line(cited(" ".join(said), "text:abstract")) if said else prompt("why this study, in two sentences")


def _methods(source: Source) -> Inline:
    """Design, outcomes."""
    parts = [design_sentence(source)]
    if source.context.primary is not None:
        outcome = source.context.outcomes[source.context.primary]
        at = source.words.at(source.context.answer_visit)
        parts.append(line(f"The primary outcome was {outcome.label} at {at}."))
    if others := summary_outcomes(source):
        parts.append(line(f"Further outcomes were {others}."))
    return sentences(*parts)


def _results(source: Source) -> Inline:
    """Participants, the primary result."""
    parts = [participants_text(source.words), _age(source)]
    if source.context.primary is not None:
        parts.append(outcome_text(source.words, source.context.outcomes[source.context.primary]))
    return sentences(*parts)


def _age(source: Source) -> Inline:
    """Mean age of all, where the plan has a variable of that name; else nothing."""
    keys = {"analysis": "baseline", "outcome": "age", "arm": _everyone(source)}
    mean, sd = (source.results.value(name, **keys) for name in ("mean", "sd"))
    if mean != mean or sd != sd:
        return ()
    shown = [cited(fixed(v, 1), row(source.results, name, **keys)) for name, v in (("mean", mean), ("sd", sd))]
    return line(
        "The mean age of all participants was ", shown[0], " years (", rich("*SD*"), "\u00a0=\u00a0", shown[1], ")."
    )


def _everyone(source: Source) -> str:
    """Key under which the whole sample is described: none, or the only arm."""
    arms = tuple(source.context.plan.design.arms)
    return arms[0] if len(arms) == 1 else ""


def _conclusions(source: Source) -> Inline:
    """What the design does not allow, and the place for the authors' words."""
    return sentences(line(caution(source.words)), prompt("what follows, within what the intervals allow"))


def _registration(source: Source) -> Inline:
    """Registry and number."""
    entry = source.context.plan.registration
    return line(cited(f"{entry.registry}, {entry.id}", "plan:registration"), ".") if entry else ()


def prompt(about: str) -> Inline:
    """A gap for the authors."""
    return line(Run(PROMPT.format(about), "italic"))
