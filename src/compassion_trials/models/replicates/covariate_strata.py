"""Data sets whose people are of few kinds, with or without therapy groups: their layout and all that they hold.

People of one kind have the same rows of X: one kind per arm where there are no covariates. Then a replicate is no more
than a count and a sum of outcomes by kind and pattern, and a sum of products by pattern, however many coefficients the
visits make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.models.fit import Fit
from compassion_trials.models.likelihood.covariance import GROUP, CovarianceModel

IntArray = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kinds:
    """The layout of a trial, seen or planned, and the model.

    Attributes
    ----------
    x : ndarray, shape (C, T, p)
        Rows of each kind; standardised those of a fit.
    kind, pattern : ndarray of int, shape (n,)
        Of each participant.
    group : ndarray of int, shape (n,)
        Therapy group 0 ... J - 1, -1 for none.
    y : ndarray, shape (n, T)
        Standardised outcome, zero where missing; zero throughout in a planned trial.
    observed : ndarray of bool, shape (G, T)
    covariance : CovarianceModel
        All parameters; the last one that of the group, where there is one.
    met : ndarray, shape (T,)
        1 at visits when groups had met; zero without groups.
    theta : ndarray, shape (K,)
        Where refits start: at the original fit, or at assumed parameters.
    information : ndarray, shape (K, K)
        Expected information there (of -2 log L).
    reml : bool
    """

    x: Array
    kind: IntArray
    pattern: IntArray
    group: IntArray
    y: Array
    observed: Mask
    covariance: CovarianceModel
    met: Array
    theta: Array
    information: Array
    reml: bool

    @classmethod
    def of(cls, fit: Fit) -> Kinds:
        """From a fit with one covariance for all arms."""
        long, z = fit.prepared.long, fit.prepared.z
        n, t = long.n_subjects, len(fit.prepared.design.visits)
        told = np.column_stack([long.arm, *(c.values for c in long.covariates)])
        of_row = np.unique(told, axis=0, return_inverse=True)[1].reshape(-1)
        kind, group = np.zeros(n, dtype=np.intp), np.full(n, -1)
        kind[long.subject], group[long.subject] = of_row, long.group
        x, y = np.zeros((int(kind.max()) + 1, t, z.shape[1] - 1)), np.zeros((n, t))
        x[of_row, long.visit], y[long.subject, long.visit] = z[:, :-1], z[:, -1]
        seen = np.zeros((n, t), dtype=bool)
        seen[long.subject, long.visit] = True
        observed, pattern = np.unique(seen, axis=0, return_inverse=True)
        full = fit.estimate.full
        problem, theta = (full[0], full[1].theta) if full else (fit.estimate.problem, fit.theta_standard)
        slope = full[2] if full else fit.estimate.optimum.derivatives
        met = np.zeros(t)
        if problem.covariance.grouped:
            met = np.diag(problem.covariance.value(np.eye(len(theta))[-1])[-1])
            codes = np.unique(group[group >= 0], return_inverse=True)[1]
            group[group >= 0] = codes
        return cls(x, kind, pattern.reshape(-1), group, y, observed, problem.covariance, met, theta, slope.expected,
                   problem.reml)  # fmt: skip

    @property
    def size(self) -> tuple[int, int, int, int, int]:
        """Kinds C, patterns G, visits T, groups J, coefficients p."""
        return len(self.x), *self.observed.shape, int(self.group.max()) + 1, self.x.shape[2]

    @property
    def grouped(self) -> bool:
        """Whether the last parameter is the variance of a therapy group."""
        return self.covariance.components[-1].label == GROUP


@dataclass(frozen=True, slots=True)
class Sums:
    """All that B data sets hold.

    Attributes
    ----------
    n : ndarray, shape (B or 1, C, G)
        People by kind and pattern.
    total : ndarray, shape (B, C, G, T)
        Sums of their outcomes.
    squares : ndarray, shape (B, G, T, T)
        Sums of products of their outcomes.
    members : ndarray, shape (1, J, G)
        People of each therapy group by pattern.
    rows : ndarray, shape (1, J, G, T, p)
        Sums of their rows of X.
    group_total : ndarray, shape (B, J, G, T)
        Sums of outcomes by therapy group and pattern.
    """

    n: Array
    total: Array
    squares: Array
    members: Array
    rows: Array
    group_total: Array

    def take(self, index: IntArray) -> Sums:
        """Some of the data sets."""
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        return replace(self, **{k: a if len(a) == 1 else a[index] for k, a in parts.items()})


def resampled(kinds: Kinds, weights: Array) -> Sums:
    """Sums of data sets in which participants count as often as their weights (B, n) say; without therapy groups."""
    c, g, t, _, p = kinds.size
    cell = _one_hot(kinds.kind * g + kinds.pattern, c * g)
    n = (weights @ cell).reshape(-1, c, g)
    total = (weights @ (cell[:, :, None] * kinds.y[:, None]).reshape(len(cell), -1)).reshape(-1, c, g, t)
    squares = np.zeros((len(weights), g, t, t))
    for own, place in _members(kinds):
        products = kinds.y[own][:, :, None] * kinds.y[own][:, None]
        squares[:, place] = (weights[:, own] @ products.reshape(len(own), -1)).reshape(-1, t, t)
    return Sums(
        n=n,
        total=total,
        squares=squares,
        members=np.zeros((1, 0, g)),
        rows=np.zeros((1, 0, g, t, p)),
        group_total=np.zeros((1, 0, g, t)),
    )


def drawn(kinds: Kinds, rng: np.random.Generator, size: int) -> Sums:
    """Sums of `size` data sets drawn from the fitted model, means zero: refits then give errors of the coefficients."""
    _, _, t, j, _ = kinds.size
    noise = rng.standard_normal((size, len(kinds.kind), t))
    return shaped(kinds, kinds.theta, noise, rng.standard_normal((size, j if kinds.grouped else 0)))


def shaped(kinds: Kinds, theta: Array, noise: Array, shared: Array) -> Sums:
    """Sums of data sets made from standard normal numbers of people (B, n, T) and groups (B, J); means zero."""
    y = noise @ np.linalg.cholesky(kinds.covariance.value(theta)[0]).T
    if kinds.grouped:
        effect = np.sqrt(max(theta[-1], 0.0)) * shared
        y += np.where(kinds.group >= 0, effect[:, kinds.group], 0.0)[:, :, None] * kinds.met
    return summed(kinds, y)


def summed(kinds: Kinds, y: Array) -> Sums:
    """Sums of data sets with other outcomes (B, n, T), standardised; values of visits not seen are left out."""
    c, g, t, j, _ = kinds.size
    size = len(y)
    y = y * kinds.observed[kinds.pattern]
    cell = _one_hot(kinds.kind * g + kinds.pattern, c * g)
    total = (cell.T @ y).reshape(size, c, g, t)
    squares = np.zeros((size, g, t, t))
    for own, place in _members(kinds):
        squares[:, place] = y[:, own].swapaxes(1, 2) @ y[:, own]
    inside = kinds.group >= 0
    of_group = _one_hot(kinds.group[inside] * g + kinds.pattern[inside], j * g)
    n = cell.sum(0).reshape(1, c, g)
    members = np.zeros((j, c, g))
    np.add.at(members, (kinds.group[inside], kinds.kind[inside], kinds.pattern[inside]), 1.0)
    rows = np.einsum("jcg,ctp->jgtp", members, kinds.x, optimize=True)[None]
    group_total = (of_group.T @ y[:, inside]).reshape(size, j, g, t)
    return Sums(n=n, total=total, squares=squares, members=members.sum(1)[None], rows=rows, group_total=group_total)


def _one_hot(codes: IntArray, size: int) -> Array:
    """Indicators (n, size)."""
    return np.asarray(codes[:, None] == np.arange(size), dtype=float)


def _members(kinds: Kinds) -> Iterator[tuple[IntArray, int]]:
    """Participants of each pattern."""
    for g in range(len(kinds.observed)):
        yield np.flatnonzero(kinds.pattern == g), g
