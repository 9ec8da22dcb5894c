"""Observed means: n and M (SD) by arm and visit, grouped by outcome."""

from __future__ import annotations

from compassion_trials.core.numbers import DASH, count, mean_sd
from compassion_trials.tables.material import Material, lookup, ordered
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import M_SD, N, abbreviations, general, notes


def build(material: Material) -> list[TableSpec]:
    """One table of all outcomes that the analyses cover."""
    rows = material.rows(analysis="observed", statistic=("n", "mean", "sd"), term="", level="")
    rows = rows[rows["arm"] != ""]
    if rows.empty:
        return []
    arms = ordered(rows["arm"], material.plan.design.arms)
    columns = [Column(text("Outcome and visit"), "left")]
    for arm in arms:
        spanner = text(material.arm(arm)) if len(arms) > 1 else ()
        columns += [Column(N, "decimal", spanner), Column(M_SD, "decimal", spanner)]
    return [
        TableSpec(
            name="observed",
            title=text("Observed Means by Arm and Visit" if len(arms) > 1 else "Observed Means by Visit"),
            columns=tuple(columns),
            rows=tuple(_body(material, lookup(rows, "outcome", "visit", "arm", "statistic"), arms)),
            notes=notes(
                general(
                    material,
                    "Means of the observed scores, without adjustment.",
                    abbreviations("n", "M", "SD"),
                    f"{DASH} = not assessed.",
                )
            ),
            category="outcomes",
            analyses=("observed",),
            orientation="landscape" if len(columns) > 7 else "portrait",
        )
    ]


def _body(material: Material, values: dict[tuple[str, ...], float], arms: list[str]) -> list[Row]:
    """Rows of all outcomes, in the order of the plan."""
    present = {outcome for outcome, *_ in values}
    body: list[Row] = []
    for key in [*[k for k in material.outcomes if k in present], *sorted(present - set(material.outcomes))]:
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
