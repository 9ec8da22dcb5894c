"""Power where some arms meet in therapy groups: simulated trials analysed by the primary model with its groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.nested import Nested, draw, refit
from compassion_trials.models.boundary import Effects
from compassion_trials.models.clusters import Clusters, gather
from compassion_trials.models.inference import moments
from compassion_trials.models.patterns import group_rows, summarise
from compassion_trials.models.reml import Block, Problem, differentiate, solve

Array = NDArray[np.float64]

SPREAD = np.array([1e-3, 0.02, 0.06, 0.15, 0.4, 1.0, 2.0])
"""Group variances, as shares of the mean variance of participants, at which standard error and df are computed; between
them they are interpolated."""

CHUNK = 256
"""Trials per array."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Therapy groups of the same make-up, kept once; a `reml.Block` whose outcome is zero.

    Attributes
    ----------
    one : Clusters
        A group of each make-up.
    n : ndarray, shape (G,)
        How many there are.
    """

    one: Clusters
    n: Array

    @property
    def padding(self) -> Array:
        """As in `Clusters`."""
        return self.one.padding

    def embed(self, matrices: Array) -> Array:
        """As in `Clusters`."""
        return self.one.embed(matrices)

    def collect(self, weights: Array, n_slots: int) -> Array:
        """As in `Clusters`."""
        return self.one.collect(weights, n_slots)

    def quadratic(self, weights: Array) -> Array:
        """Sum of z' W z over all groups."""
        return self.one.quadratic(self.n[:, None, None] * weights)

    def scatter(self, matrix: Array) -> Array:
        """Sum of z M z' over groups of each make-up."""
        return self.n[:, None, None] * self.one.scatter(matrix)


@dataclass(frozen=True, slots=True)
class Layout:
    """A trial with groups laid out for the models.

    Attributes
    ----------
    design : Nested
    row : ndarray, shape (p,)
        Contrast of interest.
    grouped, plain : Problem
        With and without the group variance; their outcome is zero.
    """

    design: Nested
    row: Array
    grouped: Problem
    plain: Problem


@dataclass(frozen=True, slots=True)
class Simulated:
    """What simulated trials gave.

    Attributes
    ----------
    power, width : float
        Share of trials in which the difference is found; mean width of the interval.
    converged : float
        Share of trials whose model converged; the others do not count.
    trials : int
        Trials that count.
    no_variance : float
        Share of them whose group variance was estimated as 0.
    """

    power: float
    width: float
    converged: float
    trials: int
    no_variance: float


