"""From the plan's analyses to jobs: one model for one outcome, with everything that it needs decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compassion_trials.fit.grouped import cluster_of
from compassion_trials.study.context import Context
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.analysis import Analysis
from compassion_trials.study.plan.study_plan import StudyPlan

DEFAULT_MODEL = {"randomized": "clda", "non_randomized": "lda", "single_arm": "single_arm"}
"""Primary model by design: equal baseline means are assumed only where randomisation justifies it."""

ADJUSTABLE = ("clda", "lda", "baseline_adjusted", "single_arm", "random_intercept", "random_slope", "ancova")
"""Models that take covariates."""

CONTROLLED_ONLY = ("ancova", "mixed_anova", "change_t")
"""Models in which every arm must have every visit, so that visits after the control's crossing over do not enter."""


@dataclass(frozen=True, slots=True)
class Job:
    """One model for one outcome.

    Attributes
    ----------
    analysis : str
        ``primary``, ``secondary`` or the name of an additional analysis.
    model : str
    outcome : Outcome
    visits : tuple of str
        Visits in the model, in order; for ancova those at which the arms are compared.
    arms : tuple of str
        Arms in the model, the reference last.
    pairs : tuple of (str, str)
        Arms to compare: (arm, compared with).
    baselines : tuple of str
        ancova: visits of the outcome to adjust for.
    covariates : tuple of str
        Baseline variables to adjust for.
    contrast_visit : str
        Visit of the comparison of interest.
    spec : Analysis
        The plan's words, for what only some models need.
    group : str or None
        Cluster with a random effect.
    """

    analysis: str
    model: str
    outcome: Outcome
    visits: tuple[str, ...]
    arms: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    baselines: tuple[str, ...]
    covariates: tuple[str, ...]
    contrast_visit: str
    spec: Analysis
    group: str | None = None

    @property
    def population(self) -> str:
        """Name of the analysis set."""
        return self.spec.population

    @property
    def reference(self) -> str:
        """Reference arm of the coefficients."""
        return self.arms[-1]


def jobs(context: Context) -> list[Job]:
    """All jobs of a study: primary, secondary, additional."""
    return [_job(context, name, spec, key) for name, spec, keys in _analyses(context) for key in keys]


def _analyses(context: Context) -> Iterator[tuple[str, Analysis, tuple[str, ...]]]:
    """Name, words and outcomes of each analysis of the plan."""
    plan, primary = context.plan.analysis, context.primary
    if primary is not None:
        yield "primary", plan.primary, (primary,)
    secondary = plan.secondary or _like_primary(plan.primary)
    yield "secondary", secondary, secondary.outcomes or _secondary_outcomes(context)
    everything = (*([primary] if primary else []), *_secondary_outcomes(context))
    repeated = tuple(key for key in everything if len(context.outcomes[key].visits) > 1)
    for name, spec in plan.additional.items():
        yield name, spec, spec.outcomes or (everything if spec.model in (None, "ancova") else repeated)


def _like_primary(primary: Analysis) -> Analysis:
    """Secondary outcomes are analysed as the primary one, which alone has its own contrast, visits and label."""
    shared = {name: getattr(primary, name) for name in Analysis.model_fields if name not in ("outcomes", "label")}
    return Analysis(**shared)


def _secondary_outcomes(context: Context) -> tuple[str, ...]:
    """Analysed outcomes beside the primary one; moderators and covariates are no outcomes."""
    roles = ("primary", "secondary", "mediator")
    return tuple(o.key for o in context.analysed if o.key != context.primary and o.role in roles)


def _job(context: Context, name: str, spec: Analysis, key: str) -> Job:
    """Everything decided for one outcome."""
    plan, outcome = context.plan, context.outcomes[key]
    model = spec.model or default_model(plan, outcome, spec)
    arms = _arms(plan, spec)
    visits, baselines = _visits(plan, outcome, spec, model)
    strata = plan.design.strata if len(arms) > 1 else ()
    covariates = tuple(dict.fromkeys((*plan.covariates, *strata, *spec.covariates))) if model in ADJUSTABLE else ()
    controlled = [v for v in visits if v in plan.design.controlled_visits]
    return Job(
        analysis=name,
        model=model,
        outcome=outcome,
        visits=visits,
        arms=arms,
        pairs=_pairs(plan, spec, arms),
        baselines=baselines,
        covariates=covariates,
        contrast_visit=spec.contrast.visit or (controlled or list(visits) or [""])[-1],
        spec=spec,
        group=cluster_of(plan, spec, model, arms),
    )


def default_model(plan: StudyPlan, outcome: Outcome, spec: Analysis) -> str:
    """Model that the design asks for; an outcome assessed once has no baseline and is compared by ancova."""
    visits = [v for v in spec.visits or outcome.visits if v in outcome.visits]
    arms = len(spec.arms) or len(plan.design.arms)
    if len(visits) < 2 and arms > 1:
        return "ancova"
    return DEFAULT_MODEL[plan.design.type if arms > 1 else "single_arm"]


def _arms(plan: StudyPlan, spec: Analysis) -> tuple[str, ...]:
    """Arms in the order of the plan, the control last."""
    chosen = spec.arms or tuple(plan.design.arms)
    ordered = [arm for arm in plan.design.arms if arm in chosen]
    return tuple(sorted(ordered, key=lambda arm: arm == plan.design.control))


def _pairs(plan: StudyPlan, spec: Analysis, arms: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each arm against control, then the treated arms; the plan's own comparison in its own order, first."""
    pairs = [pair for pair in plan.design.pairs if set(pair) <= set(arms)]
    between = spec.contrast.between
    if between is not None and set(between) <= set(arms):
        pairs = [between, *(pair for pair in pairs if set(pair) != set(between))]
    return tuple(pairs)


def _visits(plan: StudyPlan, outcome: Outcome, spec: Analysis, model: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Visits of the model, and of ancova the visits to adjust for."""
    planned = [v for v in plan.design.visits if v in outcome.visits]
    chosen = [v for v in planned if v in spec.visits] if spec.visits else planned
    if not spec.visits and model in CONTROLLED_ONLY and len(_arms(plan, spec)) > 1:
        chosen = [v for v in planned if v in plan.design.controlled_visits]
    if model != "ancova":
        return tuple(chosen), ()
    first = planned[:1] if len(planned) > 1 else []
    baselines = first if spec.baselines is None else [v for v in spec.baselines if v in planned]
    return tuple(v for v in chosen if v not in baselines), tuple(baselines)
