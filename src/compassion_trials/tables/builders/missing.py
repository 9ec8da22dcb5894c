"""Missing data by outcome, visit and arm."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import count, n_percent, percent
from compassion_trials.tables.material import Material, lookup, ordered
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import abbreviations, dash, general, notes

Cells = dict[tuple[str, ...], float]


def build(material: Material) -> list[TableSpec]:
    """One table of the outcomes that the analyses cover, one of the scales that are only described."""
    rows = material.rows(analysis="missing", arm=tuple(material.plan.design.arms))
    parts = ((True, "missing", ""), (False, "missing.scales", ": Further Scales"))
    tables = [(name, more, material.in_order(rows["outcome"], analysed)) for analysed, name, more in parts]
    return [_table(material, rows[rows["outcome"].isin(keys)], name, more, keys) for name, more, keys in tables if keys]


def _table(material: Material, rows: pd.DataFrame, name: str, more: str, keys: list[str]) -> TableSpec:
    """Scores missing out of those expected, and unanswered items where items were read."""
    arms = ordered(rows["arm"], material.plan.design.arms)
    with_items = bool((rows["term"] == "items").any())
    columns = [Column(text("Outcome and visit"), "left")]
    for arm in arms:
        spanner = text(material.arm(arm)) if len(arms) > 1 else ()
        columns += [Column(text("Expected"), "decimal", spanner), Column(rich("Missing, *n* (%)"), "decimal", spanner)]
        columns += [Column(text("Items missing (%)"), "decimal", spanner)] if with_items else []
    about_items = "Items missing: unanswered items of those who were assessed." if with_items else ""
    values = lookup(rows, "outcome", "visit", "arm", "term", "statistic")
    body = tuple(_body(material, values, arms, keys, with_items))
    note = general(
        material,
        "Missing: participants of the arm without a score at the visit.",
        about_items,
        abbreviations("n"),
        dash(body, "no items in the data, or nobody assessed"),
    )
    return TableSpec(
        name=name,
        title=text("Missing Data by Outcome and Visit" + more),
        columns=tuple(columns),
        rows=body,
        notes=notes(note),
        category="missing" if name == "missing" else "further scales",
        analyses=("missing",),
        orientation="landscape" if len(columns) > 7 else "portrait",
    )


def _body(material: Material, values: Cells, arms: list[str], keys: list[str], with_items: bool) -> list[Row]:
    """Rows of the outcomes, a group each."""
    body: list[Row] = []
    for key in keys:
        known = {visit for outcome, visit, *_ in values if outcome == key}
        body.append(heading(material.label(key)))
        for visit in (v for v in material.plan.design.visits if v in known):
            cells = [cell for arm in arms for cell in _cells(values, (key, visit, arm), with_items)]
            body.append(row(material.visit(visit), *cells, level=1))
    return body


def _cells(values: Cells, at: tuple[str, str, str], with_items: bool) -> list[str]:
    """Numbers of one arm."""
    missing = n_percent(values.get((*at, "", "n_missing")), values.get((*at, "", "percent")))
    items = [percent(values.get((*at, "items", "percent")), sign=False)] if with_items else []
    return [count(values.get((*at, "", "n_expected"))), missing, *items]
