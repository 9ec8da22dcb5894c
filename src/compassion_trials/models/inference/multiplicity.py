"""Adjusting p values over a family of contrasts.

Sources: Holm (1979); Hochberg (1988), doi:10.1093/biomet/75.4.800; Hommel (1988), doi:10.1093/biomet/75.2.383;
Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; Hothorn, Bretz & Westfall (2008),
doi:10.1002/bimj.200810425 (single-step max-t); Westfall & Krishen (2001),
doi:10.1016/S0378-3758(01)00077-5 (fixed sequence).
"""

from __future__ import annotations

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.models.inference.contrast_tests import p_two_sided
from compassion_trials.models.inference.tables import Estimates
from compassion_trials.models.options import check_option

METHODS = ("holm", "hochberg", "hommel", "bh", "bonferroni", "max-t", "fixed-sequence")
MAX_T_POINTS = 200_000
"""Quasi-random points of the multivariate t integral: error of an adjusted p about 1e-4."""
RIDGE = 1e-8
"""Added to the diagonal of a singular correlation; moves an adjusted p by less than 1e-4. SciPy's integral (1.17) of a
singular correlation itself is wrong by up to .26 without a word."""
SEED = 20_240_229
"""Fixed, so that the same data give the same adjusted p."""


def adjusted(family: Estimates, method: str) -> Array:
    """Adjusted two-sided p values of a family of contrasts, shape (R,).

    Parameters
    ----------
    family : Estimates
        Contrasts in the order of a fixed sequence.
    method : str
        "holm", "hochberg", "hommel", "bh", "bonferroni", "max-t" or "fixed-sequence".
    """
    check_option("adjustment", method, METHODS)
    statistic = family.estimate / family.se
    if method == "max-t":
        return max_t(statistic, correlation(family.covariance), float(family.df.min()))
    return adjust(p_two_sided(statistic, family.df), method)


def adjust(p: Array, method: str) -> Array:
    """Adjusted p values from p values (R,), for every method but max-t."""
    if method == "fixed-sequence":
        return np.maximum.accumulate(p)
    n, order = len(p), np.argsort(p, kind="stable")
    ranked, rank = p[order], np.arange(1, n + 1)
    if method == "holm":
        found = np.maximum.accumulate((n - rank + 1) * ranked)
    elif method == "hochberg":
        found = np.minimum.accumulate(((n - rank + 1) * ranked)[::-1])[::-1]
    elif method == "bh":
        found = np.minimum.accumulate((n / rank * ranked)[::-1])[::-1]
    else:
        found = _hommel(ranked) if method == "hommel" else n * ranked
    out = np.empty(n)
    out[order] = np.minimum(found, 1.0)
    return out


def _hommel(p: Array) -> Array:
    """Hommel's adjustment of ascending p values (R,): the largest over the closed families of m members."""
    n = len(p)
    found = np.full(n, (n * p / np.arange(1, n + 1)).min())
    for m in range(n - 1, 1, -1):
        split = n - m + 1
        shared = (m * p[split:] / np.arange(2, m + 1)).min()
        first = np.minimum(m * p[:split], shared)
        found = np.maximum(found, np.concatenate([first, np.full(m - 1, first[-1])]))
    adjusted: Array = np.maximum(found, p)
    return adjusted


def max_t(statistic: Array, correlation: Array, df: float) -> Array:
    """Single-step adjusted p: P(max_j |T_j| >= |t_i|) under a multivariate t.

    Parameters
    ----------
    statistic : ndarray, shape (R,)
    correlation : ndarray, shape (R, R)
        Correlation of the contrasts, from the covariance that their standard errors come from; may be singular.
    df : float
        Common degrees of freedom: the smallest among the contrasts. Above 1e6 the normal distribution.
    """
    from scipy.stats import multivariate_t

    if len(statistic) == 1:
        return p_two_sided(statistic, np.array([df]))
    singular = float(np.linalg.eigvalsh(correlation)[0]) < RIDGE  # such as all pairs of three arms
    shape = correlation + (RIDGE if singular else 1e-12) * np.eye(len(correlation))
    out = np.empty(len(statistic))
    for i, size in enumerate(np.abs(statistic)):
        corner = np.full(len(statistic), size)
        inside = multivariate_t.cdf(
            corner,
            np.zeros(len(corner)),
            shape,
            min(df, 1e6),  # type: ignore[arg-type]  # SciPy takes any positive df; its stubs say int
            lower_limit=-corner,
            maxpts=MAX_T_POINTS,
            random_state=np.random.default_rng(SEED),
        )
        out[i] = 1.0 - inside
    return np.clip(out, p_two_sided(statistic, np.full(len(statistic), df)), 1.0)


def correlation(covariance: Array) -> Array:
    """Correlation matrix of a covariance (R, R)."""
    root = np.sqrt(np.diag(covariance))
    found: Array = covariance / np.outer(root, root)
    return found
