"""Power and precision of a mixed model at a planned size, by simulated trials on the batch engine.

A template trial of that size, with as many participants lost as are expected, gives the design; the sufficient
statistics of simulated trials are drawn from the assumed covariance and refitted together
(`models.replicates.resample`). Each trial's test has its own REML covariance; the Kenward-Roger factor of the
standard error and the degrees of freedom are those of the design under the assumed covariance (Kenward & Roger 1997,
doi:10.2307/2533558, expected information). Trials with therapy groups have a route of their own (`power_groups`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import nctdtr, stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.planning.power_groups import (
    GroupLayout,
    Truth,
    at_truth,
    lay_out,
    simulate,
)
from compassion_trials.models import Fit, fit_mmrm
from compassion_trials.models.inference.contrast_tests import moments
from compassion_trials.models.inference.marginal_means import custom_row
from compassion_trials.models.likelihood.patterns import Patterns
from compassion_trials.models.likelihood.reml import differentiate, solve
from compassion_trials.models.options import DesignName
from compassion_trials.models.replicates.batch import refit
from compassion_trials.models.replicates.resample import CHUNK, Draws


@dataclass(frozen=True, slots=True)
class Assumed:
    """A trial to be planned.

    Attributes
    ----------
    n : dict of str to int
        Participants by arm, the comparison arm last.
    lost : dict of str to tuple of float
        Share of each arm lost by each visit, never falling, 0 at the first.
    covariance : ndarray, shape (T, T)
        Of a participant's outcomes, squared units.
    effect : float
        True difference of interest, units of the outcome.
    design : str
        ``clda``, ``lda`` or ``single_arm``.
    visits : tuple of str
    visit : str
        Visit of interest.
    pair : (str, str) or None
        Arms compared; None for the change of a single arm.
    in_change : bool
        Whether changes from the first visit are compared.
    group_size : dict of str to float
        Mean size of the therapy groups of each arm that meets in groups.
    group_variance : float
        Variance between groups at visits after the first; `covariance` is that within groups.
    """

    n: Mapping[str, int]
    lost: Mapping[str, Sequence[float]]
    covariance: Array
    effect: float
    design: DesignName
    visits: tuple[str, ...]
    visit: str
    pair: tuple[str, str] | None
    in_change: bool = False
    group_size: Mapping[str, float] = field(default_factory=dict)
    group_variance: float = 0.0


@dataclass(frozen=True, slots=True)
class Planned:
    """What a trial of this size would give.

    Attributes
    ----------
    power : float
        Share of trials with a two-sided p below alpha.
    mc_error : float
        Monte Carlo standard error of the power.
    expected_power : float
        From the noncentral t with the design's own standard error, without simulation.
    width : float
        Mean width of the 1 - alpha interval, units of the outcome.
    se, df : float
        Kenward-Roger standard error and degrees of freedom under the assumed covariance.
    converged : float
        Share of simulated trials whose model converged; the others do not count.
    n : int
        Participants.
    """

    power: float
    mc_error: float
    expected_power: float
    width: float
    se: float
    df: float
    converged: float
    n: int


def simulated_power(assumed: Assumed, trials: int, seed: int, alpha: float = 0.05) -> Planned:
    """Simulate trials and count how often the difference is found.

    Raises
    ------
    ModelError
        A trial of this size cannot be analysed by an unstructured model, or has fewer than two therapy groups.
    """
    if assumed.group_size:
        return _with_groups(assumed, trials, seed, alpha)
    fit, row, theta = _template(assumed)
    se, df, factor = _at_truth(fit, row, theta)
    draws = Draws.of(fit, _patterns(fit))
    matrix = fit.estimate.problem.covariance.value(theta)[0]
    factors = [np.linalg.cholesky(matrix[np.ix_(v, v)]) for v in fit.estimate.rows.visits]
    draws = Draws(draws.roots, factors)
    rng = np.random.default_rng(seed)
    estimates, errors, good = [], [], []
    for start in range(0, trials, CHUNK):
        found = refit(draws.batch(fit, _patterns(fit), rng, min(CHUNK, trials - start)), theta)
        estimates.append(found.beta @ row)
        errors.append(np.sqrt(((found.phi @ row) * row).sum(1)))
        good.append(found.converged)
    converged = np.concatenate(good)
    estimate, error = np.concatenate(estimates)[converged], np.concatenate(errors)[converged] * factor
    critical = float(stdtrit(df, 1 - alpha / 2))
    power = float((np.abs(estimate + assumed.effect) > critical * error).mean())
    mc = float(np.sqrt(power * (1 - power) / len(estimate)))
    width = float(2 * critical * error.mean())
    expected = noncentral_power(assumed.effect / se, df, alpha)
    return Planned(
        power=power,
        mc_error=mc,
        expected_power=expected,
        width=width,
        se=se,
        df=df,
        converged=float(converged.mean()),
        n=sum(assumed.n.values()),
    )


def expected_power(assumed: Assumed, alpha: float = 0.05) -> float:
    """Power from the noncentral t at the design's standard error and degrees of freedom, without simulation."""
    if assumed.group_size:
        truth = _true_with_groups(_grouped(assumed))
        return noncentral_power(assumed.effect / truth.se, truth.df, alpha)
    fit, row, theta = _template(assumed)
    se, df, _ = _at_truth(fit, row, theta)
    return noncentral_power(assumed.effect / se, df, alpha)


