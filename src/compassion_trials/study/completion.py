"""Analyses that the design asks for although the plan does not name them."""

from __future__ import annotations

from collections.abc import Mapping

from compassion_trials.study.analysis import Analysis
from compassion_trials.study.outcomes import Outcome, primary_outcome
from compassion_trials.study.plan import StudyPlan

SENSITIVITY = "baseline_adjusted"
"""Name of the analysis that a non-randomized trial gets beside its differences in change."""


def complete(plan: StudyPlan, known: Mapping[str, Outcome]) -> StudyPlan:
    """The plan with the sensitivity analysis of a non-randomized trial.

    Differences in change and baseline-adjusted differences answer different questions when arms differ at baseline
    (Lord's paradox; Lord 1967, doi:10.1037/h0025105), so a trial analysed by ``lda`` gets both, unless the plan has an
    analysis of that name.

    Parameters
    ----------
    plan : StudyPlan
    known : mapping of str to Outcome
        Outcomes of the study.
    """
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
