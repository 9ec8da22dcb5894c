"""Dose received, and the change that went with it."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import bounded, count, degrees, fixed, interval, mean_sd, n_percent, p_value
from compassion_trials.tables.material import Material, words
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import BOUND, DF, M_SD, N, P, confidence, dash, general, notes, without_empty


def build(material: Material) -> list[TableSpec]:
    """Dose by arm; change per unit of dose by outcome."""
    rows = material.results.rows(analysis="dose")
    if rows.empty:
        return []
    values: dict[tuple[str, str, str], dict[str, float]] = {}
    for r in result_lines(rows):
        values.setdefault((r.arm, r.outcome, r.level), {})[r.statistic] = r.value
    sizes = {(r.outcome): r.n for r in result_lines(rows[rows["outcome"] != ""])}
    remarks = rows.loc[rows["outcome"] != "", "note"]
    spec = material.plan.analysis.dose
    name = (spec.label if spec and spec.label else words(rows["term"].iloc[0])).lower()
    change = _association(material, name, values, sizes, rows["visit"].max(), remarks)
    tables = [_amount(material, name, values), change]
    return [table for table in tables if table is not None]


def _amount(material: Material, name: str, values: dict[tuple[str, str, str], dict[str, float]]) -> TableSpec | None:
    body: list[TableRow] = []
    for (arm, outcome, level), v in values.items():
        if arm and not outcome and not level:
            enough = values.get((arm, "", "adequate"), {})
            quartiles = f"{fixed(v['median'], 1)} [{fixed(v['q1'], 1)}, {fixed(v['q3'], 1)}]"
            share = n_percent(enough.get("n"), enough.get("percent"))
            body.append(row(material.arm(arm), count(v["n"]), mean_sd(v["mean"], v["sd"]), quartiles, share))
    if not body:
        return None
    heads = [TableColumn(N), TableColumn(M_SD), TableColumn(text("Median [quartiles]")), TableColumn(text("Adequate"))]
    columns, shown = without_empty((TableColumn(text("Arm"), "left"), *heads), body)
    spec = material.plan.analysis.dose
    enough_words = f"Adequate: at least {spec.adequate:g}." if spec and spec.adequate is not None else ""
    return TableSpec(
        name="dose",
        title=text("Dose Received by Arm"),
        columns=columns,
        rows=shown,
        notes=notes(general(material, f"Dose: {name}.", enough_words)),
        category="dose",
        analyses=("dose",),
    )


def _association(
    material: Material,
    name: str,
    values: dict[tuple[str, str, str], dict[str, float]],
    sizes: dict[str, float],
    visit: str,
    remarks: pd.Series,
) -> TableSpec | None:
    body: list[TableRow] = []
    for (_, outcome, _), v in values.items():
        if outcome and "estimate" in v:
            numbers = [
                count(sizes[outcome]),
                fixed(v["estimate"]),
                interval(v.get("lower"), v.get("upper")),
                degrees(v.get("df")),
                p_value(v.get("p")),
                bounded(v["r"]),
            ]
            body.append(row(material.label(outcome), *numbers))
    if not body:
        return None
    heads = [
        TableColumn(N),
        TableColumn(rich("*b*")),
        TableColumn(confidence(material)),
        TableColumn(DF),
        TableColumn(P),
        TableColumn(rich("*r*")),
    ]
    columns, shown = without_empty((TableColumn(text("Outcome"), "left"), *heads), body)
    since = f"{material.visit(material.plan.design.baseline)} to {material.visit(visit)}"
    note = general(
        material,
        rich("*b* = change"),
        f"from {since} per unit of dose ({name}), adjusted for the baseline score and arm;",
        rich("*r* = partial correlation."),
        "Not causal: people who attend more differ in other ways, too.",
        _clustered(remarks),
        dash(shown, "too few therapy groups for it") if remarks.str.contains("therapy groups").any() else "",
    )
    return TableSpec(
        name="dose.change",
        title=text("Dose and Change (Not Causal)"),
        columns=columns,
        rows=shown,
        notes=notes(note),
        category="dose",
        analyses=("dose",),
    )


def _clustered(remarks: pd.Series) -> str:
    """What is said of therapy groups, where people met in some."""
    if not remarks.str.contains("therapy groups").any():
        return ""
    if not remarks.str.contains("cluster-robust").any():
        return "Therapy groups are too few for limits or a test."
    said = f"Standard errors are cluster-robust (CR2, therapy groups; {BOUND})"
    few = remarks.str.contains("no p below").any()
    return said + ("; below five groups in an arm there is no test." if few else ".")
