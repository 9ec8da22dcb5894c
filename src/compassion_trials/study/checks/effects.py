"""Checks of what the plan asks of effects (change, families, margins, dose, harms, ...) against the data it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compassion_trials.instruments.model import Instrument
from compassion_trials.study.checks.problem import Problem, unknown_names
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.change import Change
from compassion_trials.study.plan.family import Family
from compassion_trials.study.plan.margin import Margin
from compassion_trials.study.plan.study_plan import StudyPlan


def effects_problems(
    plan: StudyPlan, known: Mapping[str, Outcome], instruments: Mapping[str, Instrument]
) -> Iterator[Problem]:
    """Everything that the plan asks of effects and its data cannot give.

    Parameters
    ----------
    plan : StudyPlan
    known : mapping of str to Outcome
        Outcomes of the plan by key.
    instruments : mapping of str to Instrument
    """
    for name, change in plan.analysis.change.items():
        yield from _change(f"analysis.change.{name}", name, change, plan, known, instruments)
    yield from _families(plan, known)
    for position, margin in enumerate(plan.analysis.margins):
        yield from _margin(f"analysis.margins.{position}", margin, plan, known)
    yield from _progression(plan)
    yield from _dose(plan, known)
    yield from _power(plan)
    if plan.harms is not None:
        for event, counts in plan.harms.events.items():
            yield from unknown_names(f"harms.events.{event}", "arm", counts, list(plan.design.arms))


def _change(
    key: str,
    name: str,
    change: Change,
    plan: StudyPlan,
    known: Mapping[str, Outcome],
    instruments: Mapping[str, Instrument],
) -> Iterator[Problem]:
    """Reliability, norm and direction that the rules of change need."""
    if name not in known:
        yield from unknown_names(key, "outcome", [name], list(known))
        return
    outcome = known[name]
    yield from unknown_names(f"{key}.visits", "visit", change.visits, list(plan.design.visits))
    yield from unknown_names(f"{key}.population", "analysis set", [change.population], ["all", *plan.analysis_sets])
    if len(outcome.visits) < 2:
        yield key, "a change needs two visits, and this outcome has one", name, "leave it out"
    if outcome.better == "neither":
        yield key, "neither direction of this scale is better, so nothing is an improvement", name, "leave it out"
    yield from _reliability(key, change, plan, outcome, instruments)
    if change.cutoff in ("b", "midpoint") and change.norm is None:
        advice = "add norm: {mean: ..., sd: ...}, write cutoff: a, or give the score itself"
        yield f"{key}.cutoff", "this criterion needs a norm, and the plan gives none", str(change.cutoff), advice
    if change.responder == "recovered" and change.cutoff is None:
        yield f"{key}.responder", "recovery needs a cut-off, and the plan gives none", "recovered", "add cutoff"
    if change.responder == "mid" and change.mid is None:
        yield f"{key}.responder", "the minimal important difference is missing", "mid", "add mid: number of points"


def _reliability(
    key: str, change: Change, plan: StudyPlan, outcome: Outcome, instruments: Mapping[str, Instrument]
) -> Iterator[Problem]:
    """The reliability asked for exists."""
    key, asked = f"{key}.reliability", change.reliability
    name = plan.measures[outcome.measure].instrument
    give = "give a number, such as reliability: 0.90"
    if isinstance(asked, float):
        if not 0 < asked < 1:
            yield key, "a reliability lies between 0 and 1", f"{asked:g}", give
    elif name is None:
        what = "the raw file holds only the total of this measure, so there is no reliability"
        yield key, f"{what} {'of the trial' if asked == 'sample' else 'of a questionnaire'}", asked, give
    elif asked == "instrument" and published_reliability(instruments[name], outcome.scale) is None:
        advice = f"{give}, or reliability: sample"
        yield key, "the questionnaire's file holds no reliability of this scale", asked, advice
    elif (
        asked == "sample"
        and len(instruments[name].with_variant(plan.measures[outcome.measure].variant).items_of(outcome.scale)) < 2
    ):
        yield key, "one item has no internal consistency", asked, give


def published_reliability(instrument: Instrument, scale: str) -> tuple[float, str] | None:
    """Published reliability of a scale and what kind it is: retest before alpha; None when there is none."""
    for published in instrument.reliability:
        if published.scale == scale and published.retest is not None:
            return published.retest, "retest"
    for published in instrument.reliability:
        if published.scale == scale and published.alpha is not None:
            return published.alpha, "alpha"
    return None


def _families(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Outcomes, arms, visits and gatekeepers exist; an outcome has one family; no circle of gatekeepers."""
    families, seen = plan.analysis.families, dict[str, str]()
    for name, family in families.items():
        key = f"analysis.families.{name}"
        yield from unknown_names(f"{key}.outcomes", "outcome", family.outcomes, list(known))
        yield from unknown_names(
            f"{key}.visit", "visit", [family.visit] if family.visit else [], list(plan.design.visits)
        )
        yield from unknown_names(f"{key}.between", "arm", family.between or (), list(plan.design.arms))
        if family.after is not None:
            yield from unknown_names(
                f"{key}.after", "family", [family.after], ["primary", *(f for f in families if f != name)]
            )
        if name == "primary":
            yield key, "'primary' is the primary outcome and cannot be a family", "", "choose another name"
        for outcome in family.outcomes:
            if outcome in seen:
                yield (
                    f"{key}.outcomes",
                    "this outcome is already in another family",
                    outcome,
                    f"see family {seen[outcome]}",
                )
            seen[outcome] = name
    yield from _circle(families)


