"""Power at the planned and the achieved size, and the size needed, as result rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows
from compassion_trials.effects.planning.power import Assumed, Planned, simulated_power, size_needed
from compassion_trials.effects.rows import baseline_sd
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.mixed_rows import long_frame
from compassion_trials.study.plan.pilot import Power
from compassion_trials.study.question import CHANGE, DEFAULT_MODEL, comparable
from compassion_trials.trial.clusters import nested
from compassion_trials.trial.trial import Trial

if TYPE_CHECKING:
    from compassion_trials.models import Fit
    from compassion_trials.models.options import DesignName
    from compassion_trials.study.context import Context


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
    icc : float
        Share of the variance after the baseline that lies between therapy groups.
    icc_given : bool
        Whether the plan says it.
    """

    job: Job
    assumed: Assumed
    sd: float
    sizes: tuple[Size, ...]
    target: float
    icc: float = 0.0
    icc_given: bool = False


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
    name = plan.job.term(assumed.pair) if assumed.pair else CHANGE
    keys = trial.keys | {"analysis": "power", "model": assumed.design, "outcome": plan.job.outcome.key}
    keys |= {"visit": assumed.visit, "df_method": "kenward-roger"}
    note = "; ".join((f"unstructured covariance; lost by the last visit: {lost_words(trial.context, assumed)}",
                      *group_words(trial.context, plan), f"{power.simulations:,} simulated trials"))  # fmt: skip
    for arm, members in assumed.group_size.items():
        effect = {"group_size": members, "design_effect": 1 + (members - 1) * plan.icc}
        found += rows(keys | {"term": name, "level": "assumed", "arm": arm, "unit": "", "note": note}, effect)
    if assumed.group_size:
        found += rows(keys | {"term": name, "level": "assumed", "unit": "", "note": note}, {"icc": plan.icc})
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


def lost_words(context: Context, assumed: Assumed) -> str:
    """Share of each arm lost by the last visit."""
    names = context.plan.design.arms
    return ", ".join(f"{names[arm]} {100 * shares[-1]:.3g}%" for arm, shares in assumed.lost.items())


def group_words(context: Context, plan: Planning) -> tuple[str, ...]:
    """Therapy groups of the calculation in words; none where the plan names none."""
    sizes = plan.assumed.group_size
    if not sizes:
        return ("therapy groups are not in the simulation",) if context.plan.design.clusters else ()
    names, icc = context.plan.design.arms, plan.icc
    parts = [f"{names[arm]} {size:.3g} (design effect {1 + (size - 1) * icc:.3g})" for arm, size in sizes.items()]
    source = "" if plan.icc_given else ", estimated from these data"
    return (
        f"therapy groups in the model, of mean size m: {', '.join(parts)}; intraclass correlation after the baseline "
        f"{icc:.3g}{source}; design effect 1 + (m - 1) ICC",
    )


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
    found: dict[tuple[int, ...], Planned] = {}  # the planned size is often the achieved one
    for n in wanted.values():
        key = tuple(n.values())
        if key not in found:
            found[key] = simulated_power(replace(assumed, n=n), power.simulations, seed, trial.alpha)
    sizes = [Size(name, n, found[tuple(n.values())]) for name, n in wanted.items()]
    own = float(np.diag(assumed.covariance)[1:].mean())
    icc = assumed.group_variance / (assumed.group_variance + own)
    return Planning(
        job=job,
        assumed=assumed,
        sd=sd,
        sizes=tuple(sizes),
        target=power.target,
        icc=icc,
        icc_given=power.icc is not None,
    )


def _assumed(trial: Trial, job: Job, power: Power, sd: float, n: dict[str, int]) -> Assumed:
    """Assumptions of the plan, filled up from the data."""
    design = trial.context.plan.design
    pair = job.asked[0] if job.asked else None
    visits = tuple(v for v in job.visits if not pair or comparable(design, v, pair))
    model = DEFAULT_MODEL[design.type if pair else "single_arm"]
    lost = {arm: _lost(trial, job, power, arm, visits) for arm in job.arms}
    sizes = group_sizes(trial, job, power)
    try:
        covariance, between = _covariance(trial, job, power, sd, visits, bool(sizes))
    except ModelError:
        if not sizes or power.icc is not None:
            raise
        sizes = {}  # the data say nothing about groups: the table tells that they are not simulated
        covariance, between = _covariance(trial, job, power, sd, visits, False)
    sign = -1.0 if job.outcome.better == "lower" else 1.0
    effect = sign * power.effect * sd
    return Assumed(
        n=n,
        lost=lost,
        covariance=covariance,
        effect=effect,
        design=cast("DesignName", model),
        visits=visits,
        visit=job.answer_visit,
        pair=pair,
        in_change=job.in_change,
        group_size=sizes,
        group_variance=between,
    )


