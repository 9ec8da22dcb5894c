"""Measurement invariance of a questionnaire over visits, and over arms and visits."""

from __future__ import annotations

from compassion_trials.core.numbers import bounded, count, degrees, fixed, p_value
from compassion_trials.tables.builders.outcomes.factors import (
    CATEGORY,
    FIT_COLUMNS,
    INDICES,
    fit_cells,
    state_mark,
    values_of,
)
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import DF, Marks, N, P, dash, general, notes

LEVELS = {
    "configural": "Same pattern",
    "thresholds": "+ equal thresholds",
    "loadings": "+ equal loadings",
    "intercepts": "+ equal intercepts",
}
"""Levels as lines of the table."""
CI_AND_DELTA = "CI = confidence interval; Δ = difference."
CHANGE = rich("Against the line above")
"""Head over what compares two levels."""


def build(material: Material) -> list[TableSpec]:
    """One table, a group of lines per questionnaire and comparison."""
    rows = material.results.rows(analysis="invariance")
    fitted = rows[rows["level"] != ""]
    if not len(fitted[fitted["statistic"] == "cfi"]):
        return []
    marks = Marks()
    body: list[TableRow] = []
    for key in material.in_order(fitted["outcome"]):
        for term in dict.fromkeys(fitted.loc[fitted["outcome"] == key, "term"]):
            mine = fitted[(fitted["outcome"] == key) & (fitted["term"] == term)]
            n = mine["n"].iloc[0]
            body.append(heading(text(f"{material.label(key)}: {term}, ", N, f" = {count(n)}")))
            for level, name in LEVELS.items():
                one = mine[mine["level"] == level]
                if len(one):
                    v = values_of(one)
                    change = [
                        fixed(v.get("difference")),
                        degrees(v.get("difference_df")),
                        p_value(v.get("difference_p")),
                    ]
                    cells = [*fit_cells(v), *change, bounded(v.get("cfi_change"), 3)]
                    body.append(row(text(name, state_mark(marks, one["convergence"].iloc[0])), *cells, level=1))
    heads = [
        TableColumn(rich("Δχ^2^"), spanner=CHANGE),
        TableColumn(DF, spanner=CHANGE),
        TableColumn(P, spanner=CHANGE),
        TableColumn(text("ΔCFI"), spanner=CHANGE),
    ]
    said = "Thresholds, loadings and intercepts are equal at all visits, and in all arms where arms are named."
    return [
        TableSpec(
            name="invariance",
            title=text("Measurement Invariance of Ordinal Answers"),
            columns=(TableColumn(text("Held equal"), "left"), *FIT_COLUMNS, *heads),
            rows=tuple(body),
            notes=notes(general(material, said, INDICES, CI_AND_DELTA, dash(body, "no line to compare with")), marks),
            category=CATEGORY,
            analyses=("invariance",),
            orientation="landscape",
        )
    ]
