"""Therapy groups: numbers, sizes, intraclass correlations, design effects."""

from __future__ import annotations

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import bounded, count, fixed, interval
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import confidence, dash, general, notes, without_empty


def build(material: Material) -> list[TableSpec]:
    """One table per cluster of the plan."""
    rows = material.results.rows(analysis="clusters")
    return [_table(material, name) for name in dict.fromkeys(rows["term"])]


def _table(material: Material, name: str) -> TableSpec:
    rows = material.results.rows(analysis="clusters", term=name)
    values: dict[tuple[str, str], dict[str, float]] = {}
    for r in result_lines(rows[rows["arm"] == ""]):
        values.setdefault((r.outcome, r.visit), {})[r.statistic] = r.value
    model = material.results.rows(analysis=("primary", "secondary"), term="model", statistic="icc")
    modelled = dict(zip(model["outcome"], model["value"], strict=True))
    body: list[TableRow] = []
    for outcome in material.in_order(rows["outcome"]):
        body.append(heading(material.label(outcome)))
        for (key, visit), found in values.items():
            if key == outcome:
                limits = interval(found["icc_lower"], found["icc_upper"], style=bounded)
                cells = [bounded(found["icc"]), limits, fixed(found["design_effect"]), bounded(modelled.get(outcome))]
                body.append(row(material.visit(visit), *cells, level=1))
    heads = [
        TableColumn(text("ICC")),
        TableColumn(confidence(material)),
        TableColumn(text("Design effect")),
        TableColumn(text("ICC of the model")),
    ]
    columns, shown = without_empty((TableColumn(text("Outcome and visit"), "left"), *heads), body)
    note = general(
        material,
        *_sizes(material, name),
        "ICC = intraclass correlation of members of one group, from the analysis of variance of groups within "
        "arms; it can "
        "be below zero. The design effect counts a negative ICC as zero.",
        "ICC of the model: one for all visits after baseline, not below zero." if modelled else "",
        dash(shown, "not in the model"),
    )
    return TableSpec(
        name=f"clusters.{name}",
        title=text(f"Intraclass Correlation Within Clusters: {material.label(name)}"),
        columns=columns,
        rows=shown,
        notes=notes(note),
        category="models",
        analyses=("clusters",),
    )


def _sizes(material: Material, name: str) -> list[str]:
    """Groups and their sizes by arm."""
    rows = material.results.rows(analysis="clusters", term=name)
    found = []
    for arm in [a for a in material.plan.design.arms if a in set(rows["arm"])]:
        mine = rows[rows["arm"] == arm]
        v = dict(zip(mine["statistic"], mine["value"], strict=True))
        span = (
            f"{count(v['smallest'])} to {count(v['largest'])}" if v["smallest"] < v["largest"] else count(v["smallest"])
        )
        found.append(f"{material.arm(arm)}: {count(v['n_groups'])} groups of {span} participants.")
    return found
