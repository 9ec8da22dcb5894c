"""Precision of a pilot's standard deviation and correlation, for planning the next trial."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri, ndtri


def sd_limits(sd: float, df: float, alpha: float = 0.05) -> tuple[float, float]:
    """Two-sided limits of a standard deviation from the chi-squared distribution."""
    lower, upper = (float(sd * np.sqrt(df / chdtri(df, tail))) for tail in (alpha / 2, 1 - alpha / 2))
    return lower, upper


def sd_upper(sd: float, df: float, level: float = 0.8) -> float:
    """Upper one-sided limit, 80 % by default, as planning value (Browne 1995, doi:10.1002/sim.4780141709)."""
    return float(sd * np.sqrt(df / chdtri(df, level)))


def correlation_limits(r: float, n: int, alpha: float = 0.05) -> tuple[float, float]:
    """Limits of a correlation by Fisher's z; NaN below four pairs."""
    if n < 4 or abs(r) >= 1:
        return float("nan"), float("nan")
    half = float(ndtri(1 - alpha / 2)) / np.sqrt(n - 3)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))
