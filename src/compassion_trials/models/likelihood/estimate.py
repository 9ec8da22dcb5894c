"""From arrays to an optimum: standardise, summarise by pattern, minimise, certify."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.data.design import ModelDesign
from compassion_trials.models.data.frame import Longitudinal
from compassion_trials.models.data.standard import Standard, standardise, starting_matrix
from compassion_trials.models.likelihood.certificate import Certificate, certify
from compassion_trials.models.likelihood.clusters import Clusters
from compassion_trials.models.likelihood.covariance import GROUP, RANDOM, CovarianceModel
from compassion_trials.models.likelihood.newton import Optimum, minimise
from compassion_trials.models.likelihood.patterns import Rows, group_rows, summarise
from compassion_trials.models.likelihood.reml import Block, Derivatives, Problem, Solution

IntArray = NDArray[np.intp]

FLAT_VISIT = 1e-9
"""Residual variance at a visit, relative to the mean over visits, below which the visit does not vary."""

LITTLE = 0.02
"""Factor on what visits and group members share in one start of a likelihood that may have several maxima."""

OTHER_STARTS, OTHER_SEED = 8, 20_261_128
"""Random correlations from which a structure with one variance in common starts, too; the seed is fixed."""

SAME_MAXIMUM = 1e-6
"""Difference in -2 log-likelihood up to which two optima count as one."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data ready for fitting, standardised.

    Attributes
    ----------
    long : Longitudinal
    design : ModelDesign
    x : ndarray, shape (N, p)
        The design matrix in the user's coding.
    z : ndarray, shape (N, p + 1)
        Standardised rows (Z, u).
    standard : Standard
    start : ndarray, shape (T, T)
        Covariance that starting values aim at.
    spread : ndarray, shape (A,)
        Residual variance of each arm, relative to all.
    """

    long: Longitudinal
    design: ModelDesign
    x: Array
    z: Array
    standard: Standard
    start: Array
    spread: Array


@dataclass(frozen=True, slots=True)
class Estimate:
    """A fitted covariance with its certificate.

    Attributes
    ----------
    problem : Problem
    optimum : Optimum
    certificate : Certificate
    rows : Rows
        Participants by pattern (those in no therapy group).
    full : tuple of Problem, Solution and Derivatives, or None
        All parameters, for a fit on the boundary whose `problem` holds only those off it.
    """

    problem: Problem
    optimum: Optimum
    certificate: Certificate
    rows: Rows
    full: tuple[Problem, Solution, Derivatives] | None = None


def prepare(long: Longitudinal, design: ModelDesign, x: Array) -> Prepared:
    """Standardise and check that the outcome varies at every visit.

    Raises
    ------
    ModelError
        A visit whose residuals are constant.
    """
    standard, z = standardise(x, long.y)
    residual = z[:, -1]
    t = len(long.visits)
    variances = np.bincount(long.visit, residual**2, t) / np.bincount(long.visit, minlength=t)
    flat = np.flatnonzero(variances < FLAT_VISIT * variances.mean())
    if len(flat):
        raise ModelError(
            f"at visit {long.visits[int(flat[0])]} the outcome does not vary within arms: its variance cannot be "
            "estimated; leave the visit out"
        )
    by_arm = np.bincount(long.arm, residual**2) / np.bincount(long.arm)
    return Prepared(
        long=long,
        design=design,
        x=x,
        z=z,
        standard=standard,
        start=starting_matrix(residual, long.visit, long.subject, t),
        spread=np.maximum(by_arm / (residual @ residual) * len(z), 1e-4),
    )


def pattern_blocks(prepared: Prepared, per_arm: bool) -> tuple[tuple[Block, ...], Rows]:
    """Sufficient statistics of independent participants, patterns apart by arm when arms differ in covariance."""
    long = prepared.long
    slot = long.arm if per_arm else np.zeros_like(long.arm)
    rows = group_rows(long.subject, long.visit, slot, len(long.visits))
    return (summarise(rows, prepared.z, len(long.visits)),), rows


def estimate(
    prepared: Prepared, model: CovarianceModel, reml: bool = True, summary: tuple[tuple[Block, ...], Rows] | None = None
) -> Estimate:
    """Fit one covariance model.

    Parameters
    ----------
    prepared, model
        Data and covariance.
    reml : bool
    summary : tuple, optional
        Sufficient statistics made before, for several models of the same data.

    Raises
    ------
    ModelError
        The likelihood cannot be evaluated at any start.
    """
    blocks, rows = summary or pattern_blocks(prepared, model.n_slots > 1)
    problem = Problem(blocks, model, len(prepared.z), prepared.z.shape[1] - 1, reml)
    found = optima(problem, prepared)
    maxima = 1 + int((np.diff([optimum.solution.objective for optimum in found]) > SAME_MAXIMUM).sum())
    return Estimate(problem, found[0], replace(certify(problem, found[0]), maxima=maxima), rows)


def optima(problem: Problem, prepared: Prepared) -> tuple[Optimum, ...]:
    """Where Newton converges from the data's own start, the highest likelihood first.

    Where the likelihood may have several maxima, it starts from several places; plainer starts are tried only when none
    of these converges. When nothing does, the best point reached.

    Raises
    ------
    ModelError
        The likelihood cannot be evaluated at any start.
    """
    model, reached = problem.covariance, []
    for start in starts(model, prepared):
        reached.append(minimise(problem, start))
    for start in plain_starts(model, prepared):
        if any(optimum is not None and optimum.converged for optimum in reached):
            break
        reached.append(minimise(problem, start))
    found = sorted((o for o in reached if o is not None), key=lambda optimum: optimum.solution.objective)
    if not found:
        raise ModelError("the likelihood of this covariance cannot be evaluated for these data")
    return tuple(optimum for optimum in found if optimum.converged) or (found[0],)


def starts(model: CovarianceModel, prepared: Prepared) -> Iterator[Array]:
    """Starting parameters (K,): the data's covariance; for several maxima also each arm's own, with little shared."""
    targets = np.broadcast_to(prepared.start, (model.n_slots, *prepared.start.shape))
    yield model.start(targets)
    if model.multimodal:
        scale = np.ones((model.n_slots, 1, 1))
        if model.n_slots - model.grouped == len(prepared.spread) > 1:
            scale[: len(prepared.spread), 0, 0] = prepared.spread
            yield model.start(scale * targets)
        if any(c.label in (RANDOM, GROUP) for c in model.components):
            yield model.start(scale * targets, LITTLE)
    if model.common_variance:
        for matrix in _other_correlations(prepared.start):
            yield model.start(np.broadcast_to(matrix, targets.shape))


def _other_correlations(start: Array) -> Iterator[Array]:
    """The variances of a matrix (T, T) with other correlations: of alternating sign, and seeded random ones."""
    deviation = np.sqrt(np.diag(start))
    t = len(start)
    lag = np.abs(np.subtract.outer(np.arange(t), np.arange(t)))
    size = np.abs(start / np.outer(deviation, deviation))
    rng = np.random.default_rng(OTHER_SEED)
    draws = rng.standard_normal((OTHER_STARTS, t, t + 2))
    for matrix in (size * (-1.0) ** lag, *(draw @ draw.T for draw in draws)):
        root = np.sqrt(np.diag(matrix))
        yield matrix * np.outer(deviation / root, deviation / root)


def plain_starts(model: CovarianceModel, prepared: Prepared) -> Iterator[Array]:
    """Starting parameters (K,) without correlation, and with one variance."""
    variances = np.diag(prepared.start)
    for matrix in (np.diag(variances), np.eye(len(variances)) * np.mean(variances)):
        yield model.start(np.broadcast_to(matrix, (model.n_slots, *matrix.shape)))


def units(estimate: Estimate) -> list[tuple[IntArray, Array]]:
    """Independent units with their covariance: (rows (n, d), V (d, d)) per missingness pattern and per therapy group.

    V is in the standardised space.
    """
    problem = estimate.problem
    matrices = problem.covariance.value(estimate.optimum.solution.theta)
    found = [
        (index, matrices[slot][np.ix_(visits, visits)])
        for index, visits, slot in zip(estimate.rows.index, estimate.rows.visits, estimate.rows.slot, strict=True)
    ]
    for block in problem.blocks:
        if isinstance(block, Clusters):
            v = block.embed(matrices)
            found += [(index[None], v[c][: len(index), : len(index)]) for c, index in enumerate(block.index)]
    return found
