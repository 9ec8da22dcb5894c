"""Feasibility: recruitment, retention, completeness; progression criteria; numbers for the next trial."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import DASH, MINUS, bounded, count, fixed, interval, percent
from compassion_trials.study.plan.pilot import Criterion
from compassion_trials.tables.material import Material, words
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, rich, text
from compassion_trials.tables.wording import N, confidence, dash, general, notes

SHARES = {
    "recruitment": "Recruited, of those screened",
    "retention": "Assessed, of those allocated",
    "completeness": "Items answered, of those expected",
}


def build(material: Material) -> list[TableSpec]:
    """Progression criteria, feasibility quantities, planning quantities, power."""
    tables = [_progression(material), _quantities(material), _planning(material), _power(material)]
    return [table for table in tables if table is not None]


def _progression(material: Material) -> TableSpec | None:
    """One row per criterion with its traffic light in words."""
    rows = material.results.rows(analysis="progression")
    if rows.empty:
        return None
    body: list[TableRow] = []
    for name, criterion in material.plan.progression.items():
        mine = rows[rows["term"] == name]
        values = dict(zip(mine["statistic"], mine["value"], strict=True))
        verdict = next(word for word in mine["text"] if word)
        number = criterion.quantity == "allocated"
        shown = count(values.get("value")) if number else percent(values.get("value"))
        limits = DASH if number else interval(values.get("lower"), values.get("upper"), 1)
        n = mine["n"].dropna()
        of = f"{count(values['n'])}/{count(float(n.iloc[0]))}" if "n" in values and len(n) else DASH
        limit = ">=" if criterion.green > criterion.red else "<="
        goal = f"{'≥' if limit == '>=' else '≤'} {criterion.green:g}"
        stop = f"{'<' if limit == '>=' else '>'} {criterion.red:g}"
        body.append(
            row(criterion_label(material, name, criterion), of, shown, limits, goal, stop, verdict.capitalize())
        )
    note = general(
        material,
        "Limits of green and red are percentages, or participants; between them lies amber.",
        "Intervals are exact.",
        dash(body, "does not apply"),
    )
    heads = [TableColumn(rich("*n*/*N*")), TableColumn(text("Value")), TableColumn(confidence(material))]
    heads += [TableColumn(text("Green")), TableColumn(text("Red")), TableColumn(text("Verdict"), "left")]
    return _spec(
        "progression",
        "Progression Criteria",
        (TableColumn(text("Criterion"), "left"), *heads),
        body,
        note,
        "progression",
    )


def criterion_label(material: Material, name: str, criterion: Criterion) -> str:
    """A criterion in words."""
    label = criterion.label or words(name)
    where = [material.arm(criterion.arm)] if criterion.arm else []
    where += [material.visit(criterion.visit)] if criterion.visit else []
    where += [f"at least {criterion.sessions:g} sessions"] if criterion.sessions is not None else []
    return label + (f" ({', '.join(where)})" if where else "")


def _quantities(material: Material) -> TableSpec | None:
    """Recruitment, retention, completeness with exact limits."""
    rows = material.results.rows(analysis="pilot", term=tuple(SHARES))
    if rows.empty:
        return None
    body: list[TableRow] = []
    for term, label in SHARES.items():
        mine = rows[rows["term"] == term]
        if mine.empty:
            continue
        body.append(heading(label))
        for (visit, arm), one in mine.groupby(["visit", "arm"], sort=False):
            values = dict(zip(one["statistic"], one["value"], strict=True))
            place = ", ".join(
                p
                for p in (
                    material.visit(str(visit)) if visit else "",
                    material.arm(str(arm)) if arm or term == "retention" else "",
                )
                if p
            )
            of = f"{count(values['n'])}/{count(float(one['n'].iloc[0]))}"
            limits = interval(values["lower"], values["upper"], 1)
            body.append(row(place or "All", of, percent(values["percent"]), limits, level=1))
    heads = (TableColumn(rich("*n*/*N*")), TableColumn(text("Percent")), TableColumn(confidence(material)))
    note = general(material, "Intervals are exact (Clopper-Pearson); those of items take answers as independent.")
    return _spec(
        "feasibility",
        "Recruitment, Retention, and Completeness",
        (TableColumn(text("Quantity"), "left"), *heads),
        body,
        note,
        "pilot",
    )


def _planning(material: Material) -> TableSpec | None:
    """Standard deviations and correlations for the sample size of the next trial."""
    rows = material.results.rows(analysis="pilot", term=("sd", "correlation"))
    if rows.empty:
        return None
    body: list[TableRow] = []
    visits = [v for v in material.plan.design.visits if (rows.loc[rows["term"] == "correlation", "visit"] == v).any()]
    for outcome in material.in_order(rows["outcome"]):
        mine = rows[rows["outcome"] == outcome]
        sd = _values(mine[mine["term"] == "sd"])
        decimals = material.decimals(outcome)
        cells = [
            fixed(sd.get("sd"), decimals),
            interval(sd.get("lower"), sd.get("upper"), decimals),
            fixed(sd.get("sd_upper"), decimals),
        ]
        for visit in visits:
            r = _values(mine[(mine["term"] == "correlation") & (mine["visit"] == visit)])
            cells += [bounded(r.get("r")), interval(r.get("lower"), r.get("upper"), style=bounded)]
        body.append(row(material.label(outcome), *cells))
    ci = confidence(material)
    heads = [TableColumn(rich("*SD*")), TableColumn(ci), TableColumn(text("80% upper limit"))]
    for visit in visits:
        heads += [
            TableColumn(rich("*r*"), "decimal", text(material.visit(visit))),
            TableColumn(ci, "decimal", text(material.visit(visit))),
        ]
    note = general(
        material,
        rich(
            "*SD* = standard deviation at baseline, pooled within arms; its one-sided 80% upper limit is meant for "
            "planning; "
            "*r* = correlation with the baseline within arms."
        ),
        dash(body, "not known"),
    )
    return _spec(
        "planning",
        "Quantities for Planning the Next Trial",
        (TableColumn(text("Outcome"), "left"), *heads),
        body,
        note,
        "pilot",
    )


def _power(material: Material) -> TableSpec | None:
    """Power and interval width at the planned, the achieved and the needed size."""
    rows = material.results.rows(analysis="power")
    if rows.empty:
        return None
    names = {"planned": "Planned", "achieved": "Achieved", "needed": "Needed"}
    arms = [arm for arm in material.plan.design.arms if arm in set(rows["arm"])]
    whole, body = rows[rows["arm"] == ""], []
    first = _values(whole[whole["level"] == "achieved"])
    outcome, effect = whole["outcome"].iloc[0], abs(first["effect"])
    decimals = material.decimals(outcome)
    for level in [name for name in names if name in set(whole["level"])]:
        values = _values(whole[whole["level"] == level])
        by_arm = {r.arm: r.value for r in result_lines(rows[(rows["level"] == level) & (rows["arm"] != "")])}
        body.append(
            row(
                names[level] + (f" for power {bounded(values['target'])}" if level == "needed" else ""),
                *[count(by_arm.get(arm)) for arm in arms],
                bounded(values["power"]),
                bounded(values["power_mc_error"], 3),
                fixed(values["ci_width"], decimals),
            )
        )
    at = material.plan.design.visit_at(whole["visit"].iloc[0])
    note = general(
        material,
        f"Power to find a true difference of {fixed(effect, decimals)} ({fixed(effect / first['sd'])} SD at "
        f"baseline) in {material.label(outcome)} at {at}, two-sided level "
        f"{bounded(material.plan.analysis.alpha)}; {whole['note'].iloc[0].replace(' - ', f' {MINUS} ')}.",
    )
    heads = [TableColumn(text(material.arm(arm), " ", N)) for arm in arms]
    heads += [TableColumn(text("Power")), TableColumn(text("MC error")), TableColumn(text("Mean CI width"))]
    return _spec(
        "power",
        "Power and Precision of the Primary Comparison",
        (TableColumn(text("Size"), "left"), *heads),
        body,
        note,
        "pilot",
    )


def _values(rows: pd.DataFrame) -> dict[str, float]:
    """Statistics of one place."""
    return dict(zip(rows["statistic"], rows["value"], strict=True))


def _spec(
    name: str, title: str, columns: tuple[TableColumn, ...], body: list[TableRow], note: Text, analysis: str
) -> TableSpec:
    """A table of this builder."""
    return TableSpec(
        name=name,
        title=text(title),
        columns=columns,
        rows=tuple(body),
        notes=notes(note),
        category="feasibility",
        analyses=("power",) if name == "power" else (analysis,),
    )
