"""Summary statistics of one group, and standardized mean differences between two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from compassion_trials.core.arrays import Array


@dataclass(frozen=True, slots=True)
class Describe:
    """Summary of observed values; NaN where it does not exist.

    Attributes
    ----------
    n : int
        Observed values.
    mean, sd, se : float
        Divisor n - 1.
    lower, upper : float
        Limits of the 1 - alpha confidence interval of the mean (t distribution).
    median, q1, q3 : float
        Quartiles by linear interpolation (R's type 7).
    """

    n: int
    mean: float
    sd: float
    se: float
    lower: float
    upper: float
    median: float
    q1: float
    q3: float


def describe(values: Array, alpha: float = 0.05) -> Describe:
    """Summarize values, shape (n,); NaN is left out."""
    x = values[~np.isnan(values)]
    n = len(x)
    nan = float("nan")
    if n == 0:
        return Describe(n=0, mean=nan, sd=nan, se=nan, lower=nan, upper=nan, median=nan, q1=nan, q3=nan)
    mean = float(x.mean())
    sd = float(x.std(ddof=1)) if n > 1 else nan
    se = sd / np.sqrt(n)
    half = float(stdtrit(n - 1, 1 - alpha / 2) * se)
    q1, median, q3 = (float(q) for q in np.quantile(x, [0.25, 0.5, 0.75]))
    return Describe(
        n=n, mean=mean, sd=sd, se=float(se), lower=mean - half, upper=mean + half, median=median, q1=q1, q3=q3
    )


def smd_numbers(first: Array, second: Array) -> float:
    """Standardized mean difference ``(m1 - m2) / sqrt((s1^2 + s2^2) / 2)``, NaN when it does not exist.

    Austin (2009), doi:10.1002/sim.3697: a description of imbalance that does not depend on n.

    Parameters
    ----------
    first, second : ndarray, shape (n1,), (n2,)
        NaN is left out.
    """
    a, b = first[~np.isnan(first)], second[~np.isnan(second)]
    if min(len(a), len(b)) < 2:
        return float("nan")
    spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return float((a.mean() - b.mean()) / spread) if spread > 0 else float("nan")


def smd_categories(first: Array, second: Array) -> float:
    """Standardized difference of two distributions over K categories, never negative.

    Mahalanobis distance of the shares of K - 1 categories (Yang & Dalton 2012, SAS Global Forum 335-2012); with two
    categories ``|p1 - p2| / sqrt((p1 (1 - p1) + p2 (1 - p2)) / 2)``.

    Parameters
    ----------
    first, second : ndarray, shape (K,)
        Counts per category.
    """
    if min(first.sum(), second.sum()) == 0:
        return float("nan")
    p, q = (first / first.sum())[1:], (second / second.sum())[1:]
    spread = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    difference = p - q
    if not difference.any():
        return 0.0
    solution, _, rank, _ = np.linalg.lstsq(spread, difference, rcond=None)
    if not np.allclose(spread @ solution, difference):  # a category that separates the arms: infinitely different
        return float("nan")
    return float(np.sqrt(difference @ solution)) if rank else float("nan")
