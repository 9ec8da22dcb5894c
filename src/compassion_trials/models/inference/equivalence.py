"""Equivalence and non-inferiority of any contrast: one-sided tests against margins.

Source: Schuirmann (1987), doi:10.1007/BF01068419 (two one-sided tests); ICH E9 and E10.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.inference.tables import Estimates


def equivalence(contrasts: Estimates, low: float, high: float, alpha: float = 0.05) -> pd.DataFrame:
    """Two one-sided tests that low < contrast < high.

    Parameters
    ----------
    contrasts : Estimates
        From `Fit.contrast_estimates`.
    low, high : float
        Equivalence margins, units of the outcome, low < high.
    alpha : float
        Level of each one-sided test; the interval shown has level 1 - 2 alpha.

    Returns
    -------
    DataFrame
        Labels, estimate, se, df, lower, upper (1 - 2 alpha), p_low, p_high, p (the larger), equivalent.
    """
    if not low < high:
        raise ModelError("the lower margin of equivalence must be below the upper one")
    table = contrasts.table(1 - 2 * alpha, test=False)
    table["p_low"] = upper_tail((contrasts.estimate - low) / contrasts.se, contrasts.df)
    table["p_high"] = upper_tail((high - contrasts.estimate) / contrasts.se, contrasts.df)
    table["p"] = table[["p_low", "p_high"]].max(axis=1)
    return table.assign(equivalent=table["p"] < alpha)


def noninferiority(
    contrasts: Estimates, margin: float, better: Literal["higher", "lower"], alpha: float = 0.025
) -> pd.DataFrame:
    """One-sided test that the contrast is not worse than reference by `margin`.

    Parameters
    ----------
    contrasts : Estimates
    margin : float
        Positive, units of the outcome.
    better : {"higher", "lower"}
        Which scores are good.
    alpha : float
        One-sided level; the interval shown has level 1 - 2 alpha.

    Returns
    -------
    DataFrame
        Labels, estimate, se, df, lower, upper, p, noninferior.
    """
    if not margin > 0:
        raise ModelError("a non-inferiority margin is a positive number of outcome units")
    sign = 1.0 if better == "higher" else -1.0
    p = upper_tail((sign * contrasts.estimate + margin) / contrasts.se, contrasts.df)
    return contrasts.table(1 - 2 * alpha, test=False).assign(p=p, noninferior=p < alpha)


def upper_tail(statistic: Array, df: Array) -> Array:
    """P(T > statistic)."""
    finite = np.isfinite(df)
    return np.where(finite, stdtr(np.where(finite, df, 1.0), -statistic), ndtr(-statistic))
