"""Comparisons against a margin."""

from __future__ import annotations

from compassion_trials.core.numbers import MINUS, fixed, interval, p_value
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import P, contrast_label, general, notes

KINDS = {"equivalence": "Equivalence", "noninferiority": "Non-inferiority"}


def build(material: Material) -> list[TableSpec]:
    """One row per comparison: estimate, interval at the matching level, margin, p, verdict."""
    rows = material.results.rows(analysis=tuple(KINDS))
    if rows.empty:
        return []
    body: list[TableRow] = []
    remarks: list[str] = []
    for (kind, outcome, term, visit), mine in rows.groupby(["analysis", "outcome", "term", "visit"], sort=False):
        values = dict(zip(mine["statistic"], mine["value"], strict=True))
        verdict = next(word for word in mine["text"] if word)
        decimals = material.decimals(str(outcome))
        label = f"{material.label(str(outcome))}, {contrast_label(material, str(term))}, {material.visit(str(visit))}"
        level = f"{100 * (1 - 2 * values['alpha']):.0f}%"
        limits = f"{level} {interval(values['lower'], values['upper'], decimals)}"
        margin = _margin(values, decimals)
        cells = [KINDS[str(kind)], fixed(values["estimate"], decimals), limits, margin, p_value(values["p"]), verdict]
        post_hoc = " (post hoc)" if (mine["prespecified"] == "no").any() else ""
        body.append(row(label + post_hoc, *cells))
        remarks += [f"{material.short(str(outcome))}: {note}." for note in dict.fromkeys(mine["note"])]
    in_change = rows["term"].str.startswith("difference in change").any()
    what = f"Differences{' in change' if in_change else ''} are the first arm named minus the second ({MINUS})."
    note = general(material, what, rich("*p*: one-sided; the interval has the level that matches it."), *remarks)
    heads = [
        TableColumn(text("Test"), "left"),
        TableColumn(text("Difference")),
        TableColumn(text("CI")),
        TableColumn(text("Margin")),
    ]
    return [
        TableSpec(
            name="margins",
            title=text("Arms Compared Against a Margin"),
            columns=(
                TableColumn(text("Comparison"), "left"),
                *heads,
                TableColumn(P),
                TableColumn(text("Conclusion"), "left"),
            ),
            rows=tuple(body),
            notes=notes(note),
            category="effects",
            analyses=tuple(dict.fromkeys(rows["analysis"])),
        )
    ]


def _margin(values: dict[str, float], decimals: int) -> str:
    """Margins as an interval, or the one that counts."""
    low, high = values.get("margin_lower"), values.get("margin_upper")
    if low is not None and high is not None:
        return interval(low, high, decimals)
    return fixed(low if high is None else high, decimals)
