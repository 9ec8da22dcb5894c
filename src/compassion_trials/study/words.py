"""The plan said back in words, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping

from compassion_trials.study.mechanism_words import mechanism_lines
from compassion_trials.study.outcomes import Outcome, primary_outcome
from compassion_trials.study.plan.design import Design
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.question import PLANNED, Question, analyses, in_analysis, question

DESIGNS = {
    "randomized": "a randomized trial",
    "non_randomized": "a non-randomized controlled trial",
    "single_arm": "a single-arm study (before and after, no control)",
}

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
    first = primary_outcome(plan, outcomes)
    lines += [
        _measure_line(role, outcomes, first) for role in ("primary", "secondary", "mediator", "moderator", "covariate")
    ]
    lines.append(_primary(plan, outcomes))
    lines += _further(plan, outcomes)
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
    return f"Participants are assessed at {len(design.visits)} visit{'s' * (len(design.visits) > 1)}: {times}.{end}"


def _measure_line(role: str, outcomes: Mapping[str, Outcome], first: str | None) -> str:
    """Outcomes of one role; further scales of the primary measure are secondary, as they are analysed."""

    def role_of(outcome: Outcome) -> str:
        if outcome.key == first:
            return "primary"
        return "secondary" if outcome.role == "primary" else outcome.role

    names = [outcome.label for outcome in outcomes.values() if role_of(outcome) == role and outcome.analysed]
    return f"{role.capitalize()} measure{'s' if len(names) > 1 else ''}: {'; '.join(names)}." if names else ""


def _primary(plan: StudyPlan, outcomes: Mapping[str, Outcome]) -> str:
    """The primary comparison."""
    key = primary_outcome(plan, outcomes)
    if key is None:
        return ""
    asked = question(plan, outcomes, key)
    model = model_words(asked)
    if plan.design.control is None:
        start = plan.design.visit_label(plan.design.baseline)
        return f"The primary question is the change of {outcomes[key].label} from {start}, by {model}."
    pairs = " and ".join(f"{plan.design.arms[a]} minus {plan.design.arms[b]}" for a, b in asked.asked)
    at = plan.design.visit_at(asked.visit)
    return f"The primary comparison is {pairs} on {outcomes[key].label} at {at}, by {model}."


def model_words(asked: Question) -> str:
    """The model of a question in words; without a baseline there is nothing to adjust for."""
    bare = asked.model == "ancova" and not asked.baselines
    return MODELS[asked.model] + (" without a baseline to adjust for" if bare else "")


def _further(plan: StudyPlan, outcomes: Mapping[str, Outcome]) -> list[str]:
    """The analyses that the plan adds, each by the model of its first outcome."""
    found = []
    for analysis in analyses(plan, outcomes):
        if analysis.name not in PLANNED and analysis.outcomes:
            model = model_words(in_analysis(plan, outcomes[analysis.outcomes[0]], analysis))
            mark = "" if analysis.spec.prespecified else ", post hoc"
            found.append(f"Further analysis {analysis.name}: {model}{mark}.")
    return found
