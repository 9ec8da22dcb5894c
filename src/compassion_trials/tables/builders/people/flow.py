"""Participants from screening to analysis, by arm."""

from __future__ import annotations

import math

from compassion_trials.core.numbers import count
from compassion_trials.core.results import values_by
from compassion_trials.tables.material import Material, words
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import N, abbreviations, dash, general, notes

_UNRECORDED = "Reason not recorded"
_BEFORE = (("screened", "Assessed for eligibility"), ("excluded", "Excluded"))


def build(material: Material) -> list[TableSpec]:
    """The flow table: counts with reasons, one column per arm."""
    rows = material.results.rows(analysis="flow", statistic="n")
    if rows.empty:
        return []
    n = values_by(rows, "term", "visit", "level", "arm")
    arms = tuple(material.plan.design.arms)
    whole = any(not arm for *_, arm in n) and not material.single_arm
    columns = (
        TableColumn(text("Stage"), "left"),
        *[TableColumn(N if material.single_arm else text(material.arm(arm))) for arm in arms],
        *([TableColumn(text("All"))] if whole else []),
    )
    shown = (*arms, "") if whole else arms
    body = tuple(_body(material, n, shown))
    note = general(
        material,
        "Values are numbers of participants.",
        abbreviations("n") if material.single_arm else "",
        dash(body, "not applicable"),
    )
    return [
        TableSpec(
            name="flow",
            title=text("Flow of Participants Through the Study"),
            columns=columns,
            rows=body,
            notes=notes(note),
            category="flow",
            analyses=("flow",),
        )
    ]


def _body(material: Material, n: dict[tuple[str, ...], float], shown: tuple[str, ...]) -> list[TableRow]:
    """Rows in the order in which participants pass them."""
    body: list[TableRow] = []
    for term, label in _BEFORE:
        body += _with_reasons(n, shown, term, "", label, 0)
    body += _with_reasons(n, shown, "allocated", "", _allocated(material), 0)
    body += _with_reasons(n, shown, "stopped", "", "Stopped the treatment", 0)
    for visit in material.plan.design.visits:
        body += _with_reasons(n, shown, "assessed", visit, f"Assessed: {material.visit(visit)}", 0)
        body += _with_reasons(n, shown, "missing", visit, "Not assessed", 1)
    body += _with_reasons(n, shown, "withdrawn", "", "Withdrew from the study", 0)
    for visit in ("", *material.plan.design.visits):
        name = f"Analysed: {material.visit(visit)}" if visit else "Analysed"
        body += _with_reasons(n, shown, "analysed", visit, name, 0)
    return body


def _with_reasons(
    n: dict[tuple[str, ...], float], shown: tuple[str, ...], term: str, visit: str, label: str, level: int
) -> list[TableRow]:
    """A row of counts, and one below it for each reason; nothing when the stage was not counted."""
    reasons = [reason for (t, v, reason, _) in n if t == term and v == visit]
    found: list[TableRow] = []
    if "" in reasons:
        found.append(row(label, *_counts(n, shown, term, visit, ""), level=level))
    elif reasons:
        found.append(row(label, *[""] * len(shown), level=level))
    named = [reason for reason in dict.fromkeys(reasons) if reason]
    for reason in named:
        found.append(row(words(reason), *_counts(n, shown, term, visit, reason), level=level + 1))
    rest = _unrecorded(n, term, visit, named)
    if any(count > 0 for count in rest.values()):
        found.append(row(_UNRECORDED, *_counts(n | rest, shown, term, visit, _UNRECORDED), level=level + 1))
    return found


def _unrecorded(
    n: dict[tuple[str, ...], float], term: str, visit: str, named: list[str]
) -> dict[tuple[str, ...], float]:
    """How many of each arm gave no reason, where some did."""
    whole = {arm: total for (t, v, reason, arm), total in n.items() if (t, v, reason) == (term, visit, "")}
    return {
        (term, visit, _UNRECORDED, arm): total - sum(n.get((term, visit, reason, arm), 0.0) for reason in named)
        for arm, total in (whole.items() if named else ())
    }


def _counts(n: dict[tuple[str, ...], float], shown: tuple[str, ...], term: str, visit: str, reason: str) -> list[str]:
    """Counts of one row; a reason that nobody in an arm gave is 0 there."""
    counted = {arm for (t, v, _, arm) in n if t == term and v == visit}
    known = {arm: n.get((term, visit, reason, arm), 0.0 if reason else math.nan) for arm in counted}
    if "" not in known and known:
        known[""] = sum(known.values())
    if len(shown) == 1:
        return [count(known.get(shown[0], known.get("")))]
    return [count(known.get(arm)) for arm in shown]


def _allocated(material: Material) -> str:
    """What allocation is called in this design."""
    return {"randomized": "Randomized", "non_randomized": "Allocated", "single_arm": "Enrolled"}[
        material.plan.design.type
    ]
