"""Correlation matrices of the named structures, with first and second derivatives."""

from __future__ import annotations

import numpy as np

from compassion_trials.core.arrays import Array


def correlation(kind: str, rho: Array, n_visits: int) -> tuple[Array, Array, Array]:
    """Correlation matrix of a structure with its derivatives.

    Parameters
    ----------
    kind : {"cs", "ar1", "toep", "ad"}
    rho : ndarray, shape (L,)
        L = 1 for cs and ar1, T - 1 for toep (by lag) and ad (by pair of neighbours); L = 0 when T = 1.
    n_visits : int
        T.

    Returns
    -------
    tuple of ndarray
        R (T, T), dR (L, T, T), ddR (L, L, T, T).
    """
    t, n = n_visits, len(rho)
    lag = np.abs(np.subtract.outer(np.arange(t), np.arange(t)))
    r, dr, ddr = np.eye(t), np.zeros((n, t, t)), np.zeros((n, n, t, t))
    if n == 0:
        return r, dr, ddr
    if kind == "ad":
        return _ante_dependence(rho, t)
    if kind == "ar1":
        r = rho[0] ** lag
        dr[0] = lag * rho[0] ** np.maximum(lag - 1, 0)
        ddr[0, 0] = lag * (lag - 1) * rho[0] ** np.maximum(lag - 2, 0)
        return r, dr, ddr
    dr[:] = (lag > 0)[None] if kind == "cs" else lag[None] == np.arange(1, t)[:, None, None]
    return r + np.tensordot(rho, dr, 1), dr, ddr


def _ante_dependence(rho: Array, t: int) -> tuple[Array, Array, Array]:
    """R_ij = rho_i rho_(i+1) ... rho_(j-1) for i < j; products left out one by one, so that zeros do no harm."""
    n = t - 1
    i, j = np.arange(t)[:, None], np.arange(t)[None, :]
    low, high = np.minimum(i, j), np.maximum(i, j)
    k = np.arange(n)[:, None, None]
    inside = (k >= low) & (k < high)
    factors = np.where(inside, rho[:, None, None], 1.0)
    dr, ddr = np.zeros((n, t, t)), np.zeros((n, n, t, t))
    for a in range(n):
        without = factors.copy()
        without[a] = 1.0
        dr[a] = np.where(inside[a], without.prod(0), 0.0)
        for b in range(a):
            both = without.copy()
            both[b] = 1.0
            ddr[a, b] = ddr[b, a] = np.where(inside[a] & inside[b], both.prod(0), 0.0)
    return factors.prod(0), dr, ddr
