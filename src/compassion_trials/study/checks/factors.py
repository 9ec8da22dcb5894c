"""Checks of the factor models that a plan asks for: the questionnaire's file must tell its subscales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compassion_trials.instruments.model import Instrument
from compassion_trials.instruments.subscales import subscales
from compassion_trials.study.checks.problem import Problem, unknown_names
from compassion_trials.study.outcomes import Outcome, primary_outcome
from compassion_trials.study.plan.factors import Factors
from compassion_trials.study.plan.study_plan import StudyPlan


def factor_problems(
    plan: StudyPlan, known: Mapping[str, Outcome], instruments: Mapping[str, Instrument]
) -> Iterator[Problem]:
    """Questionnaires without items or subscales, and visits that do not exist."""
    factors = plan.analysis.factors
    if factors is None:
        return
    key = "analysis.factors"
    yield from unknown_names(f"{key}.measures", "measure", factors.measures, list(plan.measures))
    yield from unknown_names(f"{key}.visits", "visit", factors.visits, list(plan.design.visits))
    if factors.visits and len(set(factors.visits)) < 2:
        yield (
            f"{key}.visits",
            "invariance over visits needs two",
            ", ".join(factors.visits),
            "name two, or leave it out",
        )
    for name in analysed_measures(plan, known):
        if name in plan.measures:
            yield from _questionnaire(f"{key}.measures", name, factors, plan, instruments)


def analysed_measures(plan: StudyPlan, known: Mapping[str, Outcome]) -> tuple[str, ...]:
    """Measures whose factors are analysed: those that the plan names, else that of the primary outcome."""
    if plan.analysis.factors is None:
        return ()
    primary = known.get(primary_outcome(plan, known) or "")
    return plan.analysis.factors.measures or ((primary.measure,) if primary is not None else ())


def _questionnaire(
    key: str, name: str, factors: Factors, plan: StudyPlan, instruments: Mapping[str, Instrument]
) -> Iterator[Problem]:
    """One measure."""
    measure = plan.measures[name]
    if measure.instrument is None:
        yield key, "factor models need the answers to the items, and this measure is a total", name, "leave it out"
        return
    found = subscales(instruments[measure.instrument].with_variant(measure.variant))
    if found is None:
        message = "the file of this questionnaire tells no subscales that share out the items of its total"
        yield key, message, name, "name other measures, or leave factors out"
    elif factors.invariance == "composites" and not found.composites:
        message = "the file of this questionnaire tells no composites of subscales"
        yield "analysis.factors.invariance", message, name, "use subscales or one"
