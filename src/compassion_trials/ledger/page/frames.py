"""The ledger as data frames, for the CSV files: lines, effects of the fields, pooled results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import pandas as pd

from compassion_trials.ledger.evidence.evidence import Evidence
from compassion_trials.ledger.ledger_line import COLUMNS, LedgerLine

HARTUNG_KNAPP = "REML, Hartung-Knapp, t with k - 1 df"
FLOORED = "REML, Hartung-Knapp with its factor held at 1 or more, t with k - 1 df"
THREE_LEVEL = "three-level REML, t(k - 1)"

Quantity = tuple[str, float, str]
"""Statistic, value, convention."""


def ledger_table(lines: Sequence[LedgerLine]) -> pd.DataFrame:
    """Lines as a table, one row per printed number."""
    return pd.DataFrame([asdict(line) for line in lines], columns=list(COLUMNS))


def evidence_table(found: Sequence[Evidence]) -> pd.DataFrame:
    """Effects of all fields with their weights."""
    rows = []
    for field in found:
        weights = iter(field.pooled.weights if field.pooled is not None else ())
        for effect in field.effects:
            weight = None if effect.own else next(weights, None)
            rows.append({**asdict(effect), "se": effect.variance**0.5, "weight_percent": weight})
    table = pd.DataFrame(rows)
    return table.astype({"year": "Int64"}) if "year" in table else table


def pooled_table(found: Sequence[Evidence]) -> pd.DataFrame:
    """Pooled results of all fields: statistic, value, convention."""
    parts = (_pooled, _heterogeneity, _sensitivity, _dependent, _moderators)
    rows = [
        {"field": field.field, "statistic": statistic, "value": float(value), "convention": convention}
        for field in found
        if field.pooled is not None
        for part in parts
        for statistic, value, convention in part(field)
    ]
    return pd.DataFrame(rows, columns=["field", "statistic", "value", "convention"])


def _pooled(field: Evidence) -> Iterator[Quantity]:
    """The pooled effect, effects taken as independent, and where that of a new trial may lie."""
    fit = field.pooled
    assert fit is not None
    yield "k", fit.k, ""
    for name, value in (("estimate", fit.b[0]), ("lower", fit.lower[0]), ("upper", fit.upper[0]), ("p", fit.p[0])):
        yield name, value, HARTUNG_KNAPP
    if fit.floored is not None:
        ends = (("lower", fit.floored.lower[0]), ("upper", fit.floored.upper[0]), ("p", fit.floored.p[0]))
        for name, value in ends:
            yield name, value, FLOORED
    for limits, text in (
        (fit.prediction("metafor"), "t(k - 1), Hartung-Knapp SE (metafor)"),
        (fit.prediction("meta"), "t(k - 2), classic SE (R meta)"),
    ):
        yield "prediction_lower", limits.lower, text
        yield "prediction_upper", limits.upper, text


def _heterogeneity(field: Evidence) -> Iterator[Quantity]:
    """How far the effects differ beyond sampling."""
    fit, profile = field.pooled, field.profile
    assert fit is not None
    yield "tau2", fit.tau2, "REML"
    if profile is not None:
        yield "tau2_lower", profile.lower, "Q-profile"
        yield "tau2_upper", profile.upper, "Q-profile"
    yield "q", fit.q, "Cochran"
    yield "q_p", fit.q_p, "Cochran"
    yield "i2", fit.i2_tau, "from tau2 (metafor)"
    yield "i2", fit.i2_q, "from Q (R meta)"


def _sensitivity(field: Evidence) -> Iterator[Quantity]:
    """Small-study effects, and how far one effect carries the result."""
    assert field.filled is not None
    yield "filled", field.filled.added, "trim and fill, L0"
    yield "filled_estimate", field.filled.pooled.b[0], "trim and fill, L0"
    yield "leave_one_out_lowest", min(field.left_out), HARTUNG_KNAPP
    yield "leave_one_out_highest", max(field.left_out), HARTUNG_KNAPP
    if field.asymmetry is not None:
        yield "egger_intercept", field.asymmetry.intercept, "regression of g/SE on 1/SE"
        yield "egger_p", field.asymmetry.p, "t(k - 2)"


def _dependent(field: Evidence) -> Iterator[Quantity]:
    """The three-level model, where trials have several effects."""
    fit = field.dependent
    if fit is None:
        return
    for name, value in (("estimate", fit.b[0]), ("lower", fit.lower[0]), ("upper", fit.upper[0])):
        yield name, value, THREE_LEVEL
    yield "prediction_lower", fit.prediction().lower, THREE_LEVEL
    yield "prediction_upper", fit.prediction().upper, THREE_LEVEL
    yield "se", fit.robust_se[0], "cluster-robust CR1"
    yield "p", fit.robust_p[0], "cluster-robust CR1, t(trials - 1)"
    yield "sigma2_trial", fit.sigma2_trial, "REML"
    yield "sigma2_effect", fit.sigma2_effect, "REML"


def _moderators(field: Evidence) -> Iterator[Quantity]:
    """Subgroups, and the regression on the year of publication."""
    for name, (estimate, lower, upper, k) in field.groups.items():
        yield f"group_{name}", estimate, f"k = {k}"
        yield f"group_{name}_lower", lower, ""
        yield f"group_{name}_upper", upper, ""
    if field.between is not None:
        yield "groups_p", field.between.p, "common tau2, F(m - 1, k - m), Hartung-Knapp"
        yield "groups_p", field.between.p_floored, "common tau2, F(m - 1, k - m), factor held at 1"
    slope = field.by_year
    if slope is not None:
        for name, value in (("", slope.estimate), ("_lower", slope.lower), ("_upper", slope.upper), ("_p", slope.p)):
            yield f"slope_year{name}", value, f"k = {slope.k}; {slope.convention.replace('−', '-')}"
