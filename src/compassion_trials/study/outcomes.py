"""Outcomes: a scale of a measure, as analyses, tables and figures speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compassion_trials.instruments.model import Better, Instrument
from compassion_trials.study.plan.measures import Measure, Role
from compassion_trials.study.plan.study_plan import StudyPlan


@dataclass(frozen=True, slots=True)
class Outcome:
    """One analysable number per participant and visit.

    Attributes
    ----------
    key : str
        ``<measure>.<scale>``, for example ``scs.total``.
    measure, scale : str
    label : str
        Full name for tables and sentences.
    short : str
        Short name for figures and narrow tables.
    range : tuple of float
        Possible scores.
    better : {"higher", "lower", "neither"}
        Direction of benefit.
    unit : str
        ``points`` unless the plan says otherwise.
    role : str
        Role of the measure in the study.
    visits : tuple of str
        Visits at which it was planned.
    analysed : bool
        Whether the plan's analyses cover it (a scale that is only described is not).
    """

    key: str
    measure: str
    scale: str
    label: str
    short: str
    range: tuple[float, float]
    better: Better
    unit: str
    role: Role
    visits: tuple[str, ...]
    analysed: bool


def outcomes(plan: StudyPlan, instruments: Mapping[str, Instrument]) -> dict[str, Outcome]:
    """All outcomes of a study in the order of the plan, by key.

    Parameters
    ----------
    plan : StudyPlan
    instruments : mapping
        Questionnaires by short name; must hold all that the plan uses.
    """
    found: dict[str, Outcome] = {}
    for key, measure in plan.measures.items():
        visits = measure.visits or tuple(plan.design.visits)
        for outcome in _of_measure(key, measure, visits, instruments):
            found[outcome.key] = outcome
    return found


def primary_outcome(plan: StudyPlan, known: Mapping[str, Outcome]) -> str | None:
    """Key of the primary outcome: named by the plan, or the first analysed scale of the primary measure."""
    if plan.analysis.primary.outcome is not None:
        return plan.analysis.primary.outcome
    return next((key for key, outcome in known.items() if outcome.role == "primary" and outcome.analysed), None)


def _of_measure(
    key: str, measure: Measure, visits: tuple[str, ...], instruments: Mapping[str, Instrument]
) -> list[Outcome]:
    """Outcomes of one measure, its main scale first."""
    if measure.instrument is None:
        return [_stored_total(key, measure, visits)]
    instrument = instruments[measure.instrument].with_variant(measure.variant)
    analysed = measure.scales or instrument.default_scales
    order = [*[s for s in analysed if s in instrument.scales], *[s for s in instrument.scales if s not in analysed]]
    return [
        Outcome(
            key=f"{key}.{scale}",
            measure=key,
            scale=scale,
            label=instrument.scale_label(scale, measure.name),
            short=instrument.scale_short(scale, measure.short),
            range=instrument.scales[scale].range,
            better=instrument.scales[scale].better,
            unit=measure.unit or "points",
            role=measure.role,
            visits=visits,
            analysed=scale in analysed,
        )
        for scale in order
    ]


def _stored_total(key: str, measure: Measure, visits: tuple[str, ...]) -> Outcome:
    """The one outcome of a stored total."""
    assert measure.name is not None  # all three checked by Measure
    assert measure.range is not None
    assert measure.better is not None
    return Outcome(
        key=f"{key}.total",
        measure=key,
        scale="total",
        label=measure.name,
        short=measure.short or measure.name,
        range=measure.range,
        better=measure.better,
        unit=measure.unit or "points",
        role=measure.role,
        visits=visits,
        analysed=True,
    )
