"""The estimand of the primary question, attribute by attribute."""

from __future__ import annotations

from compassion_trials.core.columns import result_lines
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import general, notes

ATTRIBUTES = {
    "population": "Population",
    "treatment": "Treatment conditions",
    "variable": "Variable",
    "intercurrent": "Intercurrent event",
    "summary": "Population-level summary",
    "estimator": "Main estimator",
    "assumption": "Assumption about missing values",
    "follow_through": "Outcomes after stopping",
}
"""Attributes in the order of ICH E9(R1)."""


def build(material: Material) -> list[TableSpec]:
    """One row per attribute; one per intercurrent event with its strategy."""
    rows = material.results.rows(analysis="estimand")
    if rows.empty:
        return []
    body: list[TableRow] = []
    for term, label in ATTRIBUTES.items():
        for r in result_lines(rows[rows["term"] == term]):
            body.append(row(f"{label}: {r.level}" if term == "intercurrent" else label, _first(r.text)))
    note = general(
        material,
        "Attributes after ICH E9(R1).",
        *[f"{note[:1].upper()}{note[1:]}." for note in dict.fromkeys(rows["note"]) if note],
    )
    return [
        TableSpec(
            name="estimand",
            title=text("Estimand of the Primary Question"),
            columns=(TableColumn(text("Attribute"), "left"), TableColumn(text("Definition"), "left")),
            rows=tuple(body),
            notes=notes(note),
            category="estimand",
            analyses=("estimand",),
        )
    ]


def _first(sentence: str) -> str:
    """A capital letter in front."""
    return sentence[:1].upper() + sentence[1:]
