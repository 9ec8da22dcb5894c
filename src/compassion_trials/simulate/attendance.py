"""Who is in which arm and group, who is assessed when, and which answers are missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def allocate(sizes: Ints, stratum: Ints, rng: np.random.Generator) -> Ints:
    """Deal participants into arms of exact sizes, in turn within strata.

    Parameters
    ----------
    sizes : array of int, shape (arms,)
    stratum : array of int, shape (n,)
        Stratum of each participant; ``n`` is the sum of the sizes.
    rng : numpy.random.Generator

    Returns
    -------
    array of int, shape (n,)
        Position of the arm.
    """
    position = np.concatenate([(np.arange(size) + rng.random(size)) / size for size in sizes])
    deck = np.repeat(np.arange(len(sizes)), sizes)[np.argsort(position)]  # arms in turn, evenly spread
    order = np.lexsort((rng.random(len(stratum)), stratum))
    arm = np.empty(len(stratum), dtype=np.int64)
    arm[order] = deck
    return arm


def groups(arm: Ints, arms: list[int], per_arm: int, rng: np.random.Generator) -> Ints:
    """Divide arms into therapy groups of about equal size.

    Parameters
    ----------
    arm : array of int, shape (n,)
    arms : list of int
        Arms that meet in groups.
    per_arm : int
    rng : numpy.random.Generator

    Returns
    -------
    array of int, shape (n,)
        Number of the group, counted over all arms from 0; -1 in arms without groups.
    """
    group = np.full(len(arm), -1, dtype=np.int64)
    for k, code in enumerate(arms):
        members = rng.permutation(np.flatnonzero(arm == code))
        group[members] = k * per_arm + np.arange(len(members)) % per_arm
    return group


def assessed(arm: Ints, counts: Ints, wellbeing: Array, slope: float, rng: np.random.Generator) -> Bools:
    """Who is assessed at each visit: exact numbers, nested, the well likelier to stay.

    Within an arm participants are ordered by ``slope * wellbeing`` plus Gumbel noise, which draws without replacement
    with odds ``exp(slope * wellbeing)``; each visit keeps the first ones.

    Parameters
    ----------
    arm : array of int, shape (n,)
    counts : array of int, shape (arms, visits)
    wellbeing : array, shape (n,)
        In SD.
    slope : float
    rng : numpy.random.Generator

    Returns
    -------
    array of bool, shape (n, visits)
    """
    tendency = slope * wellbeing + rng.gumbel(size=len(arm))
    present = np.zeros((len(arm), counts.shape[1]), dtype=bool)
    for code in range(len(counts)):
        members = np.flatnonzero(arm == code)
        ranked = members[np.argsort(-tendency[members], kind="stable")]
        for visit in range(counts.shape[1]):
            present[ranked[: counts[code, visit]], visit] = True
    return present


def blanks(shape: tuple[int, int, int], share: float, rng: np.random.Generator) -> Bools:
    """Answers left blank completely at random, a boolean array of the given shape."""
    return rng.random(shape) < share


def half_empty(present: Bools, n: int, items: int, rng: np.random.Generator) -> Bools:
    """Questionnaires broken off before the middle.

    Parameters
    ----------
    present : array of bool, shape (people, visits)
    n : int
        How many.
    items : int
    rng : numpy.random.Generator

    Returns
    -------
    array of bool, shape (people, visits, items)
        True where the answer is missing: the last two thirds of the items.
    """
    gap = np.zeros((*present.shape, items), dtype=bool)
    chosen = rng.permutation(np.argwhere(present))[:n]
    for person, visit in chosen:
        gap[person, visit, items // 3 :] = True
    return gap
