"""Reliability of a sum or mean of items: Cronbach's alpha and McDonald's omega total of one common factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import fdtri

from compassion_trials.core.arrays import Array

if TYPE_CHECKING:
    import pandas as pd


SWEEPS = 5000
TOLERANCE = 1e-12
"""Largest change of a loading in the last sweep."""


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha.

    Attributes
    ----------
    alpha : float
        At most 1; may be negative.
    lower, upper : float
        Limits of Feldt's confidence interval.
    n : int
        Participants with every item.
    """

    alpha: float
    lower: float
    upper: float
    n: int


@dataclass(frozen=True, slots=True)
class OneFactor:
    """One common factor by minimum residuals.

    Attributes
    ----------
    loadings : ndarray, shape (k,)
        Standardized; their sum is not negative.
    residual : float
        Sum of squared residual correlations below the diagonal.
    proper : bool
        False when a loading stands at 1 (Heywood case) or the sweeps did not converge.
    """

    loadings: Array
    residual: float
    proper: bool


def cronbach_alpha(items: pd.DataFrame, alpha: float = 0.05) -> Alpha | None:
    """Cronbach's alpha of complete cases through pingouin, with Feldt's interval in full precision.

    pingouin rounds the interval to three digits, so it is computed here from the same formula (Feldt, Woodruff & Salih
    1987, doi:10.1177/014662168701100107).

    Parameters
    ----------
    items : DataFrame, n rows, k columns
        Items as they enter the score (reversed where the scale reverses them).
    alpha : float
        1 - coverage.

    Returns
    -------
    Alpha or None
        None with fewer than two items, fewer than three participants, or no variation.
    """
    complete = items.dropna()
    n, k = complete.shape
    if k < 2 or n < 3 or not complete.sum(axis=1).var() > 0:
        return None
    import pingouin

    value = float(pingouin.cronbach_alpha(data=complete)[0])
    df1, df2 = n - 1, (n - 1) * (k - 1)
    lower = 1 - (1 - value) * fdtri(df1, df2, 1 - alpha / 2)
    upper = 1 - (1 - value) * fdtri(df1, df2, alpha / 2)
    return Alpha(value, float(lower), float(upper), n)


def one_factor(correlations: Array) -> OneFactor:
    """Loadings of one factor that leave the smallest squared residual correlations.

    Minimum residuals (Harman & Jones 1966, doi:10.1007/BF02289468): each loading in turn is the regression of its
    correlations on the other loadings, held to at most 1 in size, until none moves. Works with more items than people.

    Parameters
    ----------
    correlations : ndarray, shape (k, k)
        k at least 3.
    """
    r = correlations - np.diag(np.diag(correlations))
    values, vectors = np.linalg.eigh(correlations)
    loadings = vectors[:, -1] * np.sqrt(values[-1]) * 0.9
    converged = False
    for _ in range(SWEEPS):
        before = loadings.copy()
        square = float(loadings @ loadings)
        for i in range(len(r)):
            others = square - loadings[i] ** 2
            new = min(1.0, max(-1.0, float(r[i] @ loadings) / others)) if others > 0 else 0.0
            square += new**2 - loadings[i] ** 2
            loadings[i] = new
        converged = bool(np.abs(loadings - before).max() < TOLERANCE)
        if converged:
            break
    if loadings.sum() < 0:
        loadings = -loadings
    residual = np.tril(r - np.outer(loadings, loadings), -1)
    return OneFactor(loadings, float((residual**2).sum()), converged and bool(np.abs(loadings).max() < 1))


def omega_total(items: Array) -> tuple[float, bool] | None:
    """McDonald's omega total of the sum of items under one common factor.

    ``(sum s_i l_i)^2 / ((sum s_i l_i)^2 + sum s_i^2 (1 - l_i^2))`` with item standard deviations s and standardized
    loadings l, so that it speaks of the raw score (McDonald 1999, ch. 6).

    Parameters
    ----------
    items : ndarray, shape (n, k)
        Complete rows, items as they enter the score.

    Returns
    -------
    tuple of float and bool, or None
        Omega, and whether the factor solution is proper; None with fewer than three items or four participants, or when
        an item does not vary.
    """
    n, k = items.shape
    if k < 3 or n < 4:
        return None
    sd = items.std(axis=0, ddof=1)
    if not (sd > 0).all():
        return None
    factor = one_factor(np.asarray(np.corrcoef(items, rowvar=False)))
    common = float(sd @ factor.loadings) ** 2
    unique = float(sd**2 @ (1 - factor.loadings**2))
    return common / (common + unique), factor.proper
