"""Standardized change within one arm: d_z, d_av and d_rm, three answers to "divided by which standard deviation?".

All three are the paired t times a constant, so all three have limits from the noncentral t of that test; for d_av this
is the interval of Algina & Keselman (2003), doi:10.1177/0013164403256358; the definitions are those of Lakens (2013),
doi:10.3389/fpsyg.2013.00863, with d_av over the root mean square of the two standard deviations (Cumming 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.size import EffectSize, noncentral_limits


@dataclass(frozen=True, slots=True)
class WithinArm:
    """Standardized mean change.

    Attributes
    ----------
    d_z : EffectSize
        Over the standard deviation of the change.
    d_av : EffectSize
        Over ``sqrt((s1^2 + s2^2) / 2)`` of the two visits; comparable with differences between arms.
    d_rm : EffectSize
        Over ``s_change / sqrt(2 (1 - r))``.
    r : float
        Correlation of the two visits.
    n : int
        Pairs.
    """

    d_z: EffectSize
    d_av: EffectSize
    d_rm: EffectSize
    r: float
    n: int


def within_arm(before: NDArray[np.float64], after: NDArray[np.float64], alpha: float = 0.05) -> WithinArm:
    """Standardize the mean of ``after - before``.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        One value per participant in the same order; pairs with NaN are left out.
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        Fewer than three pairs, or a visit or the change without variation.
    """
    both = ~(np.isnan(before) | np.isnan(after))
    x, y = before[both], after[both]
    n = len(x)
    if n < 3:
        raise ModelError(f"{n} participants have both visits; a standardized change needs three")
    change = y - x
    s1, s2, s_change = x.std(ddof=1), y.std(ddof=1), change.std(ddof=1)
    if not min(s1, s2, s_change) > 1e-12 * max(1.0, s1, s2):
        raise ModelError("a standardized change needs variation at both visits and in the change")
    r = float(np.cov(x, y)[0, 1] / (s1 * s2))
    if r > 1 - 1e-12:
        raise ModelError("the two visits are perfectly correlated: the change has no standardizer")
    t = change.mean() / (s_change / np.sqrt(n))
    limits = noncentral_limits(t, n - 1, alpha)
    standardizers = (s_change, np.sqrt((s1**2 + s2**2) / 2), s_change / np.sqrt(2 * (1 - r)))

    def size(s: float) -> EffectSize:
        per_t = float(s_change / np.sqrt(n) / s)
        return EffectSize(float(t) * per_t, limits[0] * per_t, limits[1] * per_t, float(s), n - 1.0)

    d_z, d_av, d_rm = (size(s) for s in standardizers)
    return WithinArm(d_z=d_z, d_av=d_av, d_rm=d_rm, r=r, n=n)
