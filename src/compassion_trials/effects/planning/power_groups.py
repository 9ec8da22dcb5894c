"""Power where some arms meet in therapy groups: simulated trials analysed by the primary model with its groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.inference.contrast_tests import moments
from compassion_trials.models.likelihood.boundary import Effects
from compassion_trials.models.likelihood.clusters import Clusters, gather
from compassion_trials.models.likelihood.patterns import group_rows, summarise
from compassion_trials.models.likelihood.reml import Block, Problem, Solution, differentiate, solve
from compassion_trials.models.replicates.covariate_strata import Kinds, Sums, shaped
from compassion_trials.models.replicates.covariate_strata_refit import refit

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
class GroupLayout:
    """A trial with groups laid out for the models.

    Attributes
    ----------
    kinds : Kinds
        Its people, and where refits start: at the assumed parameters, with some group variance.
    theta : ndarray, shape (K,)
        The assumed parameters; the group variance, the last, may be 0.
    row : ndarray, shape (p,)
        Contrast of interest.
    grouped, plain : Problem
        With and without the group variance; their outcome is zero.
    """

    kinds: Kinds
    theta: Array
    row: Array
    grouped: Problem
    plain: Problem

    @property
    def unit(self) -> float:
        """Mean variance of participants after the first visit."""
        return float(np.diag(self.kinds.covariance.value(self.theta)[0])[1:].mean())


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


def lay_out(
    people: dict[str, list[tuple[int, int]]],
    cells: Array,
    visits: tuple[str, ...],
    row: Array,
    sigma: Array,
    tau2: float,
) -> GroupLayout:
    """Kinds, groups and the problems of the models.

    Parameters
    ----------
    people : dict of str to list of (int, int)
        Per arm each participant's last visit seen (index) and group (-1 for none; distinct over arms).
    cells : ndarray, shape (arms, T, p)
        Rows of the mean model.
    visits : tuple of str
    row : ndarray, shape (p,)
    sigma : ndarray, shape (T, T)
        Covariance of a participant's outcomes within the group.
    tau2 : float
        Variance between groups after the first visit.

    Raises
    ------
    ModelError
        Fewer than two groups, or the assumed covariance is not positive definite.
    """
    codes = np.array(sorted((a, *one) for a, arm in enumerate(people.values()) for one in arm))
    if codes[:, 2].max() < 1:
        raise ModelError("a group variance needs two therapy groups or more; plan smaller groups or leave the ICC out")
    met = (np.arange(len(visits)) > 0).astype(float)
    effects = Effects(
        z=np.zeros((len(visits), 0)),
        time_unit=1.0,
        labels=(),
        group=met,
        residual="us",
        n_arms=1,
        arms=tuple(people),
        visits=visits,
    )
    grouped, plain = _problems(codes, cells, effects)
    theta = grouped.covariance.start(np.stack([sigma, tau2 * np.outer(met, met)]))
    least = SPREAD[0] * float(np.diag(sigma)[1:].mean())
    start = np.append(theta[:-1], max(tau2, least))
    expected = differentiate(grouped, _solved(grouped, start)).expected
    last, pattern = np.unique(codes[:, 1], return_inverse=True)
    seen, y = np.arange(len(visits)) <= last[:, None], np.zeros((len(codes), len(visits)))
    kinds = Kinds(
        x=cells,
        kind=codes[:, 0],
        pattern=pattern.reshape(-1),
        group=codes[:, 2],
        y=y,
        observed=seen,
        covariance=grouped.covariance,
        met=met,
        theta=start,
        information=expected,
        reml=True,
    )
    return GroupLayout(kinds, theta, row, grouped, plain)


def _problems(codes: NDArray[np.intp], cells: Array, effects: Effects) -> list[Problem]:
    """The model with groups and the one without, for their moments at assumed parameters.

    Codes (n, 3) are arm, last visit and group.
    """
    t = len(effects.visits)
    subject, visit = np.nonzero(np.arange(t) <= codes[:, 1:2])
    z = np.column_stack([cells[codes[subject, 0], visit], np.zeros(len(subject))])
    slot, group = np.zeros(len(subject), dtype=np.intp), codes[subject, 2]
    found = []
    for grouped in (True, False):
        alone = (group < 0) | (not grouped)
        place = np.flatnonzero(alone)
        blocks: list[Block] = []
        if len(place):
            rows = group_rows(np.unique(subject[place], return_inverse=True)[1], visit[place], slot[place], t)
            blocks.append(summarise(rows, z[place], t))
        if grouped:
            first, count = _make_ups(codes)
            kept = np.where(np.isin(group, first), group, -1)
            blocks.append(Alike(gather(z, kept, subject, visit, slot), count))
        own = replace(effects, group=effects.group if grouped else None)
        found.append(Problem(tuple(blocks), own.model(own.whole), len(z), z.shape[1] - 1))
    return found


def _make_ups(codes: NDArray[np.intp]) -> tuple[NDArray[np.intp], Array]:
    """The first group of each make-up, rising, and how many groups are like it."""
    inside = codes[codes[:, 2] >= 0]
    members = np.zeros((inside[:, 2].max() + 1, *inside[:, :2].max(0) + 1))
    np.add.at(members, (inside[:, 2], inside[:, 0], inside[:, 1]), 1.0)
    _, first, count = np.unique(members, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order], count[order].astype(float)


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
    at = _solved(problem, theta)
    slope = differentiate(problem, at)
    found = moments("kr(expected)", problem, at, slope)
    adjusted, plain = (float(np.sqrt(row @ matrix @ row)) for matrix in (found.covariance, at.phi))
    return Truth(adjusted, float(found.df(row[None])[0]), adjusted / plain)


def _solved(problem: Problem, theta: Array) -> Solution:
    """The profile at assumed parameters."""
    at = solve(problem, theta)
    if at is None:
        raise ModelError("the assumed covariance is not positive definite")
    return at


def draw(layout: GroupLayout, trials: int, rng: np.random.Generator) -> Sums:
    """Trials at the assumed parameters whose means are 0, people drawn by arm and last visit."""
    kinds = layout.kinds
    _, g, t, j, _ = kinds.size
    shared = rng.standard_normal((trials, j))
    alike = np.unique(kinds.kind * g + kinds.pattern, return_counts=True)[1]
    noise = np.concatenate([rng.standard_normal((trials, n, t)) for n in alike], axis=1)
    return shaped(kinds, layout.theta, noise, shared)


def simulate(layout: GroupLayout, effect: float, trials: int, seed: int, alpha: float = 0.05) -> Simulated:
    """Simulate trials and count how often the difference is found.

    Each trial has its own REML estimates; where its group variance is 0 the groups do not count, as in the models.
    Factor and degrees of freedom are those of the design at the assumed covariance of participants and the trial's own
    group variance.

    Parameters
    ----------
    layout : GroupLayout
    effect : float
    trials : int
    seed : int
    alpha : float
    """
    rng = np.random.default_rng(seed)
    estimate, error, group, good = [], [], [], []
    for done in range(0, trials, CHUNK):
        fitted = refit(layout.kinds, draw(layout, min(CHUNK, trials - done), rng))
        estimate.append(fitted.beta @ layout.row)
        error.append(np.sqrt(((fitted.phi @ layout.row) * layout.row).sum(1)))
        group.append(fitted.theta[:, -1])
        good.append(fitted.converged)
    keep = np.concatenate(good)
    shared = np.concatenate(group)[keep]
    factor, df = _inference(layout, shared)
    half = stdtrit(df, 1 - alpha / 2) * np.concatenate(error)[keep] * factor
    power = float((np.abs(np.concatenate(estimate)[keep] + effect) > half).mean())
    none = float((shared <= 0).mean())
    return Simulated(power, float(2 * half.mean()), float(keep.mean()), int(keep.sum()), none)


def _inference(layout: GroupLayout, shared: Array) -> tuple[Array, Array]:
    """Factors and degrees of freedom of trials by their group variance (B,)."""
    theta, unit = layout.theta, layout.unit
    grid = [at_truth(layout.grouped, layout.row, np.append(theta[:-1], unit * share)) for share in SPREAD]
    none = at_truth(layout.plain, layout.row, theta[:-1])
    at = np.sqrt(shared / unit)
    factor = np.interp(at, np.sqrt(SPREAD), [part.factor for part in grid])
    df = np.exp(np.interp(at, np.sqrt(SPREAD), np.log([part.df for part in grid])))
    return np.where(shared > 0, factor, none.factor), np.where(shared > 0, df, none.df)
