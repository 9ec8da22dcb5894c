"""The covariance model of a trial: structures added up over arms, random effects and therapy groups.

A model is a sum of components. Each component is a `structures.Structure` that enters the covariance of all arms, of
one arm, or the covariance that members of the same therapy group share. Matrices live in *slots*: slot a < A is the
within-subject covariance of arm a (A = 1 when the arms share it), and the last slot, when there are therapy
groups, is the covariance between two members of one group.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.models.likelihood.structures import Linear, Structure, structure

RANDOM = "random"
"""Label of the component of the random effects."""
GROUP = "therapy group"
"""Label of the component that members of a therapy group share."""


@dataclass(frozen=True, slots=True)
class Component:
    """One structure and the slots that it enters.

    Attributes
    ----------
    structure : Structure
    slots : tuple of int
        Slots of the stacked matrices to which the structure is added.
    label : str
        Prefix of the parameter names, such as an arm or "random".
    """

    structure: Structure
    slots: tuple[int, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class CovarianceModel:
    """Sum of components over S slots.

    Attributes
    ----------
    components : tuple of Component
    n_slots : int
        S: arms with their own covariance (or 1), plus 1 when there are therapy groups.
    n_visits : int
        T.
    grouped : bool
        Whether the last slot is the covariance within therapy groups.
    """

    components: tuple[Component, ...]
    n_slots: int
    n_visits: int
    grouped: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names, length K."""
        return tuple(f"{c.label}: {name}" if c.label else name for c in self.components for name in c.structure.names)

    @property
    def powers(self) -> Array:
        """1 for parameters that scale with the squared outcome, 0 for correlations; shape (K,)."""
        return np.concatenate([c.structure.powers for c in self.components])

    @property
    def units(self) -> Array:
        """Factors from the parameters to the values that are reported, shape (K,)."""
        return np.concatenate(
            [
                np.ones(len(c.structure.names)) if c.structure.units is None else c.structure.units
                for c in self.components
            ]
        )

    @property
    def linear(self) -> bool:
        """Whether all second derivatives vanish."""
        return all(isinstance(c.structure, Linear) for c in self.components)

    @property
    def multimodal(self) -> bool:
        """Whether there may be several maxima: arms or groups of their own, or random effects beside a structure."""
        return self.n_slots > 1 or (len(self.components) > 1 and len(self.components[-1].structure.names) > 1)

    @property
    def common_variance(self) -> bool:
        """Whether one variance stands for all visits beside several correlations (ad, toep).

        Visits that vary differently then give the likelihood several maxima: correlations take the place of variances.
        """
        return any("variance" in c.structure.names and len(c.structure.names) > 2 for c in self.components)

    def slices(self) -> list[slice]:
        """Where the parameters of each component stand in theta."""
        ends = [0, *accumulate(len(c.structure.names) for c in self.components)]
        return [slice(a, b) for a, b in pairwise(ends)]

    def value(self, theta: Array) -> Array:
        """Matrices of all slots, shape (S, T, T)."""
        out = np.zeros((self.n_slots, self.n_visits, self.n_visits))
        for component, part in zip(self.components, self.slices(), strict=True):
            out[list(component.slots)] += component.structure.value(theta[part])
        return out

    def first(self, theta: Array) -> Array:
        """First derivatives, shape (K, S, T, T)."""
        out = np.zeros((len(theta), self.n_slots, self.n_visits, self.n_visits))
        for component, part in zip(self.components, self.slices(), strict=True):
            derivative = component.structure.first(theta[part])
            for slot in component.slots:
                out[part, slot] = derivative
        return out

    def second(self, theta: Array) -> Array | None:
        """Second derivatives, shape (K, K, S, T, T), or None when all vanish."""
        if self.linear:
            return None
        k, t = len(theta), self.n_visits
        out = np.zeros((k, k, self.n_slots, t, t))
        for component, part in zip(self.components, self.slices(), strict=True):
            derivative = component.structure.second(theta[part])
            if derivative is not None:
                for slot in component.slots:
                    out[part, part, slot] = derivative
        return out

    def start(self, targets: Array, shared: float = 1.0) -> Array:
        """Starting parameters from target matrices (S, T, T), component by component.

        Parameters
        ----------
        targets : ndarray, shape (S, T, T)
        shared : float
            Factor on the variances of what participants or visits share: random effects and therapy groups.
        """
        return np.concatenate(
            [
                c.structure.start(targets[list(c.slots)].mean(0))
                * (shared if c.label in (RANDOM, GROUP) else 1.0) ** c.structure.powers
                for c in self.components
            ]
        )


def marginal_model(name: str, visits: tuple[str, ...], arms: tuple[str, ...], per_arm: bool) -> CovarianceModel:
    """The covariance model of an MMRM: one structure for all arms, or one per arm.

    Parameters
    ----------
    name : CovarianceName
    visits, arms : tuple of str
        Labels, for the parameter names.
    per_arm : bool
        One covariance per arm.
    """
    shape = structure(name, len(visits), visits)
    if not per_arm:
        return CovarianceModel((Component(shape, (0,)),), 1, len(visits))
    parts = tuple(Component(shape, (a,), arm) for a, arm in enumerate(arms))
    return CovarianceModel(parts, len(arms), len(visits))
