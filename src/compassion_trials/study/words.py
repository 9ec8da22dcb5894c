"""The plan said back in words, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping

from compassion_trials.study.mechanism_words import mechanism_lines
from compassion_trials.study.outcomes import Outcome, primary_outcome
from compassion_trials.study.plan.analysis import PrimaryAnalysis
from compassion_trials.study.plan.design import Design
from compassion_trials.study.plan.study_plan import StudyPlan

DESIGNS = {
    "randomized": "a randomized trial",
    "non_randomized": "a non-randomized controlled trial",
    "single_arm": "a single-arm study (before and after, no control)",
}

DEFAULT_MODELS = {"randomized": "clda", "non_randomized": "lda", "single_arm": "single_arm"}
"""Model of the primary analysis when the plan names none, by design."""

MODELS = {
    "clda": "a mixed model for repeated measures with a common baseline mean (cLDA)",
    "lda": "a mixed model for repeated measures, comparing changes from baseline (LDA)",
    "baseline_adjusted": "a mixed model for repeated measures adjusted for baseline by visit",
    "single_arm": "a mixed model for repeated measures within the arm",
    "random_intercept": "a linear mixed model with a random intercept",
    "random_slope": "a linear mixed model with a random intercept and slope over weeks",
    "ancova": "analysis of covariance",
    "mixed_anova": "a mixed analysis of variance (time by group, complete cases)",
    "paired": "a paired t test",
    "change_t": "a t test of change scores",
}
"""Models in words."""


def model_name(plan: StudyPlan) -> str:
    """Model of the primary analysis: the plan's, or the design's default."""
    return plan.analysis.primary.model or DEFAULT_MODELS[plan.design.type]


def in_words(plan: StudyPlan, outcomes: Mapping[str, Outcome]) -> list[str]:
    """The plan in sentences.

    Parameters
    ----------
    plan : StudyPlan
    outcomes : mapping
        Outcomes of the plan by key.

    Returns
    -------
    list of str
        Design, visits, measures, primary comparison, further analyses.
    """
    design = plan.design
    lines = [
        f'"{plan.title}" is {DESIGNS[design.type]}{", a pilot" if design.pilot else ""}.',
        _arms(design),
        _visits(design),
    ]
    lines += [_measure_line(role, outcomes) for role in ("primary", "secondary", "mediator", "moderator", "covariate")]
    lines.append(_primary(plan, outcomes))
    lines += [
        f"Further analysis {name}: {MODELS.get(a.model or model_name(plan))}{'' if a.prespecified else ', post hoc'}."
        for name, a in plan.analysis.additional.items()
    ]
    lines += mechanism_lines(plan, outcomes)
    return [line for line in lines if line]


def _arms(design: Design) -> str:
    """Arms and control."""
    if design.control is None:
        return f"Its arm is {next(iter(design.arms.values()))}."
    treated = " and ".join(design.arms[arm] for arm in design.treated)
    return (
        f"{treated} is compared with {design.arms[design.control]}."
        if len(design.treated) == 1
        else (f"{treated} are compared with {design.arms[design.control]} and with each other.")
    )


def _visits(design: Design) -> str:
    """Visits in weeks, and the last one with a control."""
    times = ", ".join(f"{design.visit_label(key)} (week {visit.week:g})" for key, visit in design.visits.items())
    end = (
        f" The control arm is untreated until {design.visit_label(design.control_until)}."
        if design.control_until
        else ""
    )
    return f"Participants are assessed at {len(design.visits)} visits: {times}.{end}"


def _measure_line(role: str, outcomes: Mapping[str, Outcome]) -> str:
    """Outcomes of one role."""
    names = [outcome.label for outcome in outcomes.values() if outcome.role == role and outcome.analysed]
    return f"{role.capitalize()} measure{'s' if len(names) > 1 else ''}: {'; '.join(names)}." if names else ""


def _primary(plan: StudyPlan, outcomes: Mapping[str, Outcome]) -> str:
    """The primary comparison."""
    key = primary_outcome(plan, outcomes)
    if key is None:
        return ""
    analysis, model = plan.analysis.primary, MODELS[model_name(plan)]
    if plan.design.control is None:
        start = plan.design.visit_label(plan.design.baseline)
        return f"The primary question is the change of {outcomes[key].label} from {start}, by {model}."
    visit = primary_visit(plan)
    pairs = " and ".join(
        f"{plan.design.arms[a]} minus {plan.design.arms[b]}" for a, b in comparisons(plan.design, analysis)
    )
    return (
        f"The primary comparison is {pairs} on {outcomes[key].label} at {plan.design.visit_label(visit)}, by {model}."
    )


def primary_visit(plan: StudyPlan) -> str:
    """Visit of the primary comparison: the plan's, or the last one with a concurrent control."""
    return plan.analysis.primary.contrast.visit or plan.design.controlled_visits[-1]


def comparisons(design: Design, analysis: PrimaryAnalysis) -> list[tuple[str, str]]:
    """Pairs of arms of the primary comparison: the plan's one, or each treated arm against control."""
    if analysis.contrast.between is not None:
        return [analysis.contrast.between]
    return [(arm, design.control) for arm in design.treated if design.control is not None]
