"""Sufficient statistics per missingness pattern: after one pass over the data a fit no longer sees the participants.

With z_i = (X_i, y_i) the (T, q) rows of participant i, q = p + 1, everything that REML, its derivatives and
Kenward-Roger need are two linear maps that are adjoint to each other:

    quadratic(W) = sum_i z_i' W_g(i) z_i         (q, q)        from one weight matrix per pattern g
    scatter(M)_g = sum_(i in g) z_i M z_i'       (G, T, T)     from one matrix over columns

Both follow from T_g[a, b] = sum_(i in g) z_ia z_ib', which is stored as half-vectorised pairs. Unobserved visits are
padded with zeros, so all patterns are worked on in one stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

IntArray = NDArray[np.intp]


@lru_cache(maxsize=64)
def half(n: int) -> tuple[IntArray, IntArray, Array]:
    """Row and column indices of the lower triangle of an n x n matrix, and weights 1 (diagonal) or 2."""
    i, j = np.tril_indices(n)
    return i, j, np.where(i == j, 1.0, 2.0)


@lru_cache(maxsize=64)
def whole(n: int) -> IntArray:
    """Index (n, n) into a half-vectorised symmetric matrix that unfolds it."""
    i, j, _ = half(n)
    index = np.zeros((n, n), dtype=np.intp)
    index[i, j] = index[j, i] = np.arange(len(i))
    return index


@dataclass(frozen=True, slots=True)
class Patterns:
    """Participants without therapy group, by missingness pattern (and arm, when arms differ in covariance).

    Attributes
    ----------
    n : ndarray, shape (G,)
        Participants per pattern.
    observed : ndarray of bool, shape (G, T)
    slot : ndarray of int, shape (G,)
        Slot of the covariance model that holds the pattern's matrix.
    pairs : ndarray, shape (G * T(T+1)/2, q(q+1)/2)
        T_g, symmetrised over columns, for visit pairs a >= b.
    q : int
        Columns of z = (X, y): p + 1.
    """

    n: Array
    observed: NDArray[np.bool_]
    slot: IntArray
    pairs: Array
    q: int

    @property
    def padding(self) -> Array:
        """1 on the diagonal of unobserved visits, shape (G, T, T): makes the padded matrices invertible."""
        return np.eye(self.observed.shape[1]) * ~self.observed[:, :, None]

    def embed(self, matrices: Array) -> Array:
        """Matrices of the slots (..., S, T, T) restricted to each pattern, (..., G, T, T)."""
        return matrices[..., self.slot, :, :] * (self.observed[:, :, None] & self.observed[:, None, :])

    def collect(self, weights: Array, n_slots: int) -> Array:
        """Adjoint of `embed`: (G, T, T) summed into (S, T, T)."""
        out = np.zeros((n_slots, *weights.shape[1:]))
        np.add.at(out, self.slot, weights * (self.observed[:, :, None] & self.observed[:, None, :]))
        return out

    def quadratic(self, weights: Array) -> Array:
        """Sum of z_i' W z_i, shape (..., q, q), for symmetric weights (..., G, T, T)."""
        i, j, twice = half(weights.shape[-1])
        flat = (weights[..., i, j] * twice).reshape(*weights.shape[:-3], -1)
        return (flat @ self.pairs)[..., whole(self.q)]

    def scatter(self, matrix: Array) -> Array:
        """Sum of z_i M z_i' per pattern, shape (G, T, T), for a symmetric M (q, q)."""
        i, j, twice = half(self.q)
        t = self.observed.shape[1]
        return (self.pairs @ (matrix[i, j] * twice)).reshape(len(self.n), -1)[:, whole(t)]


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of the data stand in the patterns; for work on single participants (residuals, resampling).

    Attributes
    ----------
    index : tuple of ndarray, each (n_g, m_g)
        Rows of each participant of a pattern, visits in order.
    visits : tuple of ndarray, each (m_g,)
        Observed visits of the pattern.
    slot : tuple of int
        Slot of the covariance model per pattern.
    """

    index: tuple[IntArray, ...]
    visits: tuple[IntArray, ...]
    slot: tuple[int, ...]


def group_rows(subject: IntArray, visit: IntArray, slot: IntArray, n_visits: int) -> Rows:
    """Sort participants by pattern; identical masks are merged.

    Parameters
    ----------
    subject, visit, slot : ndarray of int, shape (N,)
        Codes of rows sorted by subject and visit.
    n_visits : int
        T <= 60.
    """
    starts = np.flatnonzero(np.diff(subject, prepend=-1))
    counts = np.diff(starts, append=len(subject))
    masks = np.add.reduceat(np.left_shift(1, visit.astype(np.int64)), starts)
    keys, member = np.unique(masks + (slot[starts].astype(np.int64) << n_visits), return_inverse=True)
    index, visits, slots = [], [], []
    for g in range(len(keys)):
        subjects = np.flatnonzero(member == g)
        first = starts[subjects[0]]
        m = counts[subjects[0]]
        index.append(starts[subjects][:, None] + np.arange(m))
        visits.append(visit[first : first + m])
        slots.append(int(slot[first]))
    return Rows(tuple(index), tuple(visits), tuple(slots))


def summarise(rows: Rows, z: Array, n_visits: int) -> Patterns:
    """The one pass over the data: sufficient statistics of z = (X, y), shape (N, q)."""
    q, t = z.shape[1], n_visits
    n_half = t * (t + 1) // 2
    j, k, _ = half(q)
    n_patterns = len(rows.index)
    pairs = np.zeros((n_patterns, n_half, len(j)))
    observed = np.zeros((n_patterns, t), dtype=bool)
    for g, (index, seen) in enumerate(zip(rows.index, rows.visits, strict=True)):
        m = len(seen)
        observed[g, seen] = True
        wide = z[index].reshape(len(index), m * q)
        gram = (wide.T @ wide).reshape(m, q, m, q).transpose(0, 2, 1, 3)
        low, high, _ = half(m)
        block = gram[low, high]
        pairs[g, whole(t)[seen[low], seen[high]]] = (block[:, j, k] + block[:, k, j]) / 2
    n = np.array([len(index) for index in rows.index], dtype=float)
    return Patterns(n, observed, np.array(rows.slot), pairs.reshape(-1, len(j)), q)
