"""Harm: deterioration, withdrawal and events by arm."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import DASH, count, fixed, interval, percent
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import contrast_label, dash, general, notes

TERMS = {"deterioration": "Reliable deterioration", "withdrawal": "Withdrawal", "event": "Events"}


def build(material: Material) -> list[TableSpec]:
    """Participants affected by arm, with exact limits, and risk differences."""
    rows = material.results.rows(analysis="harms")
    if rows.empty:
        return []
    arms = [arm for arm in material.plan.design.arms if arm in set(rows["arm"])]
    pairs = list(dict.fromkeys(term.partition(": ")[2] for term in rows["term"] if " - " in term))
    pairs = [pair for pair in pairs if pair.endswith(f" - {material.plan.design.control}")] or pairs
    body = _body(material, rows, arms, pairs)
    spanners = {arm: () if material.single_arm else text(material.arm(arm)) for arm in arms}
    heads = [TableColumn(head, "decimal", spanners[arm]) for arm in arms for head in (rich("*n*/*N*"), text("%"))]
    heads += [
        TableColumn(text(head), "decimal", text(contrast_label(material, f"x: {pair}")))
        for pair in pairs
        for head in ("RD", "95% CI")
    ]
    harms = material.plan.harms
    how = f"How harms were asked for: {harms.assessed}." if harms and harms.assessed else ""
    counted = (rows["statistic"] == "events").any()
    note = general(
        material,
        how,
        "Reliable deterioration is of participants with both scores, withdrawal and events of those allocated"
        + (", or of whom the data say it; the number of events stands in brackets." if counted else "."),
        f"RD = risk difference with {_limits(rows)}; positive values mean more in the first arm." if pairs else "",
        "" if (rows["term"] == "event").any() else "Adverse events were not counted.",
        dash(body, "not assessed, or not estimable" if pairs else "not assessed"),
    )
    return [
        TableSpec(
            name="harms",
            title=text("Harms" if material.single_arm else "Harms by Arm"),
            columns=(TableColumn(text("Harm"), "left"), *heads),
            rows=tuple(body),
            notes=notes(note),
            category="harms",
            analyses=("harms",),
        )
    ]


def _limits(rows: pd.DataFrame) -> str:
    """Whose limits the differences have, by the notes of their rows."""
    note = rows.loc[rows["statistic"] == "risk_difference", "note"]
    kinds = {"Newcombe": "Newcombe’s limits", "cluster-robust": "cluster-robust limits (CR2, therapy groups)"}
    return " or ".join(words for start, words in kinds.items() if note.str.startswith(start).any()) or "no limits"


def _body(material: Material, rows: pd.DataFrame, arms: list[str], pairs: list[str]) -> list[TableRow]:
    """A row per kind of harm, outcome, visit and level, below the head of its kind."""
    cells = {(r.term, r.outcome, r.visit, r.level, r.arm, r.statistic): r.value for r in result_lines(rows)}
    sizes = {(r.term, r.outcome, r.visit, r.level, r.arm): r.n for r in result_lines(rows)}
    body: list[TableRow] = []
    for term, label in TERMS.items():
        places = list(dict.fromkeys(place[1:4] for place in sizes if place[0] == term))
        body += [heading(label)] if places else []
        for place in places:
            outcome, visit, level = place
            parts = (material.short(outcome) if outcome else "", material.visit(visit))
            name = level or ", ".join(part for part in parts if part)
            shown: list[str] = []
            for arm in arms:
                n = sizes.get((term, *place, arm))
                k, times, percentage = (cells.get((term, *place, arm, s)) for s in ("n", "events", "percent"))
                bracket = f" [{count(times)}]" if times is not None else ""
                shown += (
                    [DASH, DASH] if k is None or n is None else [f"{count(k)}/{count(n)}{bracket}", percent(percentage)]
                )
            for pair in pairs:
                difference = f"{term}: {pair}"
                rd, lower, upper = (
                    cells.get((difference, *place, "", s)) for s in ("risk_difference", "lower", "upper")
                )
                shown += [fixed(rd), interval(lower, upper)]
            body.append(row(name[:1].upper() + name[1:] if name else "Withdrew", *shown, level=1))
    return body
