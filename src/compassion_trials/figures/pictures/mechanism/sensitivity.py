"""The sensitivity figure: every answer to the primary question with its interval, below each other."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.core.results import Results
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.pictures.mechanism.mechanism import (
    asked_terms,
    level_of,
    sides,
    stem,
    versus,
)
from compassion_trials.figures.pictures.outcomes.forest import ForestEffect, ForestSection, forest

if TYPE_CHECKING:
    from compassion_trials.study.context import Context

LEVELS = {"": "", "conditional mean, jackknife": ", jackknife", "at the tipping point": ""}
"""Levels of sensitivity rows that are answers, and what they add to the name."""

NAMES = {
    "likelihood_without_groups": "Without therapy groups",
    "completers": "Completers only",
    "per_protocol": "Per protocol",
    "statsmodels_lmm": "Random intercept",
    "multiple_imputation": "Multiple imputation",
    "jump_to_reference": "Jump to reference",
    "copy_reference": "Copy reference",
    "copy_increments": "Copy increments",
    "tipping_point": "At the tipping point",
    "locf": "Last value carried forward",
}
"""Sensitivity analyses in the width of a figure's margin."""


def drawn(context: Context, results: Results) -> Iterator[Drawn]:
    """One figure per outcome with sensitivity analyses."""
    for key in results.distinct("outcome", analysis="sensitivity"):
        outcome = context.outcomes[key]
        sections = _sections(context, results, key)
        if not any(len(section.effects) > 1 for section in sections):
            continue
        terms = asked_terms(context, results, "sensitivity", key)
        level = level_of(context)
        visit = results.distinct("visit", analysis="sensitivity", outcome=key)[0]
        figure = forest(
            sections, f"{outcome.short}, estimate in {outcome.unit} ({level} CI)", *sides(context, outcome, terms)
        )
        note = (
            f"{outcome.label}, {context.plan.design.visit_label(visit)}: estimates with {level} confidence intervals. "
            "The diamond is the primary analysis."
        )
        levels = results.distinct("level", analysis="sensitivity", outcome=key, statistic="se")
        if any("jackknife" in one for one in levels):
            note += (
                " Reference-based imputation appears twice: Rubin’s rules, then conditional means with the jackknife."
            )
        yield Drawn(
            name=f"sensitivity.{stem(key)}",
            title=f"Sensitivity Analyses: {outcome.label}",
            note=note,
            alt=_alt(sections),
            category="sensitivity",
            analyses=("primary", "sensitivity"),
            figure=figure,
        )


def _sections(context: Context, results: Results, key: str) -> list[ForestSection]:
    """Answers by contrast, the planned one first."""
    planned = context.question(key).analysis
    sections = []
    for term in asked_terms(context, results, "sensitivity", key):
        rows = results.rows(analysis="sensitivity", outcome=key, term=term)
        visit, arm = rows["visit"].iloc[0], rows["arm"].iloc[0]
        keys = {"outcome": key, "term": term, "visit": visit, "arm": arm}
        effects = [_effect(results, "Primary analysis" if planned == "primary" else "Planned analysis", planned, keys)]
        for method in sorted(dict.fromkeys(rows["model"]), key=lambda name: name != "likelihood_without_groups"):
            for level, more in LEVELS.items():
                mine = rows[(rows["model"] == method) & (rows["level"] == level)].set_index("statistic")["value"]
                if {"estimate", "lower", "upper"} <= set(mine.index):
                    name = NAMES[method] + more
                    estimate, lower, upper = (float(mine[s]) for s in ("estimate", "lower", "upper"))
                    effects.append(ForestEffect(name, estimate, lower, upper))
        kept = tuple(effect for effect in effects if not isnan(effect.lower + effect.upper))
        sections.append(ForestSection(versus(context, term), kept))
    return sections


def _effect(results: Results, name: str, analysis: str, keys: dict[str, str]) -> ForestEffect:
    """The planned answer."""
    estimate, lower, upper = (results.value(s, analysis=analysis, **keys) for s in ("estimate", "lower", "upper"))
    return ForestEffect(name, estimate, lower, upper, primary=True)


def _alt(sections: list[ForestSection]) -> str:
    """The figure in words."""
    parts = [
        f"{section.heading}: "
        + "; ".join(f"{e.outcome} {fixed(e.estimate)} {interval(e.lower, e.upper)}" for e in section.effects)
        + "."
        for section in sections
    ]
    return "Estimates of all sensitivity analyses beside the primary one. " + " ".join(parts)
