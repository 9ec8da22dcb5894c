"""Observed means: n and M (SD) by arm and visit, grouped by outcome."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import count, mean_sd
from compassion_trials.tables.material import Material, lookup, ordered
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import M_SD, N, abbreviations, dash, general, notes


def build(material: Material) -> list[TableSpec]:
    """One table of the outcomes that the analyses cover, one of the scales that are only described."""
    rows = material.rows(analysis="observed", statistic=("n", "mean", "sd"), term="", level="")
    rows = rows[rows["arm"] != ""]
    parts = ((True, "observed", ""), (False, "observed.scales", ": Further Scales"))
    tables = [(name, more, material.in_order(rows["outcome"], analysed)) for analysed, name, more in parts]
    return [_table(material, rows, name, more, keys) for name, more, keys in tables if keys]


def _table(material: Material, rows: pd.DataFrame, name: str, more: str, keys: list[str]) -> TableSpec:
    """The table of some outcomes."""
    arms = ordered(rows["arm"], material.plan.design.arms)
    columns = [Column(text("Outcome and visit"), "left")]
    for arm in arms:
        spanner = text(material.arm(arm)) if len(arms) > 1 else ()
        columns += [Column(N, "decimal", spanner), Column(M_SD, "decimal", spanner)]
    title = "Observed Means by Arm and Visit" if len(arms) > 1 else "Observed Means by Visit"
    body = tuple(_body(material, lookup(rows, "outcome", "visit", "arm", "statistic"), arms, keys))
    note = general(
        material,
        "Means of the observed scores, without adjustment.",
        abbreviations("n", "M", "SD"),
        dash(body, "not assessed"),
    )
    return TableSpec(
        name=name,
        title=text(title + more),
        columns=tuple(columns),
        rows=body,
        notes=notes(note),
        category="outcomes" if name == "observed" else "further scales",
        analyses=("observed",),
        orientation="landscape" if len(columns) > 7 else "portrait",
    )


def _body(material: Material, values: dict[tuple[str, ...], float], arms: list[str], keys: list[str]) -> list[Row]:
    """Rows of the outcomes, a group each."""
    body: list[Row] = []
    for key in keys:
        known = {visit for outcome, visit, *_ in values if outcome == key}
        body.append(heading(material.label(key)))
        for visit in (v for v in material.plan.design.visits if v in known):
            cells: list[str] = []
            for arm in arms:
                at = (key, visit, arm)
                mean, sd = values.get((*at, "mean")), values.get((*at, "sd"))
                cells += [count(values.get((*at, "n"))), mean_sd(mean, sd, material.decimals(key))]
            body.append(row(material.visit(visit), *cells, level=1))
    return body