def noncentral_power(ratio: float, df: float, alpha: float = 0.05) -> float:
    """P(|T| > t_crit) of a t with noncentrality `ratio` (true difference over its standard error)."""
    critical = float(stdtrit(df, 1 - alpha / 2))
    return float(1 - nctdtr(df, abs(ratio), critical) + nctdtr(df, abs(ratio), -critical))


def _with_groups(assumed: Assumed, trials: int, seed: int, alpha: float) -> Planned:
    """Power where arms meet in groups."""
    layout = _grouped(assumed)
    found = simulate(layout, assumed.effect, trials, seed, alpha)
    truth = _true_with_groups(layout)
    expected = noncentral_power(assumed.effect / truth.se, truth.df, alpha)
    mc = float(np.sqrt(found.power * (1 - found.power) / found.trials))
    people = sum(assumed.n.values())
    return Planned(
        power=found.power,
        mc_error=mc,
        expected_power=expected,
        width=found.width,
        se=truth.se,
        df=truth.df,
        converged=found.converged,
        n=people,
    )


def _true_with_groups(layout: GroupLayout) -> Truth:
    """Standard error and df at the assumed parameters; a group variance of 0 counts as hardly any."""
    return at_truth(layout.grouped, layout.row, layout.kinds.theta)


def _grouped(assumed: Assumed) -> GroupLayout:
    """Participants with last visit and group, means and contrast of a trial with therapy groups.

    Drop-out is dealt evenly over the groups of an arm.
    """
    visits = assumed.visits
    people: dict[str, list[tuple[int, int]]] = {}
    first = 0
    for arm, n in assumed.n.items():
        lost = [round(n * share) for share in assumed.lost[arm]]
        last = [max(t for t in range(len(visits)) if i >= lost[t]) for i in range(n)]
        size = assumed.group_size.get(arm)
        groups = 0 if size is None else max(1, round(n / size))
        people[arm] = [(seen, first + i % groups if groups else -1) for i, seen in enumerate(last)]
        first += groups
    cells = _cells(assumed)
    arms, at = list(assumed.n), visits.index(assumed.visit)
    treated, other = (arms.index(arm) for arm in assumed.pair or (arms[0], arms[0]))
    row = cells[treated, at] - (cells[treated, 0] if assumed.pair is None else cells[other, at])
    if assumed.in_change:
        row = row - cells[treated, 0] + cells[other, 0]
    return lay_out(people, cells, visits, row, assumed.covariance, assumed.group_variance)


