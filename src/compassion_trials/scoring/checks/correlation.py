"""Correlations with gaps, for the checks of reversed items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.core.arrays import Array


@dataclass(frozen=True, slots=True)
class PairCorrelation:
    """Pearson's r of complete pairs.

    Attributes
    ----------
    r : float
        NaN when one side does not vary or fewer than four pairs exist.
    upper, lower : float
        Ends of the 95 % interval by Fisher's z (Fisher 1921).
    n : int
        Pairs.
    """

    r: float
    lower: float
    upper: float
    n: int


def correlate(x: Array, y: Array) -> PairCorrelation:
    """Pearson's r of two columns, pairs with a gap left out."""
    both = np.isfinite(x) & np.isfinite(y)
    x, y, n = x[both], y[both], int(both.sum())
    if n < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return PairCorrelation(np.nan, np.nan, np.nan, n)
    r = float(np.corrcoef(x, y)[0, 1])
    z, half = np.arctanh(np.clip(r, -0.999999, 0.999999)), 1.959964 / np.sqrt(n - 3)
    return PairCorrelation(r, float(np.tanh(z - half)), float(np.tanh(z + half)), n)


def row_means(values: Array) -> Array:
    """Mean of the answered columns of each row; NaN where none is."""
    count = np.isfinite(values).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, np.nansum(values, axis=1) / count, np.nan)


def cronbach(values: Array) -> tuple[float, int]:
    """Cronbach's alpha of the rows without a gap, and their number; NaN below two items, two rows, or without spread.

    k / (k - 1) * (1 - sum of item variances / variance of the sums) (Cronbach 1951, doi:10.1007/BF02310555).
    """
    whole = values[np.isfinite(values).all(axis=1)]
    n, k = whole.shape
    if n < 2 or k < 2:
        return np.nan, n
    total = float(np.var(whole.sum(axis=1), ddof=1))
    if total == 0:
        return np.nan, n
    return k / (k - 1) * (1 - float(np.var(whole, axis=0, ddof=1).sum()) / total), n
