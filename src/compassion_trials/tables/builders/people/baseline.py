"""Participants at baseline by arm: M (SD) or n (%), standardized mean differences, no p values."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compassion_trials.core.columns import N_HIDDEN
from compassion_trials.core.numbers import DASH, NBSP, count, fixed, mean_sd, n_percent
from compassion_trials.core.results import values_by
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, row
from compassion_trials.tables.text import Text, rich, text
from compassion_trials.tables.wording import M_SD, Marks, N, abbreviations, contrast_label, dash, general, notes

Cells = dict[tuple[str, ...], float]

HIDDEN = "hidden"
"""Stands for a count that is not shown."""

LARGEST = "largest"
"""Stands for all pairs of arms when they are too many for a column each."""
_PAIRS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _BaselineShown:
    """What the rows of the table need: arms in order, participants of each, contrasts, and the numbers."""

    material: Material
    arms: tuple[str, ...]
    sizes: dict[str, float]
    pairs: tuple[str, ...]
    values: Cells
    differences: Cells


def build(material: Material) -> list[TableSpec]:
    """Table 1."""
    rows = material.results.rows(analysis="baseline")
    if rows.empty:
        return []
    by_arm = rows[rows["statistic"] != "smd"]
    smd = rows[rows["statistic"] == "smd"]
    arms = tuple(arm for arm in (*material.plan.design.arms, "") if arm in set(by_arm["arm"]))
    if material.single_arm and len(arms) > 1:
        arms = arms[:1]
    pairs = tuple(ordered(smd["term"]))
    differences = values_by(smd, "outcome", "level", "term")
    pairs = pairs if len(pairs) <= _PAIRS_SHOWN else (LARGEST,)
    shown = _BaselineShown(
        material=material,
        arms=arms,
        sizes=_sizes(material, arms),
        pairs=pairs,
        values=values_by(by_arm, "outcome", "level", "arm", "statistic"),
        differences=differences if pairs != (LARGEST,) else _largest(differences),
    )
    marks = Marks()
    body = [line for outcome in _order(material, rows) for line in _variable(shown, outcome, marks)]
    used = ["M", "SD", *(["SMD"] if shown.pairs else [])]
    pooled = "SMD: difference of means or proportions over the pooled standard deviation" if shown.pairs else ""
    pooled += ", the largest of all pairs of arms." if shown.pairs == (LARGEST,) else "." if pooled else ""
    return [
        TableSpec(
            name="baseline",
            title=text("Characteristics of Participants at Baseline"),
            columns=_columns(shown),
            rows=tuple(body),
            notes=notes(
                general(
                    material,
                    _what(),
                    abbreviations(*used),
                    pooled,
                    _hidden(material, by_arm),
                    dash(body, "not estimable"),
                ),
                marks,
            ),
            category="baseline",
            analyses=("baseline",),
        )
    ]


def _largest(differences: Cells) -> Cells:
    """The largest difference in size over all pairs, for each variable and level."""
    found: Cells = {}
    for (outcome, level, _), value in differences.items():
        found[outcome, level, LARGEST] = max(abs(value), found.get((outcome, level, LARGEST), 0.0))
    return found


def _what() -> Text:
    """First sentence of the note."""
    return text("Values are ", M_SD, " or ", N, " (%).")


def _hidden(material: Material, rows: pd.DataFrame) -> str:
    """What the note says where counts are hidden."""
    if not (rows["statistic"] == N_HIDDEN).any():
        return ""
    k = material.plan.privacy.k
    return (
        f"Hidden: counts of 1 to {k - 1}, and those from which they could be worked out; levels that too few "
        "participants share are not listed."
    )


def _columns(shown: _BaselineShown) -> tuple[TableColumn, ...]:
    """Characteristic, arms with their size, differences."""
    heads = []
    for arm in shown.arms:
        size = text(" (", N, f"{NBSP}={NBSP}{count(shown.sizes[arm])})") if arm in shown.sizes else ()
        heads.append(TableColumn(text(shown.material.arm(arm), size)))
    if len(shown.pairs) == 1:
        heads.append(TableColumn(text("SMD")))
    else:
        heads += [TableColumn(text(contrast_label(shown.material, pair)), spanner=text("SMD")) for pair in shown.pairs]
    return (TableColumn(text("Characteristic"), "left"), *heads)


def _order(material: Material, rows: pd.DataFrame) -> list[str]:
    """Baseline variables in the order of the plan, then outcomes, each of them once."""
    variables = [key for data in material.plan.data for key in data.baseline]
    copies = material.copies()
    return [key for key in ordered(rows["outcome"], (*variables, *material.outcomes)) if key not in copies]


def _sizes(material: Material, arms: tuple[str, ...]) -> dict[str, float]:
    """Participants of each arm, from the flow; the whole sample is their sum."""
    allocated = material.results.rows(analysis="flow", term="allocated", level="", statistic="n")
    found = {arm: value for (arm,), value in values_by(allocated, "arm").items()}
    if "" not in found and found:
        found[""] = sum(found.values())
    return {arm: found[arm] for arm in arms if arm in found}


def _variable(shown: _BaselineShown, outcome: str, marks: Marks) -> list[TableRow]:
    """Rows of one variable: one for a number, one and one per category for a category."""
    if not any(o == outcome and (level or name == "mean") for o, level, _, name in shown.values):
        return []  # not assessed at baseline
    levels = [level for (o, level, _, _) in shown.values if o == outcome]
    levels = [level for level in dict.fromkeys(levels) if level]
    label = shown.material.label(outcome)
    if not levels:
        name = text(label, _incomplete(shown, outcome, marks), ", ", M_SD)
        return [row(name, *_means(shown, outcome), *_smd(shown, outcome, ""))]
    name = text(label, _incomplete(shown, outcome, marks), ", ", rich("*n* (%)"))
    first = row(name, *[""] * len(shown.arms), *_smd(shown, outcome, "", blank=""))
    rest = [
        row(level, *_shares(shown, outcome, level), *_smd(shown, outcome, level, blank=""), level=1) for level in levels
    ]
    return [first, *rest]


def _means(shown: _BaselineShown, outcome: str) -> list[str]:
    """M (SD) by arm."""
    decimals = shown.material.decimals(outcome)
    get = shown.values.get
    return [mean_sd(get((outcome, "", a, "mean")), get((outcome, "", a, "sd")), decimals) for a in shown.arms]


def _shares(shown: _BaselineShown, outcome: str, level: str) -> list[str]:
    """n (%) by arm; a category that does not occur in an arm has 0."""
    get = shown.values.get
    return [
        HIDDEN
        if (outcome, level, a, N_HIDDEN) in shown.values
        else n_percent(get((outcome, level, a, "n"), 0.0), get((outcome, level, a, "percent"), 0.0))
        for a in shown.arms
    ]


def _smd(shown: _BaselineShown, outcome: str, level: str, blank: str = DASH) -> list[str]:
    """Standardized differences of one row."""
    found = [shown.differences.get((outcome, level, pair)) for pair in shown.pairs]
    return [blank if value is None else fixed(value) for value in found]


def _incomplete(shown: _BaselineShown, outcome: str, marks: Marks) -> Text:
    """Mark of a note on how many participants have a value, where some have none."""
    gaps = []
    for arm in shown.arms:
        counted = shown.values.get((outcome, "", arm, "n"))
        if arm and counted is not None and arm in shown.sizes and counted < shown.sizes[arm]:
            gaps.append(text(N, f"{NBSP}={NBSP}{count(counted)} in {shown.material.arm(arm)}"))
    if not gaps:
        return ()
    joined = text(*[part for i, gap in enumerate(gaps) for part in ((", ", gap) if i else (gap,))])
    return marks.mark(text("Available: ", joined, "."))
