"""Observed means: n and M (SD) by arm and visit, grouped by outcome."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import count, mean_sd
from compassion_trials.core.results import values_by
from compassion_trials.tables.builders.outcomes.grid import Place, grid
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import M_SD, N, abbreviations, dash, general, notes


def build(material: Material) -> list[TableSpec]:
    """One table of the outcomes that the analyses cover, one of the scales that are only described."""
    rows = material.results.rows(analysis="observed", statistic=("n", "mean", "sd"), term="", level="")
    rows = rows[rows["arm"] != ""]
    parts = ((True, "observed", ""), (False, "observed.scales", ": Further Scales"))
    tables = [(name, more, material.in_order(rows["outcome"], analysed)) for analysed, name, more in parts]
    return [_table(material, rows, name, more, keys) for name, more, keys in tables if keys]


def _table(material: Material, rows: pd.DataFrame, name: str, more: str, keys: list[str]) -> TableSpec:
    """The table of some outcomes."""
    values = values_by(rows, "outcome", "visit", "arm", "statistic")

    def cells(place: Place) -> list[str]:
        mean = mean_sd(values.get((*place, "mean")), values.get((*place, "sd")), material.decimals(place[0]))
        return [count(values.get((*place, "n"))), mean]

    columns, body = grid(material, [(key[0], key[1], key[2]) for key in values], keys, (N, M_SD), cells)
    note = general(
        material,
        "Means of the observed scores, without adjustment.",
        abbreviations("n", "M", "SD"),
        dash(body, "not assessed"),
    )
    return TableSpec(
        name=name,
        title=text(f"Observed Means by {'' if material.single_arm else 'Arm and '}Visit{more}"),
        columns=columns,
        rows=body,
        notes=notes(note),
        category="outcomes" if name == "observed" else "further scales",
        analyses=("observed",),
    )
