"""Pretest-posttest-control designs: the gain of one arm beyond the gain of the other, in standard deviations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.size import EffectSize

ROUNDING = 1e-12
"""How near to 1 a correlation is 1 but for rounding."""
ALIKE = "the two visits are perfectly correlated: a standardized gain has no interval"


@dataclass(frozen=True, slots=True)
class Gain:
    """One arm at two visits, from the people seen at both.

    Attributes
    ----------
    before, after : float
        Means.
    sd : float
        Standard deviation before.
    r : float
        Correlation of the two visits.
    n : int
    """

    before: float
    after: float
    sd: float
    r: float
    n: int


def gain(before: Array, after: Array) -> Gain:
    """Summarize pairs, shape (n,) each; pairs with NaN are left out.

    Raises
    ------
    ModelError
        Fewer than three pairs, a visit without variation, or visits that are perfectly correlated: the gains then have
        no variance of their own and the size no interval.
    """
    both = ~(np.isnan(before) | np.isnan(after))
    x, y = before[both], after[both]
    if len(x) < 3 or not min(x.std(), y.std()) > 0:
        raise ModelError("a gain needs three pairs and variation at both visits")
    r = float(np.corrcoef(x, y)[0, 1])
    if r > 1 - ROUNDING:
        raise ModelError(ALIKE)
    return Gain(float(x.mean()), float(y.mean()), float(x.std(ddof=1)), r, len(x))


def d_ppc2(treated: Gain, comparison: Gain, alpha: float = 0.05) -> EffectSize:
    """Difference of the gains over the pretest standard deviation pooled within the two arms, corrected for bias.

    ``d = c (gain_T - gain_C) / SD_pre``, ``c = 1 - 3 / (4 (N - 2) - 1)``, ``Var = 2 c^2 (1 - rho) k (N - 2) / (N - 4)
    [1 + d^2 / (2 (1 - rho) k)] - d^2`` with ``k = N / (n_T n_C)`` and rho pooled within arms by its degrees of freedom
    (Morris 2008, doi:10.1177/1094428106291059, eqs. 8 to 10 and 25; d in brackets carries c as well). Normal limits.

    Raises
    ------
    ModelError
        N of four or fewer, for which the variance does not exist.
    """
    n1, n2 = treated.n, comparison.n
    total, df = n1 + n2, n1 + n2 - 2
    if total <= 4:
        raise ModelError("d_ppc2 needs more than four participants")
    sd = float(np.sqrt(((n1 - 1) * treated.sd**2 + (n2 - 1) * comparison.sd**2) / df))
    rho = ((n1 - 1) * treated.r + (n2 - 1) * comparison.r) / df
    c = 1 - 3 / (4 * df - 1)
    d = c * ((treated.after - treated.before) - (comparison.after - comparison.before)) / sd
    k = total / (n1 * n2)
    variance = 2 * c**2 * (1 - rho) * k * df / (df - 2) * (1 + d**2 / (2 * (1 - rho) * k)) - d**2
    half = float(ndtri(1 - alpha / 2) * np.sqrt(max(variance, 0.0)))
    return EffectSize(d, d - half, d + half, sd, float(df))
