"""Latent traits: who stands where at which visit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

Ints = NDArray[np.int64]


def stable_part(person: Array, shared: float, sign: int, rng: np.random.Generator) -> Array:
    """The lasting part of a trait: one person factor that all measures share, and the measure's own.

    Parameters
    ----------
    person : array, shape (n,)
        Person factor (well-being), standard normal.
    shared : float
        Share of variance from the person factor, 0 to 1.
    sign : int
        1 when a high score means well-being, -1 when it means trouble.
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n,)
        Standard normal.
    """
    factor: Array = sign * np.sqrt(shared) * person + np.sqrt(1 - shared) * rng.standard_normal(len(person))
    return factor


def traits(stable: Array, shift: Array, stability: float, rng: np.random.Generator) -> Array:
    """A trait at every visit: ``sqrt(r) * stable + sqrt(1 - r) * occasion + shift``.

    Parameters
    ----------
    stable : array, shape (n,)
        Lasting part, standard normal.
    shift : array, shape (n, visits)
        Expected level of each participant at each visit, in SD of the trait.
    stability : float
        Correlation r of two visits, 0 to 1.
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n, visits)
        Standard deviation 1 around ``shift``.
    """
    occasion = rng.standard_normal(shift.shape)
    level: Array = np.sqrt(stability) * stable[:, None] + np.sqrt(1 - stability) * occasion + shift
    return level


def carried_over(mediator: Array, at: int, slope: float) -> Array:
    """What change in a mediator adds to an outcome from the mediator's visit on.

    Parameters
    ----------
    mediator : array, shape (n, visits)
    at : int
        Position of the mediator's visit, at least 1.
    slope : float
        Per SD of change since baseline.

    Returns
    -------
    array, shape (n, visits)
        Zero before the visit.
    """
    added = np.zeros_like(mediator)
    added[:, at:] = slope * (mediator[:, at] - mediator[:, 0])[:, None]
    return added


def group_shift(group: Ints, icc: float, visits: int, rng: np.random.Generator) -> Array:
    """What members of a therapy group have in common after baseline.

    Parameters
    ----------
    group : array of int, shape (n,)
        Number of the group from 0, -1 for nobody's.
    icc : float
        Share of variance between groups.
    visits : int
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n, visits)
        Zero at baseline and for those without a group.
    """
    effects = np.sqrt(icc) * rng.standard_normal(group.max() + 1 if len(group) else 0)
    shift = np.zeros((len(group), visits))
    member = group >= 0
    shift[member, 1:] = effects[group[member]][:, None]
    return shift
