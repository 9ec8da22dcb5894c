"""Omega of the sum of ordinal items: how much of its variance the factors of a model account for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from compassion_trials.core.arrays import Array
from compassion_trials.describe.factors.bivariate_normal import cumulative


@dataclass(frozen=True, slots=True)
class Omega:
    """Reliability of a sum score.

    Attributes
    ----------
    total : float
        Share of the variance of the sum that all factors account for.
    hierarchical : float
        Share that the first factor alone accounts for; of a bifactor model the general one.
    """

    total: float
    hierarchical: float


def steps_of(values: Sequence[Array]) -> list[Array]:
    """Distances between neighbouring answers of each item, what passing a threshold adds to the sum."""
    return [np.diff(v) for v in values]


def omega(loadings: Array, covariances: Array, correlations: Array, thresholds: Array, steps: Sequence[Array]) -> Omega:
    """Omega of the sum of items as people answered them, not of the normal responses behind them.

    Green & Yang 2009, doi:10.1007/s11336-008-9099-3, with the variance of the sum from the polychorics themselves
    (Kelley & Pornprasertmanit 2016, doi:10.1037/a0040086; semTools' ``compRelSEM(obs.var = TRUE)``). The covariance of
    items i and j under correlation r is ``sum over their thresholds of Phi2(s, t; r) - Phi(s) Phi(t)``.

    Parameters
    ----------
    loadings : ndarray, shape (p, m)
        Standardized, the general factor first.
    covariances : ndarray, shape (m, m)
        Correlations of factors.
    correlations : ndarray, shape (p, p)
        Polychorics.
    thresholds : ndarray, shape (p, C + 1)
        Of `polychoric.Ordinal`.
    steps : sequence of ndarray
        By item, of `steps_of`.

    Returns
    -------
    Omega
        Both may exceed 1 when the model is improper.
    """
    weight = np.zeros((len(thresholds), thresholds.shape[1] - 2))
    for j, step in enumerate(steps):
        weight[j, : len(step)] = step
    general = np.outer(loadings[:, 0], loadings[:, 0]) * covariances[0, 0]
    common = loadings @ covariances @ loadings.T
    whole = correlations.copy()
    np.fill_diagonal(whole, 1.0)
    limits = thresholds[:, 1:-1]
    parts = [_variance(limits, weight, r) for r in (common, general, whole)]
    return Omega(total=parts[0] / parts[2], hierarchical=parts[1] / parts[2])


def _variance(limits: Array, weight: Array, r: Array) -> float:
    """Variance of the sum when responses correlate by r; the diagonal of 1 is that of an item with itself."""
    i, j = np.triu_indices(len(limits))
    twice = np.where(i == j, 1.0, 2.0)
    a, b = limits[i][:, :, None], limits[j][:, None, :]
    at = r[i, j][:, None, None]
    inside = np.clip(at, -1 + 1e-12, 1 - 1e-12)
    joint = np.where(at >= 1 - 1e-12, ndtr(np.minimum(a, b)), cumulative(a, b, inside)) - ndtr(a) * ndtr(b)
    weights = weight[i][:, :, None] * weight[j][:, None, :]
    return float((twice[:, None, None] * weights * np.where(weights == 0, 0.0, joint)).sum())
