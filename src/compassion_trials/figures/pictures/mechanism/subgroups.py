"""The subgroup forest: differences between arms by level of every moderator, with the interaction tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import MINUS, fixed, interval, p_phrase
from compassion_trials.core.results import Results
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.pictures.mechanism.mechanism import (
    asked_terms,
    by_statistic,
    level_of,
    moderator_name,
    sides,
    stem,
    versus,
)
from compassion_trials.figures.pictures.outcomes.forest import ForestEffect, ForestSection, forest

if TYPE_CHECKING:
    from compassion_trials.study.context import Context


def drawn(context: Context, results: Results) -> Iterator[Drawn]:
    """One figure per outcome and contrast of interest."""
    for key in results.distinct("outcome", analysis="moderation"):
        terms = asked_terms(context, results, "moderation", key)
        for term in terms:
            sections = _sections(context, results, key, term)
            if len(sections) < 2 and not any("n = " in e.outcome for s in sections for e in s.effects):
                continue  # a single numeric moderator has its own figure
            outcome, level = context.outcomes[key], level_of(context)
            axis = f"{outcome.short}, difference in {outcome.unit} ({level} CI)"
            at = " or ".join(
                context.plan.design.visit_label(visit)
                for visit in results.distinct("visit", analysis="moderation", outcome=key, term=term)
            )
            figure = forest(sections, axis, *sides(context, outcome, [term]))
            note = (
                f"{outcome.label} at {at}, {versus(context, term)}: differences with {level} confidence intervals by "
                "level of each moderator; numeric moderators at their mean and one standard deviation below and above. "
                "Judge a moderator by the interaction, not by which interval holds zero."
            )
            more = f", {versus(context, term)}" if len(terms) > 1 else ""
            yield Drawn(
                name=f"subgroups.{stem(key, term.partition(': ')[2] if len(terms) > 1 else '')}",
                title=f"Differences by Level of Moderators: {outcome.label}{more}",
                note=note,
                alt=_alt(sections),
                category="moderation",
                analyses=("moderation",),
                figure=figure,
            )


def _sections(context: Context, results: Results, key: str, term: str) -> list[ForestSection]:
    """One section per moderator."""
    sections = []
    for moderator in results.distinct("model", analysis="moderation", outcome=key):
        rows = results.rows(analysis="moderation", model=moderator, outcome=key)
        test = by_statistic(rows[(rows["term"] == "interaction") & (rows["visit"] != "")])
        effects = []
        for level, mine in rows[rows["term"] == term].groupby("level", sort=False):
            value = by_statistic(mine)
            label = str(level).replace(" - ", f" {MINUS} ")
            label = label[:1].upper() + label[1:]
            if "at" in value:
                label += f" ({fixed(value['at'], 1)})"
            else:
                label += f" (n = {int(mine['n'].iloc[0])})"
            effects.append(ForestEffect(label, value["estimate"], value["lower"], value["upper"]))
        if effects:
            heading = f"{moderator_name(context, moderator)}: interaction p {p_phrase(test['p'])}"
            sections.append(ForestSection(heading, tuple(effects)))
    return sections


def _alt(sections: list[ForestSection]) -> str:
    """The figure in words."""
    parts = [
        f"{section.heading}: "
        + "; ".join(f"{e.outcome} {fixed(e.estimate)} {interval(e.lower, e.upper)}" for e in section.effects)
        + "."
        for section in sections
    ]
    return "Differences between arms by level of each moderator. " + " ".join(parts)
