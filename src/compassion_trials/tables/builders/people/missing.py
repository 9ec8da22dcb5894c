"""Missing data by outcome, visit and arm."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import count, n_percent, percent
from compassion_trials.core.results import values_by
from compassion_trials.tables.builders.outcomes.grid import Place, grid
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import abbreviations, dash, general, notes


def build(material: Material) -> list[TableSpec]:
    """One table of the outcomes that the analyses cover, one of the scales that are only described."""
    rows = material.results.rows(analysis="missing", arm=tuple(material.plan.design.arms))
    parts = ((True, "missing", ""), (False, "missing.scales", ": Further Scales"))
    tables = [(name, more, material.in_order(rows["outcome"], analysed)) for analysed, name, more in parts]
    return [_table(material, rows[rows["outcome"].isin(keys)], name, more, keys) for name, more, keys in tables if keys]


def _table(material: Material, rows: pd.DataFrame, name: str, more: str, keys: list[str]) -> TableSpec:
    """Scores missing out of those expected, and unanswered items where items were read."""
    with_items = bool((rows["term"] == "items").any())
    values = values_by(rows, "outcome", "visit", "arm", "term", "statistic")

    def cells(place: Place) -> list[str]:
        missing = n_percent(values.get((*place, "", "n_missing")), values.get((*place, "", "percent")))
        items = [percent(values.get((*place, "items", "percent")), sign=False)] if with_items else []
        return [count(values.get((*place, "", "n_expected"))), missing, *items]

    heads = (text("Expected"), rich("Missing, *n* (%)"), *([text("Items missing (%)")] if with_items else []))
    columns, body = grid(material, [(key[0], key[1], key[2]) for key in values], keys, heads, cells)
    note = general(
        material,
        "Missing: participants of the arm without a score at the visit.",
        "Items missing: unanswered items of those who were assessed." if with_items else "",
        abbreviations("n"),
        dash(body, "no items in the data, or nobody assessed"),
    )
    return TableSpec(
        name=name,
        title=text("Missing Data by Outcome and Visit" + more),
        columns=columns,
        rows=body,
        notes=notes(note),
        category="missing" if name == "missing" else "further scales",
        analyses=("missing",),
    )
