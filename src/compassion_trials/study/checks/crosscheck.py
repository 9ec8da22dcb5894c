"""Checks between the parts of a plan: every name that one part uses must exist in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.checks.effects import effects_problems
from compassion_trials.study.checks.mechanism import mechanism_problems
from compassion_trials.study.outcomes import Outcome, outcomes, primary_outcome
from compassion_trials.study.plan.analysis import Analysis, AnalysisSet
from compassion_trials.study.plan.data import STAYED, RawFile
from compassion_trials.study.plan.measures import Measure
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
    "harms",
    "power",
)
"""Names of analyses that the results table uses itself."""

ONE_ARM_MODELS = ("single_arm", "paired")
ARM_MODELS = ("clda", "lda", "baseline_adjusted", "ancova", "mixed_anova", "change_t")


def check_plan(plan: StudyPlan, instruments: Mapping[str, Instrument], file: str = "study.yaml") -> None:
    """Check names between the parts of a plan and against the questionnaires.

    Parameters
    ----------
    plan : StudyPlan
    instruments : mapping
        Questionnaires by short name.
    file : str
        Name of the plan for the findings.

    Raises
    ------
    InputError
        All problems together: key, value found, nearest valid word.
    """
    problems = [*_measures(plan, instruments), *_data(plan)]
    if not problems:  # outcomes can only be listed once every questionnaire is known
        known = outcomes(plan, instruments)
        problems = [*_roles(plan, known), *_analyses(plan, known), *effects_problems(plan, known, instruments)]
        problems += mechanism_problems(plan, known)
    problems += [*_variables(plan), *_sets(plan)]
    if problems:
        raise InputError([_finding(key, message, value, advice, file) for key, message, value, advice in problems])


Problem = tuple[str, str, str, str]
"""Key of the plan, what is wrong, value found, advice."""


def _finding(key: str, message: str, value: str, advice: str, file: str) -> Finding:
    """One problem as a finding."""
    return Finding("error", "plan_reference", message, file, None, key, value, "", advice)


def _unknown(key: str, what: str, used: Iterable[str], valid: Sequence[str]) -> Iterator[Problem]:
    """A problem for each used name that is not valid."""
    for name in used:
        if name not in valid:
            advice = nearest(name, valid) if valid else f"the plan names no {what}"
            yield key, f"there is no such {what}", name, advice


def _measures(plan: StudyPlan, instruments: Mapping[str, Instrument]) -> Iterator[Problem]:
    """Questionnaires, scales, variants, item orders and visits of the measures exist."""
    visits = list(plan.design.visits)
    for name, measure in plan.measures.items():
        key = f"measures.{name}"
        yield from _unknown(f"{key}.visits", "visit", measure.visits, visits)
        yield from _unknown(f"{key}.imputed", "visit", measure.imputed, visits)
        for part in ("total", "items"):
            columns = getattr(measure, part)
            if isinstance(columns, dict):
                yield from _unknown(f"{key}.{part}", "visit", columns, visits)
        if measure.instrument is not None:
            yield from _questionnaire(key, measure, instruments, visits)


def _questionnaire(
    key: str, measure: Measure, instruments: Mapping[str, Instrument], visits: Sequence[str]
) -> Iterator[Problem]:
    """One questionnaire of the plan against its file."""
    name = measure.instrument or ""
    instrument = instruments.get(name)
    if instrument is None:
        usable = [i.id for i in instruments.values() if i.enabled]
        yield (
            f"{key}.instrument",
            "there is no such questionnaire",
            name,
            f"{nearest(name, usable)}; add your own as config/instruments/{name}.yaml",
        )
        return
    if not instrument.enabled:
        yield f"{key}.instrument", f"this questionnaire is disabled: {instrument.disabled_reason}", name, ""
        return
    if measure.variant is not None and measure.variant not in instrument.variants:
        yield from _unknown(f"{key}.variant", "variant", [measure.variant], list(instrument.variants))
        return
    scales = list(instrument.with_variant(measure.variant).scales)
    yield from _unknown(f"{key}.scales", "scale", measure.scales, scales)
    yield from _unknown(f"{key}.stored", "scale", measure.stored, scales)
    for scale, columns in measure.stored.items():
        if isinstance(columns, dict):
            yield from _unknown(f"{key}.stored.{scale}", "visit", columns, visits)
    yield from _items(key, measure, instrument.items)
    response = instrument.with_variant(measure.variant).response
    if measure.coding is not None and measure.coding.max - measure.coding.min != response.max - response.min:
        own = (
            f"the questionnaire's answers run from {response.min} to {response.max}; "
            "the coding must have the same width"
        )
        yield (
            f"{key}.coding",
            own,
            f"{measure.coding.min:g} to {measure.coding.max:g}",
            "recode the answers with values",
        )


def _items(key: str, measure: Measure, n_items: int) -> Iterator[Problem]:
    """Item numbers that the plan lists belong to the questionnaire."""
    if measure.item_order and sorted(measure.item_order) != list(range(1, n_items + 1)):
        found = f"{len(measure.item_order)} numbers"
        yield f"{key}.item_order", f"must hold each item number from 1 to {n_items} once", found, "list them all"
    if measure.coding is not None:
        wrong = [i for i in measure.coding.reversed_items if not 1 <= i <= n_items]
        for item in wrong:
            yield f"{key}.coding.reversed_items", f"items run from 1 to {n_items}", str(item), ""
    if isinstance(measure.items, dict):
        for visit, columns in measure.items.items():
            if not isinstance(columns, str) and len(columns) != n_items:
                message = f"the questionnaire has {n_items} items, the list has another length"
                yield f"{key}.items.{visit}", message, f"{len(columns)} columns", "list one column per item, in order"


def _data(plan: StudyPlan) -> Iterator[Problem]:
    """Arms, visits, clusters and baseline variables of the raw files exist and are found once."""
    arms, visits = list(plan.design.arms), list(plan.design.visits)
    names: list[str] = []
    for position, raw in enumerate(plan.data):
        key = f"data.{position}"
        if raw.arm is not None:
            used = [v for v in raw.arm.values.values() if v != "exclude"]
            yield from _unknown(f"{key}.arm.values", "arm", [*used, *([raw.arm.value] if raw.arm.value else [])], arms)
        yield from _visit_names(key, raw, visits)
        if raw.flow is not None and raw.flow.stopped is not None:
            meant = raw.flow.stopped.values.values()
            yield from _unknown(f"{key}.flow.stopped.values", "visit", meant, [*visits, STAYED])
        yield from _unknown(f"{key}.clusters", "cluster in design.clusters", raw.clusters, list(plan.design.clusters))
        for name in [*raw.baseline, *raw.clusters]:
            if name in names:
                yield f"{key}.baseline.{name}", "this variable is already read from another file", name, "name it once"
            names.append(name)
    if len(arms) > 1 and all(raw.arm is None for raw in plan.data):
        yield (
            "data",
            "no raw file says which arm a participant is in",
            "",
            "add arm: {column: ..., values: {...}} to a file",
        )
    if plan.data and not any(_has_answers(raw, plan) for raw in plan.data):
        yield (
            "data",
            "no raw file says where items or totals are",
            "",
            'add items: "{instrument}_{visit}_{item}" to a file',
        )


def _visit_names(key: str, raw: RawFile, visits: Sequence[str]) -> Iterator[Problem]:
    """Visits that a raw file's values lead to exist."""
    if raw.visit is None:
        return
    wide = raw.visit.column is None and raw.visit.value is None
    used = list(raw.visit.values) if wide else [v for v in raw.visit.values.values() if v != "exclude"]
    yield from _unknown(
        f"{key}.visit.values", "visit", [*used, *([raw.visit.value] if raw.visit.value else [])], visits
    )


