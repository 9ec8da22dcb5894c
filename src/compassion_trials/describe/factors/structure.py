"""A factor model of ordinal answers: which numbers are free, and the moments they imply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.describe.factors.polychoric import pairs

Index = NDArray[np.int64]

FIXED = -1
"""Place of an entry that is not free."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A vector or matrix of numbers, some of which are parameters.

    Attributes
    ----------
    fixed : ndarray
        Values where nothing is free.
    free : ndarray of int, same shape
        Place in the parameter vector, `FIXED` for the others. Equal places are equal numbers.
    """

    fixed: Array
    free: Index

    def at(self, parameters: Array) -> Array:
        """The numbers at given parameters."""
        return np.where(self.free == FIXED, self.fixed, parameters[np.maximum(self.free, 0)])


@dataclass(frozen=True, slots=True)
class Means:
    """Thresholds and what moves and stretches the responses behind them; p items, m factors.

    Attributes
    ----------
    thresholds : Entries, shape (q,)
        Item by item; q is the sum of categories - 1.
    item : ndarray of int, shape (q,)
        Item of each threshold.
    intercepts : Entries, shape (p,)
    factor_means : Entries, shape (m,)
    """

    thresholds: Entries
    item: Index
    intercepts: Entries
    factor_means: Entries


@dataclass(frozen=True, slots=True)
class FactorStructure:
    """Model of one group of people; p items (at all visits), m factors.

    The response y* behind item j is ``intercept + loadings factors + residual``; ``scales`` are 1 / SD(y*), so that the
    implied correlations are ``D (L F L' + R) D`` and the standardized thresholds ``d (t - intercept - L k)``. Unique
    variances are what is missing to 1 / d^2 (delta parameterization, Muthen & Asparouhov 2002).

    Attributes
    ----------
    loadings : Entries, shape (p, m)
    factor_covariances : Entries, shape (m, m)
        Symmetric.
    residual_covariances : Entries, shape (p, p)
        Symmetric; the diagonal is not used.
    scales : Entries, shape (p,)
    means : Means or None
        None where thresholds are left free, as in any analysis of one group at one visit: they are then reproduced
        exactly and the correlations alone are fitted.
    """

    loadings: Entries
    factor_covariances: Entries
    residual_covariances: Entries
    scales: Entries
    means: Means | None = None

    def common(self, parameters: Array) -> Array:
        """Covariances of the responses that factors and residual covariances give, shape (p, p)."""
        loadings = self.loadings.at(parameters)
        residual = self.residual_covariances.at(parameters)
        np.fill_diagonal(residual, 0.0)
        found: Array = loadings @ self.factor_covariances.at(parameters) @ loadings.T + residual
        return found

    def unique_variances(self, parameters: Array) -> Array:
        """Unique variance of each response relative to its whole variance, shape (p,); negative when improper."""
        found: Array = 1 - self.scales.at(parameters) ** 2 * np.diag(self.common(parameters))
        return found

    def moments(self, parameters: Array) -> Array:
        """Standardized thresholds (where modelled), then correlations in the order of `pairs`."""
        d = self.scales.at(parameters)
        rows, columns = pairs(len(d))
        correlations = (self.common(parameters) * np.outer(d, d))[rows, columns]
        return (
            correlations if self.means is None else np.concatenate([self._limits(self.means, parameters), correlations])
        )

    def jacobian(self, parameters: Array) -> Array:
        """Derivative of the moments in the parameters, shape (moments, parameters)."""
        rows, columns = pairs(len(self.scales.fixed))
        upper = 0 if self.means is None else len(self.means.item)
        found = np.zeros((upper + len(rows), len(parameters)))
        if self.means is not None:
            _add(found[:upper], self._threshold_slopes(self.means, parameters))
        _add(found[upper:], self._correlation_slopes(parameters, rows, columns))
        return found

    def _limits(self, means: Means, parameters: Array) -> Array:
        """Standardized thresholds."""
        found: Array = self.scales.at(parameters)[means.item] * self._distances(means, parameters)
        return found

    def _distances(self, means: Means, parameters: Array) -> Array:
        """Thresholds less the mean of their response."""
        shift = means.intercepts.at(parameters) + self.loadings.at(parameters) @ means.factor_means.at(parameters)
        found: Array = means.thresholds.at(parameters) - shift[means.item]
        return found

    def _threshold_slopes(self, means: Means, parameters: Array) -> Iterator[tuple[Index, Array]]:
        """Parameter touched by each moment, and its derivative, one source of change after the other."""
        item, d = means.item, self.scales.at(parameters)[means.item]
        yield means.thresholds.free, d
        yield means.intercepts.free[item], -d
        yield self.scales.free[item], self._distances(means, parameters)
        loadings, factor_means = self.loadings.at(parameters), means.factor_means.at(parameters)
        for b in range(len(factor_means)):
            yield self.loadings.free[item, b], -d * factor_means[b]
            yield np.full(len(item), means.factor_means.free[b]), -d * loadings[item, b]

    def _correlation_slopes(self, parameters: Array, i: Index, j: Index) -> Iterator[tuple[Index, Array]]:
        """The same for correlations of items i and j."""
        d, common = self.scales.at(parameters), self.common(parameters)
        both = d[i] * d[j]
        yield self.scales.free[i], common[i, j] * d[j]
        yield self.scales.free[j], common[i, j] * d[i]
        yield self.residual_covariances.free[i, j], both
        loadings, covariances = self.loadings.at(parameters), self.factor_covariances.at(parameters)
        towards = loadings @ covariances
        for b in range(loadings.shape[1]):
            yield self.loadings.free[i, b], both * towards[j, b]
            yield self.loadings.free[j, b], both * towards[i, b]
            for a in range(b + 1):
                if (place := self.factor_covariances.free[a, b]) != FIXED:
                    crossed = loadings[i, a] * loadings[j, b] + loadings[i, b] * loadings[j, a]
                    yield np.full(len(i), place), both * (crossed if a != b else loadings[i, a] * loadings[j, a])


def _add(jacobian: Array, slopes: Iterator[tuple[Index, Array]]) -> None:
    """Add derivatives where they belong; each source names one parameter per moment."""
    for places, values in slopes:
        here = np.flatnonzero((places != FIXED) & (values != 0))
        jacobian[here, places[here]] += values[here]


def constant(values: Array) -> Entries:
    """Entries of which none is free."""
    values = np.asarray(values, float)
    return Entries(values, np.full(values.shape, FIXED, np.int64))


def confirmatory(pattern: NDArray[np.bool_], correlated: bool) -> tuple[FactorStructure, Array]:
    """Model of one group at one visit, factors with variance 1, and where to start.

    Parameters
    ----------
    pattern : ndarray of bool, shape (p, m)
        Which item loads on which factor.
    correlated : bool
        Whether factors may correlate; a bifactor model has them uncorrelated.

    Returns
    -------
    FactorStructure, ndarray
        Loadings row by row, then correlations of factors.
    """
    p, m = pattern.shape
    free = np.full((p, m), FIXED, np.int64)
    free[pattern] = np.arange(pattern.sum())
    start = np.where(pattern, 0.7 / np.sqrt(np.maximum(pattern.sum(axis=1, keepdims=True), 1)), 0.0)[pattern]
    phi = np.full((m, m), FIXED, np.int64)
    if correlated:
        a, b = pairs(m)
        phi[a, b] = phi[b, a] = pattern.sum() + np.arange(len(a))
        start = np.concatenate([start, np.full(len(a), 0.4)])
    structure = FactorStructure(
        loadings=Entries(np.zeros((p, m)), free),
        factor_covariances=Entries(np.eye(m), phi),
        residual_covariances=constant(np.zeros((p, p))),
        scales=constant(np.ones(p)),
    )
    return structure, start
