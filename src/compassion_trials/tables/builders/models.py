"""How each outcome was analysed: model, covariance, degrees of freedom, convergence, cross-check."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import DASH, count
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import N, abbreviations, general, notes

MODELS = {
    "clda": "Constrained longitudinal data analysis (mixed model)",
    "lda": "Longitudinal data analysis (mixed model)",
    "baseline_adjusted": "Baseline-adjusted mixed model",
    "single_arm": "Mixed model of one arm",
    "random_intercept": "Mixed model with random intercepts",
    "random_slope": "Mixed model with random slopes",
    "ancova": "Analysis of covariance",
    "mixed_anova": "Mixed analysis of variance",
    "paired": "Paired t test",
    "change_t": "t test of changes",
}
COVARIANCES = {
    "us": "unstructured",
    "cs": "compound symmetry",
    "csh": "heterogeneous compound symmetry",
    "ar1": "autoregressive",
    "arh1": "heterogeneous autoregressive",
    "toep": "Toeplitz",
    "toeph": "heterogeneous Toeplitz",
    "ad": "ante-dependence",
    "adh": "heterogeneous ante-dependence",
    "diag": "independent, one variance per visit",
}


def build(material: Material) -> list[TableSpec]:
    """One row per analysis and outcome."""
    names = ("primary", "secondary", *material.plan.analysis.additional)
    rows = material.rows(analysis=names)
    rows = rows[rows["outcome"] != ""]
    if rows.empty:
        return []
    heads = [Column(text(head), "left") for head in ("Outcome", "Model", "Covariance", "Degrees of freedom")]
    tail = [Column(text("Convergence"), "left"), Column(text("Cross-check"), "left")]
    note = general(
        material,
        "Covariance: of the residuals over visits.",
        "Exact: computed without iteration.",
        abbreviations("n"),
        f"{DASH} = not applicable or not computed.",
    )
    return [
        TableSpec(
            name="models",
            title=text("Models and Their Convergence"),
            columns=(*heads, Column(N), *tail),
            rows=tuple(_body(material, rows, names)),
            notes=notes(note),
            category="models",
            analyses=tuple(ordered(rows["analysis"], names)),
            orientation="landscape",
        )
    ]


def _body(material: Material, rows: pd.DataFrame, names: tuple[str, ...]) -> list[Row]:
    """Analyses as groups, outcomes as rows."""
    body: list[Row] = []
    for name in ordered(rows["analysis"], names):
        mine = rows[rows["analysis"] == name]
        body.append(heading(material.analysis(name)))
        for outcome in ordered(mine["outcome"], material.outcomes):
            body.append(_row(material, outcome, mine[mine["outcome"] == outcome]))
    return body


def _row(material: Material, outcome: str, mine: pd.DataFrame) -> Row:
    """Specification of one fit."""
    model = _first(mine["model"])
    covariance = _word(mine, "covariance")
    counted = mine.loc[(mine["statistic"] == "n") & (mine["arm"] == "") & (mine["term"] == ""), "value"]
    n = counted.iloc[0] if len(counted) else mine["n"].max()
    return row(
        material.label(outcome),
        MODELS.get(model, model) or DASH,
        COVARIANCES.get(covariance, covariance) or DASH,
        _first(mine["df_method"]) or DASH,
        count(n),
        _first(mine["convergence"]) or "exact",
        _word(mine, "cross_check") or DASH,
        level=1,
    )


def _first(values: pd.Series) -> str:
    """The first word of a column; flags before all others."""
    kept = [value for value in values if value]
    flagged = [value for value in kept if value.startswith("flagged")]
    return (flagged or kept or [""])[0]


def _word(rows: pd.DataFrame, statistic: str) -> str:
    """A result that is a word."""
    return _first(rows.loc[rows["statistic"] == statistic, "text"])
