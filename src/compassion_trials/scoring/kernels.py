"""Numbers of scoring: arrays of answers in, scores out. Missing is NaN; nothing is changed in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ScaleScores:
    """Scores of one scale.

    Attributes
    ----------
    score : ndarray, shape (n,)
        NaN where too few items were answered.
    n_items : int
        Items behind the scale.
    n_missing : ndarray of int, shape (n,)
        Unanswered items.
    prorated : ndarray of bool, shape (n,)
        Whether a score exists although items are missing.
    """

    score: Array
    n_items: int
    n_missing: NDArray[np.int64]
    prorated: Flags


def reverse(values: Array, low: float | Array, high: float | Array) -> Array:
    """``low + high - value``: the answer counted from the other end. Twice gives the answer itself."""
    return low + high - values


def shift(raw: Array, raw_low: float, low: float) -> Array:
    """Answers coded from ``raw_low`` upwards as answers coded from ``low`` upwards; the width stays."""
    return raw - (raw_low - low)


def outside(values: Array, low: float, high: float) -> Flags:
    """Which values lie outside ``[low, high]``; NaN does not."""
    with np.errstate(invalid="ignore"):
        return (values < low) | (values > high)


def points(values: Array, table: Mapping[int, float]) -> Array:
    """Points for answers (GHQ 0-0-1-1); an answer that the table does not name gives NaN."""
    found = np.full(values.shape, np.nan)
    for answer, point in table.items():
        found[values == answer] = point
    return found


def combine(values: Array, method: str, factor: float, min_answered: int, offset: float = 0.0) -> ScaleScores:
    """Score of a scale from its items, prorated by the mean of a person's answered items.

    A sum with missing items is the mean of the answered ones times the number of items, which is person-mean
    imputation (Fairclough & Cella 1996, doi:10.1007/BF00433916).

    Parameters
    ----------
    values : ndarray, shape (n, k)
        Items of the scale, recoded and reversed.
    method : {"mean", "sum"}
    factor : float
        Multiplies the score.
    min_answered : int
        Fewest answered items, 1 to k.
    offset : float
        Added after the factor.
    """
    answered = np.isfinite(values)
    count = answered.sum(axis=1)
    total = np.where(answered, values, 0.0).sum(axis=1)
    k = values.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
    # a complete row is added up directly: total / k * k would leave rounding behind
    score = mean if method == "mean" else np.where(count == k, total, mean * k)
    score = np.where(count >= max(min_answered, 1), score * factor + offset, np.nan)
    return ScaleScores(score, k, k - count, np.isfinite(score) & (count < k))


def convert(sums: Array, table: Mapping[int, float]) -> Array:
    """Scores from a conversion table of sums; a sum that the table does not name gives NaN."""
    return points(sums, table)


def compose(
    parts: Sequence[ScaleScores],
    turned: Sequence[tuple[float, float] | None],
    method: str,
    factor: float,
    offset: float = 0.0,
) -> ScaleScores:
    """A composite of part scales; missing where any part is.

    Parameters
    ----------
    parts : sequence of ScaleScores
        Same persons in the same order.
    turned : sequence of (low, high) or None
        Range of each part that is recoded for the composite, None for those taken as they are.
    method : {"mean", "sum"}
    factor : float
    offset : float
        Added after the factor.
    """
    columns = [
        part.score if ends is None else reverse(part.score, *ends) for part, ends in zip(parts, turned, strict=True)
    ]
    values = np.column_stack(columns)
    score = (values.mean(axis=1) if method == "mean" else values.sum(axis=1)) * factor + offset
    n_missing = np.sum([part.n_missing for part in parts], axis=0)
    return ScaleScores(score, sum(part.n_items for part in parts), n_missing, np.isfinite(score) & (n_missing > 0))


def band_positions(scores: Array, lower: Sequence[float], highest: float) -> NDArray[np.int64]:
    """Position of the band whose lower end a score has reached; -1 below the first, above the last, and for NaN.

    Parameters
    ----------
    scores : ndarray, shape (n,)
    lower : sequence of float
        Lower ends, ascending.
    highest : float
        Upper end of the last band.
    """
    rounded = np.round(scores, 9)  # 2.4999999999 is a rounding error of 2.5
    position = np.searchsorted(np.asarray(lower, dtype=float), rounded, side="right") - 1
    return np.where(np.isfinite(scores) & (rounded <= highest), position, -1)
