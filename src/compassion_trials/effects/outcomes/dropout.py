"""What predicts drop-out: one logistic regression per predictor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.baseline import baseline_variables, is_number
from compassion_trials.describe.logistic import Logistic, logistic
from compassion_trials.effects.groups.clustered_logistic import clustered_logistic
from compassion_trials.effects.groups.few_clusters import METHOD, NO_P, ClusterTest, clusters_of
from compassion_trials.models.data.cells import coded
from compassion_trials.trial.trial import Trial
from compassion_trials.trial.words import words

Columns = tuple[str, Array, list[str], str]
"""Name, columns, levels and note of a predictor."""
FIRTH = "Firth's penalized likelihood, the data are separated"
FEWEST = 3
"""Fewest people in either group (dropped out, stayed) for a regression to say anything."""


def dropout_rows(trial: Trial) -> tuple[list[Row], tuple[str, ...]]:
    """Odds ratios of having no primary outcome at the last visit with a concurrent control.

    Returns
    -------
    list of dict
        ``term`` the predictor, ``level`` a category against the first one; numbers per standard deviation.
    tuple of str
        Methods sentences.
    """
    design, primary = trial.context.plan.design, trial.context.primary
    if primary is None:
        return [], ()
    outcome = trial.context.outcomes[primary]
    planned = [v for v in design.controlled_visits if v in outcome.visits]
    if len(planned) < 2:
        return [], ()
    absent = np.isnan(trial.score(outcome, planned[-1])).astype(float)
    n_absent, label = int(absent.sum()), design.visit_at(planned[-1])
    if min(n_absent, len(absent) - n_absent) < FEWEST:
        return [], (
            "Predictors of drop-out were not examined: "
            f"{len(absent) - n_absent} of {len(absent)} participants had a score of {outcome.label} at {label}.",
        )
    keys = trial.keys | {"analysis": "dropout", "outcome": primary, "visit": planned[-1], "unit": ""}
    found: list[Row] = []
    penalized: list[str] = []
    for predictor in _predictors(trial, planned[0]):
        mine, firth = _regression(trial, predictor, absent, keys)
        found += mine
        penalized += [predictor[0]] if firth else []
    return found, _said(found, penalized, outcome.label, label)


def _said(found: list[Row], penalized: list[str], outcome: str, visit: str) -> tuple[str, ...]:
    """Methods sentences about regressions that gave rows."""
    if not found:
        return ()
    said = (
        f"Predictors of drop-out (no {outcome} at {visit}) were examined one at a time by logistic regression; "
        "odds ratios of numbers are per standard deviation."
    )
    if penalized:
        said += f" Firth's penalized likelihood was used where the data were separated ({', '.join(penalized)})."
    return (said + _groups_said([row for row in found if row.get("df_method") == METHOD], bool(penalized)),)


def _groups_said(found: list[Row], penalized: bool) -> str:
    """Whose limits the odds ratios have where people met in groups."""
    if not found:
        return ""
    if not any(row["statistic"] == "lower" for row in found):
        return " Therapy groups are too few for limits or tests."
    said = (
        " Limits are cluster-robust (CR2, therapy groups; Pustejovsky & Tipton, 2018), on the smaller of Bell and "
        "McCaffrey's (2002) degrees of freedom and the fewest groups of an arm minus one"
    )
    said += ", without tests below five groups in an arm" if any(NO_P in str(row["note"]) for row in found) else ""
    return said + ("; with Firth's likelihood, which knows no groups, there are none." if penalized else ".")


def _regression(trial: Trial, predictor: Columns, absent: Array, keys: dict[str, object]) -> tuple[list[Row], bool]:
    """Rows of one predictor, and whether its likelihood was penalized; none where it does not vary."""
    name, columns, levels, note = predictor
    known = ~np.isnan(columns).any(axis=1)
    try:
        fit = logistic(columns[known], absent[known], trial.alpha)
    except ModelError:
        return [], False  # a predictor that does not vary says nothing
    note += f"; {FIRTH}" if fit.firth else ""
    shared = keys | {"term": name, "n": int(known.sum())}
    group = clusters_of(trial, tuple(trial.context.plan.design.arms))
    if group is None or not (group[known] >= 0).any():
        return _predictor_rows(shared | {"note": note}, fit, levels), fit.firth
    arm = coded(trial.participants["arm"])[0].astype(np.intp)
    tests = clustered_logistic(fit, absent[known], group[known], arm[known], trial.alpha)
    return _clustered_rows(shared | {"note": note, "df_method": METHOD}, tests, levels), fit.firth


def _predictor_rows(keys: dict[str, object], fit: Logistic, levels: list[str]) -> list[Row]:
    found: list[Row] = []
    for level, c in zip(levels, fit.coefficients, strict=True):
        statistics = {"odds_ratio": c.odds_ratio, "lower": c.lower, "upper": c.upper, "p": c.p}
        found += rows(keys | {"level": level}, statistics | {"n": float(str(keys["n"]))})
    return found


def _clustered_rows(keys: dict[str, object], tests: list[ClusterTest], levels: list[str]) -> list[Row]:
    found: list[Row] = []
    for level, test in zip(levels, tests, strict=True):
        ratios = {name: float(np.exp(getattr(test, of))) for name, of in _RATIOS.items()}
        df = test.df if np.isfinite(test.lower) else None
        statistics = ratios | {"df": df, "p": test.p, "n": float(str(keys["n"]))}
        found += rows(keys | {"level": level, "note": f"{keys['note']}; {test.words}"}, statistics)
    return found


_RATIOS = {"odds_ratio": "estimate", "lower": "lower", "upper": "upper"}


def _predictors(trial: Trial, first: str) -> list[Columns]:
    """Name, columns, levels and note of each predictor: arm, primary outcome at baseline, baseline variables."""
    design, outcome = trial.context.plan.design, trial.context.outcomes[trial.context.primary or ""]
    found: list[Columns] = []
    if design.control is not None:
        indicators = np.column_stack([trial.in_arm(arm) for arm in design.treated]).astype(float)
        found.append(("arm", indicators, list(design.treated), f"against {design.control}"))
    found.append((outcome.key, *_standardized(trial.score(outcome, first))))
    for name, column in baseline_variables(trial).items():
        values = trial.participants[name]
        if is_number(values, column):
            found.append((name, *_standardized(pd.to_numeric(values, errors="coerce").to_numpy(float))))
        else:
            text = words(values)
            levels = sorted(text.dropna().unique())
            if len(levels) < 2:
                continue
            indicators = np.column_stack([(text == level).to_numpy(float) for level in levels[1:]])
            indicators[text.isna().to_numpy()] = np.nan
            found.append((name, indicators, levels[1:], f"against {levels[0]}"))
    return found


def _standardized(values: Array) -> tuple[Array, list[str], str]:
    """A number in standard deviations."""
    sd = float(np.nanstd(values, ddof=1)) if np.isfinite(values).sum() > 1 else float("nan")
    return (
        (values / sd if sd > 0 else np.full_like(values, np.nan))[:, None],
        [""],
        f"per standard deviation ({sd:.3g})",
    )
