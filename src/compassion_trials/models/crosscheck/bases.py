"""Basis matrices of the dense engine: where each row stands, and what random effects and residuals add up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.models.crosscheck.structures import Parameters


@dataclass(frozen=True, slots=True)
class RandomTerm:
    """Random effects of one grouping.

    Attributes
    ----------
    Z : ndarray, shape (N, k)
        Design: a column of ones, or ones and time; zeros where a row has no such effect.
    level : ndarray of int, shape (N,)
        Who shares the effect.
    """

    Z: np.ndarray
    level: np.ndarray


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """Where each row stands: its cluster, its slot in the cluster, and the padded shape."""

    cluster: np.ndarray
    slot: np.ndarray
    shape: tuple[int, int]

    def pad(self, values: np.ndarray) -> np.ndarray:
        """Rows laid out as (clusters, rows of the largest cluster, ...), zeros elsewhere."""
        out = np.zeros((*self.shape, *values.shape[1:]))
        out[self.cluster, self.slot] = values
        return out


def slots(cluster: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Running number of each row inside its cluster, and the padded shape."""
    order = np.argsort(cluster, kind="stable")
    counts = np.bincount(cluster)
    slot = np.empty(len(cluster), dtype=int)
    slot[order] = np.concatenate([np.arange(k) for k in counts])
    return slot, (len(counts), int(counts.max()))


def random_basis(layout: ClusterLayout, term: RandomTerm) -> list[np.ndarray]:
    """Z e_i e_j' Z' and its transpose, for rows that share the level, in the order of ``numpy.triu_indices``."""
    Z, level = layout.pad(term.Z), layout.pad(term.level + 1)
    same = (level[:, :, None] == level[:, None, :]) & (level[:, :, None] > 0)
    basis = []
    for i, j in zip(*np.triu_indices(term.Z.shape[1]), strict=True):
        product = Z[:, :, None, i] * Z[:, None, :, j]
        basis.append(same * (product if i == j else product + np.swapaxes(product, 1, 2)))
    return basis


def residual_basis(
    layout: ClusterLayout, subject: np.ndarray, visit: np.ndarray, rows: np.ndarray, m: int, residual: str
) -> list[np.ndarray]:
    """Indicators of each pair of visits of one person, or the identity, on the chosen rows."""
    chosen = layout.pad(rows.astype(float)) > 0
    if residual == "independent":
        return [chosen[:, :, None] * np.eye(layout.shape[1])]
    at, who = layout.pad(visit), layout.pad(subject)
    same = (who[:, :, None] == who[:, None, :]) & chosen[:, :, None] & chosen[:, None, :]
    basis = []
    for i, j in zip(*np.triu_indices(m), strict=True):
        pair = (at == i)[:, :, None] & (at == j)[:, None, :] & same
        basis.append(pair | np.swapaxes(pair, 1, 2))
    return basis


def random_parameters(k: int) -> Parameters:
    """Upper triangle of L L' from the entries of L: positive semi-definite, zero variances included."""
    upper = np.triu_indices(k)

    def phi(theta: np.ndarray) -> np.ndarray:
        L = np.zeros((k, k), dtype=theta.dtype)
        L[upper[1], upper[0]] = theta
        return (L @ L.T)[upper]

    return phi


def random_start(term: RandomTerm) -> np.ndarray:
    """Cholesky factor with standard deviations that give each column about a third of the variance."""
    used = np.any(term.Z != 0, axis=1)
    size = np.sqrt(np.mean(term.Z[used] ** 2, axis=0))
    upper = np.triu_indices(term.Z.shape[1])
    return np.where(upper[0] == upper[1], 0.6 / size[upper[1]], 0.0)


def _one_variance(theta: np.ndarray) -> np.ndarray:
    variance: np.ndarray = np.exp(2 * theta)
    return variance


def joined(functions: list[Parameters], sizes: list[int]) -> Parameters:
    """One function of all parameters from functions of the parts."""
    ends = np.cumsum([0, *sizes])

    def phi(theta: np.ndarray) -> np.ndarray:
        return np.concatenate([f(theta[a:b]) for f, a, b in zip(functions, ends[:-1], ends[1:], strict=True)])

    return phi
