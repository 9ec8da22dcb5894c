"""Observed changes since baseline: means of people seen at both visits, and their standardized sizes."""

from __future__ import annotations

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import count, fixed, interval
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import join, text
from compassion_trials.tables.wording import ABBREVIATIONS, SYMBOLS, N, confidence, dash, general, notes

SIZES = ("d_av", "d_z")


def build(material: Material) -> list[TableSpec]:
    """One table of the changes of people with both visits; estimates of the models stand in tables of their own."""
    rows = material.results.rows(analysis="observed", term="change", level="")
    if rows.empty:
        return []
    values: dict[tuple[str, str, str], dict[str, float]] = {}
    for line in result_lines(rows):
        found = values.setdefault((line.outcome, line.arm, line.visit), {"n": line.n})
        found[line.statistic] = line.value
    visits, arms = list(material.plan.design.visits), tuple(material.plan.design.arms)
    body: list[TableRow] = []
    for outcome in material.in_order(rows["outcome"]):
        body.append(heading(material.label(outcome)))
        mine = rows[rows["outcome"] == outcome]
        for arm in ordered(mine["arm"], arms):
            body += [] if material.single_arm else [heading(material.arm(arm), 1)]
            for visit in [v for v in visits if (outcome, arm, v) in values]:
                cells = _cells(material, outcome, values[outcome, arm, visit])
                body.append(row(material.visit(visit), *cells, level=1 + (not material.single_arm)))
    ci = confidence(material)
    heads = [TableColumn(N), TableColumn(text("Mean change"))]
    heads += [column for size in SIZES for column in (TableColumn(SYMBOLS[size]), TableColumn(ci))]
    first = material.visit(material.plan.design.baseline)
    clustered = bool(material.plan.design.clusters)
    note = general(
        material,
        f"Changes from {first} of participants with both scores, without a model; a positive value is an increase.",
        "Limits take people as independent, also those who met in groups." if clustered else "",
        text(join("; ", [ABBREVIATIONS[name] for name in ("n", "CI", *SIZES)]), "."),
        dash(body, "not estimable"),
    )
    return [
        TableSpec(
            name="observed.changes",
            title=text(f"Observed Changes From {first}"),
            columns=(TableColumn(text("Outcome and visit"), "left"), *heads),
            rows=tuple(body),
            notes=notes(note),
            category="further analyses",
            analyses=("observed",),
        )
    ]


def _cells(material: Material, outcome: str, found: dict[str, float]) -> list[str]:
    """Pairs, their mean change, its sizes."""
    cells = [count(found["n"]), fixed(found.get("mean_change"), material.decimals(outcome))]
    for size in SIZES:
        cells += [fixed(found.get(size)), interval(found.get(f"{size}_lower"), found.get(f"{size}_upper"))]
    return cells
