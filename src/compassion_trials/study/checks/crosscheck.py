"""Checks between the parts of a plan: every name that one part uses must exist in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.checks.analyses import analysis_problems, role_problems, set_problems
from compassion_trials.study.checks.answers import answer_problems
from compassion_trials.study.checks.effects import effects_problems
from compassion_trials.study.checks.factors import factor_problems
from compassion_trials.study.checks.mechanism import mechanism_problems
from compassion_trials.study.checks.problem import Problem, baseline_names, unknown_names
from compassion_trials.study.outcomes import Outcome, outcomes
from compassion_trials.study.plan.data import STAYED, RawFile
from compassion_trials.study.plan.measures import Measure
from compassion_trials.study.plan.study_plan import StudyPlan


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
    known: dict[str, Outcome] = {}
    problems = [*_measures(plan, instruments), *_data(plan)]
    if not problems:  # outcomes can only be listed once every questionnaire is known
        known = outcomes(plan, instruments)
        problems = [
            *role_problems(plan, known),
            *analysis_problems(plan, known),
            *effects_problems(plan, known, instruments),
            *factor_problems(plan, known, instruments),
        ]
        problems += mechanism_problems(plan, known)
    problems += [*_variables(plan), *set_problems(plan)]
    if not problems:  # which visit answers can only be asked of names that exist
        problems = [*answer_problems(plan, known)]
    if problems:
        raise InputError([_finding(key, message, value, advice, file) for key, message, value, advice in problems])


def _finding(key: str, message: str, value: str, advice: str, file: str) -> Finding:
    """One problem as a finding."""
    return Finding("error", "plan_reference", message, file, None, key, value=value, advice=advice)


def _measures(plan: StudyPlan, instruments: Mapping[str, Instrument]) -> Iterator[Problem]:
    """Questionnaires, scales, variants, item orders and visits of the measures exist."""
    visits = list(plan.design.visits)
    for name, measure in plan.measures.items():
        key = f"measures.{name}"
        yield from unknown_names(f"{key}.visits", "visit", measure.visits, visits)
        yield from unknown_names(f"{key}.imputed", "visit", measure.imputed, visits)
        for part in ("total", "items"):
            columns = getattr(measure, part)
            if isinstance(columns, dict):
                yield from unknown_names(f"{key}.{part}", "visit", columns, visits)
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
        yield from unknown_names(f"{key}.variant", "variant", [measure.variant], list(instrument.variants))
        return
    scales = list(instrument.with_variant(measure.variant).scales)
    yield from unknown_names(f"{key}.scales", "scale", measure.scales, scales)
    yield from unknown_names(f"{key}.stored", "scale", measure.stored, scales)
    for scale, columns in measure.stored.items():
        if isinstance(columns, dict):
            yield from unknown_names(f"{key}.stored.{scale}", "visit", columns, visits)
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
            yield from unknown_names(
                f"{key}.arm.values", "arm", [*used, *([raw.arm.value] if raw.arm.value else [])], arms
            )
        yield from _visit_names(key, raw, visits)
        yield from _real_times(key, raw, plan)
        if raw.flow is not None and raw.flow.stopped is not None:
            meant = raw.flow.stopped.values.values()
            yield from unknown_names(f"{key}.flow.stopped.values", "visit", meant, [*visits, STAYED])
        yield from unknown_names(
            f"{key}.clusters", "cluster in design.clusters", raw.clusters, list(plan.design.clusters)
        )
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
    yield from unknown_names(
        f"{key}.visit.values", "visit", [*used, *([raw.visit.value] if raw.visit.value else [])], visits
    )


def _real_times(key: str, raw: RawFile, plan: StudyPlan) -> Iterator[Problem]:
    """Real times of rows beside a model over time, which does not use them: they would change nothing, untold."""
    primary, secondary = plan.analysis.primary, plan.analysis.secondary
    analyses = [primary, *([secondary] if secondary else []), *plan.analysis.additional.values()]
    for name, column in (("week", raw.week), ("day", raw.day)):
        if column is not None and any(analysis.model == "random_slope" for analysis in analyses):
            message = "random_slope uses the weeks of design.visits, not the real time of a row: this changes nothing"
            yield f"{key}.{name}", message, column, f"leave {name} out"


def _has_answers(raw: RawFile, plan: StudyPlan) -> bool:
    """Whether answers can be found in this file."""
    return raw.items is not None or any(m.total is not None or m.items is not None for m in plan.measures.values())


def _variables(plan: StudyPlan) -> Iterator[Problem]:
    """Covariates and strata are baseline variables."""
    valid = baseline_names(plan)
    yield from unknown_names("covariates", "baseline variable in data", plan.covariates, valid)
    yield from unknown_names("design.strata", "baseline variable in data", plan.design.strata, valid)
    for key in ("quasi_identifiers", "unknown_to_others"):
        yield from unknown_names(f"privacy.{key}", "baseline variable in data", getattr(plan.privacy, key), valid)
    clusters = [name for raw in plan.data for name in raw.clusters]
    for name in plan.design.clusters:
        if name not in clusters:
            yield (
                f"design.clusters.{name}",
                "no raw file holds this cluster",
                name,
                f"add clusters: {{{name}: COLUMN}} to a file",
            )
