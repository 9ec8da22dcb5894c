"""Mediation, moderation and sensitivity analyses of the plan, said back in words."""

from __future__ import annotations

from collections.abc import Mapping

from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.study_plan import StudyPlan


def mechanism_lines(plan: StudyPlan, outcomes: Mapping[str, Outcome]) -> list[str]:
    """One sentence per analysis."""
    label = plan.design.visit_label
    lines = []
    for spec in plan.analysis.mediation:
        through = " and ".join(outcomes[name].label for name in spec.mediator)
        effect = f"{outcomes[spec.outcome].label} at {label(spec.outcome_visit)}"
        lines.append(f"Mediation of {effect} by {through} at {label(spec.mediator_visit)}{_mark(spec.prespecified)}.")
    for moderation in plan.analysis.moderation:
        moderator = moderation.moderator
        name = f"{outcomes[moderator].label} at baseline" if moderator in outcomes else moderator
        who = " and ".join(outcomes[key].label for key in moderation.outcomes) or "the primary outcome"
        lines.append(f"Moderation of {who} by {name}{_mark(moderation.prespecified)}.")
    if plan.analysis.sensitivity:
        names = ", ".join(wanted.method.replace("_", " ") for wanted in plan.analysis.sensitivity)
        lines.append(f"Sensitivity analyses: {names}.")
    return lines


def _mark(prespecified: bool) -> str:
    """How a post-hoc analysis is marked."""
    return "" if prespecified else ", post hoc"