def group_sizes(trial: Trial, job: Job, power: Power) -> dict[str, float]:
    """Mean size of the therapy groups of each arm of the job that meets in groups, from the plan or the data."""
    if job.group is None or job.group not in trial.participants:
        return {}
    cluster = trial.context.plan.design.clusters[job.group]
    people = trial.participants.dropna(subset=[job.group])
    observed = people.groupby(["arm", job.group]).size().groupby("arm").mean()
    arms = [arm for arm in job.arms if arm in (cluster.arms or job.arms) and arm in observed.index]
    return {arm: power.group_size or float(observed[arm]) for arm in arms}


def _lost(trial: Trial, job: Job, power: Power, arm: str, visits: tuple[str, ...]) -> tuple[float, ...]:
    """Share lost by each visit: in equal steps to the plan's share, or as observed."""
    if power.dropout is not None:
        return tuple(power.dropout * t / (len(visits) - 1) for t in range(len(visits)))
    shares = [float(np.isnan(trial.score(job.outcome, v)[trial.in_arm(arm)]).mean()) for v in visits]
    return tuple(float(s) for s in np.maximum.accumulate([0.0, *shares[1:]]))


def _covariance(
    trial: Trial, job: Job, power: Power, sd: float, visits: tuple[str, ...], grouped: bool
) -> tuple[np.ndarray, float]:
    """Covariance of the visits within groups, and the variance between groups after the baseline.

    Of participants as a whole: compound symmetry from the plan's correlation, or estimated from the data by arm; the
    groups' share of the variance after the baseline is the plan's ICC, or estimated too.

    Raises
    ------
    ModelError
        An ICC too large for the covariance of the visits.
    """
    whole, between = _whole(trial, job, power, sd, visits, grouped and power.icc is None)
    if not grouped:
        return whole, 0.0
    if power.icc is not None:
        between = power.icc * float(np.diag(whole)[1:].mean())
    met = (np.arange(len(visits)) > 0).astype(float)
    within = whole - between * np.outer(met, met)
    if np.linalg.eigvalsh(within)[0] <= 0:
        raise ModelError("the intraclass correlation is larger than the correlation between visits allows")
    return within, between


def _whole(
    trial: Trial, job: Job, power: Power, sd: float, visits: tuple[str, ...], with_groups: bool
) -> tuple[np.ndarray, float]:
    """Covariance of a participant's visits, and the group variance that the data show (0 when not asked for)."""
    assumed = None
    if power.correlation is not None:
        t = len(visits)
        assumed = sd**2 * ((1 - power.correlation) * np.eye(t) + power.correlation)
        if not with_groups:
            return assumed, 0.0
    fit = _estimated(trial, job, visits, with_groups)
    found = np.asarray(fit.covariances[0])
    share = shared_variance(fit) / float(np.diag(found)[1:].mean()) if with_groups else 0.0
    whole = found if assumed is None else assumed
    return whole, share * float(np.diag(whole)[1:].mean())


def shared_variance(fit: Fit) -> float:
    """Variance between therapy groups; 0 on the boundary."""
    names = fit.variance_parameters.set_index("parameter")["estimate"]
    return max((float(value) for name, value in names.items() if str(name).startswith("therapy group")), default=0.0)


def _estimated(trial: Trial, job: Job, visits: tuple[str, ...], with_groups: bool) -> Fit:
    """Means by arm and visit, unstructured, from the data."""
    from compassion_trials.models import fit_lmm, fit_mmrm

    long, _ = long_frame(trial, job)
    long = long[long["visit"].isin(visits)]
    single = len(job.arms) == 1
    shared: dict[str, Any] = {
        "outcome": "score",
        "subject": "participant",
        "visit": "visit",
        "arm": None if single else "arm",
        "reference": None if single else job.reference,
        "visits": list(visits),
        "design": "single_arm" if single else "lda",
    }
    if with_groups:
        shared["nested"] = nested(trial.context.plan, job.group)
        fit = fit_lmm(long, random="none", residual="us", group=job.group, **shared)
        if not fit.certificate.valid:
            raise ModelError("the model with therapy groups did not converge")
        return fit
    return fit_mmrm(long, **shared)
