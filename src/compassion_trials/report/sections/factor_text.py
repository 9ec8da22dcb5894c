"""Factor structure and measurement invariance, for the supplement: what the rows say, and what it means for means."""

from __future__ import annotations

from math import isnan

import pandas as pd

from compassion_trials.core.numbers import NBSP, bounded, count, p_phrase
from compassion_trials.report.cite import cited, limits, number, row
from compassion_trials.report.cite import level as coverage
from compassion_trials.report.model import Inline, Paragraph, Section, line, sentences
from compassion_trials.report.source import Source
from compassion_trials.report.wording import see, series, within
from compassion_trials.tables.builders.outcomes.factors import CATEGORY, factor_count, model_name
from compassion_trials.tables.text import rich

TENABLE = -0.010
"""A fall of CFI up to this size is tenable (Cheung & Rensvold 2002, doi:10.1207/S15328007SEM0902_5)."""

CONSEQUENCES = {
    "thresholds": "the steps of the answer scale were not used alike, so that a difference of means mixes change in "
    "what is measured with change in how answers are chosen",
    "loadings": "items did not reflect what is measured to the same degree, so that a difference of means is not on "
    "one scale",
    "intercepts": "some items were answered higher or lower at the same level of what is measured, so that a "
    "difference of means is not only a difference in it",
}
"""What it means for means when a level cannot be held."""


def factor_section(source: Source) -> Section | None:
    """The section; None unless the plan asks for it."""
    rows = source.results.rows(analysis=("factors", "invariance"))
    if not len(rows):
        return None
    shown = source.tables_of(CATEGORY)
    said = [_structure(source, key) for key in source.results.distinct("outcome", analysis="factors")]
    compared = rows.loc[rows["analysis"] == "invariance", ["outcome", "term"]].drop_duplicates()
    said += [_invariance(source, str(key), str(term)) for key, term in compared.itertuples(index=False)]
    tail = line("All numbers are in ", see(*shown), ".") if shown else ()
    paragraphs = [Paragraph(part) for part in said if part]
    last = (Paragraph(tail, "intro"),) if tail else ()
    return Section("factors", "Factor Structure and Measurement Invariance", (*paragraphs, *last, *shown))


def _structure(source: Source, key: str) -> Inline:
    """CFI of each model, omega, or why nothing was fitted."""
    mine = source.results.rows(analysis="factors", outcome=key)
    label, visit = source.material.label(key), mine["visit"].iloc[0]
    fitted = [str(m) for m in dict.fromkeys(mine.loc[mine["statistic"] == "cfi", "model"])]
    refused = mine[mine["statistic"] == "not_done"]
    if not fitted:
        return _refused(f"Factor models of {label} were not fitted", refused, small=True)
    place = {"analysis": "factors", "outcome": key, "visit": visit}
    parts = [
        line(
            number(source.results, "cfi", _three, model=model, **place),
            " for the bifactor model"
            if model == "bifactor"
            else f" for {within(model_name(model, factor_count(mine, model)))}",
        )
        for model in fitted
    ]
    first = mine[mine["statistic"] == "cfi"]
    n = cited(count(first["n"].iloc[0]), f"row:{first.index[0] + 1}")
    head = line(f"For {label} at {source.words.at(visit)} (", rich("*n*"), " = ", n, "), CFI was ", series(parts), ".")
    caution = "The bifactor model is the most flexible one: a better fit alone does not speak for it."
    return sentences(head, line(caution) if "bifactor" in fitted else (), _omega(source, place))


def _omega(source: Source, place: dict[str, str]) -> Inline:
    """Omega total and hierarchical of the bifactor model, or omega total of one factor."""
    keys = place | {"model": "bifactor"}
    if isnan(source.results.value("omega_h", **keys)):
        keys = place | {"model": "one"}
        if isnan(source.results.value("omega", **keys)):
            return ()
        return line("Omega total under one factor was ", *_with_limits(source, "omega", keys), ".")
    return line(
        "Under the bifactor model omega total was ",
        *_with_limits(source, "omega", keys),
        " and omega hierarchical ",
        *_with_limits(source, "omega_h", keys),
        ", the share of the variance of the total that the general factor accounts for.",
    )


def _with_limits(source: Source, name: str, keys: dict[str, str]) -> Inline:
    """A coefficient with its interval, where there is one."""
    value = line(number(source.results, name, bounded, **keys))
    if isnan(source.results.value(f"{name}_lower", **keys)):
        return value
    ends = limits(source.results, f"{name}_lower", f"{name}_upper", bounded, **keys)
    return line(value, ", ", coverage(source.context), f"{NBSP}CI{NBSP}", ends)


def _invariance(source: Source, key: str, term: str) -> Inline:
    """Change of CFI and p of each level, and what it means for comparing means."""
    mine = source.results.rows(analysis="invariance", outcome=key, term=term)
    what = f"measurement of {source.material.label(key)} over {term}"
    changes = mine[mine["statistic"] == "cfi_change"]
    if len(changes) < len(CONSEQUENCES):
        return _refused(
            f"Invariance of the {what} was not examined", mine[mine["statistic"] == "not_done"], small=False
        )
    place = {"analysis": "invariance", "outcome": key, "term": term, "visit": mine["visit"].iloc[0]}
    parts = [
        line(
            f"equal {level} changed CFI by ",
            number(source.results, "cfi_change", _three, level=level, **place),
            " (",
            rich("*p*"),
            " ",
            cited(
                p_phrase(source.results.value("difference_p", level=level, **place)),
                row(source.results, "difference_p", level=level, **place),
            ),
            ")",
        )
        for level in CONSEQUENCES
    ]
    n = cited(count(changes["n"].iloc[0]), f"row:{changes.index[0] + 1}")
    head = line(f"In the {what} (", rich("*n*"), " = ", n, "), ", series(parts), ".")
    return sentences(head, line(_meaning(source, place, term)))


def _meaning(source: Source, place: dict[str, str], term: str) -> str:
    """Whether means can be compared, by CFI first; where a test disagrees it is said."""
    alpha = source.context.plan.analysis.alpha
    for level, consequence in CONSEQUENCES.items():
        if source.results.value("cfi_change", level=level, **place) < TENABLE:
            return f"Equal {level} are not tenable: {consequence}."
    doubted = [v for v in CONSEQUENCES if source.results.value("difference_p", level=v, **place) < alpha]
    kept = f"All three are tenable by CFI, so that means of the scale can be compared over {term}"
    if not doubted:
        return f"{kept}."
    return f"{kept}; the tests, which also notice small differences, reject equal {' and '.join(doubted)}."


def _refused(what: str, rows: pd.DataFrame, small: bool) -> Inline:
    """Why something was not done."""
    if not len(rows):
        return ()
    why = cited(rows["text"].iloc[0], f"row:{rows.index[0] + 1}")
    instead = "; alpha and omega total of one factor describe the reliability of the scale" if small else ""
    return line(f"{what}: ", why, f"{instead}.")


def _three(value: float | None) -> str:
    """Three decimals without leading zero."""
    return bounded(value, 3)
