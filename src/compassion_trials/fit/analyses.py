"""From the plan's analyses to jobs: one model for one outcome, with everything that it needs decided."""

from __future__ import annotations

from dataclasses import dataclass

from compassion_trials.study.context import Context
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.analysis import Analysis
from compassion_trials.study.question import Pair, Question, analyses, difference, in_analysis
from compassion_trials.trial.clusters import cluster_of

ADJUSTABLE = ("clda", "lda", "baseline_adjusted", "single_arm", "random_intercept", "random_slope", "ancova")
"""Models that take covariates."""


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
    answer_visit : str
        Visit that answers the trial's question, as `study.question` decides it.
    spec : Analysis
        The plan's words, for what only some models need.
    group : str or None
        Cluster with a random effect.
    asked : tuple of (str, str)
        Those of the pairs that answer; none where there is one arm, whose change answers.
    in_change : bool
        Whether changes from baseline answer.
    """

    analysis: str
    model: str
    outcome: Outcome
    visits: tuple[str, ...]
    arms: tuple[str, ...]
    pairs: tuple[Pair, ...]
    baselines: tuple[str, ...]
    covariates: tuple[str, ...]
    answer_visit: str
    spec: Analysis
    group: str | None = None
    asked: tuple[Pair, ...] = ()
    in_change: bool = False

    @property
    def population(self) -> str:
        """Name of the analysis set."""
        return self.spec.population

    @property
    def reference(self) -> str:
        """Reference arm of the coefficients."""
        return self.arms[-1]

    def term(self, pair: Pair) -> str:
        """Contrast of two arms that answers the question under the design."""
        return difference(pair, self.in_change)


def jobs(context: Context) -> list[Job]:
    """All jobs of a study: primary, secondary, additional."""
    plan, known = context.plan, context.outcomes
    return [
        _job(context, in_analysis(plan, known[key], analysis))
        for analysis in analyses(plan, known)
        for key in analysis.outcomes
    ]


def _job(context: Context, question: Question) -> Job:
    """A question with its covariates and therapy groups."""
    plan, spec, model = context.plan, question.spec, question.model
    strata = plan.design.strata if len(question.arms) > 1 else ()
    covariates = tuple(dict.fromkeys((*plan.covariates, *strata, *spec.covariates))) if model in ADJUSTABLE else ()
    return Job(
        analysis=question.analysis,
        model=model,
        outcome=question.outcome,
        visits=question.visits,
        arms=question.arms,
        pairs=question.pairs,
        baselines=question.baselines,
        covariates=covariates,
        answer_visit=question.visit,
        spec=spec,
        group=cluster_of(plan, spec, model, question.arms),
        asked=question.asked,
        in_change=question.in_change,
    )
