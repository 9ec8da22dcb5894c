"""Means by arm and visit as the models estimate them, with intervals."""

from __future__ import annotations

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.tables.material import Material, lookup, ordered
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import abbreviations, confidence, general, notes


def build(material: Material) -> list[TableSpec]:
    """Estimated means of the primary and secondary analyses."""
    rows = material.rows(analysis=("primary", "secondary"), term="mean", level="")
    rows = rows[rows["statistic"].isin(["estimate", "lower", "upper"])]
    if rows.empty:
        return []
    arms = ordered(rows["arm"], material.plan.design.arms)
    columns = [Column(text("Outcome and visit"), "left")]
    for arm in arms:
        spanner = text(material.arm(arm)) if len(arms) > 1 else ()
        columns += [Column(rich("*M*"), "decimal", spanner), Column(confidence(material), "decimal", spanner)]
    note = general(
        material,
        "Means as the model of each outcome estimates them from all participants analysed.",
        abbreviations("M", "CI"),
    )
    return [
        TableSpec(
            name="means",
            title=text("Estimated Means by Arm and Visit" if len(arms) > 1 else "Estimated Means by Visit"),
            columns=tuple(columns),
            rows=tuple(_body(material, lookup(rows, "outcome", "visit", "arm", "statistic"), arms)),
            notes=notes(note),
            category="outcomes",
            analyses=tuple(ordered(rows["analysis"])),
            orientation="landscape" if len(columns) > 7 else "portrait",
        )
    ]


def _body(material: Material, values: dict[tuple[str, ...], float], arms: list[str]) -> list[Row]:
    """Rows of all outcomes, in the order of the plan."""
    present = {outcome for outcome, *_ in values}
    body: list[Row] = []
    for key in (k for k in material.outcomes if k in present):
        known = {visit for outcome, visit, *_ in values if outcome == key}
        decimals = material.decimals(key)
        body.append(heading(material.label(key)))
        for visit in (v for v in material.plan.design.visits if v in known):
            cells: list[str] = []
            for arm in arms:
                at = (key, visit, arm)
                limits = (values.get((*at, "lower")), values.get((*at, "upper")))
                cells += [fixed(values.get((*at, "estimate")), decimals), interval(*limits, decimals)]
            body.append(row(material.visit(visit), *cells, level=1))
    return body
