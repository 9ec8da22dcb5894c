"""Figures of reliable and clinically significant change, from result rows and, where the plan allows, single scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from compassion_trials.core.errors import ModelError
from compassion_trials.core.numbers import fixed
from compassion_trials.core.results import Results
from compassion_trials.figures.parts.theme import arm_styles
from compassion_trials.figures.pictures.outcomes.cdf_change import CumulativeCurve, cumulative_change
from compassion_trials.figures.pictures.outcomes.jacobson import Scatter, jacobson_plot
from compassion_trials.figures.pictures.outcomes.responders import Bar, BarGroup, stacked_bars

if TYPE_CHECKING:
    from compassion_trials.effects.outcomes.clinical import Judged
    from compassion_trials.study.context import Context
    from compassion_trials.trial.trial import Trial

LEVELS = ("recovered", "improved", "unchanged", "deteriorated")
PER_FIGURE = 24
"""Bars on one figure; beyond it only the visit of interest is drawn."""


def clinical_figures(context: Context, results: Results) -> Iterator[dict[str, Any]]:
    """Fields of `catalogue.Drawn` for each figure of change.

    Yields
    ------
    dict
        Stacked bars of all outcomes; per outcome a Jacobson plot and the cumulative distribution of improvement, unless
        single participants are not to be shown.
    """
    rules = context.plan.analysis.change
    if not rules or not len(results.rows(analysis="change")):
        return
    yield from _bars(context, results)
    if not context.shows_people:
        return
    from compassion_trials.effects.outcomes.clinical import judge
    from compassion_trials.trial.trial import read_trial

    trial = read_trial(context)
    shown = {outcome.key for outcome in context.covered}
    for key, rule in rules.items():
        if key not in shown:
            continue  # a copy of an outcome that has its own figures
        try:
            judged = judge(trial, key, rule, results.table)
        except ModelError:
            continue  # the effects stage has told why
        visit = context.question(key).among(context.plan.design, tuple(judged.after))
        if not visit:
            continue
        yield from _jacobson(context, trial, judged, visit)
        yield from _cumulative(context, trial, judged, visit)


def _bars(context: Context, results: Results) -> Iterator[dict[str, Any]]:
    """Shares in each category, all outcomes of the plan."""
    design = context.plan.design
    shown = context.covered
    several: list[tuple[BarGroup, bool]] = []
    for key in context.plan.analysis.change:
        outcome = context.outcomes[key]
        if outcome not in shown:
            continue
        judged = results.distinct("visit", analysis="change", outcome=key, term="reliable_change")
        interest = context.question(key).among(design, judged)
        for visit in outcome.visits:
            bars = [bar for arm in design.arms if (bar := _bar(context, results, key, arm, visit))]
            if bars:
                heading = f"{outcome.label}, {design.visit_label(visit)}"
                several.append((BarGroup(heading, tuple(bars)), visit == interest))
    few = sum(len(block.bars) for block, _ in several) <= PER_FIGURE
    chosen = [block for block, asked in several if asked or few]
    if not chosen:
        return
    levels = [level for level in LEVELS if len(results.rows(analysis="change", level=level))]
    index = [LEVELS.index(level) for level in levels]
    blocks = [BarGroup(block.heading, tuple(_only(bar, index) for bar in block.bars)) for block in chosen]
    note = (
        "Percentages of participants with both scores, by the reliable change index"
        + ("; recovered: reliably improved and beyond the cut-off" if "recovered" in levels else "")
        + ". A segment too small for its percentage shows the number of participants, a smaller one nothing."
        + ("" if few else " Other visits are in the table.")
    )
    yield {
        "name": "change",
        "title": "Reliable and Clinically Significant Change" + (" by Arm" if len(design.arms) > 1 else ""),
        "note": note,
        "alt": _bars_alt(blocks, levels),
        "category": "change",
        "analyses": ("change",),
        "figure": stacked_bars(blocks, levels),
    }


def _only(bar: Bar, index: list[int]) -> Bar:
    """A bar with the categories that occur."""
    return Bar(bar.label, bar.n, tuple(bar.counts[i] for i in index))


def _bar(context: Context, results: Results, outcome: str, arm: str, visit: str) -> Bar | None:
    """One arm at one visit; None without scores."""
    keys = {"analysis": "change", "outcome": outcome, "arm": arm, "visit": visit, "term": "reliable_change"}
    counts = [results.value("n", **keys, level=level) for level in LEVELS]
    known = [round(k) if k == k else 0 for k in counts]
    return Bar(context.plan.design.arms[arm], sum(known), tuple(known)) if sum(known) else None


def _bars_alt(blocks: list[BarGroup], levels: list[str]) -> str:
    parts = []
    for block in blocks:
        shown = []
        for bar in block.bars:
            counts = ", ".join(f"{k} {level}" for k, level in zip(bar.counts, levels, strict=True))
            shown.append(f"{bar.label}: {counts} of {bar.n}")
        parts.append(f"{block.heading}: {'; '.join(shown)}.")
    return "Stacked bars of change. " + " ".join(parts)


def _jacobson(context: Context, trial: Trial, judged: Judged, visit: str) -> Iterator[dict[str, Any]]:
    """Before against after, a panel per arm."""
    design, outcome = context.plan.design, judged.outcome
    category, after = judged.category[visit], judged.after[visit]
    arms = []
    for arm, label in design.arms.items():
        here = judged.inside & trial.in_arm(arm) & (category != "")
        if here.any():
            arms.append(Scatter(label, judged.before[here], after[here], tuple(category[here].tolist())))
    if not arms:
        return
    first, later = design.visit_label(design.baseline), design.visit_label(visit)
    good = "above" if outcome.better == "higher" else "below"
    note = (
        f"Each point is a participant. In the grey band the change is not reliable (less than "
        f"{judged.index.criterion:.3g} "
        f"{outcome.unit}); {good} it is improvement."
        + (f" Dashed lines: cut-off {judged.cut:.3g}." if judged.cut is not None else "")
        + " Points are moved apart slightly."
    )
    counts = "; ".join(
        f"{arm.label}: " + ", ".join(f"{n} {level}" for level in LEVELS if (n := arm.category.count(level)))
        for arm in arms
    )
    figure = jacobson_plot(arms, outcome.short, (first, later), judged.index.criterion, judged.cut, outcome.better)
    yield {
        "name": f"jacobson.{outcome.key.replace('.', '_')}",
        "title": f"{outcome.label}: {first} Against {later} by Participant",
        "note": note,
        "alt": f"Scatter of {outcome.label}, {first} against {later}. {counts}.",
        "category": "change",
        "analyses": ("change",),
        "figure": figure,
    }


def _cumulative(context: Context, trial: Trial, judged: Judged, visit: str) -> Iterator[dict[str, Any]]:
    """Share improved by at least so much, by arm."""
    from compassion_trials.effects.outcomes.change import improvement

    design, outcome = context.plan.design, judged.outcome
    gain = improvement(judged.before, judged.after[visit], outcome.better)
    styles = arm_styles(tuple(design.arms), design.control)
    curves = []
    for arm, label in design.arms.items():
        here = judged.inside & trial.in_arm(arm) & ~np.isnan(gain)
        if here.any():
            curves.append(CumulativeCurve(label, styles[arm], gain[here]))
    if not curves:
        return
    lines = [(judged.index.criterion, "reliable"), (-judged.index.criterion, "reliably worse")]
    lines += [(judged.rule.mid, "important")] if judged.rule.mid else []
    later = design.visit_label(visit)
    medians = "; ".join(f"{c.label} median {fixed(float(np.median(c.improvement)))}" for c in curves)
    yield {
        "name": f"cdf_change.{outcome.key.replace('.', '_')}",
        "title": f"Improvement in {outcome.label} From {design.visit_label(design.baseline)} to {later}",
        "note": "Share of participants with both scores who improved by at least the amount on the axis; to the right "
        "of zero is improvement. Dashed lines mark reliable change"
        + (" and the minimal important difference." if judged.rule.mid else "."),
        "alt": f"Falling step lines of improvement by arm: {medians}.",
        "category": "change",
        "analyses": ("change",),
        "figure": cumulative_change(curves, f"Improvement in {outcome.short} ({outcome.unit})", lines),
    }
