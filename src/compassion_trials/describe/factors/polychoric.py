"""Thresholds and polychoric correlations of ordinal answers, and how each person moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from compassion_trials.core.arrays import Array
from compassion_trials.describe.factors.bivariate_normal import cumulative, density

Codes = NDArray[np.int64]

LIMIT = 0.999
"""Largest size of a polychoric correlation, as in lavaan; one that stands there is not estimable."""
AT_LIMIT = 1e-6
"""Distance from the limit at which a correlation stands there."""
STEPS = 100
"""Scoring steps, at most; ten are usual."""
SCORE = 1e-10
"""Largest last step of a correlation."""
RARE = float(np.finfo(np.float64).eps)
"""Probabilities of cells are not taken below this."""


@dataclass(frozen=True, slots=True)
class Ordinal:
    """Ordinal answers in sufficient form.

    Attributes
    ----------
    n : int
        People, all with every item.
    categories : ndarray of int, shape (p,)
        Categories by item.
    thresholds : ndarray, shape (p, C + 1)
        Limits of the categories of a standard normal response, C the largest number of categories: -inf first, +inf
        from the last category of an item on.
    correlations : ndarray, shape (P,)
        Polychorics of the pairs ``numpy.tril_indices(p, -1)``, P = p (p - 1) / 2.
    cells : ndarray, shape (P, C, C)
        Influence of a person in cell (a, b) on each correlation, also through the thresholds; the variance of a
        correlation is its mean square over people, divided by n.
    counts : ndarray, shape (P, C, C)
        People by cell.
    """

    n: int
    categories: Codes
    thresholds: Array
    correlations: Array
    cells: Array
    counts: Array

    @property
    def matrix(self) -> Array:
        """Polychorics as a matrix, shape (p, p)."""
        p = len(self.categories)
        found = np.eye(p)
        rows, columns = pairs(p)
        found[rows, columns] = found[columns, rows] = self.correlations
        return found

    @property
    def variances(self) -> Array:
        """Asymptotic variance of each correlation times n, shape (P,)."""
        found: Array = (self.counts * self.cells**2).sum(axis=(1, 2)) / self.n
        return found

    @property
    def estimable(self) -> bool:
        """False when a correlation stands at its limit."""
        return bool((np.abs(self.correlations) < LIMIT - AT_LIMIT).all())


def pairs(p: int) -> tuple[Codes, Codes]:
    """Rows and columns of the pairs of p items, row above column number."""
    rows, columns = np.tril_indices(p, -1)
    return rows.astype(np.int64), columns.astype(np.int64)


def coded(cells: Sequence[Array]) -> tuple[list[Codes], list[Array]]:
    """Answers as categories 0, 1, ... that occur in every cell (a group at a visit), so that cells can be compared.

    An answer that somebody gave in one cell and nobody in another counts as the next lower one that all cells have,
    else as the lowest of those.

    Parameters
    ----------
    cells : sequence of ndarray, shape (n, p)
        The same p items in each, without gaps.

    Returns
    -------
    codes : list of ndarray of int, shape (n, p)
        By cell.
    values : list of ndarray
        Answers behind the categories of each item, rising; fewer than two where an item cannot be used.
    """
    values = [
        reduce(np.intersect1d, [np.unique(cell[:, j]) for cell in cells]).astype(np.float64)
        for j in range(cells[0].shape[1])
    ]
    codes = [
        np.column_stack([np.searchsorted(v, cell[:, j], side="right") - 1 for j, v in enumerate(values)])
        for cell in cells
    ]
    return [np.maximum(c, 0).astype(np.int64) for c in codes], values


def polychoric(codes: Codes, categories: Codes) -> Ordinal:
    """Thresholds from the margins, then each correlation by maximum likelihood given them (two steps).

    Olsson 1979, doi:10.1007/BF02296207. Influence of people on the correlations, with that through the thresholds,
    after Muthen 1984, doi:10.1007/BF02294210, from outer products of scores, as lavaan computes it.

    Parameters
    ----------
    codes : ndarray of int, shape (n, p)
        Category of each answer, 0 to ``categories - 1``, without gaps.
    categories : ndarray of int, shape (p,)
        At least 2 for each item.

    Raises
    ------
    ValueError
        A category of an item that nobody chose.
    """
    n, p = codes.shape
    largest = int(categories.max())
    taken = np.stack([codes == c for c in range(largest)], axis=2).astype(np.float64)  # n, p, C
    share = taken.mean(axis=0)
    if (share[np.arange(largest) < categories[:, None]] == 0).any():
        raise ValueError("a category of an item was chosen by nobody")
    thresholds = _thresholds(share, categories)
    flat = taken.reshape(n, p * largest)
    tables = (flat.T @ flat).reshape(p, largest, p, largest).transpose(0, 2, 1, 3)
    rows, columns = pairs(p)
    counts = tables[rows, columns]
    plain = np.clip(np.asarray(np.corrcoef(codes, rowvar=False))[rows, columns], -0.9, 0.9)
    correlations = _correlations(thresholds[rows], thresholds[columns], counts, plain)
    cells = _influence(thresholds[rows], thresholds[columns], counts, correlations)
    return Ordinal(
        n=n, categories=categories, thresholds=thresholds, correlations=correlations, cells=cells, counts=counts
    )


def threshold_influence(codes: Codes, sample: Ordinal) -> Array:
    """Influence of each person on each threshold, item by item.

    ``(1[y <= c] - F(c)) / phi(t_c)``: the threshold is the normal quantile of the cumulative share.

    Returns
    -------
    ndarray, shape (n, sum of categories - 1)
    """
    parts = []
    for j, k in enumerate(sample.categories):
        t = sample.thresholds[j, 1:k]
        parts.append(((codes[:, [j]] <= np.arange(k - 1)) - ndtr(t)) / _phi(t))
    return np.hstack(parts)


def correlation_influence(codes: Codes, sample: Ordinal) -> Array:
    """Influence of each person on each correlation, shape (n, P)."""
    rows, columns = pairs(codes.shape[1])
    found: Array = sample.cells[np.arange(len(rows)), codes[:, rows], codes[:, columns]]
    return found


def _phi(t: Array) -> Array:
    """Standard normal density; 0 at infinity."""
    found: Array = np.exp(-0.5 * t * t) / np.sqrt(2 * np.pi)
    return found


def _thresholds(share: Array, categories: Codes) -> Array:
    """Normal quantiles of cumulative shares, shape (p, C + 1)."""
    p, largest = share.shape
    found = np.full((p, largest + 1), np.inf)
    found[:, 0] = -np.inf
    for j, k in enumerate(categories):
        found[j, 1:k] = ndtri(np.cumsum(share[j])[: k - 1])
    return found


class _Pairs:
    """Cells of pairs of items: limits h of the first and k of the second, shapes (P, C + 1); people by cell."""

    def __init__(self, h: Array, k: Array, counts: Array) -> None:
        self.h, self.k, self.counts = h[:, 1:-1, None], k[:, None, 1:-1], counts
        self.corners = np.zeros((*h.shape, h.shape[1]))
        self.corners[:, :, -1], self.corners[:, -1, :] = ndtr(h), ndtr(k)

    def at(self, r: Array) -> tuple[Array, Array]:
        """Probabilities of the cells and their derivative in the correlations r."""
        corners, slopes = self.corners.copy(), np.zeros_like(self.corners)
        corners[:, 1:-1, 1:-1] = cumulative(self.h, self.k, r[:, None, None])
        slopes[:, 1:-1, 1:-1] = density(self.h, self.k, r[:, None, None])
        return np.maximum(_rectangles(corners), RARE), _rectangles(slopes)


def _rectangles(corners: Array) -> Array:
    """Content of cells from values at their corners, shapes (P, C + 1, C + 1) and (P, C, C)."""
    return np.diff(np.diff(corners, axis=1), axis=2)


def _correlations(h: Array, k: Array, counts: Array, start: Array) -> Array:
    """Maximum likelihood for all pairs at once: scoring, kept between the signs of the score."""
    n, found = counts.sum(axis=(1, 2)), start.copy()
    low, high = np.full(len(counts), -LIMIT), np.full(len(counts), LIMIT)
    left = np.arange(len(counts))
    for _ in range(STEPS):
        p, slope = _Pairs(h[left], k[left], counts[left]).at(found[left])
        score = (counts[left] * slope / p).sum(axis=(1, 2))
        information = n[left] * (slope**2 / p).sum(axis=(1, 2))
        r = found[left]
        low[left], high[left] = np.where(score > 0, r, low[left]), np.where(score < 0, r, high[left])
        new = np.where(score == 0, r, r + score / information)
        new = np.where((new > low[left]) & (new < high[left]) | (score == 0), new, 0.5 * (low[left] + high[left]))
        found[left] = new
        left = left[np.abs(new - r) > SCORE]
        if not len(left):
            break
    return found


def _influence(h: Array, k: Array, counts: Array, r: Array) -> Array:
    """Influence of a person in each cell on the correlation of each pair, shape (P, C, C)."""
    n = counts.sum(axis=(1, 2))
    p, slope = _Pairs(h, k, counts).at(r)
    score = slope / p
    information = (counts * score**2).sum(axis=(1, 2)) / n
    through_rows = _through(h, k, counts, score, p, r)
    through_columns = _through(k, h, counts.transpose(0, 2, 1), score.transpose(0, 2, 1), p.transpose(0, 2, 1), r)
    own = score - through_rows[:, :, None] - through_columns[:, None, :]
    found: Array = own / information[:, None, None]
    return found


def _through(h: Array, k: Array, counts: Array, score: Array, p: Array, r: Array) -> Array:
    """What a category of the first item of each pair adds through its thresholds, shape (P, C)."""
    n = counts.sum(axis=(1, 2))
    s = np.sqrt(1 - r**2)[:, None, None]
    inner = np.isfinite(h)
    t = np.where(inner, h, 0.0)
    given = np.diff(ndtr((k[:, None, :] - r[:, None, None] * t[:, :, None]) / s), axis=2)  # P, C + 1, C
    edge = np.where(inner, _phi(t), 0.0)[:, :, None] * given
    # moving a limit up widens the category below it and narrows the one above; means over people of both scores
    weight = counts * score / p
    below, above = (weight * edge[:, 1:]).sum(axis=2), (weight * edge[:, :-1]).sum(axis=2)
    cross = np.zeros_like(t)
    cross[:, 1:] += below
    cross[:, :-1] -= above
    cross = np.where(inner, cross, 0.0) / n[:, None]
    per_limit = np.where(inner, cross / np.where(inner, _phi(t), 1.0), 0.0)
    cumulated = np.where(inner, ndtr(t), 0.0)
    # sum over limits of (1[y <= c] - F(c)) / phi * cross: a person in category a lies below the limits from a on
    from_here = np.cumsum(per_limit[:, ::-1], axis=1)[:, ::-1]
    found: Array = from_here[:, 1:] - (per_limit * cumulated).sum(axis=1)[:, None]
    return found
