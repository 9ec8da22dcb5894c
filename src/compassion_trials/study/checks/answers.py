"""Checks that every question of a plan has an answer: a visit, a comparison and an analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from compassion_trials.study.checks.problem import Problem
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.analysis import Analysis
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.question import (
    PLANNED,
    PRIMARY,
    Pair,
    Question,
    analyses,
    comparable,
    in_analysis,
    question,
)


def answer_problems(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Outcomes without a visit, a comparison or an analysis that answers, and visits that the plan names in vain.

    Parameters
    ----------
    plan : StudyPlan
        All its names must exist.
    known : mapping of str to Outcome
        All outcomes of the plan by key.
    """
    given = plan.analysis
    named: dict[str, Analysis | None] = {"primary": given.primary, "secondary": given.secondary}
    named |= {f"additional.{name}": spec for name, spec in given.additional.items()}
    for name, spec in named.items():
        if spec is not None:
            yield from _contrast(f"analysis.{name}.contrast", spec, plan)
    yield from _unanswered(plan, known)
    yield from _primary_visit(plan, known)
    for name, family in given.families.items():
        for outcome in family.outcomes:
            key = f"analysis.families.{name}"
            yield from _part(key, "outcomes", outcome, family.visit, family.between, plan, known)
    for position, margin in enumerate(given.margins):
        between = margin.between or _two(plan.design.treated)
        yield from _part(f"analysis.margins.{position}", "outcome", margin.outcome, margin.visit, between, plan, known)
    for position, moderation in enumerate(given.moderation):
        key = f"analysis.moderation.{position}"
        for outcome in moderation.outcomes:
            yield from _part(key, "outcomes", outcome, moderation.visit, None, plan, known)
    for position, sensitivity in enumerate(given.sensitivity):
        for outcome in sensitivity.outcomes:
            yield from _part(f"analysis.sensitivity.{position}", "outcomes", outcome, None, None, plan, known)


def _two(arms: Sequence[str]) -> Pair | None:
    """Two arms as a pair; None when there are more or fewer."""
    return (arms[0], arms[1]) if len(arms) == 2 else None


def _contrast(key: str, spec: Analysis, plan: StudyPlan) -> Iterator[Problem]:
    """The contrast that an analysis names itself is one of its arms, after the baseline, with a control."""
    design, own = plan.design, spec.contrast
    arms = spec.arms or tuple(design.arms)
    if own.between is not None and own.between[0] == own.between[1]:
        yield f"{key}.between", "an arm is compared with itself", own.between[0], "name two different arms"
    elif own.between is not None and not set(own.between) <= set(arms):
        found = ", ".join(own.between)
        yield f"{key}.between", "not both arms are in the analysis", found, f"its arms are {', '.join(arms)}"
    if own.visit is None or len(design.visits) == 1:
        return
    if own.visit == design.baseline:
        yield f"{key}.visit", "this is the baseline: nothing can have changed yet", own.visit, "name a later visit"
    elif len(arms) > 1 and design.control in (own.between or arms) and own.visit not in design.controlled_visits:
        advice = f"name one of {', '.join(design.controlled_visits[1:])}" if design.controlled_visits[1:] else ""
        yield f"{key}.visit", "there is no concurrent control at this visit (control_until)", own.visit, advice


def _unanswered(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Outcomes of the planned analyses for which no visit answers; the scales of a measure are one problem."""
    told: set[str] = set()
    for analysis in analyses(plan, known):
        for key in analysis.outcomes if analysis.name in PLANNED else ():
            asked = in_analysis(plan, known[key], analysis)
            if not asked.visit and asked.outcome.measure not in told:
                told.add(asked.outcome.measure)
                yield _no_visit(asked, plan)


def _no_visit(asked: Question, plan: StudyPlan) -> Problem:
    """Why no visit answers for an outcome, and what to do."""
    design, outcome = plan.design, asked.outcome
    place, planned = f"measures.{outcome.measure}.visits", ", ".join(outcome.visits)
    if set(outcome.visits) == {design.baseline}:
        message = f"{outcome.key} is planned at the baseline only, where no analysis can answer"
        return place, message, planned, "plan a later visit, or give the measure role: moderator or covariate"
    if not set(outcome.visits) & set(design.controlled_visits[1:]):
        message = f"{outcome.key} is planned at no visit after the baseline that has a concurrent control"
        advice = f"the control ends at {design.control_until} (design.control_until): plan it then or earlier"
        return place, message, planned, f"{advice}, or leave it out of analysis.secondary.outcomes"
    message = f"the analysis leaves no visit after the baseline at which {outcome.key} was planned and can be compared"
    return f"analysis.{asked.analysis}", message, ", ".join(asked.visits), f"it was planned at {planned}"


def _primary_visit(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """The primary outcome has the visit that the plan names for it."""
    wanted = plan.analysis.primary.contrast.visit
    for analysis in analyses(plan, known):
        for key in analysis.outcomes if analysis.name == PRIMARY and wanted is not None else ():
            asked = in_analysis(plan, known[key], analysis)
            if asked.visit and wanted not in asked.visits:
                place = "analysis.primary.contrast.visit"
                message = f"the primary analysis has no {key} at this visit"
                yield place, message, str(wanted), f"it has {', '.join(asked.visits)}"


def _part(
    key: str,
    place: str,
    outcome: str,
    visit: str | None,
    between: Pair | None,
    plan: StudyPlan,
    known: Mapping[str, Outcome],
) -> Iterator[Problem]:
    """What a part of the plan asks of an outcome: an analysis covers it, and has the visit that the part names."""
    asked = question(plan, known, outcome)
    if not asked.analysis:
        advice = "add it to analysis.secondary.outcomes, or give its measure role: secondary"
        yield f"{key}.{place}", "no analysis of the plan covers this outcome", outcome, advice
    elif visit is not None and (visit == plan.design.baseline or visit not in asked.visits):
        later = [known_visit for known_visit in asked.visits if known_visit != plan.design.baseline]
        message = f"the {asked.analysis} analysis gives no answer for {outcome} at this visit"
        yield f"{key}.visit", message, visit, f"it does at {', '.join(later)}" if later else ""
    elif visit is not None and not all(comparable(plan.design, visit, pair) for pair in _pairs(between, asked)):
        yield (
            f"{key}.visit",
            f"there is no concurrent control for {outcome} at this visit",
            visit,
            "name an earlier one",
        )


def _pairs(between: Pair | None, asked: Question) -> tuple[Pair, ...]:
    """The pair that a part names, else those of the question."""
    return (between,) if between is not None else asked.asked
