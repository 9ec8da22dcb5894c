"""Effect sizes of single trials with their sampling variances, as `escalc` of R's metafor defines them.

Viechtbauer (2010), doi:10.18637/jss.v036.i03; formulas from Hedges & Olkin (1985), Bonett (2008),
doi:10.1037/1082-989X.13.2.99, Lajeunesse (2011), doi:10.1890/11-0423.1, Becker (1988),
doi:10.1111/j.2044-8317.1988.tb00901.x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.between import d_root_mean_square, pooled_sd
from compassion_trials.effects.sizes.size import Summary, small_sample_factor


@dataclass(frozen=True, slots=True)
class Measured:
    """An effect of one trial.

    Attributes
    ----------
    estimate, variance : float
        Sampling variance of the estimate.
    """

    estimate: float
    variance: float

    @property
    def se(self) -> float:
        """Standard error."""
        return float(np.sqrt(self.variance))


def mean_difference(treated: Summary, comparison: Summary) -> Measured:
    """Raw mean difference, variances unequal (metafor "MD")."""
    variance = treated.sd**2 / treated.n + comparison.sd**2 / comparison.n
    return Measured(treated.mean - comparison.mean, variance)


def standardized(treated: Summary, comparison: Summary) -> Measured:
    """Hedges' g with variance ``1/n1 + 1/n2 + g^2 / (2 (n1 + n2))`` (metafor "SMD")."""
    _need(min(treated.n, comparison.n) >= 2, "a standardized difference needs two participants in each arm")
    sd, df = pooled_sd((treated, comparison))
    _need(sd > 0, "a standardized difference needs a standard deviation above zero")
    g = small_sample_factor(df) * (treated.mean - comparison.mean) / sd
    return Measured(g, hedges_variance(g, treated.n, comparison.n))


def hedges_variance(g: float, n1: float, n2: float) -> float:
    """Large-sample variance of Hedges' g, ``1/n1 + 1/n2 + g^2 / (2 (n1 + n2))`` (Hedges & Olkin 1985)."""
    return 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))


def standardized_unequal(treated: Summary, comparison: Summary) -> Measured:
    """Difference over the root mean square of both SDs, bias-corrected, Bonett's variance (metafor "SMDH")."""
    d = d_root_mean_square(treated, comparison)
    f1, f2, s2 = treated.n - 1, comparison.n - 1, d.standardizer**2
    j = small_sample_factor(f1 + f2)
    spread = treated.sd**4 / f1 + comparison.sd**4 / f2
    g = j * d.estimate
    variance = j**2 * (g**2 * spread / (8 * s2**2) + (treated.sd**2 / f1 + comparison.sd**2 / f2) / s2)
    return Measured(g, variance)


def log_ratio_of_means(treated: Summary, comparison: Summary) -> Measured:
    """Log of the ratio of two means of one sign (metafor "ROM")."""
    _need(treated.mean * comparison.mean > 0, "a ratio of means needs two means of one sign")
    variance = sum(g.sd**2 / (g.n * g.mean**2) for g in (treated, comparison))
    return Measured(float(np.log(treated.mean / comparison.mean)), variance)


def mean_change(after: Summary, before: Summary, r: float) -> Measured:
    """Raw mean change with pre-post correlation `r` (metafor "MC")."""
    return Measured(after.mean - before.mean, _change_variance(after, before, r) / after.n)


def standardized_change(after: Summary, before: Summary, r: float) -> Measured:
    """Mean change over the SD of the change, bias-corrected with m = n - 1 (metafor "SMCC")."""
    d = small_sample_factor(after.n - 1) * (after.mean - before.mean) / np.sqrt(_change_variance(after, before, r))
    return Measured(float(d), float(1 / after.n + d**2 / (2 * after.n)))


def standardized_change_raw(after: Summary, before: Summary, r: float) -> Measured:
    """Mean change over the SD before, bias-corrected with m = n - 1 (metafor "SMCR")."""
    _need(before.sd > 0, "a standardized change needs a standard deviation above zero")
    d = small_sample_factor(after.n - 1) * (after.mean - before.mean) / before.sd
    return Measured(d, 2 * (1 - r) / after.n + d**2 / (2 * after.n))


def log_odds_ratio(events: tuple[int, int], totals: tuple[int, int]) -> Measured:
    """Log odds ratio of two groups; 1/2 is added to every cell when one is empty (metafor "OR")."""
    a, b, c, d = _cells(events, totals)
    return Measured(float(np.log(a * d / (b * c))), 1 / a + 1 / b + 1 / c + 1 / d)


def log_risk_ratio(events: tuple[int, int], totals: tuple[int, int]) -> Measured:
    """Log risk ratio of two groups; 1/2 is added to every cell when one is empty (metafor "RR")."""
    a, b, c, d = _cells(events, totals)
    return Measured(float(np.log(a / (a + b)) - np.log(c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def fisher_z(r: float, n: int) -> Measured:
    """Fisher's z of a correlation (metafor "ZCOR")."""
    _need(n > 3 and -1 < r < 1, "Fisher's z needs more than three participants and a correlation inside -1 and 1")
    return Measured(float(np.arctanh(r)), 1 / (n - 3))


def _change_variance(after: Summary, before: Summary, r: float) -> float:
    """Variance of the difference of two correlated values."""
    _need(-1 <= r <= 1, f"a correlation lies between -1 and 1, found {r:g}")
    return after.sd**2 + before.sd**2 - 2 * r * after.sd * before.sd


def _cells(events: tuple[int, int], totals: tuple[int, int]) -> tuple[float, float, float, float]:
    """Events and non-events of both groups."""
    _need(all(0 <= e <= n for e, n in zip(events, totals, strict=True)), "events must lie between 0 and the group's n")
    cells = (events[0], totals[0] - events[0], events[1], totals[1] - events[1])
    add = 0.5 if min(cells) == 0 else 0.0
    a, b, c, d = (cell + add for cell in cells)
    return a, b, c, d


def _need(holds: bool, message: str) -> None:
    if not holds:
        raise ModelError(message)
