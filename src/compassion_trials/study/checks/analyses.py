"""Checks of the analyses of a plan: roles, models, covariates, analysis sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compassion_trials.study.checks.problem import Problem, baseline_names, unknown_names
from compassion_trials.study.outcomes import Outcome, primary_outcome
from compassion_trials.study.plan.analysis import Analysis, AnalysisSet
from compassion_trials.study.plan.study_plan import StudyPlan

RESERVED_ANALYSES = (
    "flow",
    "baseline",
    "observed",
    "missing",
    "dropout",
    "reliability",
    "correlation",
    "primary",
    "secondary",
    "mediation",
    "moderation",
    "sensitivity",
    "change",
    "families",
    "equivalence",
    "noninferiority",
    "estimand",
    "pilot",
    "progression",
    "clusters",
    "dose",
    "factors",
    "invariance",
    "harms",
    "power",
)
"""Names of analyses that the results table uses itself."""


ONE_ARM_MODELS = ("single_arm", "paired")


ARM_MODELS = ("clda", "lda", "baseline_adjusted", "ancova", "mixed_anova", "change_t")


def role_problems(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """There is one primary outcome."""
    primary = plan.analysis.primary.outcome
    if primary is not None:
        yield from unknown_names("analysis.primary.outcome", "outcome", [primary], list(known))
    elif primary_outcome(plan, known) is None:
        yield (
            "measures",
            "no measure is primary",
            "",
            "give one measure role: primary, or name analysis.primary.outcome",
        )
    measures = {outcome.measure for outcome in known.values() if outcome.role == "primary"}
    if primary is None and len(measures) > 1:
        yield (
            "analysis.primary",
            "several measures are primary; name the one primary outcome",
            ", ".join(sorted(measures)),
            "add analysis: {primary: {outcome: ...}}",
        )


def analysis_problems(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Each analysis names outcomes, visits, arms and sets that exist, and a model that the design allows."""
    named: dict[str, Analysis] = {"analysis.primary": plan.analysis.primary}
    if plan.analysis.secondary is not None:
        named["analysis.secondary"] = plan.analysis.secondary
    named |= {f"analysis.additional.{name}": analysis for name, analysis in plan.analysis.additional.items()}
    for name in plan.analysis.additional:
        if name in RESERVED_ANALYSES:
            yield (
                f"analysis.additional.{name}",
                "this name is used by the results table itself",
                name,
                "choose another name",
            )
    for key, analysis in named.items():
        yield from _analysis(key, analysis, plan, known)


def _analysis(key: str, analysis: Analysis, plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """One analysis against the plan."""
    arms, visits = list(plan.design.arms), list(plan.design.visits)
    variables = baseline_names(plan)
    contrast = analysis.contrast
    yield from unknown_names(f"{key}.outcomes", "outcome", analysis.outcomes, list(known))
    yield from unknown_names(f"{key}.visits", "visit", analysis.visits, visits)
    yield from unknown_names(f"{key}.baselines", "visit", analysis.baselines or (), visits)
    yield from unknown_names(f"{key}.arms", "arm", analysis.arms, arms)
    yield from unknown_names(f"{key}.covariates", "baseline variable in data", analysis.covariates, variables)
    yield from unknown_names(
        f"{key}.by_visit", "covariate", analysis.by_visit, [*plan.covariates, *analysis.covariates]
    )
    yield from unknown_names(f"{key}.population", "analysis set", [analysis.population], ["all", *plan.analysis_sets])
    yield from unknown_names(f"{key}.contrast.visit", "visit", [contrast.visit] if contrast.visit else [], visits)
    yield from unknown_names(f"{key}.contrast.between", "arm", contrast.between or (), arms)
    if analysis.random_group is not None:
        yield from unknown_names(
            f"{key}.random_group", "cluster", [analysis.random_group], ["none", *plan.design.clusters]
        )
    yield from _model(key, analysis, plan)


def _model(key: str, analysis: Analysis, plan: StudyPlan) -> Iterator[Problem]:
    """The model suits the design."""
    n_arms = len(analysis.arms) or len(plan.design.arms)
    model = analysis.model
    if model in ARM_MODELS and n_arms < 2:
        advice = "for one arm use single_arm (mixed model) or paired"
        yield f"{key}.model", "this model compares arms, and there is only one", model, advice
    if model in ONE_ARM_MODELS and n_arms > 1:
        yield (
            f"{key}.model",
            "this model is for one arm",
            model,
            "name the arm with arms: [...], or use clda, lda or ancova",
        )
    if model == "clda" and plan.design.type == "non_randomized" and not analysis.reason:
        yield (
            f"{key}.model",
            "clda forces equal baseline means, which only randomisation justifies",
            "clda",
            "use lda, or give the justification in the key reason",
        )
    if not analysis.reml and analysis.df in ("kenward-roger", "kr(expected)", "kr(sas)"):
        yield f"{key}.df", "Kenward-Roger needs REML", analysis.df, "set reml: true, or df: satterthwaite"


def set_problems(plan: StudyPlan) -> Iterator[Problem]:
    """Analysis sets name visits and variables that exist and say who belongs."""
    visits = list(plan.design.visits)
    sessions = any(raw.flow is not None and raw.flow.sessions for raw in plan.data)
    variables = [*baseline_names(plan), *(["sessions"] if sessions else [])]
    for name, members in plan.analysis_sets.items():
        key = f"analysis_sets.{name}"
        yield from unknown_names(f"{key}.complete_visits", "visit", members.complete_visits, visits)
        yield from unknown_names(f"{key}.arms", "arm", members.arms, list(plan.design.arms))
        if members.column is not None:
            yield from unknown_names(f"{key}.column", "baseline variable in data", [members.column], variables)
        yield from _rule(key, name, members)


def _rule(key: str, name: str, members: AnalysisSet) -> Iterator[Problem]:
    """A set has a rule, and its rule is whole."""
    if name == "all":
        yield key, "'all' is every participant and cannot be redefined", "", "choose another name"
    if members.column is None and not members.complete_visits:
        yield key, "the set has no rule", "", "add complete_visits, or column with equals or at_least"
    if members.column is not None and not members.equals and members.at_least is None:
        yield f"{key}.column", "the column needs a rule", members.column, "add equals: [...] or at_least: number"
