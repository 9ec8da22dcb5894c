"""The sensitivity table: the primary answer and every other answer to the same question, below each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import DASH, count, degrees_column, fixed, interval, p_value
from compassion_trials.study.outcomes import primary_outcome
from compassion_trials.tables.builders.mechanism.extension_words import SENSITIVITY_NAMES
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, text
from compassion_trials.tables.wording import (
    DF,
    Marks,
    N,
    P,
    abbreviations,
    confidence,
    contrast_label,
    dash,
    general,
    notes,
)

JACKKNIFE = "conditional mean, jackknife"
TIPPED = "at the tipping point"
REFERENCE_BASED = ("jump_to_reference", "copy_reference", "copy_increments")


@dataclass(frozen=True, slots=True)
class SensitivityLine:
    """One answer to the question: name, numbers, and what must be said about it."""

    name: Text
    values: dict[str, float]
    decimals: int


def build(material: Material) -> list[TableSpec]:
    """One table for all outcomes; none when the plan asks for no sensitivity analysis."""
    found = material.results.rows(analysis="sensitivity")
    if not len(found):
        return []
    marks = Marks()
    body: list[TableRow | SensitivityLine] = []
    first = primary_outcome(material.plan, material.outcomes)
    for outcome in material.in_order(found["outcome"]):
        mine = found[found["outcome"] == outcome]
        body += _outcome(material, outcome, mine, "primary" if outcome == first else "secondary", marks)
    degrees = degrees_column([a.values.get("df") for a in body if isinstance(a, SensitivityLine)])
    lines = tuple(_rows(body, iter(degrees)))
    columns = (
        TableColumn(text("Analysis"), "left"),
        TableColumn(N),
        TableColumn(text("Estimate")),
        TableColumn(text("SE")),
        TableColumn(confidence(material)),
        TableColumn(DF),
        TableColumn(P),
    )
    note = general(
        material,
        f"Visit: {material.visit(next(v for v in found['visit'] if v))}.",
        "All analyses answer the question of the primary one under another assumption or for other people; none of "
        "them replaces it.",
        _said(material, found),
        abbreviations("n", "CI", "df"),
        dash(lines, "does not apply or not estimable"),
    )
    return [
        TableSpec(
            "sensitivity",
            text("Sensitivity Analyses Beside the Primary Analysis"),
            columns,
            lines,
            notes(note, marks),
            category="sensitivity",
            analyses=("primary", "sensitivity"),
        )
    ]


def _rows(body: list[TableRow | SensitivityLine], degrees: Iterator[str]) -> list[TableRow]:
    """Answers as rows."""
    out = []
    for part in body:
        if isinstance(part, TableRow):
            out.append(part)
            continue
        get = part.values.get
        df = next(degrees)
        limits = interval(get("lower"), get("upper"), part.decimals)
        cells = (fixed(get("estimate"), part.decimals), fixed(get("se"), part.decimals), limits, df, p_value(get("p")))
        out.append(row(part.name, count(get("n")), *cells, level=1))
    return out


def _outcome(
    material: Material, outcome: str, found: pd.DataFrame, analysis: str, marks: Marks
) -> list[TableRow | SensitivityLine]:
    """All answers of one outcome, by contrast."""
    terms = [t for t in dict.fromkeys(found["term"]) if t not in ("model", "")]
    body: list[TableRow | SensitivityLine] = []
    for term in terms:
        named = material.label(outcome)
        if term != "change":
            named += f": {contrast_label(material, term)}" + (", change" if "in change" in term else "")
        body.append(heading(named))
        body += _answers(material, found, term, outcome, analysis, marks)
    return body


def _answers(
    material: Material, found: pd.DataFrame, term: str, outcome: str, analysis: str, marks: Marks
) -> list[SensitivityLine]:
    """The primary answer first, then those of the plan in its order."""
    decimals = material.decimals(outcome)
    visit = next(v for v in found["visit"] if v)
    planned = material.results.rows(analysis=analysis, outcome=outcome, term=term, visit=visit, level="")
    planned = planned[planned["arm"].isin(["", *found["arm"]])]
    label = "Primary analysis" if analysis == "primary" else "Planned analysis"
    out = (
        [SensitivityLine(text(f"{label} (likelihood, missing at random)"), _values(planned), decimals)]
        if len(planned)
        else []
    )
    for method in sorted(dict.fromkeys(found["model"]), key=lambda name: name != "likelihood_without_groups"):
        mine = found[(found["model"] == method) & found["term"].isin([term, "model"])]
        for level in ("", JACKKNIFE, TIPPED):
            here = mine[mine["level"] == level]
            name = _name(method, level, here)
            if len(here) and name and not (method == "tipping_point" and level == "" and TIPPED in set(mine["level"])):
                out.append(SensitivityLine(text(name, _marked(here, method, marks)), _values(here), decimals))
    return out


def _name(method: str, level: str, rows: pd.DataFrame) -> str:
    """An analysis in words."""
    name = SENSITIVITY_NAMES[method]
    if method in REFERENCE_BASED:
        return f"{name}, {'conditional mean and jackknife' if level else 'imputation and Rubin’s rules'}"
    if method != "tipping_point":
        return name
    note = rows["text"].str.strip()
    told = next((word for word in note if word), "")
    return f"{name}: {told}" if told else name


def _values(rows: pd.DataFrame) -> dict[str, float]:
    """Statistics by name, and the participants."""
    values = {str(name): float(value) for name, value in zip(rows["statistic"], rows["value"], strict=True)}
    values = {name: value for name, value in values.items() if value == value}
    counts = rows["n"].dropna()
    return values if "n" in values or not len(counts) else values | {"n": float(counts.iloc[0])}


def _marked(rows: pd.DataFrame, method: str, marks: Marks) -> Text:
    """Marks: post hoc, not estimable, flagged, not recommended."""
    found: list[Text] = []
    if method == "locf":
        found.append(marks.mark("Last value carried forward is biased and is shown only to compare with older papers."))
    if (rows["prespecified"] == "no").any():
        found.append(marks.mark("Post hoc analysis."))
    if (rows["text"] == "not estimable").any():
        reason = rows.loc[rows["text"] == "not estimable", "note"].iloc[0]
        found.append(marks.mark(f"Not estimable: {reason}."))
    for flag in dict.fromkeys(rows["convergence"]):
        if flag.startswith("flagged"):
            found.append(marks.mark(f"The fit is flagged: {flag.partition(':')[2].strip()}."))
    return text(*(part for i, mark in enumerate(found) for part in ((" ", mark) if i else (mark,))))


def _twice(found: pd.DataFrame) -> bool:
    """Whether the jackknife gave an answer beside Rubin's rules."""
    return bool(((found["level"] == JACKKNIFE) & (found["statistic"] == "se")).any())


