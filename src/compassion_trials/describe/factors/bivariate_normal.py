"""Cumulative probability and density of the standard bivariate normal distribution, for whole arrays."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, owens_t

from compassion_trials.core.arrays import Array

NEARLY_ZERO = 1e-300
"""Stands for an exact zero, at which Owen's formula divides."""


def cumulative(h: Array, k: Array, r: Array) -> Array:
    """P(X <= h, Y <= k) for correlation r.

    By Owen's T function, which scipy computes to double precision (Owen 1956, doi:10.1214/aoms/1177728074):
    ``(Phi(h) + Phi(k) - d) / 2 - T(h, (k - r h) / (h s)) - T(k, (h - r k) / (k s))`` with ``s = sqrt(1 - r^2)``; d is 1
    where h and k differ in sign, else 0.

    Parameters
    ----------
    h, k : ndarray
        Limits, also infinite; broadcast with r.
    r : ndarray
        Correlations between -1 and 1, both excluded.

    Returns
    -------
    ndarray
        Probabilities, shape of the broadcast.
    """
    h, k, r = np.broadcast_arrays(h, k, r)
    finite = np.isfinite(h) & np.isfinite(k)
    a, b, c = (np.where(finite, x, y) for x, y in ((h, 1.0), (k, 1.0), (r, 0.0)))
    a, b = (np.where(x == 0, NEARLY_ZERO, x) for x in (a, b))
    s = np.sqrt((1 - c) * (1 + c))
    with np.errstate(over="ignore"):
        inner = owens_t(a, (b - c * a) / (a * s)) + owens_t(b, (a - c * b) / (b * s))
    half = 0.5 * (ndtr(a) + ndtr(b) - ((a < 0) != (b < 0))) - inner
    edge = np.where(h == np.inf, ndtr(k), np.where(k == np.inf, ndtr(h), 0.0))
    return np.where(finite, np.maximum(half, 0.0), edge)


def density(h: Array, k: Array, r: Array) -> Array:
    """Density at (h, k), which is also the derivative of `cumulative` in r; 0 where a limit is infinite.

    Parameters
    ----------
    h, k, r : ndarray
        As in `cumulative`.
    """
    h, k, r = np.broadcast_arrays(h, k, r)
    finite = np.isfinite(h) & np.isfinite(k)
    a, b = np.where(finite, h, 0.0), np.where(finite, k, 0.0)
    q = (1 - r) * (1 + r)
    return np.where(finite, np.exp(-(a * a - 2 * r * a * b + b * b) / (2 * q)) / (2 * np.pi * np.sqrt(q)), 0.0)
