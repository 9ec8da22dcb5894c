"""Variables of the shared data: what each column is called, means and may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from compassion_trials.study.context import Context
from compassion_trials.study.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class SharedVariable:
    """A column of the shared data.

    Attributes
    ----------
    name : str
    label : str
    kind : {"number", "category", "text"}
    values : dict of str to str
        Word in the column and what it means, for a category; the codes of the .sav file are 1, 2, ... in this order.
    range : tuple of float or None
        Possible values of a number.
    unit : str
    rule : str
        How it was made.
    """

    name: str
    label: str
    kind: Literal["number", "category", "text"]
    values: Mapping[str, str] = field(default_factory=dict)
    range: tuple[float, float] | None = None
    unit: str = ""
    rule: str = ""


def arm_variable(context: Context) -> SharedVariable:
    """The arm."""
    rule = "arms are masked" if context.blind else ""
    return SharedVariable("arm", "Arm", "category", dict(context.plan.design.arms), rule=rule)


def visit_variable(context: Context) -> SharedVariable:
    """The visit."""
    visits = context.plan.design.visits
    labels = {key: f"{context.plan.design.visit_label(key)} (week {visit.week:g})" for key, visit in visits.items()}
    return SharedVariable("visit", "Planned visit", "category", labels)


def score_variable(context: Context, outcome: Outcome, visit: str) -> SharedVariable:
    """A score at a visit, a column of the wide data."""
    return SharedVariable(
        column(outcome, visit),
        f"{outcome.label}, {context.plan.design.visit_label(visit)}",
        "number",
        range=outcome.range,
        unit=outcome.unit,
        rule=scoring_rule(context, outcome),
    )


def column(outcome: Outcome, visit: str) -> str:
    """Name of a score's column in the wide data."""
    return f"{outcome.measure}_{outcome.scale}_{visit}"


def scoring_rule(context: Context, outcome: Outcome) -> str:
    """How a score comes from answers, in one line."""
    measure = context.plan.measures[outcome.measure]
    better = {"higher": "higher is better", "lower": "lower is better", "neither": "no direction"}[outcome.better]
    if measure.instrument is None:
        return f"total as stored in the raw file; {better}"
    instrument = context.instruments[measure.instrument].with_variant(measure.variant)
    scale = instrument.scales[outcome.scale]
    parts = ", ".join(scale.of) if scale.composite else f"items {', '.join(map(str, scale.items))}"
    turned = ", ".join([*map(str, scale.reverse), *scale.reverse_of])
    rule = f"{scale.method} of {parts}" + (f"; reversed: {turned}" if turned else "")
    if scale.factor != 1:
        rule += f"; times {scale.factor:g}"
    if scale.offset:
        rule += f"; {'plus' if scale.offset > 0 else 'less'} {abs(scale.offset):g}"
    return f"{instrument.short}: {rule}; missing items: {instrument.missing.rule}; {better}"
