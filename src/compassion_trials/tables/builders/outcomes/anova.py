"""F tests: the mixed analyses of variance, and the joint tests of the mixed models."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import DASH, NBSP, bounded, count, degrees, fixed, p_value
from compassion_trials.core.results import values_by
from compassion_trials.tables.builders.outcomes.estimates import participants
from compassion_trials.tables.material import Material, ordered, words
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, rich, text
from compassion_trials.tables.wording import (
    DF,
    F,
    Marks,
    N,
    P,
    abbreviations,
    dash,
    degrees_words,
    general,
    groups_ignored,
    notes,
)

TERMS = {"group": "Arm", "time": "Visit", "interaction": "Arm × visit"}

CORRECTED = "p_greenhouse_geisser"


def build(material: Material) -> list[TableSpec]:
    """One table for the planned analyses, one for each additional analysis that has F tests."""
    groups: list[tuple[str, tuple[str, ...]]] = [("tests", ("primary", "secondary"))]
    groups += [(f"tests.{name}", (name,)) for name in material.plan.analysis.additional]
    tables = [_table(material, name, analyses) for name, analyses in groups]
    return [table for table in tables if table is not None]


def _table(material: Material, name: str, analyses: tuple[str, ...]) -> TableSpec | None:
    """F tests of some analyses; None when there are none."""
    rows = material.results.rows(analysis=analyses)
    tested = rows.loc[rows["statistic"] == "F", "id"].str.removesuffix("|F")
    rows = rows[rows["id"].str.rsplit("|", n=1).str[0].isin(set(tested))]
    if rows.empty:
        return None
    eta = bool((rows["statistic"] == "partial_eta_squared").any())
    label = "" if name == "tests" else f": {material.analysis(analyses[0])}"
    sources = [source(term) for term in ordered(rows["term"])]
    single = len(set(sources)) == 1
    columns = [
        TableColumn(text("Outcome" if single else "Outcome and source"), "left"),
        TableColumn(F),
        TableColumn(DF, "center"),
        TableColumn(P),
    ]
    corrected = bool((rows["statistic"] == CORRECTED).any())
    columns += [TableColumn(rich("*p*~GG~"))] if corrected else []
    columns += [TableColumn(rich("η^2^~p~"))] if eta else []
    marks = Marks()
    body = tuple(_body(material, rows, eta, corrected, single, marks))
    methods = [method for method in ordered(rows["df_method"]) if method]
    note = general(
        material,
        f"Degrees of freedom: {degrees_words(methods)}." if methods else "",
        rich("*p*~GG~ = *p* value with Greenhouse–Geisser correction.") if corrected else "",
        groups_ignored(material, analyses),
        abbreviations("df", *(["eta"] if eta else [])),
        dash(body, "not applicable"),
    )
    return TableSpec(
        name=name,
        title=text(_title(sources) + label),
        columns=tuple(columns),
        rows=body,
        notes=notes(note, marks),
        category="effects" if name == "tests" else "further analyses",
        analyses=tuple(ordered(rows["analysis"], analyses)),
    )


def _body(
    material: Material, rows: pd.DataFrame, eta: bool, corrected: bool, single: bool, marks: Marks
) -> list[TableRow]:
    """Sources of each outcome."""
    body: list[TableRow] = []
    for outcome in ordered(rows["outcome"], material.outcomes):
        mine = rows[rows["outcome"] == outcome]
        values = values_by(mine, "term", "visit", "level", "statistic")
        name = text(material.label(outcome), _left_out(material, mine, marks))
        body += [] if single else [heading(name)]
        for term, visit, level in dict.fromkeys(key[:3] for key in values):
            found = {name: value for (*at, name), value in values.items() if at == [term, visit, level]}
            df = f"{degrees(found.get('df_num'))},{NBSP}{degrees(found.get('df_den'))}" if "df_num" in found else DASH
            cells = [fixed(found.get("F")), df, p_value(found.get("p"))]
            cells += [p_value(found.get(CORRECTED))] if corrected else []
            cells += [bounded(found.get("partial_eta_squared"))] if eta else []
            body.append(row(name, *cells) if single else row(source(term), *cells, level=1))
    return body


def _title(sources: list[str]) -> str:
    """What is tested."""
    if len(set(sources)) > 1:
        return "Tests of Arm, Visit, and Their Interaction"
    titles = {"Arm × visit": "Tests of the Arm by Visit Interaction", "Visit": "Tests of Change Over Visits"}
    return titles.get(sources[0], f"Tests of {sources[0]}")


def _left_out(material: Material, mine: pd.DataFrame, marks: Marks) -> Text:
    """Mark of a note on who could not be analysed because a visit is missing; classic analyses only."""
    analysis, outcome, model = mine[["analysis", "outcome", "model"]].iloc[0]
    if model != "mixed_anova":
        return ()
    rows = material.results.rows(analysis=analysis, outcome=outcome, model=model, term="")
    n, dropped = participants(rows), participants(rows, "n_dropped")
    return marks.mark(
        text("Complete cases: ", N, f" = {count(n)}; {count(dropped)} left out because a visit is missing.")
    )


def source(term: str) -> str:
    """A source of variation in words: ``joint: arm:visit`` is "Arm × visit"."""
    name = term.removeprefix("joint: ")
    return TERMS.get(name) or words(name.replace(":", " × "))
