"""What predicts drop-out: one logistic regression per predictor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.baseline import baseline_variables, is_number
from compassion_trials.describe.logistic import Logistic, logistic
from compassion_trials.trial.trial import Trial
from compassion_trials.trial.words import words

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
    n_absent, label = int(absent.sum()), design.visit_label(planned[-1])
    if min(n_absent, len(absent) - n_absent) < FEWEST:
        return [], (
            "Predictors of drop-out were not examined: "
            f"{len(absent) - n_absent} of {len(absent)} participants had a score of {outcome.label} at {label}.",
        )
    base = trial.keys | {"analysis": "dropout", "outcome": primary, "visit": planned[-1], "unit": ""}
    found, penalized = [], []
    for name, columns, levels, note in _predictors(trial, planned[0]):
        known = ~np.isnan(columns).any(axis=1)
        try:
            fit = logistic(columns[known], absent[known], trial.alpha)
        except ModelError:
            continue  # a predictor that does not vary says nothing
        found += _predictor_rows(base | {"term": name}, int(known.sum()), fit, levels, note)
        penalized += [name] if fit.firth else []
    sentence = (
        f"Predictors of drop-out (no {outcome.label} at {label}) were examined one at a time by logistic regression; "
        "odds ratios of numbers are per standard deviation."
    )
    if penalized:
        sentence += f" Firth's penalized likelihood was used where the data were separated ({', '.join(penalized)})."
    return found, (sentence,)


def _predictor_rows(keys: dict[str, object], n: int, fit: Logistic, levels: list[str], note: str) -> list[Row]:
    note += "; Firth's penalized likelihood, the data are separated" if fit.firth else ""
    found: list[Row] = []
    for level, c in zip(levels, fit.coefficients, strict=True):
        statistics = {"odds_ratio": c.odds_ratio, "lower": c.lower, "upper": c.upper, "p": c.p, "n": n}
        found += rows(keys | {"level": level, "note": note, "n": n}, statistics)
    return found


def _predictors(trial: Trial, first: str) -> list[tuple[str, Array, list[str], str]]:
    """Name, columns, levels and note of each predictor: arm, primary outcome at baseline, baseline variables."""
    design, outcome = trial.context.plan.design, trial.context.outcomes[trial.context.primary or ""]
    found = []
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
