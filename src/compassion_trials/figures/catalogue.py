"""Which figures a study gets, in order, each with its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from compassion_trials.core.results import Results
from compassion_trials.figures.parts import from_results, words
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.parts.panel import Panel
from compassion_trials.figures.pictures.mechanism import (
    mediation,
    moderation,
    sensitivity,
    subgroups,
    tipping,
)
from compassion_trials.figures.pictures.outcomes import checks
from compassion_trials.figures.pictures.outcomes.clinical import clinical_figures
from compassion_trials.figures.pictures.outcomes.forest import forest
from compassion_trials.figures.pictures.outcomes.trajectory import trajectories, trajectory
from compassion_trials.figures.pictures.people import individuals
from compassion_trials.figures.pictures.people.flow import flow_diagram
from compassion_trials.figures.pictures.people.missing import missing_map

if TYPE_CHECKING:
    from compassion_trials.study.context import Context
    from compassion_trials.study.outcomes import Outcome

PER_PAGE: Final = 6
"""Small panels on one figure."""


def draw_all(context: Context, results: Results) -> Iterator[Drawn]:
    """Draw the figures of a study one after the other, in the order of the report."""
    yield from _flow(context, results)
    yield from checks.balance(context, results)
    yield from _trajectories(context, results)
    yield from individuals.drawn(context, results)
    yield from _forest(context, results)
    for part in (sensitivity, tipping, mediation, moderation, subgroups):
        yield from part.drawn(context, results)
    yield from (Drawn(**fields) for fields in clinical_figures(context, results))
    for check in (checks.residuals, checks.correlations):
        yield from check(context, results)
    yield from _missing(context, results)
    yield from checks.patterns(context, results)


def _flow(context: Context, results: Results) -> Iterator[Drawn]:
    """The flow diagram."""
    if not len(results.rows(analysis="flow")):
        return
    flow = from_results.flow(context, results)
    note = "Assessed: at least one answer at the visit. A participant may miss one visit and come to a later one."
    yield Drawn(
        name="flow",
        title="Flow of Participants",
        note=note,
        alt=words.flow_alt(flow),
        category="flow",
        analyses=("flow",),
        figure=flow_diagram(flow),
    )


def _trajectories(context: Context, results: Results) -> Iterator[Drawn]:
    """The primary outcome alone, all others in small panels."""
    level = f"{100 * (1 - context.plan.analysis.alpha):g}%"
    others: list[tuple[Outcome, Panel]] = []
    for outcome in context.covered:
        alone = outcome.key == context.primary
        panel = from_results.panel(context, results, outcome, short=not alone)
        if panel is None:
            continue
        if not alone:
            others.append((outcome, panel))
            continue
        title = f"{outcome.label} Over Time"
        note, alt = words.trajectory_note([panel], level), words.trajectory_alt(panel, level)
        name = f"trajectory.{outcome.key.replace('.', '_')}"
        yield Drawn(
            name=name,
            title=title,
            note=note,
            alt=alt,
            category="trajectory",
            analyses=("primary", "observed"),
            figure=trajectory(panel),
        )
    pages = [others[i : i + PER_PAGE] for i in range(0, len(others), PER_PAGE)]
    for number, page in enumerate(pages, start=1):
        panels = [panel for _, panel in page]
        part = f" (Part {number} of {len(pages)})" if len(pages) > 1 else ""
        note = words.trajectory_note(panels, level)
        alt = " ".join(words.trajectory_alt(panel, level) for panel in panels)
        name = "trajectory.others" + (f"_{number}" if len(pages) > 1 else "")
        yield Drawn(
            name=name,
            title=f"Other Outcomes Over Time{part}",
            note=note,
            alt=alt,
            category="trajectory",
            analyses=("secondary", "observed"),
            figure=trajectories(panels),
        )


def _forest(context: Context, results: Results) -> Iterator[Drawn]:
    """Standardized effects over outcomes."""
    sections, name = from_results.sections(context, results)
    if not sections or name is None:
        return
    design = context.plan.design
    level = f"{100 * (1 - context.plan.analysis.alpha):g}%"
    left, right = "worse", "better"
    if design.type != "single_arm":
        left = f"better in {design.arms[design.control]}" if design.control else "worse"
        treated = {pair[0] for outcome in context.covered for pair in context.question(outcome.key).asked}
        right = f"better in {design.arms[next(iter(treated))]}" if len(treated) == 1 else "better in the other arm"
    size = words.EFFECT_NAMES[name]
    note = (
        f"{size} with {level} confidence interval, turned so that values to the right of zero mean benefit. "
        "The diamond marks the primary outcome."
    )
    if name != "model_g" and design.clusters:
        note += " Intervals take people as independent, also those who met in groups."
    figure = forest(sections, f"{size} ({level} CI)", left, right)
    yield Drawn(
        name="forest",
        title="Standardized Effects by Outcome",
        note=note,
        alt=words.forest_alt(sections),
        category="effects",
        analyses=("primary", "secondary"),
        figure=figure,
    )


def _missing(context: Context, results: Results) -> Iterator[Drawn]:
    """Share missing by outcome, arm and visit."""
    rows = from_results.missing_rows(context, results)
    if not any(share > 0 for row in rows for arm in row.percent for share in arm):
        return  # nothing is missing: the table says so
    design = context.plan.design
    arms, visits = list(design.arms.values()), [design.visit_label(visit) for visit in design.visits]
    note = (
        "Percentage of allocated participants without a score at the visit; darker cells miss more; a dash means not "
        "planned."
    )
    alt = words.missing_alt(rows, arms, visits)
    yield Drawn(
        name="missing",
        title="Missing Scores by Arm and Visit",
        note=note,
        alt=alt,
        category="missing",
        analyses=("missing",),
        figure=missing_map(rows, arms, visits),
    )
