"""Change scores compared between two arms by a t test, with equal or unequal variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.classic.estimate import ClassicEstimate, t_inference
from compassion_trials.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class TwoSample:
    """Two groups compared.

    Attributes
    ----------
    pooled : ClassicEstimate
        Difference first - second; one variance, df n1 + n2 - 2 (Student).
    welch : ClassicEstimate
        The same difference; a variance per group, df of Satterthwaite (Welch 1947, doi:10.1093/biomet/34.1-2.28).
    n : tuple of int
        Values in each group.
    """

    pooled: ClassicEstimate
    welch: ClassicEstimate
    n: tuple[int, int]


def two_sample(first: NDArray[np.float64], second: NDArray[np.float64], alpha: float = 0.05) -> TwoSample:
    """Compare the means of two groups; for change scores give ``after - before`` of each participant.

    Parameters
    ----------
    first, second : ndarray, shape (n1,), (n2,)
        NaN is left out.
    alpha : float
        1 - coverage of the intervals.

    Raises
    ------
    ModelError
        A group with fewer than two values.
    """
    a, b = first[~np.isnan(first)], second[~np.isnan(second)]
    n1, n2 = len(a), len(b)
    if min(n1, n2) < 2:
        raise ModelError(f"the groups have {n1} and {n2} values; each needs two")
    difference, v1, v2 = a.mean() - b.mean(), a.var(ddof=1) / n1, b.var(ddof=1) / n2
    df = n1 + n2 - 2
    pooled = (n1 * (n1 - 1) * v1 + n2 * (n2 - 1) * v2) / df
    total = v1 + v2
    welch_df = total**2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)) if total > 0 else float(df)
    return TwoSample(
        pooled=t_inference(difference, np.sqrt(pooled * (1 / n1 + 1 / n2)), df, alpha),
        welch=t_inference(difference, np.sqrt(total), welch_df, alpha),
        n=(n1, n2),
    )
