"""Titles, notes and alternative text of the figures, written from the numbers drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from compassion_trials.core.numbers import fixed, interval, percent
from compassion_trials.figures.parts.panel import Panel
from compassion_trials.figures.pictures.outcomes.forest import ForestSection
from compassion_trials.figures.pictures.people.flow import Flow, FlowArm, VisitCount
from compassion_trials.figures.pictures.people.missing import MissingRow

EFFECT_NAMES: Final = {
    "model_g": "Hedges g, model-based",
    "hedges_g": "Hedges g",
    "g_av": "Hedges g over the average SD",
    "d_av": "Cohen d over the average SD",
    "d_z": "Cohen d of the changes",
    "d_ppc2": "Cohen d (pretest-posttest-control)",
}
"""Effect sizes as axis and notes name them."""


def flow_alt(flow: Flow) -> str:
    """The flow diagram in words."""
    parts = ["Flow diagram."]
    if flow.screened is not None:
        parts.append(
            f"{flow.screened} assessed for eligibility" + (f", {flow.excluded} excluded." if flow.excluded else ".")
        )
    parts.append(f"{flow.verb}: {sum(arm.allocated for arm in flow.arms)}.")
    parts += [_arm_alt(arm) for arm in flow.arms]
    return " ".join(parts)


def _arm_alt(arm: FlowArm) -> str:
    """One arm of the flow diagram in words."""
    visits = "; ".join(_visit_alt(visit) for visit in arm.visits)
    end = f"; {arm.analysed} in the primary analysis" if arm.analysed is not None else ""
    return f"{arm.label}: {arm.allocated} allocated; {visits}{end}."


def _visit_alt(visit: VisitCount) -> str:
    """One visit of the flow diagram in words."""
    if visit.assessed is None:
        return f"{visit.label} not planned"
    return f"{visit.label} {visit.assessed} assessed, {visit.missing} not"


def trajectory_alt(panel: Panel, level: str) -> str:
    """The means of a trajectory in words."""
    lines = []
    for arm in panel.arms:
        shown = [
            f"{fixed(mean)} {interval(low, high)} at {visit}"
            for mean, low, high, visit in zip(arm.mean, arm.lower, arm.upper, panel.visits, strict=True)
            if mean == mean
        ]
        lines.append(f"{arm.label}: {', '.join(shown) or 'no data'}.")
    return f"Line chart of {panel.title} over time, means with {level} confidence intervals. " + " ".join(lines)


def trajectory_note(panels: Sequence[Panel], level: str) -> str:
    """What a trajectory figure shows and how to read it."""
    model = [any(arm.observed for arm in panel.arms) for panel in panels]
    means = (
        f"Filled markers are means estimated by the model, bars their {level} confidence intervals; open markers with "
        "dotted lines are observed means."
        if any(model)
        else f"Markers are observed means, bars their {level} confidence intervals."
    )
    if any(model) and not all(model):
        means += " Where there are no open markers, the filled ones are observed means."
    several = len(panels[0].arms) > 1
    dodge = " Arms are moved apart slightly so that bars do not cover each other." if several else ""
    visits = ", ".join(
        f"{name} (week {round(week, 1):g})" for name, week in zip(panels[0].visits, panels[0].weeks, strict=True)
    )
    return (
        f"{means}{dodge} Time runs in weeks since baseline: {visits}. Numbers below the axis are participants with a "
        "score. A strip at the right edge shows in dark which part of the scale the axis covers."
    )


def forest_alt(sections: Sequence[ForestSection]) -> str:
    """The effects of a forest plot in words."""
    parts = [
        f"{section.heading}: "
        + "; ".join(f"{e.outcome} {fixed(e.estimate)} {interval(e.lower, e.upper)}" for e in section.effects)
        + "."
        for section in sections
    ]
    return "Forest plot of standardized effects, positive values mean benefit. " + " ".join(parts)


def missing_alt(rows: Sequence[MissingRow], arms: Sequence[str], visits: Sequence[str]) -> str:
    """The missing shares in words."""
    parts = []
    for row in rows:
        by_arm = [
            f"{arm} "
            + ", ".join(
                f"{visit} {percent(share)}" for visit, share in zip(visits, shares, strict=True) if share == share
            )
            for arm, shares in zip(arms, row.percent, strict=True)
        ]
        parts.append(f"{row.outcome}: {'; '.join(by_arm)}.")
    return "Table of shaded cells with the share of participants without a score. " + " ".join(parts)
