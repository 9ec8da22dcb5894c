"""Missing data by outcome, visit and arm."""

from __future__ import annotations

from compassion_trials.core.numbers import DASH, count, n_percent, percent
from compassion_trials.tables.material import Material, lookup, ordered
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import abbreviations, general, notes

Cells = dict[tuple[str, ...], float]


def build(material: Material) -> list[TableSpec]:
    """Scores missing out of those expected, and unanswered items where items were read."""
    rows = material.rows(analysis="missing")
    rows = rows[rows["arm"].isin(list(material.plan.design.arms))]
    if rows.empty:
        return []
    arms = ordered(rows["arm"], material.plan.design.arms)
    with_items = bool((rows["term"] == "items").any())
    columns = [Column(text("Outcome and visit"), "left")]
    for arm in arms:
        spanner = text(material.arm(arm)) if len(arms) > 1 else ()
        columns += [Column(text("Expected"), "decimal", spanner), Column(rich("Missing, *n* (%)"), "decimal", spanner)]
        columns += [Column(text("Items missing (%)"), "decimal", spanner)] if with_items else []
    about_items = "Items missing: unanswered items of those who were assessed." if with_items else ""
    note = general(
        material,
        "Missing: participants of the arm without a score at the visit.",
        about_items,
        abbreviations("n"),
        f"{DASH} = no items in the data." if with_items else "",
    )
    return [
        TableSpec(
            name="missing",
            title=text("Missing Data by Outcome and Visit"),
            columns=tuple(columns),
            rows=tuple(_body(material, lookup(rows, "outcome", "visit", "arm", "term", "statistic"), arms, with_items)),
            notes=notes(note),
            category="missing",
            analyses=("missing",),
            orientation="landscape" if len(columns) > 7 else "portrait",
        )
    ]


def _body(material: Material, values: Cells, arms: list[str], with_items: bool) -> list[Row]:
    """Rows of all outcomes, in the order of the plan."""
    present = {outcome for outcome, *_ in values}
    body: list[Row] = []
    for key in [*[k for k in material.outcomes if k in present], *sorted(present - set(material.outcomes))]:
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
