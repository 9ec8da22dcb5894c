"""Predictors of dropping out."""

from __future__ import annotations

from compassion_trials.core.numbers import count, fixed, interval, p_value
from compassion_trials.tables.material import Material, lookup, ordered
from compassion_trials.tables.spec import Column, TableSpec, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import N, P, abbreviations, confidence, general, notes


def build(material: Material) -> list[TableSpec]:
    """Odds ratios, one row per predictor and level."""
    rows = material.rows(analysis="dropout")
    rows = rows[rows["term"] != ""]
    if rows.empty:
        return []
    values = lookup(rows, "term", "level", "statistic")
    variables = [key for data in material.plan.data for key in data.baseline]
    terms = ordered(rows["term"], ("arm", *variables, *material.outcomes))
    body = []
    for term in terms:
        for level in dict.fromkeys(lv for t, lv, _ in values if t == term):
            found = {name: value for (t, lv, name), value in values.items() if (t, lv) == (term, level)}
            body.append(
                row(
                    _label(material, term, level),
                    count(found.get("n")),
                    fixed(found.get("odds_ratio")),
                    interval(found.get("lower"), found.get("upper")),
                    p_value(found.get("p")),
                )
            )
    spread = "Odds ratios of numeric predictors are per standard deviation." if "SD" in "".join(rows["note"]) else ""
    note = general(
        material,
        *[text(sentence) for sentence in ordered(rows["note"]) if sentence],
        spread,
        abbreviations("n", "OR", "CI"),
    )
    heads = [Column(N), Column(text("OR")), Column(confidence(material)), Column(P)]
    return [
        TableSpec(
            name="dropout",
            title=text("Predictors of Dropping Out"),
            columns=(Column(text("Predictor"), "left"), *heads),
            rows=tuple(body),
            notes=notes(note),
            category="missing",
            analyses=("dropout",),
        )
    ]


def _label(material: Material, term: str, level: str) -> str:
    """A predictor in words: the arm and the level of a category after a colon."""
    name = "Arm" if term == "arm" else material.label(term)
    return f"{name}: {material.arm(level) if term == 'arm' else level}" if level else name
