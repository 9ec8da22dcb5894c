"""What ``simulate.yaml`` may say: sizes, effects, drop-out and planted trouble. The rest comes from the study plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import Field, model_validator

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.core.yaml import load_yaml, validate
from compassion_trials.instruments.model import Instrument
from compassion_trials.simulate.key import item_key
from compassion_trials.study.checks.problem import baseline_names
from compassion_trials.study.plan.base import Key, Part
from compassion_trials.study.plan.study_plan import StudyPlan

ByVisit = dict[Key, float]
"""Visit: shift in standard deviations of the latent trait at baseline."""

ByArm = dict[Key, ByVisit]
"""Arm: visit: shift."""


class ScaleRecipe(Part):
    """Arm effects on one scale, in place of those of its questionnaire."""

    effect: ByArm = Field(description="Arm: visit: effect in latent SD.")


class ModeratedEffect(Part):
    """An arm's effect that depends on where a participant started."""

    by: str = Field(description="A baseline number, or a measure (its baseline trait).")
    arm: Key = Field(description="Arm whose effect depends on it.")
    slope: float = Field(description="Change of the effect per SD of the moderator, at all visits after baseline.")


class MediatedPath(Part):
    """Change in another measure that carries over to this one."""

    through: Key = Field(description="The mediator, a measure.")
    at: Key = Field(description="Visit of the mediator; carries over from this visit on.")
    slope: float = Field(description="Latent SD of this measure per latent SD of change in the mediator.")


class TotalRecipe(Part):
    """Scale of a stored total."""

    mean: float = Field(description="Mean at baseline.")
    sd: float = Field(gt=0, description="SD at baseline.")
    reliability: float = Field(0.85, gt=0, le=1, description="Share of the variance that is the latent trait.")
    decimals: int = Field(2, ge=0, le=6, description="Decimals in the file.")


class MeasureRecipe(Part):
    """How one measure behaves; all in SD of its latent trait, positive raises the score."""

    mean: float = Field(0.0, description="Level at baseline; 0 is the middle of the answers.")
    stability: float = Field(0.7, ge=0, le=1, description="Correlation of the trait between two visits.")
    loading: float = Field(0.65, gt=0, lt=1, description="Correlation of an item's propensity with the trait.")
    specific: float = Field(0.5, ge=0, description="SD of what the items of one scale have in common beside the trait.")
    time: ByVisit = Field({}, description="Visit: change in every arm.")
    effect: ByArm = Field({}, description="Arm: visit: effect beside the change over time.")
    scales: dict[Key, ScaleRecipe] = Field({}, description="Scales whose effect differs.")
    moderated: tuple[ModeratedEffect, ...] = Field((), description="Effects that depend on the baseline.")
    path: MediatedPath | None = Field(None, description="What a mediator carries over.")
    total: TotalRecipe | None = Field(None, description="Mean and SD of a stored total.")


class Variable(Part):
    """A baseline variable: a number (mean, sd) or a category (shares)."""

    mean: float | None = Field(None, description="Mean of a number.")
    sd: float | None = Field(None, gt=0, description="SD of a number.")
    min: float = Field(float("-inf"), description="Smallest value.")
    max: float = Field(float("inf"), description="Largest value.")
    decimals: int = Field(0, ge=0, le=6, description="Decimals in the file.")
    shares: dict[str, float] = Field({}, description="Category: share; they add up to 1.")

    @model_validator(mode="after")
    def _one_kind(self) -> Variable:
        number = self.mean is not None and self.sd is not None
        if number == bool(self.shares):
            raise ValueError("give either mean and sd (a number) or shares (a category)")
        if self.shares and abs(sum(self.shares.values()) - 1) > 1e-6:
            raise ValueError(f"shares add up to {sum(self.shares.values()):g}, not to 1")
        return self


class Groups(Part):
    """Therapy groups or courses."""

    per_arm: int = Field(ge=1, description="Number of groups in each arm that meets in groups.")
    icc: float = Field(0.0, ge=0, lt=1, description="Share of latent variance between groups after baseline.")


class Sessions(Part):
    """Attendance of the treated arms."""

    planned: int = Field(ge=1, description="Planned number of sessions.")
    attendance: float = Field(0.85, ge=0, le=1, description="Probability of attending one.")


class Plant(Part):
    """Trouble planted in the raw file, so that the pipeline has something to find."""

    missing_items: float = Field(0.0, ge=0, lt=1, description="Share of single answers left blank.")
    half_empty: int = Field(0, ge=0, description="Questionnaires with more than half of the answers missing.")
    duplicates: int = Field(0, ge=0, description="Rows entered twice, the second with other and fewer answers.")
    blank_rows: int = Field(0, ge=0, description="Rows of missed visits that exist without an answer.")
    previews: int = Field(0, ge=0, description="Qualtrics: previews by the researchers.")
    unfinished: int = Field(0, ge=0, description="Qualtrics: broken off and answered again.")


