"""Answers to items: ordinal categories of a latent propensity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

Ints = NDArray[np.int64]

OUTER_THRESHOLD = 1.5
"""Outermost thresholds in SD of the propensity: about 7 % of answers at each end of the scale for an average person."""

DIFFICULTY_SD = 0.3
"""SD of item difficulties."""


@dataclass(frozen=True, slots=True)
class Key:
    """How the items of a questionnaire hang together.

    Attributes
    ----------
    sign : array of int, shape (items,)
        1 when a high answer means a high trait, -1 for a reversed item.
    scale : array of int, shape (items,)
        Position of the item's scale.
    scales : tuple of str
        Scales by name, in that order.
    categories : int
        Number of possible answers.
    """

    sign: Ints
    scale: Ints
    scales: tuple[str, ...]
    categories: int


def thresholds(categories: int) -> Array:
    """Evenly spaced thresholds between the answers, from -`OUTER_THRESHOLD` to `OUTER_THRESHOLD`."""
    return np.linspace(-OUTER_THRESHOLD, OUTER_THRESHOLD, categories - 1) if categories > 2 else np.zeros(1)


def answers(
    trait: Array, key: Key, scale_shift: Array, loading: float, specific: float, rng: np.random.Generator
) -> Ints:
    """Answers as ticked, counted from 0.

    The propensity of item j of scale k is ``sign_j * loading * (trait + scale_shift_k + specific_k) + error +
    difficulty_j`` with error variance ``1 - loading**2``; thresholds cut it into categories (graded response model,
    Samejima 1969, doi:10.1007/BF03372160, in its normal-ogive form).

    Parameters
    ----------
    trait : array, shape (n, visits)
    key : Key
    scale_shift : array, shape (n, visits, scales)
        What a scale moves beyond the trait of its questionnaire.
    loading : float
        Between 0 and 1.
    specific : float
        SD of the lasting part that a scale's items share beside the trait.
    rng : numpy.random.Generator

    Returns
    -------
    array of int, shape (n, visits, items)
        0 to ``categories - 1``.
    """
    n, visits = trait.shape
    own = specific * rng.standard_normal((n, 1, len(key.scales)))
    level = trait[:, :, None] + (scale_shift + own)
    difficulty = DIFFICULTY_SD * rng.standard_normal(len(key.sign))
    error = np.sqrt(1 - loading**2) * rng.standard_normal((n, visits, len(key.sign)))
    propensity = key.sign * loading * level[:, :, key.scale] + error + difficulty
    answers_: Ints = np.searchsorted(thresholds(key.categories), propensity).astype(np.int64)
    return answers_
