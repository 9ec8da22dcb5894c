"""Moderation: differences between arms at levels of a moderator, with the test of the interaction."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import (
    MINUS,
    NBSP,
    count,
    degrees,
    degrees_column,
    fixed,
    interval,
    p_phrase,
    p_value,
    percent,
)
from compassion_trials.tables.builders.mechanism.extension_words import REGIONS
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, rich, text
from compassion_trials.tables.wording import (
    DF,
    Marks,
    N,
    P,
    abbreviations,
    confidence,
    contrast_label,
    general,
    notes,
)


def build(material: Material) -> list[TableSpec]:
    """One table of all moderators; none when the plan names none."""
    found = material.results.rows(analysis="moderation")
    if not len(found):
        return []
    marks = Marks()
    body: list[TableRow] = []
    for outcome in material.in_order(found["outcome"]):
        mine = found[found["outcome"] == outcome]
        body.append(heading(material.label(outcome)))
        for moderator in dict.fromkeys(mine["model"]):
            body += _moderator(material, mine[mine["model"] == moderator], outcome, moderator, marks)
    columns = (TableColumn(text("Moderator and level"), "left"), TableColumn(N), TableColumn(text("Difference")),
               TableColumn(confidence(material)), TableColumn(DF), TableColumn(P))  # fmt: skip
    change = found["term"].str.startswith("difference in change").any()
    note = general(
        material,
        "Differences between arms are "
        + ("differences in change from baseline." if change else "adjusted for baseline."),
        "A moderator is judged by the test of the interaction, not by tests within levels. Levels of a numeric "
        "moderator are its mean and one standard deviation (SD) below and above.",
        "Therapy groups have a random effect."
        if found["note"].str.contains("therapy group,|therapy group$").any()
        else "",
        "The region of significance is by Johnson and Neyman." if (found["statistic"] == "region").any() else "",
        abbreviations("n", "CI", "df"),
    )
    return [
        TableSpec(
            "moderation",
            text("Moderation: Differences Between Arms by Level of the Moderator"),
            columns,
            tuple(body),
            notes(note, marks),
            category="moderation",
            analyses=("moderation",),
        )
    ]


def moderator_label(material: Material, moderator: str) -> str:
    """Name of a moderator; a questionnaire's is its baseline."""
    told = next((s.label for s in material.plan.analysis.moderation if s.moderator == moderator and s.label), None)
    if told:
        return told
    name = material.label(moderator)
    return (
        f"{name} at {material.visit(material.plan.design.baseline).lower()}" if moderator in material.outcomes else name
    )


def _moderator(material: Material, found: pd.DataFrame, outcome: str, moderator: str, marks: Marks) -> list[TableRow]:
    """Heading with the interaction test, then the levels by contrast."""
    mark = marks.mark("Post hoc analysis.") if (found["prespecified"] == "no").any() else ()
    name = moderator_label(material, moderator)
    failed = found[found["text"] == "not estimable"]
    if len(failed):
        return [heading(text(f"{name}: not estimable ({failed['note'].iloc[0]})", mark), 1)]
    body = [heading(text(f"{name}: ", *_test(found), mark), 1)]
    pairs = [term for term in dict.fromkeys(found["term"]) if term.startswith("difference")]
    for term in pairs:
        level = 2
        if len(pairs) > 1:
            body.append(heading(contrast_label(material, term), 2))
            level = 3
        body += _levels(material, found, term, outcome, level)
    return body


def _test(found: pd.DataFrame) -> Text:
    """Interaction test at the visit of interest: F(1, 58.4) = 0.63, p = .429."""
    rows = found[(found["term"] == "interaction") & (found["visit"] != "")]
    value = dict(zip(rows["statistic"], rows["value"], strict=True))
    df = f"({degrees(value['df_num'])}, {degrees(value['df_den'])})"
    p = f"{NBSP}{p_phrase(value['p'])}"
    return text("interaction ", rich("*F*"), f"{df} = {fixed(value['F'])}, ", rich("*p*"), p)


def _levels(material: Material, found: pd.DataFrame, term: str, outcome: str, indent: int) -> list[TableRow]:
    """Differences at the levels, the change of the difference, the region."""
    decimals = material.decimals(outcome)
    between = term.partition(": ")[2]
    mine = found[found["term"] == term]
    visit = mine["visit"].iloc[0]
    slopes = found[(found["term"] == f"interaction: {between}") & (found["visit"] == visit)]
    lines = [(_label(level, rows), rows) for level, rows in mine.groupby("level", sort=False)]
    lines += [(_slope(level), rows) for level, rows in slopes.groupby("level", sort=False)]
    values = [dict(zip(rows["statistic"], rows["value"], strict=True)) for _, rows in lines]
    shown = degrees_column([v.get("df") for v in values])
    body = []
    for (label, rows), value, df in zip(lines, values, shown, strict=True):
        limits = interval(value["lower"], value["upper"], decimals)
        n = count(float(rows["n"].iloc[0]))
        body.append(row(label, n, fixed(value["estimate"], decimals), limits, df, p_value(value["p"]), level=indent))
    return body + _region(found, between, indent)


def _label(level: object, rows: pd.DataFrame) -> str:
    """A level: of a numeric moderator with its value."""
    at = rows.loc[rows["statistic"] == "at", "value"]
    words = str(level).replace(" - ", f" {MINUS} ")
    return f"{words[:1].upper()}{words[1:]} ({fixed(float(at.iloc[0]))})" if len(at) else words[:1].upper() + words[1:]


def _slope(level: object) -> str:
    """How the difference changes."""
    return f"Difference of differences: {level}" if level else "Change of the difference per unit"


def _region(found: pd.DataFrame, between: str, indent: int) -> list[TableRow]:
    """Johnson-Neyman region as a heading row."""
    rows = found[found["term"] == f"johnson_neyman: {between}"]
    if not len(rows):
        return []
    value = dict(zip(rows["statistic"], rows["value"], strict=True))
    where = REGIONS[rows.loc[rows["statistic"] == "region", "text"].iloc[0]]
    bounds = [fixed(value[name]) for name in ("bound_1", "bound_2") if name in value]
    share = f" ({percent(value['percent'])} of participants)" if 0 < value["percent"] < 100 else ""
    return [heading(f"Region of significance: {where.format(*bounds)}{share}", indent)]
