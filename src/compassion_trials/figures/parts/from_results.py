"""From result rows to what the figures draw: records of arms, visits and numbers with the plan's labels."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan
from typing import TYPE_CHECKING

from compassion_trials.core.results import Results, arms_of
from compassion_trials.figures.parts.panel import ArmLine, Panel
from compassion_trials.figures.parts.theme import arm_styles
from compassion_trials.figures.pictures.outcomes.forest import ForestEffect, ForestSection
from compassion_trials.figures.pictures.people.flow import Flow, FlowArm, Reasons, VisitCount
from compassion_trials.figures.pictures.people.missing import MissingRow

if TYPE_CHECKING:
    from compassion_trials.study.context import Context
    from compassion_trials.study.outcomes import Outcome

VERBS = {"randomized": "Randomized", "non_randomized": "Allocated", "single_arm": "Enrolled"}
"""How participants came into their arms, in one word."""


def flow(context: Context, results: Results) -> Flow:
    """Counts of the flow diagram."""
    design, screening = context.plan.design, context.plan.screening
    screened = _count(results.value("n", analysis="flow", term="screened"))
    excluded = _count(results.value("n", analysis="flow", term="excluded"))
    reasons = _reasons(results, "excluded", "", "")
    if screening is not None:
        screened = screened if screened is not None else screening.screened
        reasons = reasons or tuple(screening.excluded.items())
    arms = tuple(_flow_arm(context, results, arm) for arm in design.arms)
    if excluded is None and screened is not None:
        excluded = screened - sum(arm.allocated for arm in arms)
    return Flow(
        verb=VERBS[design.type],
        screened=screened,
        excluded=excluded,
        reasons=reasons,
        arms=arms,
        analysed_label="In the primary analysis",
    )


def _flow_arm(context: Context, results: Results, arm: str) -> FlowArm:
    """Counts of one arm."""
    design = context.plan.design
    visits = []
    for visit in design.visits:
        assessed = _count(results.value("n", analysis="flow", term="assessed", arm=arm, visit=visit))
        missing = _count(results.value("n", analysis="flow", term="missing", arm=arm, visit=visit))
        reasons = _reasons(results, "missing", arm, visit)
        missing = sum(n for _, n in reasons) if missing is None and reasons else missing
        rest = (missing or 0) - sum(n for _, n in reasons)
        reasons += (("reason not recorded", rest),) if reasons and rest > 0 else ()
        visits.append(VisitCount(design.visit_label(visit), assessed, missing or 0, reasons))
    stopped = _count(results.value("n", analysis="flow", term="stopped", arm=arm)) or 0
    why = _reasons(results, "stopped", arm, "")
    unknown = stopped - sum(n for _, n in why)
    return FlowArm(
        label=design.arms[arm],
        allocated=_count(results.value("n", analysis="flow", term="allocated", arm=arm)) or 0,
        visits=tuple(visits),
        analysed=analysed(context, results, arm),
        withdrawn=_count(results.value("n", analysis="flow", term="withdrawn", arm=arm)),
        stopped=stopped,
        why_stopped=(*why, *((("reason not recorded", unknown),) if unknown else ())),
    )


def analysed(context: Context, results: Results, arm: str) -> int | None:
    """Participants of an arm in the primary analysis, None when no row says so."""
    chosen = results.rows(analysis="flow", term="analysed", arm=arm, statistic="n")
    primary = chosen[chosen["outcome"].isin(["", context.primary or ""])]
    return _count(float(primary["value"].iloc[0])) if len(primary) else None


def _reasons(results: Results, term: str, arm: str, visit: str) -> Reasons:
    """Reasons and counts, most frequent first."""
    chosen = results.rows(analysis="flow", term=term, arm=arm, visit=visit, statistic="n")
    pairs = [
        (str(level), round(value))
        for level, value in zip(chosen["level"], chosen["value"], strict=True)
        if level and value
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _count(value: float) -> int | None:
    """A count, None for NaN."""
    return None if isnan(value) else round(value)


def panel(context: Context, results: Results, outcome: Outcome, *, short: bool = False) -> Panel | None:
    """Trajectory of an outcome: model means where the model covers the baseline, observed means otherwise.

    Returns None when the outcome was observed at fewer than two visits.
    """
    design = context.plan.design
    styles = arm_styles(tuple(design.arms), design.control)
    analysis = context.question(outcome.key).analysis
    visits = [visit for visit in design.visits if visit in outcome.visits and _observed(results, outcome, visit)]
    if len(visits) < 2:
        return None
    model = has_model_means(results, analysis, outcome.key, visits[0])
    lines = []
    for arm, label in design.arms.items():
        keys = {"outcome": outcome.key, "arm": arm}
        observed = _along(results, visits, "mean", analysis="observed", **keys)
        line = ArmLine(
            label=label,
            style=styles[arm],
            mean=observed,
            lower=_along(results, visits, "lower", analysis="observed", **keys),
            upper=_along(results, visits, "upper", analysis="observed", **keys),
            n=_along(results, visits, "n", analysis="observed", **keys),
        )
        if model:
            mean, low, high = (
                _along(results, visits, name, analysis=analysis, term="mean", **keys)
                for name in ("estimate", "lower", "upper")
            )
            line = replace(line, mean=mean, lower=low, upper=high, observed=observed)
        lines.append(line)
    title = name_of(outcome) if short else outcome.label
    weeks = tuple(design.visits[visit].week for visit in visits)
    labels = tuple(design.visit_label(visit) for visit in visits)
    return Panel(
        title=title,
        unit=outcome.unit,
        scale=outcome.range,
        better=outcome.better,
        weeks=weeks,
        visits=labels,
        arms=tuple(lines),
    )


def has_model_means(results: Results, analysis: str, outcome: str, baseline: str) -> bool:
    """Whether the planned model gives means that begin at the baseline (an ANCOVA's do not)."""
    return len(results.rows(analysis=analysis, outcome=outcome, term="mean", visit=baseline, statistic="estimate")) > 0


def _observed(results: Results, outcome: Outcome, visit: str) -> bool:
    """Whether any arm has observed scores at a visit."""
    return len(results.rows(analysis="observed", outcome=outcome.key, visit=visit, statistic="mean")) > 0


def _along(results: Results, visits: list[str], statistic: str, **keys: str) -> tuple[float, ...]:
    """One statistic over visits."""
    return tuple(results.value(statistic, visit=visit, **keys) for visit in visits)


def sections(context: Context, results: Results) -> tuple[list[ForestSection], str | None]:
    """Standardized effects of all analysed outcomes at the contrast visit, by comparison, and which effect size."""
    found: dict[tuple[str, str], list[ForestEffect]] = {}
    names: list[str] = []
    for outcome in context.analysed:
        question = context.question(outcome.key)
        if not question.planned or outcome.better == "neither":
            continue
        visit, arm = question.visit, "" if question.asked else question.arms[0]
        keys = {"analysis": question.analysis, "outcome": outcome.key, "visit": visit}
        for term in question.terms:
            name = results.effect_size(**keys, term=term)
            if name is None:
                continue
            effect = _effect(results, outcome, name, {**keys, "term": term, "arm": arm}, outcome.key == context.primary)
            if not isnan(effect.lower + effect.upper):
                names.append(name)
                found.setdefault((term, visit), []).append(effect)
    parts = [ForestSection(_heading(context, *key), tuple(effects)) for key, effects in found.items()]
    return parts, names[0] if names else None


def _effect(results: Results, outcome: Outcome, name: str, keys: dict[str, str], primary: bool) -> ForestEffect:
    """One effect, turned so that positive means benefit."""
    if not len(results.rows(**keys, statistic=name)):
        keys = {**keys, "arm": ""}
    estimate, lower, upper = (results.value(f"{name}{end}", **keys) for end in ("", "_lower", "_upper"))
    if outcome.better == "lower":
        estimate, lower, upper = -estimate, -upper, -lower
    return ForestEffect(name_of(outcome), estimate, lower, upper, primary)


def name_of(outcome: Outcome) -> str:
    """Name of an outcome as the tables print it, its short name where that would fill more than two lines."""
    return outcome.short if len(outcome.label) > 60 else outcome.label


def _heading(context: Context, term: str, visit: str) -> str:
    """A comparison in words."""
    design = context.plan.design
    arms = arms_of(term)
    if arms is None:
        return f"Change from {design.visit_label(design.baseline)} to {design.visit_label(visit)}"
    treated, compared = (design.arms.get(arm, arm) for arm in arms)
    return f"{treated} versus {compared}, {design.visit_label(visit)}"


def missing_rows(context: Context, results: Results) -> list[MissingRow]:
    """Share missing per outcome; scales of one measure that miss the same are one row."""
    design = context.plan.design
    shares: dict[tuple[str, tuple[tuple[float, ...], ...]], list[Outcome]] = {}
    for outcome in context.covered:
        percent = tuple(
            tuple(
                results.value("percent", analysis="missing", outcome=outcome.key, arm=arm, visit=visit)
                for visit in design.visits
            )
            for arm in design.arms
        )
        if not all(isnan(value) for row in percent for value in row):
            known = tuple(tuple(-1.0 if isnan(value) else value for value in row) for row in percent)
            shares.setdefault((outcome.measure, known), []).append(outcome)
    rows = []
    for (_, known), members in shares.items():
        name = (
            name_of(members[0])
            if len(members) == 1
            else f"{name_of(members[0])} and {len(members) - 1} more scale{'s' * (len(members) > 2)}"
        )
        rows.append(MissingRow(name, tuple(tuple(nan if value < 0 else value for value in row) for row in known)))
    return rows
