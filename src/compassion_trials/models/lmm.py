"""`fit_lmm`: random intercepts, random slopes over real time, and therapy groups.

The covariance of random effects is kept positive semi-definite (lme4's convention): when the unrestricted optimum
lies outside, the best fit on each face of the cone is found by Newton's method on that face and checked against the
Karush-Kuhn-Tucker condition. Parameters on the boundary then count as known, as in SAS; `kr(expected)` keeps them,
as pbkrtest does.

Source: Bates, Maechler, Bolker & Walker (2015), doi:10.18637/jss.v067.i01; Self & Liang (1987), doi:10.2307/2289471.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError
from compassion_trials.models.certificate import certify
from compassion_trials.models.clusters import gather
from compassion_trials.models.conventions import inference_for
from compassion_trials.models.covariance import Component, CovarianceModel
from compassion_trials.models.design import build, empty_cells, small_arms
from compassion_trials.models.estimate import Estimate, Prepared, best, prepare
from compassion_trials.models.fit import Fit, Methods
from compassion_trials.models.frame import as_names, label_of, read_long, visit_codes
from compassion_trials.models.mmrm import check_options, covariate_names
from compassion_trials.models.newton import Optimum
from compassion_trials.models.options import (
    COVARIANCES,
    RANDOM,
    CovarianceName,
    DesignName,
    DfMethod,
    RandomName,
    RobustName,
    Weights,
    check_option,
)
from compassion_trials.models.patterns import Rows, group_rows, summarise
from compassion_trials.models.reml import Block, Problem, differentiate, solve
from compassion_trials.models.structures import Linear, RankOne, random_effects, structure

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

FEW_GROUPS = 10
"""Below this number of therapy groups the group variance is too uncertain for z tests."""
PSD_SLACK = 1e-9
"""Most negative eigenvalue of a standardised G that still counts as semi-definite."""
KKT_SLACK = 1e-6
"""Most negative eigenvalue of the gradient on the boundary that still counts as pointing outwards."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Random effects of a model.

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

    def model(self, rank: int, grouped: bool) -> CovarianceModel:
        """The covariance model with random effects of a given rank, with or without the group variance."""
        within = tuple(range(self.n_arms))
        parts = []
        if rank == self.z.shape[1] and rank:
            parts.append(Component(random_effects(self.z, self.labels, self.units), within, "random"))
        elif rank == 1:
            names = tuple(f"loading({label})" for label in self.labels)
            parts.append(Component(RankOne(names, np.full(2, 0.5), self.z, self.units), within, "random"))
        t = len(self.visits)
        shape = (
            Linear(("residual",), np.ones(1), np.eye(t)[None])
            if self.residual == "independent"
            else structure(self.residual, t, self.visits)
        )
        labels = self.arms if self.n_arms > 1 else ("residual" if self.residual != "independent" else "",)
        parts += [Component(shape, (a,), labels[a]) for a in within]
        n_slots = self.n_arms
        if self.group is not None:
            n_slots += 1
            if grouped:
                shared = Linear(("variance",), np.ones(1), np.outer(self.group, self.group)[None])
                parts.append(Component(shared, (n_slots - 1,), "therapy group"))
        return CovarianceModel(tuple(parts), n_slots, t, self.group is not None)