def _has_answers(raw: RawFile, plan: StudyPlan) -> bool:
    """Whether answers can be found in this file."""
    return raw.items is not None or any(m.total is not None or m.items is not None for m in plan.measures.values())


def baseline_names(plan: StudyPlan) -> list[str]:
    """Names of all baseline variables and clusters, in the order of the plan."""
    return [name for raw in plan.data for name in [*raw.baseline, *raw.clusters]]


def _variables(plan: StudyPlan) -> Iterator[Problem]:
    """Covariates and strata are baseline variables."""
    valid = baseline_names(plan)
    yield from _unknown("covariates", "baseline variable in data", plan.covariates, valid)
    yield from _unknown("design.strata", "baseline variable in data", plan.design.strata, valid)
    yield from _unknown("privacy.quasi_identifiers", "baseline variable in data", plan.privacy.quasi_identifiers, valid)
    clusters = [name for raw in plan.data for name in raw.clusters]
    for name in plan.design.clusters:
        if name not in clusters:
            yield (
                f"design.clusters.{name}",
                "no raw file holds this cluster",
                name,
                f"add clusters: {{{name}: COLUMN}} to a file",
            )


def _roles(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """There is one primary outcome."""
    primary = plan.analysis.primary.outcome
    if primary is not None:
        yield from _unknown("analysis.primary.outcome", "outcome", [primary], list(known))
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


def _analyses(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Each analysis names outcomes, visits, arms and sets that exist, and a model that the design allows."""
    named = {"analysis.primary": plan.analysis.primary}
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
    yield from _unknown(f"{key}.outcomes", "outcome", analysis.outcomes, list(known))
    yield from _unknown(f"{key}.visits", "visit", analysis.visits, visits)
    yield from _unknown(f"{key}.baselines", "visit", analysis.baselines or (), visits)
    yield from _unknown(f"{key}.arms", "arm", analysis.arms, arms)
    yield from _unknown(f"{key}.covariates", "baseline variable in data", analysis.covariates, variables)
    yield from _unknown(f"{key}.by_visit", "covariate", analysis.by_visit, [*plan.covariates, *analysis.covariates])
    yield from _unknown(f"{key}.population", "analysis set", [analysis.population], ["all", *plan.analysis_sets])
    yield from _unknown(f"{key}.contrast.visit", "visit", [contrast.visit] if contrast.visit else [], visits)
    yield from _unknown(f"{key}.contrast.between", "arm", contrast.between or (), arms)
    if analysis.random_group is not None:
        yield from _unknown(f"{key}.random_group", "cluster", [analysis.random_group], ["none", *plan.design.clusters])
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


def _sets(plan: StudyPlan) -> Iterator[Problem]:
    """Analysis sets name visits and variables that exist and say who belongs."""
    visits = list(plan.design.visits)
    sessions = any(raw.flow is not None and raw.flow.sessions for raw in plan.data)
    variables = [*baseline_names(plan), *(["sessions"] if sessions else [])]
    for name, members in plan.analysis_sets.items():
        key = f"analysis_sets.{name}"
        yield from _unknown(f"{key}.complete_visits", "visit", members.complete_visits, visits)
        yield from _unknown(f"{key}.arms", "arm", members.arms, list(plan.design.arms))
        if members.column is not None:
            yield from _unknown(f"{key}.column", "baseline variable in data", [members.column], variables)
        yield from _rule(key, name, members)


def _rule(key: str, name: str, members: AnalysisSet) -> Iterator[Problem]:
    """A set has a rule, and its rule is whole."""
    if name == "all":
        yield key, "'all' is every participant and cannot be redefined", "", "choose another name"
    if members.column is None and not members.complete_visits:
        yield key, "the set has no rule", "", "add complete_visits, or column with equals or at_least"
    if members.column is not None and not members.equals and members.at_least is None:
        yield f"{key}.column", "the column needs a rule", members.column, "add equals: [...] or at_least: number"
