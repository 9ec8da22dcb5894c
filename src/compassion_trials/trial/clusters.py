"""Therapy groups and courses in which people met: which cluster an analysis has, and who met at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.study.plan.analysis import Analysis
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.trial.gaps import missing
from compassion_trials.trial.trial import Trial

NO_GROUP = "none"
"""What a plan writes to leave therapy groups out of a model."""

WITHOUT_GROUPS = ("mixed_anova",)
"""Models for which no method with clusters is here."""


def cluster_of(plan: StudyPlan, spec: Analysis, model: str, arms: tuple[str, ...]) -> str | None:
    """Cluster of an analysis: the plan's own, else the first in which one of the arms met.

    It has a random effect in mixed models, and is the unit of cluster-robust standard errors elsewhere; a mixed
    analysis of variance knows no clusters.
    """
    if spec.random_group is not None or model in WITHOUT_GROUPS:
        return None if spec.random_group == NO_GROUP or model in WITHOUT_GROUPS else spec.random_group
    clusters = plan.design.clusters
    return next((name for name, c in clusters.items() if not c.arms or set(c.arms) & set(arms)), None)


def nested(plan: StudyPlan, group: str | None) -> bool | None:
    """What the plan says of labels of a cluster that occur in two arms."""
    cluster = plan.design.clusters.get(group or "")
    return cluster.nested if cluster else None


def met(trial: Trial, arms: tuple[str, ...]) -> NDArray[np.bool_]:
    """Who of some arms met in a group of the primary model's cluster, shape (n,); nobody where it has none."""
    plan = trial.context.plan
    name = cluster_of(plan, plan.analysis.primary, "clda", arms)
    here = np.any([trial.in_arm(arm) for arm in arms], axis=0)
    if name is None or name not in trial.participants:
        return np.zeros_like(here)
    return np.asarray(here & ~missing(trial.participants[name]).to_numpy(bool))
