"""Families of outcomes: p values before and after correction."""

from __future__ import annotations

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import fixed, p_value
from compassion_trials.tables.material import Material, words
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import P, contrast_label, general, notes

NAMES = {
    "none": "no correction",
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "hommel": "Hommel",
    "bh": "Benjamini-Hochberg, false discovery rate",
    "fixed-sequence": "fixed sequence",
}


def build(material: Material) -> list[TableSpec]:
    """One table of all families, in the order in which they are tested."""
    rows = material.results.rows(analysis="families")
    if rows.empty:
        return []
    values: dict[tuple[str, ...], dict[str, float]] = {}
    for r in result_lines(rows):
        values.setdefault((r.level, r.outcome, r.term, r.visit), {})[r.statistic] = r.value
    several = len({place[2] for place in values}) > 1
    visits = list(dict.fromkeys(place[3] for place in values))
    families = material.plan.analysis.families
    body: list[TableRow] = []
    for name in dict.fromkeys(place[0] for place in values):
        body.append(heading(_heading(material, name)))
        for place, found in values.items():
            if place[0] == name:
                label = material.label(place[1])
                label += f", {contrast_label(material, place[2])}" if several and " - " in place[2] else ""
                label += f", {material.visit(place[3])}" if len(visits) > 1 else ""
                body.append(row(label, *_cells(material, place[1], found), level=1))
    gates = any(family.after for family in families.values())
    note = general(
        material,
        f"Visit: {material.visit(visits[0])}." if len(visits) == 1 else "",
        rich("*p* values of a family are corrected together."),
        rich("A family that is tested after another has the largest adjusted *p* of that gate as a lower limit.")
        if gates
        else "",
    )
    heads = [TableColumn(text("Estimate")), TableColumn(P), TableColumn(text("Adjusted ", P))]
    heads += [TableColumn(text("Significant"), "center")]
    return [
        TableSpec(
            name="families",
            title=text("Families of Outcomes and Adjusted p Values"),
            columns=(TableColumn(text("Family and outcome"), "left"), *heads),
            rows=tuple(body),
            notes=notes(note),
            category="effects",
            analyses=("families",),
        )
    ]


def _heading(material: Material, name: str) -> str:
    """A family in words."""
    families = material.plan.analysis.families
    family = families[name]
    label = family.label or words(name)
    label += f" ({NAMES[family.correction]}"
    if family.after == "primary":
        label += ", after the primary outcome"
    elif family.after:
        label += f", after {families[family.after].label or words(family.after)}"
    return label + ")" + ("" if family.prespecified else ", post hoc")


def _cells(material: Material, outcome: str, found: dict[str, float]) -> list[str]:
    """Numbers of one hypothesis."""
    yes = "yes" if found.get("rejected") else "no"
    estimate = fixed(found.get("estimate"), material.decimals(outcome))
    return [estimate, p_value(found.get("p")), p_value(found.get("p_adjusted")), yes]
