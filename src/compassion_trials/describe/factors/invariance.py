"""Measurement invariance of ordinal items over visits and groups: thresholds, then loadings, then intercepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.describe.factors.adequacy import Adequacy, adequacy
from compassion_trials.describe.factors.dwls import (
    FactorFit,
    Sample,
    ScaledTest,
    difference_test,
    fit,
    independence_test,
    scaled_test,
)
from compassion_trials.describe.factors.polychoric import Codes, pairs
from compassion_trials.describe.factors.structure import FIXED, Entries, FactorStructure, Index, Means, constant

Level = Literal["configural", "thresholds", "loadings", "intercepts"]
"""What is held equal in all cells, each level beside those before it."""

LEVELS: tuple[Level, ...] = ("configural", "thresholds", "loadings", "intercepts")
FEWEST_CATEGORIES = 3
"""Thresholds of items with two categories cannot be held equal before the loadings (Wu & Estabrook 2016, section 5)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One level of invariance.

    Attributes
    ----------
    level : str
    fitted : FactorFit
    adequacy : Adequacy
    difference : ScaledTest or None
        Against the level before; None for the first.
    """

    level: Level
    fitted: FactorFit
    adequacy: Adequacy
    difference: ScaledTest | None


class _Places:
    """Hands out places in the parameter vector, with the value where each starts."""

    def __init__(self) -> None:
        self.start: list[float] = []

    def take(self, values: Array) -> Index:
        """One place for each value."""
        values = np.asarray(values, float)
        first = len(self.start)
        self.start += values.ravel().tolist()
        return np.arange(first, len(self.start)).reshape(values.shape)


def invariance(samples: Sequence[Sample], pattern: NDArray[np.bool_], visits: int, categories: Codes) -> list[Step]:
    """Fit all levels and test each against the one before.

    Parameters
    ----------
    samples : sequence of Sample
        `dwls.moments_of` by group: items of the first visit, then those of the next.
    pattern : ndarray of bool, shape (p, m)
        Which item loads on which factor, the same in all cells.
    visits : int
    categories : ndarray of int, shape (p,)
        The same in all cells, each at least `FEWEST_CATEGORIES`.
    """
    size = len(pairs(len(pattern) * visits)[0])
    baseline = independence_test(samples, [size] * len(samples))
    steps: list[Step] = []
    for level in LEVELS:
        structures, start = cells(level, pattern, visits, categories, samples)
        fitted = fit(samples, structures, start)
        found = adequacy(fitted, scaled_test(fitted), baseline)
        steps.append(Step(level, fitted, found, difference_test(fitted, steps[-1].fitted) if steps else None))
    return steps


def cells(
    level: Level, pattern: NDArray[np.bool_], visits: int, categories: Codes, samples: Sequence[Sample]
) -> tuple[list[FactorStructure], Array]:
    """Models of all groups at one level, identified after Wu & Estabrook 2016, doi:10.1007/s11336-016-9506-0.

    The first group's first visit is the reference. Free elsewhere: with equal thresholds intercepts and variances of
    the responses, with equal loadings also the variances of factors, with equal intercepts (0) also their means.
    Factors correlate within and between visits; the residuals of an item correlate between visits.

    Returns
    -------
    list of FactorStructure, ndarray
        By group; where to start.
    """
    places, held = _Places(), LEVELS.index(level)
    item = np.repeat(np.arange(len(categories)), categories - 1)
    limits = [s.moments[: visits * len(item)].reshape(visits, len(item)) for s in samples]
    shared_limits = places.take(np.mean(limits, axis=(0, 1))) if held >= 1 else None
    shared_loadings = places.take(np.full(int(pattern.sum()), 0.7)) if held >= 2 else None
    found = []
    for g, own in enumerate(limits):
        thresholds = np.tile(shared_limits, visits) if shared_limits is not None else places.take(own.ravel())
        reference = (np.arange(visits) == 0) & (g == 0)
        found.append(
            FactorStructure(
                loadings=_loadings(places, pattern, visits, shared_loadings),
                factor_covariances=_factor_covariances(places, pattern.shape[1], reference, held >= 2),
                residual_covariances=_residuals(places, len(pattern), visits),
                scales=_elsewhere(places, reference, len(pattern), held >= 1, 1.0),
                means=Means(
                    thresholds=Entries(np.zeros(len(thresholds)), thresholds),
                    item=np.concatenate([item + v * len(pattern) for v in range(visits)]),
                    intercepts=_elsewhere(places, reference, len(pattern), 1 <= held < 3, 0.0),
                    factor_means=_elsewhere(places, reference, pattern.shape[1], held == 3, 0.0),
                ),
            )
        )
    return found, np.array(places.start)


def _elsewhere(places: _Places, reference: NDArray[np.bool_], size: int, free: bool, value: float) -> Entries:
    """A number per item or factor and visit, free in all cells but the reference, or nowhere."""
    index = np.full((len(reference), size), FIXED, np.int64)
    if free:
        index[~reference] = places.take(np.full((int((~reference).sum()), size), value))
    return Entries(np.full(index.size, value), index.ravel())


def _loadings(places: _Places, pattern: NDArray[np.bool_], visits: int, shared: Index | None) -> Entries:
    """Block-diagonal over visits."""
    p, m = pattern.shape
    index = np.full((visits * p, visits * m), FIXED, np.int64)
    for v in range(visits):
        block = np.full((p, m), FIXED, np.int64)
        block[pattern] = places.take(np.full(int(pattern.sum()), 0.7)) if shared is None else shared
        index[v * p : (v + 1) * p, v * m : (v + 1) * m] = block
    return Entries(np.zeros(index.shape), index)


def _factor_covariances(places: _Places, m: int, reference: NDArray[np.bool_], variances: bool) -> Entries:
    """All covariances free; variances 1, or free but in the reference."""
    size = m * len(reference)
    index = np.full((size, size), FIXED, np.int64)
    a, b = pairs(size)
    index[a, b] = index[b, a] = places.take(np.full(len(a), 0.4))
    if variances:
        free = np.flatnonzero(~np.repeat(reference, m))
        index[free, free] = places.take(np.ones(len(free)))
    return Entries(np.eye(size), index)


def _residuals(places: _Places, p: int, visits: int) -> Entries:
    """Residuals of an item correlate between visits."""
    index = np.full((p * visits, p * visits), FIXED, np.int64)
    for first in range(visits):
        for second in range(first):
            a, b = np.arange(p) + first * p, np.arange(p) + second * p
            index[a, b] = index[b, a] = places.take(np.full(p, 0.1))
    return Entries(np.zeros(index.shape), index) if visits > 1 else constant(np.zeros(index.shape))
