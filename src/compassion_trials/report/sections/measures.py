"""Measures: what each questionnaire is, its range and direction, and its reliability in this sample."""

from __future__ import annotations

from typing import Final

from compassion_trials.core.numbers import NBSP, bounded
from compassion_trials.report.cite import cited, level, limits, number
from compassion_trials.report.model import Block, Bullets, Inline, Paragraph, Reference, line, sentences
from compassion_trials.report.sections.references import cited_as
from compassion_trials.report.source import Source
from compassion_trials.report.wording import scale_end
from compassion_trials.study.outcomes import Outcome

ROLES: Final = {
    "primary": "primary",
    "secondary": "secondary",
    "mediator": "mediator",
    "moderator": "moderator",
    "covariate": "covariate",
}

BETTER: Final = {
    "higher": "higher scores are better",
    "lower": "lower scores are better",
    "neither": "neither direction is better",
}


def measures(source: Source) -> tuple[Block, ...]:
    """The primary outcome, then one item per measure."""
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
        origin = f"reference:{measure.instrument}"
        about = f"{instrument.items} items, answers {instrument.response.min} to {instrument.response.max}"
        known = "; ".join(dict.fromkeys(filter(None, map(cited_as, instrument.references))))
        source_of = line(cited(known, origin), "; ") if known else ()
        head = line(f"{name} ({instrument.short}; ", source_of, f"{ROLES[measure.role]}): ", cited(about, origin), ".")
    else:
        head = line(f"{measure.name} ({ROLES[measure.role]}): a total score as stored in the raw file.")
    alone = len(outcomes) == 1
    return sentences(head, *[_scale(source, outcome, alone=alone) for outcome in outcomes])


def _scale(source: Source, outcome: Outcome, *, alone: bool) -> Inline:
    """Range, direction and reliability of one scale; the only one of a measure needs no name."""
    low, high = outcome.range
    subject = "Scores range" if alone else f"{outcome.label} ranges"
    ends = cited(f"{scale_end(low)} to {scale_end(high)}", f"plan:measures.{outcome.measure}")
    return line(f"{subject} from ", ends, f"; {BETTER[outcome.better]}", _reliability(source, outcome), ".")


def _reliability(source: Source, outcome: Outcome) -> Inline:
    """Cronbach's alpha at baseline."""
    visit = source.context.plan.design.baseline
    keys = {"analysis": "reliability", "outcome": outcome.key, "visit": visit}
    alpha = number(source.results, "alpha", bounded, **keys)
    if not alpha.sources or source.results.value("alpha", **keys) != source.results.value("alpha", **keys):
        return ()
    ends = limits(source.results, "alpha_lower", "alpha_upper", bounded, **keys)
    shown = line(", ", level(source.context), f"{NBSP}CI ", ends) if ends.text else ()
    return line(f"; Cronbach’s α at {source.context.plan.design.visit_at(visit)} ", alpha, shown)
