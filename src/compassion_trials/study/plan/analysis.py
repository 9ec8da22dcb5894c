"""Analyses that the plan asks for, each by name."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from compassion_trials.study.plan.base import Key, Part
from compassion_trials.study.plan.change import Change
from compassion_trials.study.plan.dose import Dose
from compassion_trials.study.plan.estimand import Estimand
from compassion_trials.study.plan.factors import Factors
from compassion_trials.study.plan.family import Family
from compassion_trials.study.plan.margin import Margin
from compassion_trials.study.plan.mechanism import Mediation, Moderation
from compassion_trials.study.plan.pilot import Power
from compassion_trials.study.plan.sensitivity import SensitivityAnalysis

Model = Literal[
    "clda",
    "lda",
    "baseline_adjusted",
    "single_arm",
    "random_intercept",
    "random_slope",
    "ancova",
    "mixed_anova",
    "paired",
    "change_t",
]
"""Models by name. The first six are mixed models; the last four are the classic analyses."""

MIXED_MODELS: tuple[str, ...] = ("clda", "lda", "baseline_adjusted", "single_arm", "random_intercept", "random_slope")
CLASSIC_MODELS: tuple[str, ...] = ("ancova", "mixed_anova", "paired", "change_t")

Covariance = Literal["us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag"]
"""Residual covariance over visits, named as in the R package mmrm."""

DfMethod = Literal["kenward-roger", "kr(expected)", "kr(sas)", "satterthwaite", "between-within", "residual", "z"]
"""Degrees of freedom and standard errors."""

Correction = Literal["none", "holm", "hochberg", "hommel", "bh"]
"""Correction for multiple outcomes within a family."""


class AnalysisSet(Part):
    """Who is analysed."""

    label: str | None = Field(None, description="Name in the report.")
    complete_visits: tuple[Key, ...] = Field(
        (), description="Only participants with an observed outcome at these visits."
    )
    column: str | None = Field(
        None, description="Baseline variable or 'sessions' that decides, with equals or at_least."
    )
    equals: tuple[str, ...] = Field((), description="Values of the column that belong to the set.")
    at_least: float | None = Field(None, description="Smallest value of the column that belongs to the set.")
    arms: tuple[Key, ...] = Field(
        (), description="Arms to which the rule of the column applies; all when left out (a wait-list has no sessions)."
    )


class ContrastSpec(Part):
    """The comparison that answers the study's question."""

    visit: Key | None = Field(
        None,
        description="Visit; default that of the primary comparison, else the last one with a concurrent control; an "
        "outcome that was not planned then is compared at its own last one.",
    )
    between: tuple[Key, Key] | None = Field(
        None,
        description="[treated arm, comparison arm]; default those of the primary one, else each arm against control.",
    )


class Analysis(Part):
    """One analysis: outcomes, model, and how it is done."""

    model: Model | None = Field(None, description="Model by name; the default follows from the design.")
    outcomes: tuple[str, ...] = Field(
        (), description="Outcomes such as scs.total; default all of the measures' scales."
    )
    covariates: tuple[str, ...] = Field(
        (), description="Baseline variables to adjust for; added to the plan's covariates."
    )
    baselines: tuple[Key, ...] | None = Field(
        None, description="ancova: visits of the outcome to adjust for; default the first visit; [] compares raw means."
    )
    visits: tuple[Key, ...] = Field((), description="Visits in the model; default all that the design allows.")
    arms: tuple[Key, ...] = Field((), description="Arms in the model; default all.")
    population: str = Field("all", description="Analysis set by name; all when left out.")
    covariance: Covariance = Field("us", description="Residual covariance of a mixed model.")
    fallback: tuple[Covariance, ...] = Field(
        ("toeph", "arh1", "csh"), description="Covariances to try in order when the planned one cannot be estimated."
    )
    df: DfMethod = Field("kenward-roger", description="Degrees of freedom of a mixed model.")
    reml: bool = Field(True, description="REML; false gives ML.")
    by_visit: tuple[str, ...] = Field((), description="Covariates whose effect may differ between visits.")
    random_group: Key | None = Field(
        None, description="Cluster with a random effect; default the plan's, 'none' leaves it out of the model."
    )
    contrast: ContrastSpec = Field(default_factory=ContrastSpec, description="The comparison of interest.")
    reason: str | None = Field(
        None, description="Why this model, where the plan must give a reason (clda without randomisation)."
    )
    prespecified: bool = Field(True, description="false marks a post-hoc analysis everywhere.")
    label: str | None = Field(None, description="Name in the report.")


class PrimaryAnalysis(Analysis):
    """The primary analysis: one outcome."""

    outcome: str | None = Field(
        None, description="The primary outcome such as scs.total; default from the primary measure."
    )
    estimand: Estimand | None = Field(None, description="The estimand in the words of ICH E9(R1).")


class AnalysisPlan(Part):
    """All analyses of the study."""

    primary: PrimaryAnalysis = Field(default_factory=PrimaryAnalysis, description="The primary analysis.")
    secondary: Analysis | None = Field(
        None, description="How secondary outcomes are analysed; default the same model as the primary."
    )
    additional: dict[Key, Analysis] = Field(
        {}, description="Further analyses by name: sensitivity, reproduction of a paper."
    )
    change: dict[str, Change] = Field(
        {}, description="Outcome and how its change is judged: reliable, recovered, responder."
    )
    families: dict[Key, Family] = Field({}, description="Outcomes whose p values are corrected together, by name.")
    margins: tuple[Margin, ...] = Field((), description="Equivalence and non-inferiority, each with its margin.")
    dose: Dose | None = Field(None, description="Attendance or practice against change.")
    factors: Factors | None = Field(
        None, description="Factor models of a questionnaire and its measurement invariance; left out unless asked for."
    )
    power: Power | None = Field(None, description="Assumptions of the sample-size calculation.")
    mediation: tuple[Mediation, ...] = Field((), description="Through what the treatment works: mediation over time.")
    moderation: tuple[Moderation, ...] = Field((), description="For whom the treatment works: moderators.")
    sensitivity: tuple[SensitivityAnalysis, ...] = Field(
        (), description="Sensitivity analyses of the primary outcome, by name or with options."
    )
    missing_covariates: Literal["indicator", "completely_at_random", "leave_out"] = Field(
        "indicator",
        description="Gaps of baseline covariates in a randomized trial: indicator fills them in and adds an indicator; "
        "completely_at_random fills them in without one; leave_out analyses people with all covariates.",
    )
    alpha: float = Field(0.05, gt=0, lt=0.5, description="Two-sided significance level; intervals cover 1 - alpha.")
    seed: int = Field(20140910, ge=0, description="Seed of everything random.")
