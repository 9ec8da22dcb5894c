"""One proportion with its interval: exact for planning and harms, Wilson's as a part of differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of participants.

    Attributes
    ----------
    k, n : int
        Counted, of whom.
    estimate, lower, upper : float
        In [0, 1]; NaN when n is 0.
    """

    k: int
    n: int
    estimate: float
    lower: float
    upper: float

    @property
    def percent(self) -> dict[str, float]:
        """Estimate and limits in percent, as statistics of the results table."""
        return {"percent": 100 * self.estimate, "lower": 100 * self.lower, "upper": 100 * self.upper}


def exact(k: int, n: int, alpha: float = 0.05) -> Proportion:
    """Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404; R's ``binom.test``."""
    if n == 0:
        return Proportion(k, n, *[float("nan")] * 3)
    lower = float(betaincinv(k, n - k + 1, alpha / 2)) if k > 0 else 0.0
    upper = float(betaincinv(k + 1, n - k, 1 - alpha / 2)) if k < n else 1.0
    return Proportion(k, n, k / n, lower, upper)


def wilson(k: int, n: int, alpha: float = 0.05) -> Proportion:
    """Wilson (1927), doi:10.1080/01621459.1927.10502953, without continuity correction; R's ``prop.test``."""
    if n == 0:
        return Proportion(k, n, *[float("nan")] * 3)
    z, p = float(ndtri(1 - alpha / 2)), k / n
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    lower, upper = (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
    return Proportion(k, n, p, 0.0 if k == 0 else float(lower), 1.0 if k == n else float(upper))
