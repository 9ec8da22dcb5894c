"""Random effects with a covariance that stays positive semi-definite, and residual variances that stay at least 0.

When the unrestricted optimum lies outside the parameter space, the best fit on each face of it is found by Newton's
method on that face, and checked against the Karush-Kuhn-Tucker condition. Parameters on the boundary then count as
known, as in SAS; `kr(expected)` keeps them, as pbkrtest does.

Source: Bates, Maechler, Bolker & Walker (2015), doi:10.18637/jss.v067.i01; Self & Liang (1987), doi:10.2307/2289471.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.likelihood.certificate import Certificate, certify
from compassion_trials.models.likelihood.clusters import gather
from compassion_trials.models.likelihood.covariance import (
    GROUP,
    RANDOM,
    Component,
    CovarianceModel,
)
from compassion_trials.models.likelihood.estimate import Estimate, Prepared, optima
from compassion_trials.models.likelihood.newton import Optimum
from compassion_trials.models.likelihood.patterns import Rows, group_rows, summarise
from compassion_trials.models.likelihood.reml import (
    Block,
    Derivatives,
    Problem,
    differentiate,
    solve,
)
from compassion_trials.models.likelihood.structures import (
    Linear,
    RankOne,
    random_effects,
    structure,
)

IntArray = NDArray[np.intp]

PSD_SLACK = 1e-9
"""Most negative eigenvalue of a standardised covariance that still counts as semi-definite."""
KKT_SLACK = 1e-6
"""Most negative eigenvalue of the gradient on the boundary that still counts as pointing outwards."""
OUTSIDE = "a variance is negative or a covariance not positive semi-definite: outside the parameter space"


@dataclass(frozen=True, slots=True)
class Face:
    """A part of the boundary of the parameter space, or (full rank, with groups, nothing held) the space itself.

    Attributes
    ----------
    rank : int
        Rank of the covariance of the random effects.
    grouped : bool
        Whether there is a therapy-group variance.
    held : frozenset of (int, int)
        Residual variances that are 0: (arm, parameter of its residual).
    """

    rank: int
    grouped: bool
    held: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Effects:
    """Random effects and residuals of a model.

    Attributes
    ----------
    z : ndarray, shape (T, r)
        Columns of the random effects per visit; time divided by `time_unit`.
    time_unit : float
        Largest absolute time.
    labels : tuple of str
    group : ndarray, shape (T,), or None
        1 at visits where members of a therapy group share an effect.
    residual : CovarianceName or "independent"
    n_arms : int
        Arms with their own residual (1 for a common one).
    arms, visits : tuple of str
    """

    z: Array
    time_unit: float
    labels: tuple[str, ...]
    group: Array | None
    residual: str
    n_arms: int
    arms: tuple[str, ...]
    visits: tuple[str, ...]

    @property
    def units(self) -> Array:
        """From scaled to reported random effects, shape (r,)."""
        return np.array([1.0, 1.0 / self.time_unit])[: self.z.shape[1]]

    @property
    def whole(self) -> Face:
        """The parameter space itself."""
        return Face(self.z.shape[1], self.group is not None)

    @property
    def holdable(self) -> bool:
        """Whether the residual parameters are variances alone, so that each can be 0."""
        return self.residual in ("independent", "diag")

    def model(self, face: Face) -> CovarianceModel:
        """The covariance model on a face."""
        within = tuple(range(self.n_arms))
        parts = []
        if face.rank == self.z.shape[1] and face.rank:
            parts.append(Component(random_effects(self.z, self.labels, self.units), within, RANDOM))
        elif face.rank == 1:
            names = tuple(f"loading({label})" for label in self.labels)
            parts.append(Component(RankOne(names, np.full(2, 0.5), self.z, self.units), within, RANDOM))
        t = len(self.visits)
        parts += [part for part in (self._residual(arm, face) for arm in within) if part.structure.names]
        n_slots = self.n_arms
        if self.group is not None:
            n_slots += 1
            if face.grouped:
                shared = Linear(("variance",), np.ones(1), np.outer(self.group, self.group)[None])
                parts.append(Component(shared, (n_slots - 1,), GROUP))
        return CovarianceModel(tuple(parts), n_slots, t, self.group is not None)

    def _residual(self, arm: int, face: Face) -> Component:
        """Residual of one arm, without the variances that are held at 0."""
        t = len(self.visits)
        shape = (
            Linear(("residual",), np.ones(1), np.eye(t)[None])
            if self.residual == "independent"
            else structure(self.residual, t, self.visits)
        )
        if face.held and isinstance(shape, Linear):
            free = [k for k in range(len(shape.names)) if (arm, k) not in face.held]
            shape = Linear(tuple(shape.names[k] for k in free), shape.powers[free], shape.basis[free])
        label = self.arms[arm] if self.n_arms > 1 else "residual" if self.residual != "independent" else ""
        return Component(shape, (arm,), label)

    def matrices(self, face: Face, theta: Array) -> tuple[Array, Array, Array]:
        """Covariance of the random effects (r, r), residual covariances (arms, T, T) and group variances (0 or 1,)."""
        model, t = self.model(face), len(self.visits)
        g, residual, shared = np.zeros((0, 0)), np.zeros((self.n_arms, t, t)), np.zeros(0)
        with np.errstate(invalid="ignore"):
            for component, part in zip(model.components, model.slices(), strict=True):
                if component.label == GROUP:
                    shared = theta[part]
                elif component.label != RANDOM:
                    residual[component.slots[0]] += component.structure.value(theta[part])
                elif isinstance(component.structure, Linear):
                    g = unfold(theta[part], face.rank)
        return g, residual, shared

    def expand(self, face: Face, theta: Array) -> Array:
        """Parameters on a face as parameters of the whole space."""
        whole, model = self.model(self.whole), self.model(face)
        own = dict(zip(model.names, theta, strict=True))
        if 0 < face.rank < self.z.shape[1]:
            lower = iter((theta[0] ** 2, theta[0] * theta[1], theta[1] ** 2))
            own |= {name: next(lower) for name in whole.names if name.startswith(f"{RANDOM}: ")}
        return np.array([own.get(name, 0.0) for name in whole.names])


def estimate_lmm(prepared: Prepared, effects: Effects, reml: bool, bounded: bool) -> tuple[Estimate, tuple[str, ...]]:
    """Fit without restriction; when that leaves the parameter space and `bounded`, fit every face and take the best.

    Returns
    -------
    tuple of Estimate, tuple of str
        And the parameters on the boundary, in words.
    """
    blocks, rows = lmm_blocks(prepared, effects)
    whole = effects.whole
    base = Problem(blocks, effects.model(whole), len(prepared.z), prepared.z.shape[1] - 1, reml)
    free = optima(base, prepared)
    if not bounded or inside(effects, whole, free[0].solution.theta):
        return Estimate(base, free[0], certify(base, free[0]), rows), ()
    ranks, shared = range(whole.rank, -1, -1), (True, False) if whole.grouped else (False,)
    found = _on_face(base, prepared, effects, whole, free)
    for rank, grouped in list(product(ranks, shared))[1:]:
        found += _on_face(base, prepared, effects, Face(rank, grouped))
    if not found:
        return Estimate(base, free[0], _outside(certify(base, free[0])), rows), ()
    # Of equal fits the one with most parameters, which comes first.
    lowest = min(optimum.solution.objective for _, optimum in found)
    face, optimum = next(place for place in found if place[1].solution.objective <= lowest + 1e-9)
    if face == whole:
        return Estimate(base, optimum, certify(base, optimum), rows), ()
    return _on_boundary(base, effects, rows, face, optimum)


def inside(effects: Effects, face: Face, theta: Array) -> bool:
    """Whether every covariance of a face is positive semi-definite: random effects, residuals, therapy group."""
    g, residual, shared = effects.matrices(face, theta)
    if not np.isfinite(residual).all():
        return False
    smallest = [np.linalg.eigvalsh(residual).min(), *shared]
    if len(g):
        smallest.append(np.linalg.eigvalsh(g)[0])
    return bool(min(smallest) >= -PSD_SLACK)


def unfold(theta: Array, rank: int) -> Array:
    """G (r, r) from its lower triangle row by row."""
    if rank == 1:
        return theta[:1, None]
    return np.array([[theta[0], theta[1]], [theta[1], theta[2]]])


def _on_face(
    base: Problem, prepared: Prepared, effects: Effects, face: Face, candidates: tuple[Optimum, ...] | None = None
) -> list[tuple[Face, Optimum]]:
    """Optima inside a face; residual variances that turn negative are held at 0, the most negative one first."""
    try:
        candidates = candidates or optima(replace(base, covariance=effects.model(face)), prepared)
    except ModelError:
        return []  # singular on this face
    found = [(face, optimum) for optimum in candidates if inside(effects, face, optimum.solution.theta)]
    if found or not effects.holdable:
        return found
    variances = effects.matrices(face, candidates[0].solution.theta)[1].diagonal(axis1=1, axis2=2)
    variances = variances if effects.residual == "diag" else variances[:, :1]
    arm, k = np.unravel_index(int(np.argmin(variances)), variances.shape)
    if variances[arm, k] >= -PSD_SLACK or (int(arm), int(k)) in face.held:
        return []
    return _on_face(base, prepared, effects, replace(face, held=face.held | {(int(arm), int(k))}))


def _on_boundary(
    base: Problem, effects: Effects, rows: Rows, face: Face, optimum: Optimum
) -> tuple[Estimate, tuple[str, ...]]:
    """Certificate of a fit on the boundary: the likelihood must fall from there into the parameter space."""
    problem = replace(base, covariance=effects.model(face))
    whole, names = effects.whole, []
    if whole.grouped and not face.grouped:
        names.append(f"{GROUP} variance is 0")
    if face.rank < whole.rank:
        names.append("random-effects covariance is singular" if face.rank else "random-effects variance is 0")
    missing = [name for name in base.covariance.names if name not in problem.covariance.names]
    held = [name for name in missing if not name.startswith((f"{RANDOM}: ", f"{GROUP}: "))]
    names += [f"{name.replace(': ', ' ')} is 0" for name in held]
    solution = solve(base, effects.expand(face, optimum.solution.theta))
    if solution is None:  # singular but for rounding
        return Estimate(problem, optimum, certify(problem, optimum, tuple(names), False), rows), tuple(names)
    slope = differentiate(base, solution)
    certificate = certify(problem, optimum, tuple(names), _outward(base, effects, face, slope, held))
    return Estimate(problem, optimum, certificate, rows, (base, solution, slope)), tuple(names)


def _outward(base: Problem, effects: Effects, face: Face, slope: Derivatives, held: list[str]) -> bool:
    """Whether -2 log L rises from a point on the boundary into the parameter space (Karush-Kuhn-Tucker)."""
    zero = [*held, *([f"{GROUP}: variance"] if effects.whole.grouped and not face.grouped else [])]
    with np.errstate(invalid="ignore"):
        size = np.sqrt(np.diag(slope.expected))
    if not np.isfinite(size).all() or not np.isfinite(slope.gradient).all():
        return False
    at = [base.covariance.names.index(name) for name in zero]
    outward = bool((slope.gradient[at] >= -KKT_SLACK * size[at]).all())
    if face.rank < effects.whole.rank:
        n_random = effects.whole.rank * (effects.whole.rank + 1) // 2
        gradient = slope.gradient[:n_random] / np.array([1.0, 2.0, 1.0])[:n_random]
        smallest = np.linalg.eigvalsh(unfold(gradient, effects.whole.rank))[0]
        outward = outward and bool(smallest >= -KKT_SLACK * size[:n_random].max())
    return outward


def _outside(certificate: Certificate) -> Certificate:
    """The certificate of an optimum outside the parameter space where no face has one."""
    return replace(certificate, valid=False, reasons=(*certificate.reasons, OUTSIDE))


def lmm_blocks(prepared: Prepared, effects: Effects) -> tuple[tuple[Block, ...], Rows]:
    """Participants by pattern, and therapy groups as dense blocks."""
    long, t = prepared.long, len(effects.visits)
    slot = long.arm if effects.n_arms > 1 else np.zeros_like(long.arm)
    alone = long.group < 0 if effects.group is not None else np.ones(len(slot), dtype=bool)
    blocks: list[Block] = []
    rows = Rows((), (), ())
    if alone.any():
        place = np.flatnonzero(alone)
        local = group_rows(long.subject[place], long.visit[place], slot[place], t)
        blocks.append(summarise(local, prepared.z[place], t))
        rows = Rows(tuple(place[index] for index in local.index), local.visits, local.slot)
    if not alone.all():
        blocks.append(gather(prepared.z, np.where(alone, -1, long.group), long.subject, long.visit, slot))
    return tuple(blocks), rows