def _circle(families: Mapping[str, Family]) -> Iterator[Problem]:
    """Gatekeepers that wait for each other."""
    for name in families:
        path, here = [name], families[name].after
        while here in families and here not in path:
            path.append(str(here))
            here = families[str(here)].after
        if here == name:
            yield (
                f"analysis.families.{name}.after",
                "these families wait for each other",
                " -> ".join([*path, name]),
                "",
            )


def _margin(key: str, margin: Margin, plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """The margin is there, on the right side of zero, for two arms."""
    design = plan.design
    yield from unknown_names(f"{key}.outcome", "outcome", [margin.outcome], list(known))
    yield from unknown_names(f"{key}.visit", "visit", [margin.visit] if margin.visit else [], list(design.visits))
    yield from unknown_names(f"{key}.between", "arm", margin.between or (), list(design.arms))
    if design.type == "single_arm":
        yield key, f"{margin.type} compares two arms, and there is only one", "", "leave margins out"
    elif margin.between is None and len(design.treated) != 2:
        yield f"{key}.between", "say which two arms are compared", "", "add between: [arm, compared with]"
    if margin.margin is None:
        question = "how large a difference would not matter?"
        yield f"{key}.margin", f"the margin is missing: {question}", "", "it must come from you, not from the data"
    elif isinstance(margin.margin, tuple):
        if margin.type == "noninferiority":
            yield (
                f"{key}.margin",
                "non-inferiority has one margin",
                str(list(margin.margin)),
                "give one positive number",
            )
        elif not margin.margin[0] < 0 < margin.margin[1]:
            yield f"{key}.margin", "zero must lie between the two margins", str(list(margin.margin)), "[lower, upper]"
    elif margin.margin <= 0:
        yield f"{key}.margin", "a margin is a positive number", f"{margin.margin:g}", ""
    if margin.type == "noninferiority" and margin.outcome in known and known[margin.outcome].better == "neither":
        yield f"{key}.outcome", "neither direction of this scale is better, so nothing is inferior", margin.outcome, ""


def _progression(plan: StudyPlan) -> Iterator[Problem]:
    """The data hold what a criterion is about."""
    sessions = any(raw.flow is not None and raw.flow.sessions for raw in plan.data)
    for name, criterion in plan.progression.items():
        key = f"progression.{name}"
        yield from unknown_names(
            f"{key}.visit", "visit", [criterion.visit] if criterion.visit else [], list(plan.design.visits)
        )
        yield from unknown_names(f"{key}.arm", "arm", [criterion.arm] if criterion.arm else [], list(plan.design.arms))
        if criterion.quantity == "recruitment" and (plan.screening is None or plan.screening.screened is None):
            yield key, "the plan does not say how many were screened", "recruitment", "add screening: {screened: ...}"
        if criterion.quantity == "attendance" and not sessions:
            yield key, "no raw file holds sessions attended", "attendance", "add flow: {sessions: COLUMN} to a file"
        if criterion.quantity == "deterioration" and not plan.analysis.change:
            yield key, "deterioration needs a rule of change", "deterioration", "add analysis: {change: {OUTCOME: {}}}"


def _dose(plan: StudyPlan, known: Mapping[str, Outcome]) -> Iterator[Problem]:
    """The dose is in the data."""
    dose = plan.analysis.dose
    if dose is None:
        return
    sessions = any(raw.flow is not None and raw.flow.sessions for raw in plan.data)
    if dose.variable == "sessions" and not sessions:
        yield (
            "analysis.dose",
            "no raw file holds sessions attended",
            "sessions",
            "add flow: {sessions: COLUMN} to a file",
        )
    elif dose.variable != "sessions":
        variables = [name for raw in plan.data for name in raw.baseline]
        yield from unknown_names(
            "analysis.dose.variable", "baseline variable in data", [dose.variable], ["sessions", *variables]
        )
    yield from unknown_names("analysis.dose.outcomes", "outcome", dose.outcomes, list(known))
    yield from unknown_names(
        "analysis.dose.visit", "visit", [dose.visit] if dose.visit else [], list(plan.design.visits)
    )
    yield from unknown_names("analysis.dose.arms", "arm", dose.arms, list(plan.design.arms))


def _power(plan: StudyPlan) -> Iterator[Problem]:
    """Power is about a comparison of the arms of the plan."""
    power = plan.analysis.power
    if power is None:
        return
    yield from unknown_names("analysis.power.n", "arm", power.n, list(plan.design.arms))
    if not plan.design.clusters:
        for key in ("icc", "group_size"):
            if getattr(power, key) is not None:
                advice = "add clusters to design and to a raw file, or leave it out"
                yield f"analysis.power.{key}", "the plan names no therapy groups", f"{getattr(power, key):g}", advice
    for arm, n in power.n.items():
        if n < 3:
            yield f"analysis.power.n.{arm}", "too few participants for any model", str(n), "three or more"
