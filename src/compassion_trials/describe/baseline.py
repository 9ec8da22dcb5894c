"""Baseline table by arm: M (SD), quartiles, n (%), standardized mean differences. No p values, no extremes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.summary import describe, smd_categories, smd_numbers
from compassion_trials.study.plan.data import BaselineColumn
from compassion_trials.trial.trial import Trial
from compassion_trials.trial.words import words


def baseline_rows(trial: Trial) -> list[Row]:
    """Rows of every baseline variable of the plan, then of every analysed outcome at the first visit."""
    found: list[Row] = []
    for name, column in baseline_variables(trial).items():
        values = trial.participants[name]
        if is_number(values, column):
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
            found += _number(trial, name, numbers, column.unit or "")
        else:
            found += _category(trial, name, values)
    first = trial.context.plan.design.baseline
    for outcome in trial.context.analysed:
        found += _number(trial, outcome.key, trial.score(outcome, first), outcome.unit)
    return found


def baseline_variables(trial: Trial) -> dict[str, BaselineColumn]:
    """Baseline variables of the plan that the data hold, in the order of the plan."""
    named = {name: column for raw in trial.context.plan.data for name, column in raw.baseline.items()}
    return {name: column for name, column in named.items() if name in trial.participants}


def is_number(values: pd.Series, column: BaselineColumn | None = None) -> bool:
    """Whether a baseline variable is a number: as the plan says, else by its values."""
    if column is not None and column.type is not None:
        return column.type == "number"
    return pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)


def _number(trial: Trial, name: str, values: Array, unit: str) -> list[Row]:
    """Summary per arm and overall, and standardized mean differences."""
    base = trial.keys | {"analysis": "baseline", "outcome": name}
    found: list[Row] = []
    for arm in _arms(trial):
        d = describe(values[trial.in_arm(arm)], trial.alpha)
        keys = base | {"arm": arm, "unit": unit, "n": d.n}
        found += rows(keys, {"n": d.n, "mean": d.mean, "sd": d.sd, "median": d.median, "q1": d.q1, "q3": d.q3})
    for a, b in trial.context.plan.design.pairs:
        smd = smd_numbers(values[trial.in_arm(a)], values[trial.in_arm(b)])
        found += rows(base | {"term": f"{a} - {b}"}, {"smd": smd})
    return found


def _category(trial: Trial, name: str, values: pd.Series) -> list[Row]:
    """Counts and shares per category, and standardized differences of the whole distribution."""
    base = trial.keys | {"analysis": "baseline", "outcome": name}
    text = words(values)
    levels = sorted(text.dropna().unique())
    counts: dict[str, Array] = {}
    found: list[Row] = []
    for arm in _arms(trial):
        mine = text[trial.in_arm(arm)]
        n = int(mine.notna().sum())
        counts[arm] = np.array([(mine == level).sum() for level in levels], dtype=float)
        found += rows(base | {"arm": arm, "n": n}, {"n": n})
        for level, k in zip(levels, counts[arm], strict=True):
            found += rows(base | {"arm": arm, "level": level, "n": n}, {"n": k, "percent": 100 * k / n if n else None})
    for a, b in trial.context.plan.design.pairs:
        found += rows(base | {"term": f"{a} - {b}"}, {"smd": smd_categories(counts[a], counts[b]) if levels else None})
    return found


def _arms(trial: Trial) -> tuple[str, ...]:
    """Arms of the plan, and "" for all participants."""
    return (*trial.context.plan.design.arms, "")