class Recipe(Part):
    """The whole of ``simulate.yaml``."""

    seed: int = Field(ge=0, description="Seed of everything random.")
    arms: dict[Key, int] = Field(description="Arm: number of participants.", min_length=1)
    assessed: dict[Key, dict[Key, int]] = Field({}, description="Visit: arm: number assessed; all when left out.")
    dropout_slope: float = Field(0.0, description="Log odds of staying per SD of well-being at baseline.")
    shared: float = Field(0.5, ge=0, le=1, description="Share of stable variance that all measures have in common.")
    measures: dict[Key, MeasureRecipe] = Field(description="Measures of the plan.", min_length=1)
    baseline: dict[Key, Variable] = Field({}, description="Baseline variables of the plan.")
    clusters: dict[Key, Groups] = Field({}, description="Clusters of the plan.")
    sessions: Sessions | None = Field(None, description="Attendance.")
    withdrawn: dict[str, int] = Field({}, description="Reason: number, among those not assessed at the last visit.")
    stopped: int | None = Field(
        None,
        ge=0,
        description="Participants who stopped the treatment and were assessed to the end; of the treated arms, whoever "
        "was lost had stopped before. Nobody's stopping is recorded when left out.",
    )
    harms: dict[str, dict[Key, float]] = Field(
        {}, description="Unwanted event of the plan: arm: expected number per participant and visit after baseline."
    )
    plant: Plant = Field(default_factory=Plant, description="Planted trouble.")


def load_recipe(path: Path, plan: StudyPlan, instruments: Mapping[str, Instrument]) -> Recipe:
    """Read ``simulate.yaml`` and check it against the study plan and its questionnaires.

    Raises
    ------
    InputError
        File missing, wrong keys, or names that the plan does not have; all problems together.
    """
    absent = Finding(
        "error", "file_missing", "there is no recipe for simulated data", path.as_posix(),
        advice="copy config/studies/yadavaia2014/simulate.yaml and change it",
    )  # fmt: skip
    recipe: Recipe = validate(Recipe, load_yaml(path, absent), path.name)
    found = [
        Finding("error", "recipe", message, file=path.name, column=key, value=value, advice=advice)
        for key, message, value, advice in [*_problems(recipe, plan), *_scales(recipe, plan, instruments)]
    ]
    if found:
        raise InputError(found)
    return recipe


def _problems(recipe: Recipe, plan: StudyPlan) -> Iterator[tuple[str, str, str, str]]:
    """Key, message, value and advice of everything that does not fit the plan."""
    arms, visits, measures = list(plan.design.arms), list(plan.design.visits), list(plan.measures)
    variables = baseline_names(plan)
    yield from _names("arms", recipe.arms, arms)
    for arm in arms:
        if arm not in recipe.arms:
            yield f"arms.{arm}", "the plan has this arm; its size is missing", "", f"add {arm}: N"
    yield from _names("assessed", recipe.assessed, visits[1:])
    for visit, counts in recipe.assessed.items():
        yield from _names(f"assessed.{visit}", counts, arms)
        for arm, n in counts.items():
            if n > recipe.arms.get(arm, n):
                yield f"assessed.{visit}.{arm}", f"more than the {recipe.arms[arm]} participants of the arm", str(n), ""
    yield from _names("measures", recipe.measures, measures)
    for name in measures:
        if name not in recipe.measures:
            yield f"measures.{name}", "the plan has this measure; its recipe is missing", "", f"add {name}: {{}}"
    yield from _names("baseline", recipe.baseline, variables)
    yield from _names("clusters", recipe.clusters, list(plan.design.clusters))
    yield from _names("harms", recipe.harms, [event for raw in plan.data for event in raw.harms])
    for event, rates in recipe.harms.items():
        yield from _names(f"harms.{event}", rates, arms)
    for name, measure in recipe.measures.items():
        yield from _measure(f"measures.{name}", measure, recipe, visits, arms)
        if name in plan.measures and (plan.measures[name].total is not None) != (measure.total is not None):
            yield f"measures.{name}.total", "a stored total needs mean and sd, a questionnaire does not", "", ""


def _measure(
    key: str, measure: MeasureRecipe, recipe: Recipe, visits: list[str], arms: list[str]
) -> Iterator[tuple[str, str, str, str]]:
    """Problems of one measure."""
    after = visits[1:]
    yield from _names(f"{key}.time", measure.time, after)
    effects = {f"{key}.effect": measure.effect, **{f"{key}.scales.{s}": r.effect for s, r in measure.scales.items()}}
    for where, effect in effects.items():
        yield from _names(where, effect, arms)
        for arm, shifts in effect.items():
            yield from _names(f"{where}.{arm}", shifts, after)
    numbers = [name for name, variable in recipe.baseline.items() if variable.mean is not None]
    for moderation in measure.moderated:
        yield from _names(f"{key}.moderated.by", [moderation.by], [*numbers, *recipe.measures])
        yield from _names(f"{key}.moderated.arm", [moderation.arm], arms)
    if measure.path is not None:
        own = key.split(".")[1]
        chained = [n for n, m in recipe.measures.items() if m.path is None and n != own]
        yield from _names(f"{key}.path.through", [measure.path.through], chained)
        yield from _names(f"{key}.path.at", [measure.path.at], after)


def _scales(
    recipe: Recipe, plan: StudyPlan, instruments: Mapping[str, Instrument]
) -> Iterator[tuple[str, str, str, str]]:
    """Scales with effects of their own are item scales of their questionnaire."""
    for name, own in recipe.measures.items():
        spec = plan.measures.get(name)
        if spec is not None and own.scales:
            instrument = instruments[spec.instrument].with_variant(spec.variant) if spec.instrument else None
            valid = item_key(instrument).scales if instrument is not None else ()
            yield from _names(f"measures.{name}.scales", own.scales, valid)


def _names(key: str, used: Iterable[str], valid: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """A problem for each name that the plan does not have."""
    for name in used:
        if name not in valid:
            yield key, "the study plan has no such name here", name, nearest(name, valid)
