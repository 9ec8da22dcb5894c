"""Analyses that the design asks for although the plan does not name them."""

from __future__ import annotations

from collections.abc import Mapping

from compassion_trials.study.outcomes import Outcome, primary_outcome
from compassion_trials.study.plan.analysis import Analysis, AnalysisSet
from compassion_trials.study.plan.study_plan import StudyPlan

SENSITIVITY = "baseline_adjusted"
"""Name of the analysis that a non-randomized trial gets beside its differences in change."""

COMPLETERS = "completers"
"""Name of the analysis set of those seen at every visit with a control."""


def complete(plan: StudyPlan, known: Mapping[str, Outcome]) -> StudyPlan:
    """The plan with the second answer of a non-randomized trial, and the set of completers where one is asked for.

    Differences in change and baseline-adjusted differences answer different questions when arms differ at baseline
    (Lord's paradox; Lord 1967, doi:10.1037/h0025105), so a trial analysed by ``lda`` gets both, unless the plan has an
    analysis of that name.

    Parameters
    ----------
    plan : StudyPlan
    known : mapping of str to Outcome
        Outcomes of the study.
    """
    return _with_completers(_with_baseline_adjusted(plan, known), known)


def _with_completers(plan: StudyPlan, known: Mapping[str, Outcome]) -> StudyPlan:
    """The plan with the analysis set that the sensitivity analysis ``completers`` needs, unless it has one."""
    asked = any(wanted.method == "completers" for wanted in plan.analysis.sensitivity)
    chosen = primary_outcome(plan, known)
    if not asked or COMPLETERS in plan.analysis_sets or chosen is None:
        return plan
    visits = tuple(visit for visit in plan.design.controlled_visits if visit in known[chosen].visits)
    sets = {**plan.analysis_sets, COMPLETERS: AnalysisSet(label="completers", complete_visits=visits)}
    return plan.model_copy(update={"analysis_sets": sets})


def _with_baseline_adjusted(plan: StudyPlan, known: Mapping[str, Outcome]) -> StudyPlan:
    """The plan with the second answer of a trial whose arms differ at baseline."""
    primary, secondary = plan.analysis.primary, plan.analysis.secondary
    lda = primary.model in (None, "lda") and (secondary is None or secondary.model in (None, "lda"))
    if plan.design.type != "non_randomized" or not lda or SENSITIVITY in plan.analysis.additional:
        return plan
    words = {name: getattr(primary, name) for name in Analysis.model_fields}
    chosen = primary_outcome(plan, known)
    outcomes = (chosen, *secondary.outcomes) if secondary and secondary.outcomes and chosen else ()
    words |= {
        "model": "baseline_adjusted",
        "outcomes": outcomes,
        "label": "Sensitivity analysis adjusted for the baseline",
    }
    additional = {**plan.analysis.additional, SENSITIVITY: Analysis(**words)}
    return plan.model_copy(update={"analysis": plan.analysis.model_copy(update={"additional": additional})})
