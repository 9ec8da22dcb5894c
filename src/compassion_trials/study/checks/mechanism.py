"""Checks of mediation, moderation and sensitivity analyses against the rest of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compassion_trials.core.errors import nearest
from compassion_trials.core.findings import Finding
from compassion_trials.study.checks.problem import Problem, unknown_names
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.mechanism import Mediation, Moderation
from compassion_trials.study.plan.sensitivity import IMPUTING, REFERENCE_BASED, SensitivityAnalysis
from compassion_trials.study.plan.study_plan import StudyPlan


def mechanism_problems(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """What these analyses ask for and the study does not have.

    Parameters
    ----------
    plan : StudyPlan
    known : mapping of str to Outcome
        All outcomes of the plan by key.
    """
    for position, mediation in enumerate(plan.analysis.mediation):
        yield from _mediation(f"analysis.mediation.{position}", mediation, plan, known)
    for position, moderation in enumerate(plan.analysis.moderation):
        yield from _moderation(f"analysis.moderation.{position}", moderation, plan, known)
    seen: set[str] = set()
    for position, wanted in enumerate(plan.analysis.sensitivity):
        key = f"analysis.sensitivity.{position}"
        if wanted.method in seen:
            yield key, "this sensitivity analysis is requested twice", wanted.method, "name it once"
        seen.add(wanted.method)
        yield from _sensitivity(key, wanted, plan, known)


def mechanism_warnings(plan: StudyPlan) -> tuple[Finding, ...]:
    """What can be computed but answers less than a reader may think."""
    found = []
    for position, mediation in enumerate(plan.analysis.mediation):
        if mediation.mediator_visit == mediation.outcome_visit:
            message = "mediator and outcome are of the same visit: that says nothing about which came first"
            advice = "name an earlier mediator_visit or a later outcome_visit"
            key = f"analysis.mediation.{position}.mediator_visit"
            found.append(
                Finding(
                    "warning",
                    "same_visit_mediation",
                    message,
                    column=key,
                    value=mediation.mediator_visit,
                    advice=advice,
                )
            )
    return tuple(found)


def _mediation(key: str, spec: Mediation, plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Mediators, outcome, visits and arms of one mediation model."""
    visits = list(plan.design.visits)
    if plan.design.control is None:
        yield key, "mediation compares arms, and there is only one", "", "leave mediation out"
        return
    yield from unknown_names(f"{key}.mediator", "outcome", spec.mediator, list(known))
    yield from unknown_names(f"{key}.outcome", "outcome", [spec.outcome], list(known))
    yield from unknown_names(f"{key}.mediator_visit", "visit", [spec.mediator_visit], visits)
    yield from unknown_names(f"{key}.outcome_visit", "visit", [spec.outcome_visit], visits)
    yield from unknown_names(f"{key}.between", "arm", spec.between or (), list(plan.design.arms))
    yield from unknown_names(f"{key}.covariates", "baseline variable in data", spec.covariates, _baseline_names(plan))
    yield from _population(key, spec.population, plan)
    if spec.outcome in spec.mediator:
        yield f"{key}.mediator", "the outcome cannot be its own mediator", spec.outcome, "name another mediator"
    if {spec.mediator_visit, spec.outcome_visit} <= set(visits):
        yield from _mediation_visits(key, spec, plan, known)


def _mediation_visits(key: str, spec: Mediation, plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """The mediator comes after baseline and not after the outcome; everything was measured then, with a control."""
    visits = list(plan.design.visits)
    if visits.index(spec.mediator_visit) > visits.index(spec.outcome_visit):
        message = "the mediator is taken after the outcome"
        yield f"{key}.mediator_visit", message, spec.mediator_visit, f"name a visit before {spec.outcome_visit}"
    pairs = [*((name, spec.mediator_visit) for name in spec.mediator), (spec.outcome, spec.outcome_visit)]
    for name, visit in pairs:
        place = f"{key}.outcome_visit" if name == spec.outcome else f"{key}.mediator_visit"
        if visit == plan.design.baseline:
            yield place, f"{name} is taken at baseline: nothing can have changed yet", visit, "name a later visit"
        elif name in known and visit not in known[name].visits:
            yield place, f"{name} was not measured at this visit", visit, f"measured at {', '.join(known[name].visits)}"
        elif visit not in plan.design.controlled_visits:
            there = f"there is one at {', '.join(plan.design.controlled_visits)}"
            yield place, "there is no concurrent control at this visit", visit, there


def _moderation(key: str, spec: Moderation, plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Moderator, outcomes and visit of one moderation analysis."""
    if plan.design.control is None:
        yield key, "moderation compares arms, and there is only one", "", "leave moderation out"
        return
    valid = [*_baseline_names(plan), *known]
    if spec.moderator not in valid:
        message = "the moderator is neither a baseline variable nor an outcome"
        yield f"{key}.moderator", message, spec.moderator, nearest(spec.moderator, valid)
    elif spec.moderator in known and plan.design.baseline not in known[spec.moderator].visits:
        message = "this outcome was not measured at baseline: what came after the start of treatment moderates nothing"
        yield f"{key}.moderator", message, spec.moderator, "name a variable measured at baseline"
    yield from unknown_names(f"{key}.outcomes", "outcome", spec.outcomes, list(known))
    yield from unknown_names(f"{key}.visit", "visit", [spec.visit] if spec.visit else [], list(plan.design.visits))
    if spec.visit is not None and spec.visit == plan.design.baseline:
        yield f"{key}.visit", "this is the baseline", spec.visit, "name a later visit"
    yield from _population(key, spec.population, plan)


def _sensitivity(
    key: str, spec: SensitivityAnalysis, plan: StudyPlan, known: Mapping[str, Outcome]
) -> Iterator[Problem]:
    """Arms, reference, sets and visits of one sensitivity analysis."""
    yield from unknown_names(f"{key}.outcomes", "outcome", spec.outcomes, list(known))
    if spec.method == "per_protocol" and "per_protocol" not in plan.analysis_sets:
        advice = "add analysis_sets: {per_protocol: {column: ..., at_least: ...}}"
        yield key, "the plan does not say who is per protocol", spec.method, advice
    if spec.method in (*REFERENCE_BASED, "tipping_point") and plan.design.control is None:
        yield key, "this analysis compares arms, and there is only one", spec.method, "use multiple_imputation"
    yield from unknown_names(
        f"{key}.reference", "arm", [spec.reference] if spec.reference else [], list(plan.design.arms)
    )
    if spec.reference is not None and spec.method not in REFERENCE_BASED:
        yield f"{key}.reference", "only reference-based imputation has a reference arm", spec.reference, "delete it"
    if spec.deltas and spec.method != "tipping_point":
        yield f"{key}.deltas", "only tipping_point has deltas", ", ".join(f"{d:g}" for d in spec.deltas), "delete it"
    if spec.method in (*IMPUTING, "locf") and len(plan.design.controlled_visits) < 2:
        yield key, "there is no visit after baseline whose missing values could be filled in", spec.method, ""


def _population(key: str, name: str, plan: StudyPlan) -> Iterator[Problem]:
    """The analysis set exists."""
    yield from unknown_names(f"{key}.population", "analysis set", [name], ["all", *plan.analysis_sets])


def _baseline_names(plan: StudyPlan) -> list[str]:
    """Baseline variables of all raw files."""
    return [name for raw in plan.data for name in raw.baseline]