def fit_lmm(
    data: pd.DataFrame,
    *,
    outcome: str,
    subject: str,
    visit: str,
    arm: str | None = None,
    reference: Any = None,
    visits: Sequence[Any] | None = None,
    design: DesignName = "lda",
    random: RandomName = "intercept",
    time: str | Mapping[Any, float] | None = None,
    mean: Literal["visits", "linear"] = "visits",
    group: str | None = None,
    residual: CovarianceName | str = "independent",
    per_arm: bool = False,
    bounded: bool = True,
    covariates: str | Sequence[str] | Mapping[str, object] = (),
    by_visit: str | Sequence[str] = (),
    by_arm: str | Sequence[str] = (),
    df: DfMethod = "kenward-roger",
    reml: bool = True,
    robust: RobustName | None = None,
    weights: Weights = "proportional",
    level: float = 0.95,
) -> Fit:
    """Fit a linear mixed model.

    Parameters
    ----------
    data, outcome, subject, visit, arm, reference, visits, design
        As in `fit_mmrm`.
    covariates, by_visit, by_arm, df, reml, robust, weights, level
        As in `fit_mmrm`.
    random : {"intercept", "slope", "none"}
        Random intercept, or random intercept and slope over `time`; none leaves the covariance of a participant's
        visits to `residual` alone, for therapy groups beside any structure of `fit_mmrm`.
    time : str or mapping
        Column (numeric, one value per visit) or {visit: weeks}; needed for "slope" and for a linear mean.
    mean : {"visits", "linear"}
        One mean per visit, or a straight line over `time` in each arm (under clda one common value at time 0).
    group : str, optional
        Column of the therapy group, missing for participants without one (the control arm of a partially nested
        trial). Members share a random effect at visits after the baseline: before, the groups have not met.
    residual : "independent" or CovarianceName
        Residual structure beside the random effects.
    per_arm : bool
        One residual variance (or structure) per arm.
    bounded : bool
        Keep the covariance of the random effects positive semi-definite; False gives the unrestricted optimum.

    Returns
    -------
    Fit

    Raises
    ------
    ModelError
        Data or options that cannot give this model, in words.
    """
    check_options(design, df, reml, robust, arm)
    check_option("random", random, RANDOM)
    check_option("residual", residual, ("independent", *COVARIANCES))
    if random == "none" and group is None:
        raise ModelError('random="none" is for models with therapy groups; without them use fit_mmrm')
    if residual in ("us", "cs", "toep") and random != "none":
        raise ModelError(f'residual "{residual}" already holds what a random intercept adds; use fit_mmrm')
    names, varying = covariate_names(covariates, by_visit, by_arm)
    long = read_long(
        data,
        outcome=outcome,
        subject=subject,
        arm=arm,
        visit=visit,
        reference=reference,
        visits=visits,
        covariates=names,
        group=group,
    )
    check_option("mean", mean, ("visits", "linear"))
    needed = random == "slope" or mean == "linear"
    times = visit_times(data, visit, time, visits) if needed else None
    long, layout, x = build(design, long, varying, weights, as_names(by_arm), times if mean == "linear" else None)
    weeks = times[-len(long.visits) :] if times is not None and random == "slope" else None
    prepared = prepare(long, layout, x)
    n_groups = len(np.unique(long.group[long.group >= 0]))
    if group is not None:
        _check_groups(n_groups, df, robust)
    effects = _effects(prepared, random, weeks, group is not None, residual, per_arm)
    estimate, boundary = estimate_lmm(prepared, effects, reml, bounded)
    inference = inference_for(prepared, estimate, df, robust)
    described = _described(random, group, residual)
    few = [f"only {n_groups} therapy groups: their variance is uncertain"] if 0 < n_groups < FEW_GROUPS else []
    unbounded = [] if bounded else ["random effects unbounded"]
    notes = (*long.notes, *empty_cells(layout), *small_arms(long), *boundary, *few, *unbounded)
    methods = Methods(
        "lmm",
        design,
        described,
        described,
        per_arm,
        (),
        df,
        inference.note,
        robust or "",
        "REML" if reml else "ML",
        long.n_subjects,
        len(x),
        n_groups,
        len(estimate.rows.index),
        notes,
    )
    return Fit(methods, prepared, estimate, inference, Recipe(effects, reml, bounded), level)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Estimates the same linear mixed model from other data prepared in the same way."""

    effects: Effects
    reml: bool
    bounded: bool

    def __call__(self, prepared: Prepared) -> Estimate:
        """The estimate for other data."""
        return estimate_lmm(prepared, self.effects, self.reml, self.bounded)[0]


def visit_times(data: pd.DataFrame, visit: str, time: str | Mapping[Any, float] | None, visits: Any) -> Array:
    """Time of each visit in order, shape (T,)."""
    codes, labels = visit_codes(data[visit], visits)
    if time is None:
        raise ModelError('random="slope" and mean="linear" need time=: a column, or {visit: weeks}')
    if isinstance(time, Mapping):
        given = {label_of(k): float(v) for k, v in time.items()}
        missing = [v for v in labels if v not in given]
        if missing:
            raise ModelError(f"time has no value for visit {missing[0]}")
        return np.array([given[v] for v in labels])
    values = data[time].to_numpy(dtype=float, na_value=np.nan)
    times = np.array([np.nanmedian(values[codes == t]) for t in range(len(labels))])
    known = (codes >= 0) & ~np.isnan(values)
    if (np.abs(values[known] - times[codes[known]]) > 1e-9 * (1 + np.abs(times).max())).any():
        raise ModelError(f'"{time}" differs between participants at one visit; give the planned time, {{visit: weeks}}')
    return times


def estimate_lmm(prepared: Prepared, effects: Effects, reml: bool, bounded: bool) -> tuple[Estimate, tuple[str, ...]]:
    """Fit without restriction; when that leaves the parameter space and `bounded`, fit every face and take the best."""
    summary = lmm_blocks(prepared, effects)
    full_rank, grouped = effects.z.shape[1], effects.group is not None
    blocks, rows = summary
    base = Problem(blocks, effects.model(full_rank, grouped), len(prepared.z), prepared.z.shape[1] - 1, reml)
    whole = best(base, prepared.start)
    if not bounded or feasible(effects, whole.solution.theta, full_rank, grouped):
        return Estimate(base, whole, certify(base, whole), rows), ()
    found: tuple[Problem, Optimum, int, bool] | None = None
    for rank, shared in product(range(full_rank, -1, -1), (True, False) if grouped else (False,)):
        if (rank, shared) == (full_rank, grouped):
            continue
        problem = replace(base, covariance=effects.model(rank, shared))
        optimum = best(problem, prepared.start)
        inside = feasible(effects, optimum.solution.theta, rank, shared)
        if inside and (found is None or optimum.solution.objective < found[1].solution.objective - 1e-9):
            found = (problem, optimum, rank, shared)
    assert found is not None, "rank 0 without groups is always feasible"
    return _on_boundary(base, effects, rows, *found)


def feasible(effects: Effects, theta: Array, rank: int, grouped: bool) -> bool:
    """Whether G is positive semi-definite and the group variance not negative."""
    inside = rank < effects.z.shape[1] or not rank or bool(np.linalg.eigvalsh(unfold(theta, rank))[0] >= -PSD_SLACK)
    return inside and (not grouped or bool(theta[-1] >= -PSD_SLACK))


def unfold(theta: Array, rank: int) -> Array:
    """G (r, r) from the first parameters, its lower triangle row by row."""
    if rank == 1:
        return theta[:1, None]
    return np.array([[theta[0], theta[1]], [theta[1], theta[2]]])


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


def _on_boundary(
    base: Problem, effects: Effects, rows: Rows, problem: Problem, optimum: Optimum, rank: int, shared: bool
) -> tuple[Estimate, tuple[str, ...]]:
    """Certificate of a fit on the boundary: the likelihood must fall from there into the parameter space."""
    full_rank, grouped = effects.z.shape[1], effects.group is not None
    theta = optimum.solution.theta
    n_random = full_rank * (full_rank + 1) // 2
    lower = np.zeros(n_random)
    taken = 0
    if rank == full_rank:
        lower, taken = theta[:n_random], n_random
    elif rank == 1:
        lower, taken = np.array([theta[0] ** 2, theta[0] * theta[1], theta[1] ** 2]), 2
    rest = theta[taken:] if shared or not grouped else np.append(theta[taken:], 0.0)
    solution = solve(base, np.concatenate([lower, rest]))
    assert solution is not None, "the same covariance was positive definite on its face"
    slope = differentiate(base, solution)
    outward = not grouped or shared or bool(slope.gradient[-1] >= -KKT_SLACK * np.sqrt(slope.expected[-1, -1]))
    names = [] if shared or not grouped else ["therapy group variance is 0"]
    if rank < full_rank:
        gradient = slope.gradient[:n_random] / np.array([1.0, 2.0, 1.0])[:n_random]
        size = np.sqrt(np.diag(slope.expected)[:n_random].max())
        outward = outward and bool(np.linalg.eigvalsh(unfold(gradient, full_rank))[0] >= -KKT_SLACK * size)
        names.append("random-effects covariance is singular" if rank else "random-effects variance is 0")
    certificate = certify(problem, optimum, tuple(names), outward)
    return Estimate(problem, optimum, certificate, rows, (base, solution, slope)), tuple(names)


def _described(random: str, group: str | None, residual: str) -> str:
    """The random part of a model in words."""
    if random == "none":
        return f"{residual} + therapy group"
    return f"random {random}" + (" + therapy group" if group else "") + (f" + {residual}" * (residual != "independent"))


def _effects(
    prepared: Prepared, random: str, weeks: Array | None, grouped: bool, residual: str, per_arm: bool
) -> Effects:
    visits = prepared.design.visits
    ones = np.ones(len(visits))
    unit = 1.0 if weeks is None else float(np.abs(weeks).max())
    if weeks is not None and (len(visits) < 3 or np.ptp(weeks) == 0):
        raise ModelError('random="slope" needs at least three visits at different times')
    z = ones[:, None] if weeks is None else np.column_stack([ones, weeks / unit])
    met = ones.copy()
    if prepared.design.has_baseline:
        met[0] = 0.0
    labels: tuple[str, ...] = ("intercept",) if weeks is None else ("intercept", "slope")
    if random == "none":
        z, labels = z[:, :0], ()
    arms = prepared.design.arms
    return Effects(z, unit, labels, met if grouped else None, residual, len(arms) if per_arm else 1, arms, visits)


def _check_groups(n_groups: int, df: str, robust: str | None) -> None:
    if n_groups < 2:
        raise ModelError(f"{n_groups} therapy group has data; a group variance needs at least two")
    if n_groups < FEW_GROUPS and df == "z" and robust is None:
        raise ModelError(f'{n_groups} therapy groups are too few for z tests; use df="kenward-roger"')
