"""Internal consistency of every scale at every visit."""

from __future__ import annotations

from compassion_trials.core.numbers import DASH, bounded, count, interval
from compassion_trials.tables.material import Material, lookup
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import N, abbreviations, confidence, general, notes


def build(material: Material) -> list[TableSpec]:
    """Alpha with its interval and omega."""
    rows = material.rows(analysis="reliability")
    if rows.empty:
        return []
    values = lookup(rows[rows["arm"] == ""], "outcome", "visit", "statistic")
    columns = (
        Column(text("Scale and visit"), "left"),
        Column(text("Items")),
        Column(N),
        Column(text("α")),
        Column(confidence(material)),
        Column(text("ω")),
    )
    note = general(
        material,
        text("Participants who answered all items of the scale."),
        abbreviations("n", "alpha", "CI", "omega"),
        f"{DASH} = not estimable.",
    )
    return [
        TableSpec(
            name="reliability",
            title=rich("Reliability of the Scales in This Sample"),
            columns=columns,
            rows=tuple(_body(material, values)),
            notes=notes(note),
            category="measures",
            analyses=("reliability",),
        )
    ]


def _body(material: Material, values: dict[tuple[str, ...], float]) -> list[Row]:
    """Rows of all scales; a scale with one visit takes one row."""
    present = {outcome for outcome, *_ in values}
    body: list[Row] = []
    for key in [*[k for k in material.outcomes if k in present], *sorted(present - set(material.outcomes))]:
        known = {visit for outcome, visit, _ in values if outcome == key}
        visits = [visit for visit in material.plan.design.visits if visit in known]
        if len(visits) > 1:
            body.append(heading(material.label(key)))
        for visit in visits:
            name = material.visit(visit) if len(visits) > 1 else f"{material.label(key)}: {material.visit(visit)}"
            body.append(row(name, *_cells(values, key, visit), level=int(len(visits) > 1)))
    return body


def _cells(values: dict[tuple[str, ...], float], key: str, visit: str) -> list[str]:
    """Numbers of one row."""
    found = {name: value for (outcome, at, name), value in values.items() if outcome == key and at == visit}
    return [
        count(found.get("n_items")),
        count(found.get("n")),
        bounded(found.get("alpha")),
        interval(found.get("alpha_lower"), found.get("alpha_upper"), style=bounded),
        bounded(found.get("omega")),
    ]
