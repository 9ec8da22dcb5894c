"""Correlations between outcomes at one visit, with alpha on the diagonal where it is known."""

from __future__ import annotations

import math

from compassion_trials.core.numbers import DASH, bounded
from compassion_trials.core.results import values_by
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, row
from compassion_trials.tables.text import Text, join, rich, text
from compassion_trials.tables.wording import N, general, notes

Cells = dict[tuple[str, ...], float]

_STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


def build(material: Material) -> list[TableSpec]:
    """A matrix for each visit with correlations, and one for those of changes."""
    rows = material.results.rows(analysis="correlation", arm="")
    places = dict.fromkeys(zip(rows["visit"], rows["level"], strict=True))
    return [
        _matrix(
            material,
            visit,
            level,
            values_by(rows[(rows["visit"] == visit) & (rows["level"] == level)], "outcome", "term", "statistic"),
            bool(rows.loc[(rows["visit"] == visit) & (rows["level"] == level), "note"].str.contains("no test").any()),
        )
        for visit, level in places
    ]


def _matrix(material: Material, visit: str, level: str, values: Cells, untested: bool) -> TableSpec:
    """The lower triangle at one visit, or of the changes up to it."""
    copies = material.copies()
    keys = [key for key in material.in_order(key for a, b, _ in values for key in (a, b)) if key not in copies]
    alphas = material.results.rows(analysis="reliability", visit=visit, statistic="alpha", arm="")
    alpha = {} if level else values_by(alphas, "outcome")
    first = material.visit(material.plan.design.baseline)
    title = (
        f"Correlations Between Changes From {first} to {material.visit(visit)}"
        if level == "change"
        else f"Correlations Between Outcomes: {material.visit(visit)}"
    )
    body = [_row(material, keys, i, values, alpha) for i in range(len(keys))]
    counts = [value for (a, b, name), value in values.items() if name == "n" and not {a, b} & copies]
    diagonal = any((key,) in alpha for key in keys)
    return TableSpec(
        name=f"correlations.{level or visit}",
        title=text(title),
        columns=(TableColumn(text("Scale"), "left"), *[TableColumn(text(str(i + 1))) for i in range(len(keys))]),
        rows=tuple(body),
        notes=notes(
            general(
                material,
                "Pearson correlations.",
                _sizes(counts),
                text("Diagonal: Cronbach’s alpha in parentheses.") if diagonal else "",
                f"{DASH} = the scale itself." if any((key,) not in alpha for key in keys) else "",
                "Not tested, as participants met in groups: a test would take them as independent." if untested else "",
            ),
            probability=() if untested else _stars_note(),
        ),
        category="outcomes",
        analyses=("correlation", "reliability") if diagonal else ("correlation",),
    )


def _row(material: Material, keys: list[str], i: int, values: Cells, alpha: Cells) -> TableRow:
    """One row of the lower triangle."""
    cells: list[Text | str] = []
    for j, other in enumerate(keys):
        if j > i:
            cells.append("")
        elif j == i:
            cells.append(f"({bounded(alpha[(other,)])})" if (other,) in alpha else DASH)
        else:
            cells.append(_cell(values, keys[i], other))
    return row(f"{i + 1}. {material.label(keys[i])}", *cells)


def _cell(values: Cells, a: str, b: str) -> str:
    """r with stars, whichever of the two comes first in the results."""
    pair = (a, b) if (a, b, "r") in values else (b, a)
    p = values.get((*pair, "p"), math.nan)
    return bounded(values.get((*pair, "r"))) + next((stars for limit, stars in _STARS if p < limit), "")


def _stars_note() -> Text:
    """Meaning of the stars, the smallest first."""
    return join(
        " ",
        [text(stars, rich("*p*"), f" < {bounded(limit, 2 if limit >= 0.01 else 3)}.") for limit, stars in _STARS[::-1]],
    )


def _sizes(counts: list[float]) -> Text:
    """How many participants the correlations rest on."""
    if not counts:
        return ()
    low, high = int(min(counts)), int(max(counts))
    return text(N, f" = {low}." if low == high else f" = {low} to {high}.")