def _said(material: Material, found: pd.DataFrame) -> str:
    """What the analyses that are present assume."""
    present = set(found["model"])
    said = []
    tips = found[(found["statistic"] == "tipping_point") & (found["text"] == "")]
    for line in result_lines(tips):
        sd = found[(found["statistic"] == "tipping_point_sd") & (found["term"] == line.term)
                   & (found["outcome"] == line.outcome)]["value"]  # fmt: skip
        where = f" ({fixed(float(sd.iloc[0]))} SD)" if len(sd) else ""
        zero = found[(found["level"] == "delta 0") & (found["statistic"] == "p") & (found["term"] == line.term)
                     & (found["outcome"] == line.outcome)]["value"]  # fmt: skip
        lost = bool(len(zero)) and float(zero.iloc[0]) < material.plan.analysis.alpha
        what = "stops being significant" if lost else "becomes significant"
        said.append(
            f"{material.short(line.outcome)}, {contrast_label(material, line.term)}: the difference {what} when the "
            f"imputed values of the first arm are moved by {fixed(line.value)} {line.unit}{where}."
        )
    if present & set(REFERENCE_BASED):
        said.append(
            "Reference-based imputation assumes that those who stopped went on like the reference arm; with Rubin’s "
            "rules it keeps the information of the missing-at-random analysis"
            + (", with the jackknife it gives the variance under repeated sampling." if _twice(found) else ".")
        )
    if (found["note"].str.contains("therapy groups in the analysis")).any():
        said.append(
            "Completed data were analysed with the random effect of the therapy group; the imputation itself does not "
            "know the groups."
        )
    without = found.loc[found["note"].str.contains("therapy groups not modelled"), "model"]
    if len(without):
        names = "; ".join(SENSITIVITY_NAMES[name] for name in dict.fromkeys(without))
        said.append(f"Therapy groups are not modelled in: {names}.")
    return " ".join(said).replace("— ", DASH)
