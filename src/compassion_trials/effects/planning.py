"""Power at the planned and the achieved size, and the size needed, as result rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.trial import Trial
from compassion_trials.effects.power import Assumed, Planned, simulated_power, size_needed
from compassion_trials.effects.question import asked_pairs, term
from compassion_trials.effects.rows import baseline_sd
from compassion_trials.fit.analyses import DEFAULT_MODEL, Job
from compassion_trials.fit.mixed_rows import long_frame
from compassion_trials.study.pilot import Power


@dataclass(frozen=True, slots=True)
class Size:
    """One sample size and what it gives.

    Attributes
    ----------
    name : str
        ``planned``, ``achieved`` or ``needed``.
    n : dict of str to int
    result : Planned
    """

    name: str
    n: dict[str, int]
    result: Planned


@dataclass(frozen=True, slots=True)
class Planning:
    """A whole sample-size calculation.

    Attributes
    ----------
    job : Job
        The primary analysis.
    assumed : Assumed
        At the achieved size.
    sd : float
        Standard deviation at baseline that the effect is in.
    sizes : tuple of Size
    target : float
    """

    job: Job
    assumed: Assumed
    sd: float
    sizes: tuple[Size, ...]
    target: float


def planning_rows(trial: Trial, jobs: Sequence[Job]) -> tuple[list[Row], list[Finding]]:
    """Analysis ``power``: level planned | achieved | needed; power, ci_width, se, df, n (also by arm), effect, sd."""
    power = trial.context.plan.analysis.power
    if power is None:
        return [], []
    try:
        plan = planning(trial, jobs, power)
    except ModelError as error:
        message = "power of the primary comparison could not be computed"
        return [], [Finding("warning", "not_estimable", message, column="analysis.power", advice=str(error))]
    found: list[Row] = []
    assumed = plan.assumed
    name = term(trial, plan.job, assumed.pair) if assumed.pair else "change"
    keys = trial.keys | {"analysis": "power", "model": assumed.design, "outcome": plan.job.outcome.key}
    keys |= {"visit": assumed.visit, "df_method": "kenward-roger"}
    names = trial.context.plan.design.arms
    lost = ", ".join(f"{names[arm]} {100 * shares[-1]:.3g}%" for arm, shares in assumed.lost.items())
    note = f"unstructured covariance; lost by the last visit: {lost}; {power.simulations} simulated trials"
    for size in plan.sizes:
        one = keys | {"term": name, "level": size.name, "note": note, "n": size.result.n}
        r = size.result
        values = {"power": r.power, "power_mc_error": r.mc_error, "expected_power": r.expected_power, "df": r.df}
        found += rows(one | {"unit": ""}, values | {"n": r.n, "converged": r.converged, "target": plan.target})
        points = {"ci_width": r.width, "se": r.se, "effect": assumed.effect, "sd": plan.sd}
        found += rows(one | {"unit": plan.job.outcome.unit}, points)
        for arm, n in size.n.items():
            found += rows(keys | {"term": name, "level": size.name, "arm": arm, "unit": ""}, {"n": n})
    return found, []


def planning(trial: Trial, jobs: Sequence[Job], power: Power) -> Planning:
    """Power of the primary comparison at the planned and the achieved size, and the size needed.

    Raises
    ------
    ModelError
        No primary analysis, or data that give no covariance.
    """
    job = next((job for job in jobs if job.analysis == "primary"), None)
    if job is None:
        raise ModelError("there is no primary analysis with an estimate")
    sd = baseline_sd(trial, job)[0]
    achieved = {arm: int(trial.in_arm(arm).sum()) for arm in job.arms}
    assumed = _assumed(trial, job, power, sd, achieved)
    wanted = {"planned": {**achieved, **power.n}} if power.n else {}
    wanted |= {"achieved": achieved}
    if needed := size_needed(replace(assumed, n=wanted.get("planned", achieved)), power.target, alpha=trial.alpha):
        wanted["needed"] = needed
    seed = trial.context.plan.analysis.seed
    sizes = [
        Size(name, n, simulated_power(replace(assumed, n=n), power.simulations, seed, trial.alpha))
        for name, n in wanted.items()
    ]
    return Planning(job, assumed, sd, tuple(sizes), power.target)


def _assumed(trial: Trial, job: Job, power: Power, sd: float, n: dict[str, int]) -> Assumed:
    """Assumptions of the plan, filled up from the data."""
    design = trial.context.plan.design
    pairs = asked_pairs(trial, job)
    pair = pairs[0] if pairs else None
    visits = tuple(v for v in job.visits if not pair or v in design.controlled_visits)
    model = DEFAULT_MODEL[design.type if pair else "single_arm"]
    lost = {arm: _lost(trial, job, power, arm, visits) for arm in job.arms}
    covariance = _covariance(trial, job, power, sd, visits)
    in_change = pair is not None and term(trial, job, pair).startswith("difference in change")
    sign = -1.0 if job.outcome.better == "lower" else 1.0
    return Assumed(n, lost, covariance, sign * power.effect * sd, model, visits, job.contrast_visit, pair, in_change)


def _lost(trial: Trial, job: Job, power: Power, arm: str, visits: tuple[str, ...]) -> tuple[float, ...]:
    """Share lost by each visit: in equal steps to the plan's share, or as observed."""
    if power.dropout is not None:
        return tuple(power.dropout * t / (len(visits) - 1) for t in range(len(visits)))
    shares = [float(np.isnan(trial.score(job.outcome, v)[trial.in_arm(arm)]).mean()) for v in visits]
    return tuple(float(s) for s in np.maximum.accumulate([0.0, *shares[1:]]))


def _covariance(trial: Trial, job: Job, power: Power, sd: float, visits: tuple[str, ...]) -> np.ndarray:
    """Covariance of the visits: compound symmetry from the plan's correlation, or estimated from the data by arm."""
    if power.correlation is not None:
        t = len(visits)
        return sd**2 * ((1 - power.correlation) * np.eye(t) + power.correlation)
    from compassion_trials.models import fit_mmrm

    long, _ = long_frame(trial, job)
    long = long[long["visit"].isin(visits)]
    single = len(job.arms) == 1
    fit = fit_mmrm(
        long,
        outcome="score",
        subject="participant",
        visit="visit",
        arm=None if single else "arm",
        reference=None if single else job.reference,
        visits=list(visits),
        design="single_arm" if single else "lda",
    )
    return np.asarray(fit.covariances[0])