def _cells(assumed: Assumed) -> Array:
    """Rows (arms, T, p) of a model with a mean for every arm and visit; under clda one baseline mean."""
    arms, t = len(assumed.n), len(assumed.visits)
    cells = np.eye(arms * t).reshape(arms, t, -1)
    if assumed.design == "clda":
        cells[1:, 0] = cells[0, 0]
        cells = cells[..., cells.any((0, 1))]
    return cells


def size_needed(assumed: Assumed, target: float, largest: int = 2000, alpha: float = 0.05) -> dict[str, int] | None:
    """Smallest participants by arm, in the proportions of `assumed.n`, whose expected power reaches the target.

    Returns None when even `largest` per arm is not enough.
    """
    biggest = max(assumed.n.values())

    def scaled(per_arm: int) -> dict[str, int]:
        return {arm: max(3, round(n * per_arm / biggest)) for arm, n in assumed.n.items()}

    def enough(per_arm: int) -> bool:
        sized = Assumed(**{name: getattr(assumed, name) for name in Assumed.__slots__} | {"n": scaled(per_arm)})
        try:
            return expected_power(sized, alpha) >= target
        except ModelError:
            return False  # too small to be analysed at all

    low, high = 3, 16
    while not enough(high):
        low, high = high, high * 2
        if high > largest:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return scaled(high)


def _template(assumed: Assumed) -> tuple[Fit, Array, Array]:
    """A fit of the design, the contrast in its standardised coefficients (p,), and theta of the assumed covariance."""
    import pandas as pd

    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(assumed.covariance)
    parts, start = [], 0
    for arm, n in assumed.n.items():
        y = rng.standard_normal((n, len(assumed.visits))) @ root.T
        order = rng.permutation(n)
        for t, visit in enumerate(assumed.visits):
            stay = order >= round(n * assumed.lost[arm][t])
            people = np.arange(start, start + n)[stay]
            parts.append(pd.DataFrame({"id": people, "arm": arm, "visit": visit, "y": y[stay, t]}))
        start += n
    single = assumed.pair is None
    fit = fit_mmrm(
        pd.concat(parts, ignore_index=True),
        outcome="y",
        subject="id",
        visit="visit",
        arm=None if single else "arm",
        reference=None if single else list(assumed.n)[-1],
        visits=list(assumed.visits),
        design=assumed.design,
        fallback=(),
    )
    contrast = custom_row(_weights(assumed, fit), fit.prepared.design, fit.prepared.design.grid())
    row = fit.prepared.standard.contrasts(np.atleast_2d(contrast))[0]
    target = assumed.covariance / fit.prepared.standard.scale**2
    return fit, row, fit.estimate.problem.covariance.start(target[None])


def _weights(assumed: Assumed, fit: Fit) -> dict[tuple[str, str], float]:
    """The contrast of interest over the model's means."""
    first = assumed.visits[0]
    if assumed.pair is None:
        arm = str(fit.prepared.design.arms[0])
        return {(arm, assumed.visit): 1.0, (arm, first): -1.0}
    a, b = assumed.pair
    weights = {(a, assumed.visit): 1.0, (b, assumed.visit): -1.0}
    return weights | ({(a, first): -1.0, (b, first): 1.0} if assumed.in_change else {})


def _at_truth(fit: Fit, row: Array, theta: Array) -> tuple[float, float, float]:
    """Kenward-Roger standard error, df, and the factor by which it exceeds the plain one, at the assumed covariance."""
    problem = fit.estimate.problem
    at = solve(problem, theta)
    if at is None:
        raise ModelError("the assumed covariance is not positive definite")
    found = moments("kr(expected)", problem, at, differentiate(problem, at))
    adjusted, plain = (float(np.sqrt(row @ matrix @ row)) for matrix in (found.covariance, at.phi))
    return adjusted, float(found.df(row[None])[0]), adjusted / plain


def _patterns(fit: Fit) -> Patterns:
    """The one block of patterns of a fit without therapy groups."""
    block = fit.estimate.problem.blocks[0]
    assert isinstance(block, Patterns)
    return block
