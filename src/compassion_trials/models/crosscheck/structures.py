"""Covariance structures for the dense second engine, in free parameters that no value can make invalid.

Another parameterisation than the core's: log-Cholesky, logarithms of standard deviations, hyperbolic tangents of
correlations, partial autocorrelations. Every function also takes complex parameters, for the complex step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Parameters = Callable[[np.ndarray], np.ndarray]
"""phi: free parameters (any real numbers, complex for the complex step) to coefficients of the basis."""


def structure(name: str, m: int) -> tuple[Parameters, np.ndarray]:
    """Function from free parameters to the upper triangle of an m x m covariance, and a start.

    Parameters
    ----------
    name : {"us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag"}
    m : int
        Visits.

    Returns
    -------
    tuple of callable and ndarray
        The callable returns the m(m+1)/2 entries in the order of ``numpy.triu_indices``.
    """
    upper = np.triu_indices(m)
    if name == "us":
        return _unstructured(m, upper), np.where(upper[0] == upper[1], 0.1, 0.2)
    heterogeneous = name in {"csh", "arh1", "toeph", "adh", "diag"}
    scales = m if heterogeneous else 1
    correlation, n_correlations = _CORRELATIONS[name](m)

    def phi(theta: np.ndarray) -> np.ndarray:
        sd = np.exp(theta[:scales]) * np.ones(m)
        R = correlation(theta[scales:])
        covariance: np.ndarray = (sd[:, None] * R * sd[None, :])[upper]
        return covariance

    return phi, np.r_[np.full(scales, 0.1), np.full(n_correlations, 0.2)]


def _unstructured(m: int, upper: tuple[np.ndarray, np.ndarray]) -> Parameters:
    def phi(theta: np.ndarray) -> np.ndarray:
        L = np.zeros((m, m), dtype=theta.dtype)
        L[upper[1], upper[0]] = np.where(upper[0] == upper[1], np.exp(theta), theta)
        covariance: np.ndarray = (L @ L.T)[upper]
        return covariance

    return phi


def _compound(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    low = -1 / max(m - 1, 1)  # a compound-symmetric matrix is positive definite above -1/(m-1)

    def correlation(free: np.ndarray) -> np.ndarray:
        rho = low + (1 - low) / (1 + np.exp(-2 * free[0]))
        return np.where(np.eye(m) == 1, 1.0, rho)

    return correlation, 1


def _autoregressive(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    return lambda free: np.tanh(free[0]) ** lag, 1


def _ante_dependent(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    def correlation(free: np.ndarray) -> np.ndarray:
        R = np.eye(m, dtype=free.dtype)
        for i in range(m - 1):
            for j in range(i + 1, m):
                R[i, j] = R[j, i] = np.prod(np.tanh(free[i:j]))
        return R

    return correlation, m - 1


def _toeplitz(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))

    def correlation(free: np.ndarray) -> np.ndarray:
        return durbin_levinson(np.tanh(free))[lag]

    return correlation, m - 1


def _independent(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    return lambda free: np.eye(m, dtype=free.dtype), 0


_CORRELATIONS = {
    "cs": _compound, "csh": _compound, "ar1": _autoregressive, "arh1": _autoregressive, "toep": _toeplitz,
    "toeph": _toeplitz, "ad": _ante_dependent, "adh": _ante_dependent, "diag": _independent,
}  # fmt: skip


def durbin_levinson(partial: np.ndarray) -> np.ndarray:
    """Autocorrelations at lags 0 ... k from k partial autocorrelations (Barndorff-Nielsen & Schou 1973).

    Any partial autocorrelations in (-1, 1) give a positive definite Toeplitz matrix and the other way round.
    """
    rho = [np.ones((), dtype=partial.dtype)]
    ahead = np.zeros(0, dtype=partial.dtype)
    for k, last in enumerate(partial):
        past = np.array(rho[1:][::-1] if k else [], dtype=partial.dtype)
        variance = 1 - (ahead @ past[::-1] if k else 0.0)
        rho.append((ahead @ past if k else 0.0) + last * variance)
        ahead = np.append(ahead - last * ahead[::-1], last)
    return np.array(rho)
