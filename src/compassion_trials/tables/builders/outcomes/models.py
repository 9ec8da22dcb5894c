"""How each outcome was analysed: model, covariance, degrees of freedom, convergence, cross-check."""

from __future__ import annotations

import re

import pandas as pd

from compassion_trials.core.numbers import DASH, count, fixed
from compassion_trials.tables.builders.outcomes.estimates import participants
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import Marks, N, abbreviations, dash, degrees_words, general, notes, without_empty

MODELS = {
    "clda": "constrained longitudinal data analysis (mixed model)",
    "lda": "longitudinal data analysis (mixed model)",
    "baseline_adjusted": "baseline-adjusted mixed model",
    "single_arm": "mixed model of one arm",
    "random_intercept": "mixed model with random intercepts",
    "random_slope": "mixed model with random slopes",
    "ancova": "analysis of covariance",
    "mixed_anova": "mixed analysis of variance",
    "paired": "paired t test",
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

_KEYS = re.compile(rf"\b({'|'.join(COVARIANCES)})\b")


def build(material: Material) -> list[TableSpec]:
    """One row per analysis and outcome; what all outcomes of an analysis share stands in the group's heading."""
    names = ("primary", "secondary", *material.plan.analysis.additional)
    rows = material.results.rows(analysis=names)
    rows = rows[rows["outcome"] != ""]
    if rows.empty:
        return []
    checked = bool((rows["statistic"] == "cross_check").any())
    marks = Marks()
    body = tuple(_body(material, rows, names, checked, marks))
    columns = [TableColumn(text("Outcome"), "left"), TableColumn(N)]
    columns += [TableColumn(text("Observations")), TableColumn(text("Log-likelihood"))]
    columns += [TableColumn(text("Convergence"), "left")]
    columns += [TableColumn(text("Cross-check"), "left")] if checked else []
    kept, body = without_empty(columns, body)
    note = general(
        material,
        "Covariance: of the residuals over visits." if (rows["statistic"] == "covariance").any() else "",
        "Exact: computed without iteration.",
        abbreviations("n"),
        dash(body, "not applicable"),
    )
    return [
        TableSpec(
            name="models",
            title=text("Models and Their Convergence"),
            columns=kept,
            rows=body,
            notes=notes(note, marks),
            category="models",
            analyses=tuple(ordered(rows["analysis"], names)),
        )
    ]


def _body(
    material: Material, rows: pd.DataFrame, names: tuple[str, ...], checked: bool, marks: Marks
) -> list[TableRow]:
    """Analyses and models as groups, outcomes as rows."""
    body: list[TableRow] = []
    for name in ordered(rows["analysis"], names):
        mine = rows[rows["analysis"] == name]
        groups: dict[str, list[TableRow]] = {}
        for outcome in ordered(mine["outcome"], material.outcomes):
            fit = mine[mine["outcome"] == outcome]
            groups.setdefault(_shared(material, name, fit), []).append(_row(material, outcome, fit, checked, marks))
        for label, members in groups.items():
            body += [heading(label), *members]
    return body


def _shared(material: Material, name: str, fit: pd.DataFrame) -> str:
    """Analysis, model, covariance, estimator and degrees of freedom in words."""
    model, estimator = _first(fit["model"]), _word(fit, "estimator")
    methods = [method for method in fit["df_method"].unique() if method]
    parts = [
        MODELS.get(model, model),
        covariance_words(_word(fit, "covariance")),
        estimator,
        f"degrees of freedom {degrees_words(methods)}" if methods else "",
    ]
    return f"{material.analysis(name)}: {'; '.join(part for part in parts if part)}"


def covariance_words(covariance: str) -> str:
    """Covariance of the residuals, and what has a random effect beside it; empty for none.

    Examples
    --------
    >>> covariance_words("us + therapy group")
    'unstructured covariance, random effect of therapy group'
    """
    kind, _, random = covariance.partition(" + ")
    named = f"{COVARIANCES.get(kind, kind)} covariance" if kind else ""
    return named + (f", random effect of {random}" if random else "")


def _row(material: Material, outcome: str, fit: pd.DataFrame, checked: bool, marks: Marks) -> TableRow:
    """Specification of one fit."""
    fallback = next((note for note in fit["note"].unique() if " instead of " in note), "")
    fallback = _KEYS.sub(lambda key: COVARIANCES[key[0]], fallback)
    mark = marks.mark(fallback[:1].upper() + fallback[1:] + ".") if fallback else ()
    return row(
        text(material.label(outcome), mark),
        count(_participants(fit)),
        count(_number(fit, "n_observations")),
        fixed(_number(fit, "loglik")),
        _first(fit["convergence"]) or "exact",
        *([_word(fit, "cross_check") or DASH] if checked else []),
        level=1,
    )


def _participants(fit: pd.DataFrame) -> float | None:
    """Participants in a fit: as the model says, else as counted."""
    said = _number(fit, "n_subjects")
    if said is not None:
        return said
    return participants(fit)


def _number(fit: pd.DataFrame, statistic: str) -> float | None:
    """A number of the model itself."""
    found = fit.loc[(fit["statistic"] == statistic) & (fit["level"] == ""), "value"]
    return float(found.iloc[0]) if len(found) else None


def _first(values: pd.Series) -> str:
    """The first word of a column; flags before all others."""
    kept = [str(value) for value in values if value]
    flagged = [value for value in kept if value.startswith("flagged")]
    return (flagged or kept or [""])[0]


def _word(fit: pd.DataFrame, statistic: str) -> str:
    """A result that is a word."""
    return _first(fit.loc[fit["statistic"] == statistic, "text"])
