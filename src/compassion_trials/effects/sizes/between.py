"""Standardized differences between two arms at one visit, from means, standard deviations and numbers."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.size import (
    EffectSize,
    Summary,
    noncentral_limits,
    small_sample_factor,
)


def pooled_sd(groups: tuple[Summary, ...]) -> tuple[float, float]:
    """Pooled within-group standard deviation and its degrees of freedom, N - number of groups."""
    df = sum(g.n - 1 for g in groups)
    return float(np.sqrt(sum((g.n - 1) * g.sd**2 for g in groups) / df)), float(df)


def cohens_d(treated: Summary, comparison: Summary, alpha: float = 0.05) -> EffectSize:
    """Cohen's d over the pooled standard deviation, limits from the noncentral t.

    Parameters
    ----------
    treated, comparison : Summary
        Two or more participants each.
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        A group below two, or no variation.
    """
    _check(treated, comparison)
    sd, df = pooled_sd((treated, comparison))
    scale = np.sqrt(1 / treated.n + 1 / comparison.n)
    d = (treated.mean - comparison.mean) / sd
    lower, upper = noncentral_limits(d / scale, df, alpha)
    return EffectSize(d, lower * scale, upper * scale, sd, df)


def hedges_g(treated: Summary, comparison: Summary, alpha: float = 0.05) -> EffectSize:
    """Hedges' g: Cohen's d and its noncentral-t limits times the exact factor J.

    Hedges (1981), doi:10.3102/10769986006002107; the limits are those of R's ``effectsize::hedges_g``.
    """
    d = cohens_d(treated, comparison, alpha)
    j = small_sample_factor(d.df)
    return EffectSize(j * d.estimate, j * d.lower, j * d.upper, d.standardizer, d.df)


def d_pooled_n(treated: Summary, comparison: Summary, alpha: float = 0.05) -> EffectSize:
    """d over the pooled standard deviation with divisor n1 + n2 (Cohen's maximum-likelihood form).

    Some papers print it (Strom et al. 2013, doi:10.7717/peerj.178). Normal limits with variance
    ``(n1 + n2)/(n1 n2) + d^2 / (2 (n1 + n2))`` (Hedges & Olkin 1985, ch. 5).
    """
    _check(treated, comparison)
    n1, n2 = treated.n, comparison.n
    sd, df = pooled_sd((treated, comparison))
    sd *= np.sqrt(df / (n1 + n2))
    d = (treated.mean - comparison.mean) / sd
    half = ndtri(1 - alpha / 2) * np.sqrt((n1 + n2) / (n1 * n2) + d**2 / (2 * (n1 + n2)))
    return EffectSize(d, d - half, d + half, sd, n1 + n2)


def d_root_mean_square(treated: Summary, comparison: Summary, alpha: float = 0.05) -> EffectSize:
    """d over ``sqrt((s1^2 + s2^2) / 2)``, the post-only form of some papers (Schanche et al. 2020).

    Limits of Bonett (2008), doi:10.1037/1082-989X.13.2.99, eq. 10: unequal variances and numbers allowed.
    """
    _check(treated, comparison)
    v1, v2 = treated.sd**2, comparison.sd**2
    f1, f2 = treated.n - 1, comparison.n - 1
    mean_variance = (v1 + v2) / 2
    d = (treated.mean - comparison.mean) / np.sqrt(mean_variance)
    variance = d**2 * (v1**2 / f1 + v2**2 / f2) / (8 * mean_variance**2) + (v1 / f1 + v2 / f2) / mean_variance
    half = ndtri(1 - alpha / 2) * np.sqrt(variance)
    return EffectSize(d, d - half, d + half, float(np.sqrt(mean_variance)), f1 + f2)


def _check(treated: Summary, comparison: Summary) -> None:
    if min(treated.n, comparison.n) < 2:
        raise ModelError("a standardized difference needs two participants in each arm")
    if not treated.sd + comparison.sd > 0:
        raise ModelError("a standardized difference needs a standard deviation above zero")