def lay_out(people: dict[str, list[tuple[int, int]]], cells: Array, visits: tuple[str, ...], row: Array) -> Layout:
    """Kinds, groups and the problems of the models.

    Parameters
    ----------
    people : dict of str to list of (int, int)
        Per arm each participant's last visit seen (index) and group (-1 for none; distinct over arms).
    cells : ndarray, shape (arms, T, p)
        Rows of the mean model.
    visits : tuple of str
    row : ndarray, shape (p,)

    Raises
    ------
    ModelError
        Fewer than two groups.
    """
    t = len(visits)
    flat = [(a, last, group) for a, arm in enumerate(people.values()) for last, group in arm]
    codes = np.array(flat)
    n_groups = int(codes[:, 2].max()) + 1
    if n_groups < 2:
        raise ModelError("a group variance needs two therapy groups or more; plan smaller groups or leave the ICC out")
    kinds, kind = np.unique(codes[:, :2], axis=0, return_inverse=True)
    seen = np.arange(t) <= kinds[:, 1:]
    u = seen * (np.arange(t) > 0)
    members = np.zeros((n_groups, len(kinds)))
    inside = codes[:, 2] >= 0
    np.add.at(members, (codes[inside, 2], kind[inside]), 1.0)
    x = cells[kinds[:, 0]] * seen[:, :, None]
    effects = Effects(np.zeros((t, 0)), 1.0, (), (np.arange(t) > 0).astype(float), "us", 1, tuple(people), visits)
    basis = effects.model(effects.whole).first(np.zeros(t * (t + 1) // 2 + 1))[:-1, 0]
    design = Nested(x, seen, u.astype(float), np.bincount(kind).astype(float), members, basis)
    return Layout(design, row, *_problems(codes, kind, design, effects))


def _problems(codes: NDArray[np.intp], kind: NDArray[np.intp], design: Nested, effects: Effects) -> list[Problem]:
    """The model with groups and the one without, for their moments at assumed parameters."""
    subject, visit = np.nonzero(design.seen[kind])
    z = np.column_stack([design.x[kind[subject], visit], np.zeros(len(subject))])
    slot, group, t = np.zeros(len(subject), dtype=np.intp), codes[subject, 2], design.seen.shape[1]
    found = []
    for grouped in (True, False):
        alone = (group < 0) | (not grouped)
        place = np.flatnonzero(alone)
        blocks: list[Block] = []
        if len(place):
            rows = group_rows(np.unique(subject[place], return_inverse=True)[1], visit[place], slot[place], t)
            blocks.append(summarise(rows, z[place], t))
        if grouped:
            _, first, count = np.unique(design.members, axis=0, return_index=True, return_counts=True)
            kept = np.where(np.isin(group, first), np.searchsorted(np.sort(first), group), -1)
            one = gather(z, kept, subject, visit, slot)
            blocks.append(Alike(one, count[np.argsort(first)].astype(float)))
        own = Effects(effects.z, 1.0, (), effects.group if grouped else None, "us", 1, effects.arms, effects.visits)
        found.append(Problem(tuple(blocks), own.model(own.whole), len(z), z.shape[1] - 1))
    return found


@dataclass(frozen=True, slots=True)
class Truth:
    """The contrast at assumed parameters.

    Attributes
    ----------
    se, df : float
        Kenward-Roger, expected information.
    factor : float
        Kenward-Roger standard error over the plain one.
    """

    se: float
    df: float
    factor: float


def at_truth(problem: Problem, row: Array, theta: Array) -> Truth:
    """Standard error and degrees of freedom of a contrast at given parameters.

    Raises
    ------
    ModelError
        The assumed covariance is not positive definite.
    """
    at = solve(problem, theta)
    if at is None:
        raise ModelError("the assumed covariance is not positive definite")
    slope = differentiate(problem, at)
    found = moments("kr(expected)", problem, at, slope)
    adjusted, plain = (float(np.sqrt(row @ matrix @ row)) for matrix in (found.covariance, at.phi))
    return Truth(adjusted, float(found.df(row[None])[0]), adjusted / plain)


def parameters(layout: Layout, sigma: Array, tau2: float) -> Array:
    """Theta (K + 1,) of a covariance and a group variance."""
    basis = layout.design.basis.reshape(len(layout.design.basis), -1)
    return np.append(np.linalg.lstsq(basis.T, sigma.ravel(), rcond=None)[0], tau2)


def simulate(
    layout: Layout, sigma: Array, tau2: float, effect: float, trials: int, seed: int, alpha: float = 0.05
) -> Simulated:
    """Simulate trials and count how often the difference is found.

    Each trial has its own REML estimates; where its group variance is 0 the groups do not count, as in the models.
    Factor and degrees of freedom are those of the design at the assumed covariance of participants and the trial's own
    group variance.

    Parameters
    ----------
    layout : Layout
    sigma : ndarray, shape (T, T)
        Covariance of a participant's outcomes within the group.
    tau2 : float
        Variance between groups after the first visit.
    effect : float
    trials : int
    seed : int
    alpha : float
    """
    theta = parameters(layout, sigma, tau2)
    unit = float(np.diag(sigma)[1:].mean())
    start = np.append(theta[:-1], max(tau2, SPREAD[0] * unit))
    rng = np.random.default_rng(seed)
    estimate, error, group, good = [], [], [], []
    for done in range(0, trials, CHUNK):
        batch = draw(layout.design, sigma, tau2, min(CHUNK, trials - done), rng)
        fitted, converged = refit(layout.design, batch, start)
        estimate.append(fitted.beta @ layout.row)
        error.append(np.sqrt(((fitted.phi @ layout.row) * layout.row).sum(1)))
        group.append(fitted.theta[:, -1])
        good.append(converged)
    keep = np.concatenate(good)
    shared = np.concatenate(group)[keep]
    factor, df = _inference(layout, theta, unit, shared)
    half = stdtrit(df, 1 - alpha / 2) * np.concatenate(error)[keep] * factor
    power = float((np.abs(np.concatenate(estimate)[keep] + effect) > half).mean())
    none = float((shared <= 0).mean())
    return Simulated(power, float(2 * half.mean()), float(keep.mean()), int(keep.sum()), none)


def _inference(layout: Layout, theta: Array, unit: float, shared: Array) -> tuple[Array, Array]:
    """Factors and degrees of freedom of trials by their group variance (B,)."""
    grid = [at_truth(layout.grouped, layout.row, np.append(theta[:-1], unit * share)) for share in SPREAD]
    none = at_truth(layout.plain, layout.row, theta[:-1])
    at = np.sqrt(shared / unit)
    factor = np.interp(at, np.sqrt(SPREAD), [part.factor for part in grid])
    df = np.exp(np.interp(at, np.sqrt(SPREAD), np.log([part.df for part in grid])))
    return np.where(shared > 0, factor, none.factor), np.where(shared > 0, df, none.df)
