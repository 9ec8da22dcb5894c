"""Predictors of dropping out."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import count, fixed, interval, p_value
from compassion_trials.core.results import values_by
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import TableColumn, TableSpec, row
from compassion_trials.tables.text import Text, text
from compassion_trials.tables.wording import (
    BOUND,
    Marks,
    N,
    P,
    abbreviations,
    confidence,
    dash,
    general,
    notes,
    without_empty,
)


def build(material: Material) -> list[TableSpec]:
    """Odds ratios, one row per predictor and level."""
    rows = material.results.rows(analysis="dropout")
    rows = rows[rows["term"] != ""]
    if rows.empty:
        return []
    values = values_by(rows, "term", "level", "statistic")
    variables = [key for data in material.plan.data for key in data.baseline]
    terms = ordered(rows["term"], ("arm", *variables, *material.outcomes))
    remarks = dict(zip(zip(rows["term"], rows["level"], strict=True), rows["note"], strict=True))
    marks = Marks()
    body = []
    for term in terms:
        for level in dict.fromkeys(lv for t, lv, _ in values if t == term):
            found = {name: value for (t, lv, name), value in values.items() if (t, lv) == (term, level)}
            body.append(
                row(
                    _label(material, term, level, remarks[term, level], marks),
                    count(found.get("n")),
                    fixed(found.get("odds_ratio")),
                    interval(found.get("lower"), found.get("upper")),
                    p_value(found.get("p")),
                )
            )
    heads = [TableColumn(N), TableColumn(text("OR")), TableColumn(confidence(material)), TableColumn(P)]
    columns, shown = without_empty((TableColumn(text("Predictor"), "left"), *heads), body)
    standardized = rows["note"].str.contains("standard deviation").any()
    note = general(
        material,
        _criterion(material, rows),
        "One logistic regression for each predictor.",
        "Odds ratios of numbers are per standard deviation." if standardized else "",
        _clustered(rows),
        abbreviations("n", "OR", "CI"),
        dash(shown, "too few therapy groups for a test or limits" if _clustered(rows) else "not estimable"),
    )
    return [
        TableSpec(
            name="dropout",
            title=text("Predictors of Dropping Out"),
            columns=columns,
            rows=shown,
            notes=notes(note, marks),
            category="missing",
            analyses=("dropout",),
        )
    ]


def _criterion(material: Material, rows: pd.DataFrame) -> str:
    """What dropping out means here."""
    outcome, visit = rows["outcome"].iloc[0], rows["visit"].iloc[0]
    if not (outcome and visit):
        return ""
    return f"Dropping out: no score of {material.label(outcome)} at {material.plan.design.visit_at(visit)}."


def _clustered(rows: pd.DataFrame) -> str:
    """Whose limits these are, where people met in groups."""
    notes = rows["note"]
    if not notes.str.contains("therapy groups").any():
        return ""
    if not (rows["statistic"] == "lower").any():
        return "Therapy groups are too few for limits or tests."
    said = f"Limits are cluster-robust (CR2, therapy groups; {BOUND})"
    return said + ("; below five groups in an arm there is no test." if notes.str.contains("no p below").any() else ".")


def _label(material: Material, term: str, level: str, remark: str, marks: Marks) -> Text:
    """A predictor in words: category and reference after a colon, a mark where the likelihood was penalized."""
    reference, *more = remark.split("; ")
    how = next((part for part in more if "likelihood" in part), "")
    how += ", which knows no therapy groups: no limits" if how and "no limits: too few therapy groups" in more else ""
    name = "Arm" if term == "arm" else material.label(term)
    named = (lambda key: material.arm(key)) if term == "arm" else str
    if level:
        against = reference.removeprefix("against ") if reference.startswith("against ") else ""
        name += f": {named(level)}" + (f" (vs. {named(against)})" if against else "")
    return text(name, marks.mark(how[:1].upper() + how[1:] + ".") if how else ())
