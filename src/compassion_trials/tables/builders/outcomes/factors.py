"""Competing factor models of a questionnaire: fit, omega, loadings."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import DASH, bounded, count, degrees, fixed, interval, p_value
from compassion_trials.core.numbers import words as count_words
from compassion_trials.tables.material import Material, words
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, rich, text
from compassion_trials.tables.wording import DF, Marks, N, P, confidence, dash, general, notes, without_empty

CATEGORY = "factors"
INDICES = (
    "CFI = comparative fit index; TLI = Tucker-Lewis index; RMSEA = root mean square error of approximation; "
    "SRMR = standardized root mean square residual. Diagonally weighted least squares on polychoric correlations; "
    "test scaled and shifted, indices but SRMR from it."
)
FIT_COLUMNS = (
    TableColumn(rich("χ^2^")),
    TableColumn(DF),
    TableColumn(P),
    TableColumn(text("CFI")),
    TableColumn(text("TLI")),
    TableColumn(text("RMSEA")),
    TableColumn(text("90% CI")),
    TableColumn(text("SRMR")),
)


def build(material: Material) -> list[TableSpec]:
    """Fit of the models, omega, and loadings by questionnaire."""
    rows = material.results.rows(analysis="factors")
    if not len(rows[rows["statistic"] == "cfi"]):
        return []
    keys = material.in_order(rows.loc[rows["statistic"] == "cfi", "outcome"])
    return [_fit(material, rows, keys), _omega(material, rows, keys), *(_loadings(material, rows, key) for key in keys)]


def fit_cells(values: dict[str, float]) -> list[str]:
    """Cells of `FIT_COLUMNS`."""
    return [
        fixed(values.get("chi2")),
        degrees(values.get("df")),
        p_value(values.get("p")),
        bounded(values.get("cfi"), 3),
        bounded(values.get("tli"), 3),
        bounded(values.get("rmsea"), 3),
        interval(values.get("rmsea_lower"), values.get("rmsea_upper"), 3, style=bounded),
        bounded(values.get("srmr"), 3),
    ]


def model_name(model: str, factors: int) -> str:
    """A model in words: "Six factors", "Bifactor"."""
    if model == "bifactor":
        return f"Bifactor, general and {count_words(factors - 1)} specific factors"
    return "One factor" if factors == 1 else f"{count_words(factors).capitalize()} correlated factors"


def factor_count(rows: pd.DataFrame, model: str) -> int:
    """Factors of a model: those on which an item loads."""
    return int(rows.loc[(rows["model"] == model) & (rows["statistic"] == "loading"), "level"].nunique())


def state_mark(marks: Marks, state: str) -> Text:
    """Mark of a model that did not come out well; nothing for one that did."""
    return () if state == "converged" else text(" ", marks.mark(f"{state[:1].upper()}{state[1:]}."))


def values_of(rows: pd.DataFrame) -> dict[str, float]:
    """Statistics of one model or level by name."""
    return {r.statistic: r.value for r in result_lines(rows)}


def _groups(material: Material, rows: pd.DataFrame, keys: list[str]) -> Iterable[tuple[TableRow | None, pd.DataFrame]]:
    """Rows of each questionnaire; its name before them where there are several."""
    for key in keys:
        mine = rows[rows["outcome"] == key]
        visit, n = mine["visit"].iloc[0], mine["n"].iloc[0]
        yield heading(text(f"{material.label(key)}: {material.visit(visit)}, ", N, f" = {count(n)}")), mine


def _fit(material: Material, rows: pd.DataFrame, keys: list[str]) -> TableSpec:
    """One line per model."""
    marks, body = Marks(), []
    for head, mine in _groups(material, rows, keys):
        body.append(head)
        whole = mine[mine["term"] == ""]
        for model in dict.fromkeys(whole["model"]):
            one = whole[whole["model"] == model]
            name = text(model_name(model, factor_count(mine, model)), state_mark(marks, one["convergence"].iloc[0]))
            body.append(row(name, *fit_cells(values_of(one)), level=1))
    columns, shown = without_empty((TableColumn(text("Model"), "left"), *FIT_COLUMNS), [r for r in body if r])
    said = "Participants who answered all items, items pointing the way of the total."
    return TableSpec(
        name="factors",
        title=text("Fit of Competing Factor Models"),
        columns=columns,
        rows=shown,
        notes=notes(general(material, said, INDICES, "CI = confidence interval."), marks),
        category=CATEGORY,
        analyses=("factors",),
        orientation="landscape",
    )


def _omega(material: Material, rows: pd.DataFrame, keys: list[str]) -> TableSpec:
    """Omega of the one-factor and of the bifactor model."""
    body: list[TableRow] = []
    for head, mine in _groups(material, rows, keys):
        body += [head] if head else []
        for model in ("one", "bifactor"):
            v = values_of(mine[(mine["model"] == model) & (mine["term"] == "")])
            if "omega" in v:
                pairs = [(v.get(n), v.get(f"{n}_lower"), v.get(f"{n}_upper")) for n in ("omega", "omega_h")]
                cells = [cell for x, a, b in pairs for cell in (bounded(x), interval(a, b, style=bounded))]
                body.append(row(model_name(model, factor_count(mine, model)), *cells, level=1))
    limits = TableColumn(confidence(material))
    heads = (TableColumn(text("Model"), "left"), TableColumn(rich("ω")), limits, TableColumn(rich("ω~h~")), limits)
    columns, shown = without_empty(heads, body)
    said = (
        "ω = omega total, the share of the variance of the sum of the answers that all factors account for; "
        "ω with h = omega hierarchical, the share of the general factor. Intervals by resampling participants; they "
        "are corrected for the upward bias of the estimate, which therefore may stand near their upper end."
    )
    return TableSpec(
        name="factors.omega",
        title=text("Omega Total and Hierarchical"),
        columns=columns,
        rows=shown,
        notes=notes(
            general(material, said, "CI = confidence interval.", dash(shown, "the model has no general factor"))
        ),
        category=CATEGORY,
        analyses=("factors",),
    )


def _loadings(material: Material, rows: pd.DataFrame, key: str) -> TableSpec:
    """Standardized loadings, one line per item, models side by side."""
    found = rows[(rows["outcome"] == key) & (rows["statistic"] == "loading")]
    models = list(dict.fromkeys(found["model"]))
    own: dict[tuple[str, str, bool], tuple[float, str]] = {}
    for r in result_lines(found):
        specific = r.model == "bifactor" and r.level != "total"
        own[r.term, r.model, specific] = (r.value, r.level)
    columns = [TableColumn(text("Item"), "left"), TableColumn(text("Subscale"), "left")]
    for model in models:
        name = text(model_name(model, factor_count(rows[rows["outcome"] == key], model)).split(",")[0])
        pair = (("General", name), ("Specific", name)) if model == "bifactor" else ((name, ()),)
        columns += [TableColumn(text(head), spanner=span) for head, span in pair]
    body = []
    for term in dict.fromkeys(found["term"]):
        cells = []
        for model in models:
            for specific in (False, True) if model == "bifactor" else (False,):
                cells.append(bounded(own[term, model, specific][0]) if (term, model, specific) in own else DASH)
        scale = own.get((term, "subscales", False), (0.0, ""))[1]
        body.append(row(words(term), material.label(f"{key.partition('.')[0]}.{scale}").partition(" (")[0], *cells))
    return TableSpec(
        name=f"factors.loadings.{key.partition('.')[0]}",
        title=text(f"Standardized Loadings: {material.label(key)}"),
        columns=tuple(columns),
        rows=tuple(body),
        notes=notes(general(material, "Loadings of the normal responses behind the answers, items as in the total.")),
        category=CATEGORY,
        analyses=("factors",),
    )
