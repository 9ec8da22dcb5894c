"""Means by arm and visit as the models estimate them, with intervals."""

from __future__ import annotations

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.core.results import values_by
from compassion_trials.tables.builders.outcomes.grid import Place, grid
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import abbreviations, confidence, dash, general, notes


def build(material: Material) -> list[TableSpec]:
    """Estimated means of the primary and secondary analyses."""
    rows = material.results.rows(analysis=("primary", "secondary"), term="mean", level="")
    rows = rows[rows["statistic"].isin(["estimate", "lower", "upper"])]
    if rows.empty:
        return []
    values = values_by(rows, "outcome", "visit", "arm", "statistic")

    def cells(place: Place) -> list[str]:
        decimals = material.decimals(place[0])
        limits = (values.get((*place, "lower")), values.get((*place, "upper")))
        return [fixed(values.get((*place, "estimate")), decimals), interval(*limits, decimals)]

    heads = (rich("*M*"), confidence(material))
    columns, body = grid(
        material, [(key[0], key[1], key[2]) for key in values], material.in_order(rows["outcome"]), heads, cells
    )
    note = general(
        material,
        "Means as the model of each outcome estimates them from all participants analysed.",
        abbreviations("M", "CI"),
        dash(body, "not in the model"),
    )
    return [
        TableSpec(
            name="means",
            title=text(f"Estimated Means by {'' if material.single_arm else 'Arm and '}Visit"),
            columns=columns,
            rows=body,
            notes=notes(note),
            category="outcomes",
            analyses=tuple(ordered(rows["analysis"])),
        )
    ]
