"""Reliable and clinically significant change: who recovered, improved or got worse, and responders by arm."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import (
    DASH,
    INFINITY,
    MINUS,
    NBSP,
    bounded,
    count,
    fixed,
    interval,
    n_percent,
    p_value,
)
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import rich, text
from compassion_trials.tables.wording import P, confidence, contrast_label, dash, general, notes

LEVELS = ("recovered", "improved", "unchanged", "deteriorated")


def build(material: Material) -> list[TableSpec]:
    """Categories of change by arm and visit; responders compared between arms."""
    rows = material.results.rows(analysis="change")
    if rows.empty:
        return []
    return [table for table in (_categories(material, rows), _responders(material, rows)) if table is not None]


def _categories(material: Material, rows: pd.DataFrame) -> TableSpec | None:
    """Numbers and percentages in each category."""
    mine = rows[(rows["term"] == "reliable_change") & (rows["arm"] != "")]
    cells: dict[tuple[str, ...], float] = {
        (r.outcome, r.visit, r.arm, r.level, r.statistic): r.value for r in result_lines(mine)
    }
    sizes = {(r.outcome, r.visit, r.arm): r.n for r in result_lines(mine)}
    if not sizes:
        return None
    levels = [level for level in LEVELS if level in set(mine["level"])]
    body: list[TableRow] = []
    for outcome in material.in_order(mine["outcome"]):
        body.append(heading(material.label(outcome) + _post_hoc(rows, outcome)))
        for visit in ordered(mine.loc[mine["outcome"] == outcome, "visit"], tuple(material.plan.design.visits)):
            several = len(material.plan.design.arms) > 1
            if several:
                body.append(heading(material.visit(visit), 1))
            for arm in material.plan.design.arms:
                if (outcome, visit, arm) not in sizes:
                    continue
                shares = [_share(cells, (outcome, visit, arm, level)) for level in levels]
                label = material.arm(arm) if several else material.visit(visit)
                body.append(row(label, count(sizes[outcome, visit, arm]), *shares, level=1 + several))
    heads = [TableColumn(text(level.capitalize())) for level in levels]
    stub = "Outcome and visit" if material.single_arm else "Outcome and arm"
    note = general(
        material, *_criteria(material, rows), "Of participants with both scores.", dash(body, "no cut-off given")
    )
    return TableSpec(
        name="change",
        title=text("Reliable and Clinically Significant Change"),
        columns=(TableColumn(text(stub), "left"), TableColumn(rich("*n*")), *heads),
        rows=tuple(body),
        notes=notes(note),
        category="change",
        analyses=("change",),
    )


def _share(cells: dict[tuple[str, ...], float], place: tuple[str, ...]) -> str:
    """Number and percentage of a category."""
    n = cells.get((*place, "n"))
    return DASH if n is None else n_percent(n, cells.get((*place, "percent")))


def _post_hoc(rows: pd.DataFrame, outcome: str) -> str:
    """Mark of an analysis that was not planned."""
    return " (post hoc)" if (rows.loc[rows["outcome"] == outcome, "prespecified"] == "no").any() else ""


def _criteria(material: Material, rows: pd.DataFrame) -> list[str]:
    """Criterion, standard deviation, reliability and cut-off of each outcome."""
    found = []
    general_rows = rows[(rows["term"] == "reliable_change") & (rows["arm"] == "")]
    for outcome in material.in_order(general_rows["outcome"]):
        mine = general_rows[general_rows["outcome"] == outcome]
        values = dict(zip(mine["statistic"], mine["value"], strict=True))
        remark = next((note for note in mine["note"] if note), "").replace("'", "’")
        decimals = material.decimals(outcome)
        sd, criterion = (fixed(values[name], decimals) for name in ("sd", "reliable_change"))
        parts = [f"a change of {criterion} or more is reliable (SD {sd}, "]
        parts.append(f"reliability {bounded(values['reliability'])}; {remark})")
        if "cutoff" in values:
            parts.append(f", cut-off {fixed(values['cutoff'], decimals)}")
        found.append(f"{material.short(outcome)}: {''.join(parts)}.")
    if (rows["level"] == "recovered").any():
        found.append(
            "Recovered: reliably improved, and beyond the cut-off after having been on the side of the problem."
        )
    return found


def _responders(material: Material, rows: pd.DataFrame) -> TableSpec | None:
    """Responders of two arms: shares, risk difference, risk ratio, odds ratio, number needed to treat."""
    mine = rows[rows["term"].str.startswith("responders: ")]
    if mine.empty:
        return None
    shares = rows[(rows["term"] == "responders") & (rows["statistic"] == "n")]
    numbers = {(r.outcome, r.visit, r.arm): (r.value, r.n) for r in result_lines(shares)}
    values: dict[tuple[str, ...], dict[str, float]] = {}
    for r in result_lines(mine):
        values.setdefault((r.outcome, r.term, r.visit), {})[
            f"gee_{r.statistic}" if r.level == "gee" else r.statistic
        ] = r.value
    modelled = any("gee_odds_ratio" in v for v in values.values())
    body: list[TableRow] = []
    for outcome in material.in_order(mine["outcome"]):
        body.append(heading(material.label(outcome) + _post_hoc(rows, outcome)))
        for term in ordered(mine.loc[mine["outcome"] == outcome, "term"]):
            places = [place for place in values if place[:2] == (outcome, term)]
            body.append(heading(contrast_label(material, term), 1))
            arms = term.removeprefix("responders: ").split(" - ")
            for place in sorted(places, key=lambda p: list(material.plan.design.visits).index(p[2])):
                of = [_of(numbers.get((outcome, place[2], arm))) for arm in arms]
                body.append(row(material.visit(place[2]), *of, *_cells(values[place], modelled), level=2))
    ci = confidence(material)
    heads = [
        TableColumn(text("First arm")),
        TableColumn(text("Second arm")),
        TableColumn(text("RD")),
        TableColumn(ci),
        TableColumn(text("RR")),
        TableColumn(ci),
    ]
    heads += [TableColumn(text("OR")), TableColumn(ci), TableColumn(text("NNT")), TableColumn(ci, "left")]
    heads += [TableColumn(text("OR over visits")), TableColumn(ci), TableColumn(P)] if modelled else []
    note = general(material, *_responder_note(material, rows, mine, modelled), dash(body, "not estimable"))
    return TableSpec(
        name="responders",
        title=text("Responders Compared Between Arms"),
        columns=(TableColumn(text("Outcome and visit"), "left"), *heads),
        rows=tuple(body),
        notes=notes(note),
        category="change",
        analyses=("change",),
    )


def _of(pair: tuple[float, float] | None) -> str:
    """Responders of participants: "12/34"."""
    return DASH if pair is None else f"{count(pair[0])}/{count(pair[1])}"


def _cells(values: dict[str, float], modelled: bool) -> list[str]:
    """Numbers of one comparison."""
    found = []
    for name in ("risk_difference", "risk_ratio", "odds_ratio"):
        found += [fixed(values.get(name)), interval(values.get(f"{name}_lower"), values.get(f"{name}_upper"))]
    found += [_nnt(values.get("nnt")), nnt_interval(values.get("nnt_lower"), values.get("nnt_upper"))]
    if modelled:
        limits = interval(values.get("gee_odds_ratio_lower"), values.get("gee_odds_ratio_upper"))
        found += [fixed(values.get("gee_odds_ratio")), limits, p_value(values.get("gee_p"))]
    return found


def _nnt(value: float | None) -> str:
    """A number needed to benefit or to harm."""
    if value is None:
        return DASH
    return f"{fixed(abs(value), 1)}{NBSP}{'B' if value > 0 else 'H'}"


def nnt_interval(lower: float | None, upper: float | None) -> str:
    """Limits of a number needed to treat; through infinity where the difference may be zero (Altman 1998).

    Examples
    --------
    >>> [nnt_interval(*limits).replace(NBSP, ' ') for limits in ((2.0, 8.04), (3.0, -12.0))]
    ['[2.0, 8.0]', '3.0 B to ∞ to 12.0 H']
    """
    if lower is None or upper is None:
        return DASH
    if lower > 0 > upper:
        return f"{fixed(lower, 1)} B to {INFINITY} to {fixed(-upper, 1)} H".replace(" ", NBSP)
    return f"[{fixed(abs(lower), 1)},{NBSP}{fixed(abs(upper), 1)}]"


def _responder_note(material: Material, rows: pd.DataFrame, mine: pd.DataFrame, modelled: bool) -> list[str]:
    """Who is a responder, what the numbers are, what was done about missing scores."""
    found = []
    who = rows[(rows["statistic"] == "responder") & (rows["text"] != "")]
    for outcome in material.in_order(who["outcome"]):
        found.append(f"Responder, {material.short(outcome)}: {who.loc[who['outcome'] == outcome, 'text'].iloc[0]}.")
    if mine["note"].str.contains("non-responders").any():
        counted = material.in_order(mine.loc[mine["note"].str.contains("non-responders"), "outcome"])
        found.append(
            f"People without the later score count as non-responders ({', '.join(material.short(k) for k in counted)})."
        )
    if mine["note"].str.contains("0.5 added").any():
        found.append("Where a cell is empty 0.5 was added to all cells for the ratios.")
    clustered = mine["note"].str.contains("cluster-robust|therapy groups")
    whose = ["Newcombe’s limits"] if (~clustered & (mine["level"] != "gee")).any() else []
    whose += ["cluster-robust limits (CR2, therapy groups)"] if clustered.any() else []
    if clustered.any():
        found.append(
            "With fewer than five groups in an arm RR, OR and NNT have no limits. There is no model over visits that "
            "knows therapy groups; shares of single arms take people as independent."
        )
    found.append(
        f"RD = risk difference (first {MINUS} second arm), with {' or '.join(whose)}; RR = risk ratio; OR = odds "
        "ratio; NNT = number needed to treat for one more person to benefit from the first arm (B), or to be harmed "
        "(H)."
    )
    if modelled:
        found.append("OR over visits: generalized estimating equations, adjusted for the baseline score.")
    return found
