"""A synthetic trial in memory: people, traits, answers, attendance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.instruments.model import Instrument
from compassion_trials.simulate.attendance import allocate, assessed, blanks, groups, half_empty
from compassion_trials.simulate.items import answers
from compassion_trials.simulate.key import direction, item_key, leading_scale
from compassion_trials.simulate.people import baseline_values, reasons, sessions_attended, stop_weeks, unwanted
from compassion_trials.simulate.random import generator
from compassion_trials.simulate.recipe import ByArm, MeasureRecipe, Recipe
from compassion_trials.simulate.trait import carried_over, group_shift, stable_part, traits
from compassion_trials.study.plan.study_plan import StudyPlan

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SyntheticTrial:
    """Everything about the synthetic participants; arrays follow the order of participants.

    Attributes
    ----------
    arm : array of int, shape (n,)
        Position of the arm in the plan.
    assessed : array of bool, shape (n, visits)
    latent : dict of str to array, shape (n, visits)
        Trait by measure, the truth behind the answers.
    answers : dict of str to array, shape (n, visits, items)
        Answers by measure in the coding of the raw file; NaN where left blank.
    totals : dict of str to array, shape (n, visits)
        Stored totals by measure.
    baseline : dict of str to array, shape (n,)
        Baseline variables, numbers or categories.
    clusters : dict of str to array of int, shape (n,)
        Group from 0, -1 for none.
    sessions : array, shape (n,)
        Sessions attended; NaN where none were offered.
    reason : array of str, shape (n,)
        Reason of withdrawal, empty for most.
    stop_week : array, shape (n,)
        Week in which the treatment was stopped, NaN for most.
    harms : dict of str to array of int, shape (n, visits)
        Number of unwanted events reported at each visit.
    """

    arm: Ints
    assessed: NDArray[np.bool_]
    latent: dict[str, Array]
    answers: dict[str, Array]
    totals: dict[str, Array]
    baseline: dict[str, NDArray[Any]]
    clusters: dict[str, Ints]
    sessions: Array
    reason: NDArray[np.object_]
    stop_week: Array
    harms: dict[str, Ints]


def simulate(plan: StudyPlan, recipe: Recipe, instruments: Mapping[str, Instrument]) -> SyntheticTrial:
    """Draw a trial.

    Parameters
    ----------
    plan : StudyPlan
        Arms, visits, measures, clusters.
    recipe : Recipe
        Sizes, effects, drop-out; checked against the plan.
    instruments : mapping
        Questionnaires by short name.

    Returns
    -------
    SyntheticTrial
        The same for the same plan and recipe.
    """
    seed, arms = recipe.seed, list(plan.design.arms)
    sizes = np.array([recipe.arms[arm] for arm in arms])
    n = int(sizes.sum())
    baseline = {name: baseline_values(v, n, generator(seed, "baseline", name)) for name, v in recipe.baseline.items()}
    arm = allocate(sizes, _stratum(plan, baseline, n), generator(seed, "allocation"))
    clusters = {
        name: groups(arm, _arms_of(plan, name), g.per_arm, generator(seed, "groups", name))
        for name, g in recipe.clusters.items()
    }
    person = generator(seed, "person").standard_normal(n)
    latent = _latent(plan, recipe, instruments, arm, person, baseline, clusters)
    counts = _counts(plan, recipe)
    present = assessed(arm, counts, person, recipe.dropout_slope, generator(seed, "attendance"))
    treated = np.isin(arm, [arms.index(a) for a in plan.design.treated])
    weeks = np.array([visit.week for visit in plan.design.visits.values()])
    return SyntheticTrial(
        arm=arm,
        assessed=present,
        latent=latent,
        answers=_answers(plan, recipe, instruments, arm, latent, present),
        totals={m: _total(plan, recipe, m, latent[m]) for m in latent if plan.measures[m].total is not None},
        baseline=baseline,
        clusters=clusters,
        sessions=sessions_attended(recipe.sessions, treated, present[:, -1], generator(seed, "sessions")),
        reason=reasons(recipe.withdrawn, ~present[:, -1], generator(seed, "withdrawn")),
        stop_week=stop_weeks(recipe.stopped, treated, present, weeks, generator(seed, "stopped")),
        harms={
            event: unwanted([rates.get(a, 0.0) for a in arms], arm, present, generator(seed, "harms", event))
            for event, rates in recipe.harms.items()
        },
    )


def _stratum(plan: StudyPlan, baseline: Mapping[str, NDArray[Any]], n: int) -> Ints:
    """Stratum of each participant by the strata of the plan."""
    stratum = np.zeros(n, dtype=np.int64)
    for name in plan.design.strata:
        if name in baseline:
            levels, code = np.unique(baseline[name], return_inverse=True)
            stratum = stratum * len(levels) + code
    return stratum


def _arms_of(plan: StudyPlan, cluster: str) -> list[int]:
    """Positions of the arms that meet in a cluster."""
    arms = list(plan.design.arms)
    return [arms.index(arm) for arm in plan.design.clusters[cluster].arms or arms]


def _counts(plan: StudyPlan, recipe: Recipe) -> Ints:
    """Planned number assessed by arm and visit."""
    return np.array(
        [
            [recipe.assessed.get(visit, {}).get(arm, recipe.arms[arm]) for visit in plan.design.visits]
            for arm in plan.design.arms
        ]
    )


def _effects(effect: ByArm, plan: StudyPlan) -> Array:
    """Effects as an array, shape (arms, visits)."""
    visits = list(plan.design.visits)
    return np.array([[effect.get(arm, {}).get(visit, 0.0) for visit in visits] for arm in plan.design.arms])


def _well(plan: StudyPlan, measure: str, instruments: Mapping[str, Instrument]) -> int:
    """1 when a high score of the measure means well-being, else -1."""
    spec = plan.measures[measure]
    if spec.instrument is None:
        return direction(spec.better or "higher")
    instrument = instruments[spec.instrument].with_variant(spec.variant)
    return direction(instrument.scales[leading_scale(instrument)].better)


def _latent(
    plan: StudyPlan,
    recipe: Recipe,
    instruments: Mapping[str, Instrument],
    arm: Ints,
    person: Array,
    baseline: Mapping[str, NDArray[Any]],
    clusters: Mapping[str, Ints],
) -> dict[str, Array]:
    """Traits of all measures, mediators before what they carry over to."""
    n_visits = len(plan.design.visits)
    stable = {
        m: stable_part(person, recipe.shared, _well(plan, m, instruments), generator(recipe.seed, "stable", m))
        for m in recipe.measures
    }
    grouped = np.zeros((len(arm), n_visits))
    for name, cluster in clusters.items():
        grouped += group_shift(cluster, recipe.clusters[name].icc, n_visits, generator(recipe.seed, "group", name))
    latent: dict[str, Array] = {}
    for m in sorted(recipe.measures, key=lambda m: recipe.measures[m].path is not None):
        own = recipe.measures[m]
        shift = _shift(plan, own, arm) + _moderated(plan, own, arm, stable, baseline)
        shift += _well(plan, m, instruments) * grouped
        latent[m] = traits(stable[m], shift, own.stability, generator(recipe.seed, "trait", m))
        if own.path is not None:
            at = list(plan.design.visits).index(own.path.at)
            latent[m] += carried_over(latent[own.path.through], at, own.path.slope)
    return {m: latent[m] for m in recipe.measures}


def _shift(plan: StudyPlan, measure: MeasureRecipe, arm: Ints) -> Array:
    """Expected level of each participant at each visit, shape (n, visits)."""
    time = np.array([measure.time.get(visit, 0.0) for visit in plan.design.visits])
    return measure.mean + (time + _effects(measure.effect, plan))[arm]


def _moderated(
    plan: StudyPlan,
    measure: MeasureRecipe,
    arm: Ints,
    stable: Mapping[str, Array],
    baseline: Mapping[str, NDArray[Any]],
) -> Array:
    """What the moderators add after baseline, shape (n, visits)."""
    added = np.zeros((len(arm), len(plan.design.visits)))
    for moderation in measure.moderated:
        value = stable.get(moderation.by)
        if value is None:
            raw = baseline[moderation.by]
            value = (raw - raw.mean()) / raw.std()
        member = arm == list(plan.design.arms).index(moderation.arm)
        added[member, 1:] += moderation.slope * value[member, None]
    return added


def _answers(
    plan: StudyPlan,
    recipe: Recipe,
    instruments: Mapping[str, Instrument],
    arm: Ints,
    latent: Mapping[str, Array],
    present: NDArray[np.bool_],
) -> dict[str, Array]:
    """Answers of all questionnaires in the coding of the raw file."""
    found: dict[str, Array] = {}
    for name, own in recipe.measures.items():
        spec = plan.measures[name]
        if spec.instrument is None:
            continue
        instrument = instruments[spec.instrument].with_variant(spec.variant)
        key = item_key(instrument)
        base = _effects(own.effect, plan)
        other = [own.scales[s].effect if s in own.scales else own.effect for s in key.scales]
        shift = np.stack([_effects(effect, plan) - base for effect in other], axis=-1)[arm]
        ticked = answers(latent[name], key, shift, own.loading, own.specific, generator(recipe.seed, "items", name))
        lowest = spec.coding.min if spec.coding else instrument.response.min
        raw = (ticked + float(lowest)).astype(np.float64)
        turned = [item - 1 for item in spec.coding.reversed_items] if spec.coding else []
        raw[:, :, turned] = 2 * lowest + key.categories - 1 - raw[:, :, turned]
        found[name] = raw[:, :, [item - 1 for item in spec.item_order]] if spec.item_order else raw
    _leave_out(found, recipe, present)
    return found


def _leave_out(found: dict[str, Array], recipe: Recipe, present: NDArray[np.bool_]) -> None:
    """Plant missing answers: single ones everywhere, half questionnaires in the first measures in turn."""
    for position, (name, raw) in enumerate(found.items()):
        raw[blanks(raw.shape, recipe.plant.missing_items, generator(recipe.seed, "blank", name))] = np.nan
        share = len(range(position, recipe.plant.half_empty, len(found)))
        raw[half_empty(present, share, raw.shape[2], generator(recipe.seed, "half", name))] = np.nan


def _total(plan: StudyPlan, recipe: Recipe, name: str, latent: Array) -> Array:
    """A stored total: the trait with measurement error, on the scale of the recipe, within its range."""
    total, spec = recipe.measures[name].total, plan.measures[name]
    assert total is not None  # checked by load_recipe
    assert spec.range is not None  # checked by the plan
    error = generator(recipe.seed, "total", name).standard_normal(latent.shape)
    standard = np.sqrt(total.reliability) * latent + np.sqrt(1 - total.reliability) * error
    rounded: Array = np.round(np.clip(total.mean + total.sd * standard, *spec.range), total.decimals)
    return rounded
