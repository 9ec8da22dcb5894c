"""Internal consistency of every scale at every visit."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import bounded, count, interval
from compassion_trials.core.results import values_by
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, text
from compassion_trials.tables.wording import Marks, N, abbreviations, confidence, dash, general, notes

_IMPRECISE = "imprecise"
_SHOWN = ("n_items", "n", "alpha", "alpha_lower", "alpha_upper", "omega")


def build(material: Material) -> list[TableSpec]:
    """One table of the outcomes that the analyses cover, one of the scales that are only described."""
    rows = material.results.rows(analysis="reliability", arm="")
    parts = ((True, "reliability", ""), (False, "reliability.scales", ": Further Scales"))
    tables = [(name, more, material.in_order(rows["outcome"], analysed)) for analysed, name, more in parts]
    return [_table(material, rows, name, more, keys) for name, more, keys in tables if keys]


def _table(material: Material, rows: pd.DataFrame, name: str, more: str, keys: list[str]) -> TableSpec:
    """Alpha with its interval and omega."""
    values = values_by(rows[rows["statistic"].isin(_SHOWN)], "outcome", "visit", "statistic")
    columns = (
        TableColumn(text("Scale and visit"), "left"),
        TableColumn(text("Items")),
        TableColumn(N),
        TableColumn(text("α")),
        TableColumn(confidence(material)),
        TableColumn(text("ω")),
    )
    marks = Marks()
    body = tuple(_body(material, rows, values, keys, marks))
    note = general(
        material,
        text("Participants who answered all items of the scale."),
        "Coefficients from few participants are imprecise." if rows["note"].str.contains(_IMPRECISE).any() else "",
        abbreviations("n", "alpha", "CI", "omega"),
        dash(body, "not estimable"),
    )
    return TableSpec(
        name=name,
        title=text("Reliability of the Scales in This Sample" + more),
        columns=columns,
        rows=body,
        notes=notes(note, marks),
        category="measures" if name == "reliability" else "further scales",
        analyses=("reliability",),
    )


def _body(
    material: Material, rows: pd.DataFrame, values: dict[tuple[str, ...], float], keys: list[str], marks: Marks
) -> list[TableRow]:
    """Rows of the scales; a scale with one visit takes one row."""
    remarks = dict(zip(zip(rows["outcome"], rows["visit"], strict=True), rows["note"], strict=True))
    body: list[TableRow] = []
    for key in keys:
        known = {visit for outcome, visit, _ in values if outcome == key}
        visits = [visit for visit in material.plan.design.visits if visit in known]
        if len(visits) > 1:
            body.append(heading(material.label(key)))
        for visit in visits:
            name = material.visit(visit) if len(visits) > 1 else f"{material.label(key)}: {material.visit(visit)}"
            label = text(name, _marked(remarks[key, visit], marks))
            body.append(row(label, *_cells(values, key, visit), level=int(len(visits) > 1)))
    return body


def _marked(remark: str, marks: Marks) -> Text:
    """Marks of what the stage noted beside a coefficient."""
    words = [part for part in remark.split("; ") if part and not part.startswith(_IMPRECISE)]
    found = [marks.mark(word[:1].upper() + word[1:] + ".") for word in words]
    return text(*[part for i, mark in enumerate(found) for part in ((" ", mark) if i else (mark,))])


def _cells(values: dict[tuple[str, ...], float], key: str, visit: str) -> list[str]:
    """Numbers of one row."""
    found = {name: values.get((key, visit, name)) for name in _SHOWN}
    return [
        count(found.get("n_items")),
        count(found.get("n")),
        bounded(found.get("alpha")),
        interval(found.get("alpha_lower"), found.get("alpha_upper"), style=bounded),
        bounded(found.get("omega")),
    ]
