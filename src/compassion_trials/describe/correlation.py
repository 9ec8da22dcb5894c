"""Pearson correlations of scores, pair by pair on whom both were observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr


@dataclass(frozen=True, slots=True)
class Correlation:
    """One correlation.

    Attributes
    ----------
    r : float
        In [-1, 1].
    lower, upper : float
        Fisher's z limits; NaN below four pairs.
    p : float
        t test on n - 2 degrees of freedom.
    n : int
        Pairs.
    """

    r: float
    lower: float
    upper: float
    p: float
    n: int


def correlation(x: NDArray[np.float64], y: NDArray[np.float64], alpha: float = 0.05) -> Correlation | None:
    """Correlate two variables of the same participants.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Pairs with NaN are left out.
    alpha : float
        1 - coverage.

    Returns
    -------
    Correlation or None
        None below three pairs or without variation.
    """
    both = ~(np.isnan(x) | np.isnan(y))
    n = int(both.sum())
    if n < 3:
        return None
    a, b = x[both] - x[both].mean(), y[both] - y[both].mean()
    size = np.sqrt((a @ a) * (b @ b))
    if not size > 0:
        return None
    r = float(np.clip(a @ b / size, -1, 1))
    half = ndtri(1 - alpha / 2) / np.sqrt(n - 3) if n > 3 else np.nan
    with np.errstate(divide="ignore"):  # r = 1: z and t are infinite, limits and p right all the same
        z = np.arctanh(r)
        p = float(2 * stdtr(n - 2, -abs(r) * np.sqrt((n - 2) / (1 - r**2)))) if abs(r) < 1 else 0.0
    return Correlation(r, float(np.tanh(z - half)), float(np.tanh(z + half)), p, n)
