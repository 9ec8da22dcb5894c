"""F tests: the mixed analyses of variance, and the joint tests of the mixed models."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import DASH, NBSP, bounded, degrees, fixed, p_value
from compassion_trials.tables.material import Material, lookup, ordered, words
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import DF, F, P, abbreviations, general, named, notes

TERMS = {"group": "Arm", "time": "Visit", "interaction": "Arm × visit"}


def build(material: Material) -> list[TableSpec]:
    """One table for the planned analyses, one for each additional analysis that has F tests."""
    groups = [("tests", ("primary", "secondary"))]
    groups += [(f"tests.{name}", (name,)) for name in material.plan.analysis.additional]
    tables = [_table(material, name, analyses) for name, analyses in groups]
    return [table for table in tables if table is not None]


def _table(material: Material, name: str, analyses: tuple[str, ...]) -> TableSpec | None:
    """F tests of some analyses; None when there are none."""
    rows = material.rows(analysis=analyses)
    tested = rows.loc[rows["statistic"] == "F", "id"].str.removesuffix("|F")
    rows = rows[rows["id"].str.rsplit("|", n=1).str[0].isin(set(tested))]
    if rows.empty:
        return None
    eta = bool((rows["statistic"] == "partial_eta_squared").any())
    label = "" if name == "tests" else f": {material.analysis(analyses[0])}"
    columns = [Column(text("Outcome and source"), "left"), Column(F), Column(DF, "center"), Column(P)]
    columns += [Column(rich("η^2^~p~"))] if eta else []
    sentences = [text(note.rstrip(".") + ".") for note in ordered(rows["note"]) if note]
    methods = [method for method in ordered(rows["df_method"]) if method]
    note = general(
        material,
        *sentences,
        f"Degrees of freedom: {named(methods)}." if methods else "",
        abbreviations("df", *(["eta"] if eta else [])),
    )
    return TableSpec(
        name=name,
        title=text(f"Tests of Arm, Visit, and Their Interaction{label}"),
        columns=tuple(columns),
        rows=tuple(_body(material, rows, eta)),
        notes=notes(note),
        category="effects" if name == "tests" else "further analyses",
        analyses=tuple(ordered(rows["analysis"], analyses)),
    )


def _body(material: Material, rows: pd.DataFrame, eta: bool) -> list[Row]:
    """Sources of each outcome."""
    body: list[Row] = []
    for outcome in ordered(rows["outcome"], material.outcomes):
        mine = rows[rows["outcome"] == outcome]
        values = lookup(mine, "term", "visit", "level", "statistic")
        body.append(heading(material.label(outcome)))
        for term, visit, level in dict.fromkeys(key[:3] for key in values):
            found = {name: value for (*at, name), value in values.items() if at == [term, visit, level]}
            df = f"{degrees(found.get('df_num'))},{NBSP}{degrees(found.get('df_den'))}" if "df_num" in found else DASH
            cells = [fixed(found.get("F")), df, p_value(found.get("p"))]
            cells += [bounded(found.get("partial_eta_squared"))] if eta else []
            body.append(row(source(term), *cells, level=1))
    return body


def source(term: str) -> str:
    """A source of variation in words: ``joint: arm:visit`` is "Arm × visit"."""
    name = term.removeprefix("joint: ")
    return TERMS.get(name) or words(name.replace(":", " × "))
