"""Gaps of baseline covariates filled in: from other baseline variables only, one value per person, nothing random.

In a randomized trial a covariate measured before allocation is independent of the arm whatever value its gaps get, so
that filling them neither biases the comparison nor costs a participant; beside an indicator of the gap the adjustment
is as good as its known values (White & Thompson 2005, doi:10.1002/sim.1981). Arm and outcome are not predictors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

SUFFIX = "__missing"
"""What the name of an indicator adds to that of its covariate."""
PER_PREDICTOR = 10
"""Known values that each predictor needs; with fewer, gaps get the mean."""


def filled(values: Array, predictors: Array) -> Array:
    """Numbers whose gaps are predicted by least squares from other baseline variables.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing; at least one is known.
    predictors : ndarray, shape (n, k)
        Numbers; their own gaps count as their mean.

    Returns
    -------
    ndarray, shape (n,)
        Predictions lie within the range of the known values; they are the mean where `PER_PREDICTOR` known values per
        predictor are not there.
    """
    known = ~np.isnan(values)
    x = predictors[:, (~np.isnan(predictors)).any(0)]
    x = np.where(np.isnan(x), np.nanmean(x, axis=0) if x.size else 0.0, x)
    x = x[:, np.ptp(x[known], axis=0) > 0] if x.size else x
    if known.sum() < PER_PREDICTOR * x.shape[1]:
        x = x[:, :0]
    centre, scale = x[known].mean(0), x[known].std(0)
    x = np.column_stack([np.ones(len(values)), (x - centre) / scale])
    slope = np.linalg.lstsq(x[known], values[known], rcond=None)[0]
    predicted = np.clip(x @ slope, values[known].min(), values[known].max())
    return np.where(known, values, predicted)


def most_frequent(words: pd.Series) -> str:
    """The category of most people; the first in sorted order of those that tie."""
    counts = words.value_counts()
    return str(min(counts.index[counts == counts.max()]))


def missing(column: pd.Series) -> pd.Series:
    """Where a baseline variable has no value: no number, no or blank text."""
    gaps = column.isna()
    return gaps if pd.api.types.is_numeric_dtype(column.dtype) else gaps | (column.astype("str").str.strip() == "")


def without_gaps(table: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.Series]:
    """Baseline variables with gaps, filled: numbers from the other numbers, categories by the most frequent one.

    Parameters
    ----------
    table : DataFrame
        One row per person, everybody of the trial, baseline variables only.
    names : sequence of str
        Variables to fill; those without a gap or without a known value are left out.
    """
    numeric = [name for name in table if pd.api.types.is_numeric_dtype(table[name].dtype)]
    found: dict[str, pd.Series] = {}
    for name in names:
        gaps = missing(table[name])
        if not gaps.any() or gaps.all():
            continue
        if name in numeric:
            others = table[[other for other in numeric if other != name]].to_numpy(float)
            found[name] = pd.Series(filled(table[name].to_numpy(float), others), index=table.index)
        else:
            found[name] = table[name].mask(gaps, most_frequent(table.loc[~gaps, name].astype("str")))
    return found


def independent(columns: Array, fixed: Array) -> NDArray[np.bool_]:
    """Which of some columns (n, k) add to those before them and to fixed ones (n, q), shape (k,)."""
    chosen, base = np.zeros(columns.shape[1], bool), fixed
    for k in range(columns.shape[1]):
        wider = np.column_stack([base, columns[:, k]])
        if np.linalg.matrix_rank(wider) > np.linalg.matrix_rank(base):
            chosen[k], base = True, wider
    return chosen
