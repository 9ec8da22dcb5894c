"""Mediation, moderation and sensitivity analyses of the plan, said back in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.study_plan import StudyPlan

SENSITIVITY_WORDS: Final = {
    "completers": "the planned model among completers",
    "per_protocol": "the planned model in the per-protocol set",
    "statsmodels_lmm": "a random-intercept model fitted by statsmodels with Wald tests",
    "multiple_imputation": "multiple imputation under missing at random",
    "jump_to_reference": "jump to reference",
    "copy_reference": "copy reference",
    "copy_increments": "copy increments in reference",
    "tipping_point": "delta adjustment with a search for the tipping point",
    "locf": "last value carried forward (only for comparison with older papers)",
}
"""Sensitivity analyses in words."""


def mechanism_lines(plan: StudyPlan, outcomes: Mapping[str, Outcome]) -> list[str]:
    """One sentence per analysis."""
    label = plan.design.visit_at
    lines = []
    for spec in plan.analysis.mediation:
        through = " and ".join(outcomes[name].label for name in spec.mediator)
        effect = f"{outcomes[spec.outcome].label} at {label(spec.outcome_visit)}"
        lines.append(f"Mediation of {effect} by {through} at {label(spec.mediator_visit)}{_mark(spec.prespecified)}.")
    for moderation in plan.analysis.moderation:
        moderator = moderation.moderator
        name = f"{outcomes[moderator].label} at baseline" if moderator in outcomes else moderator
        who = _series([outcomes[key].label for key in moderation.outcomes]) or "the primary outcome"
        lines.append(f"Moderation of {who} by {name}{_mark(moderation.prespecified)}.")
    if plan.analysis.sensitivity:
        names = "; ".join(SENSITIVITY_WORDS[wanted.method] for wanted in plan.analysis.sensitivity)
        lines.append(f"Sensitivity analyses: {names}.")
    return lines


def _series(names: list[str]) -> str:
    """Words as a list in a sentence."""
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])}, and {names[-1]}"


def _mark(prespecified: bool) -> str:
    """How a post-hoc analysis is marked."""
    return "" if prespecified else ", post hoc"
