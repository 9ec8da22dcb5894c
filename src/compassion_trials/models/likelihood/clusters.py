"""Therapy groups: members of one group share a random effect, so a group is one unit of the likelihood.

Groups are small (about 8 people), so each is kept as one dense block of its members' visits; the cost grows with the
number of groups, and participants outside groups stay in the sufficient statistics of `patterns`.

Source: Roberts & Roberts (2005), doi:10.1191/1740774505cn076oa; Candlish et al. (2018),
doi:10.1186/s12874-018-0559-x (partially nested designs).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

IntArray = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Clusters:
    """C therapy groups, padded to the d rows of the largest.

    Attributes
    ----------
    n : ndarray, shape (C,)
        Ones: every group is its own kind of unit.
    z : ndarray, shape (C, d, q)
        Standardised rows (Z, u), zero where padded.
    slot, visit : ndarray of int, shape (C, d)
        Slot of the within-subject covariance, and visit, of each row.
    together : ndarray of bool, shape (C, d, d)
        Pairs of rows of the same participant.
    observed : ndarray of bool, shape (C, d)
    index : tuple of ndarray
        Rows of the data of each group.
    n_visits : int
        T of the model; the groups themselves may lack the last visits.
    """

    n: Array
    z: Array
    slot: IntArray
    visit: IntArray
    together: Mask
    observed: Mask
    index: tuple[IntArray, ...]
    n_visits: int

    @property
    def padding(self) -> Array:
        """1 on the diagonal of padded rows, shape (C, d, d)."""
        return np.eye(self.observed.shape[1]) * ~self.observed[:, :, None]

    def embed(self, matrices: Array) -> Array:
        """Slots (..., S, T, T), the last for the group, as matrices of the groups (..., C, d, d)."""
        rows, columns = self.visit[:, :, None], self.visit[:, None, :]
        within = matrices[..., self.slot[:, :, None], rows, columns] * self.together
        between = matrices[..., -1, :, :][..., rows, columns] * (self.observed[:, :, None] & self.observed[:, None, :])
        return within + between

    def collect(self, weights: Array, n_slots: int) -> Array:
        """Adjoint of `embed`: (C, d, d) summed into (S, T, T)."""
        t = self.n_visits
        out = np.zeros((n_slots, t, t))
        rows, columns = self.visit[:, :, None], self.visit[:, None, :]
        slot = np.broadcast_to(self.slot[:, :, None], weights.shape)
        rows, columns = np.broadcast_to(rows, weights.shape), np.broadcast_to(columns, weights.shape)
        np.add.at(out, (slot, rows, columns), weights * self.together)
        both = self.observed[:, :, None] & self.observed[:, None, :]
        np.add.at(out, (np.full_like(slot, n_slots - 1), rows, columns), weights * both)
        return out

    def quadratic(self, weights: Array) -> Array:
        """Sum of z' W z over groups, shape (..., q, q)."""
        total: Array = (self.z.swapaxes(1, 2) @ (weights @ self.z)).sum(-3)
        return total

    def scatter(self, matrix: Array) -> Array:
        """z M z' of each group, shape (C, d, d)."""
        return self.z @ matrix @ self.z.swapaxes(1, 2)


def gather(z: Array, group: IntArray, subject: IntArray, visit: IntArray, slot: IntArray) -> Clusters:
    """Rows with a therapy group, by group.

    Parameters
    ----------
    z : ndarray, shape (N, q)
    group, subject, visit, slot : ndarray of int, shape (N,)
        Group is -1 for rows of participants without one.
    """
    index = tuple(np.flatnonzero(group == g) for g in np.unique(group[group >= 0]))
    n, d = len(index), max(len(i) for i in index)
    rows = np.zeros((n, d), dtype=np.intp)
    observed = np.zeros((n, d), dtype=bool)
    for c, members in enumerate(index):
        rows[c, : len(members)] = members
        observed[c, : len(members)] = True
    both = observed[:, :, None] & observed[:, None, :]
    together = (subject[rows][:, :, None] == subject[rows][:, None, :]) & both
    return Clusters(
        n=np.ones(n),
        z=z[rows] * observed[:, :, None],
        slot=slot[rows],
        visit=visit[rows],
        together=together,
        observed=observed,
        index=index,
        n_visits=int(visit.max()) + 1,
    )
