"""What a check of the plan finds: key, what is wrong, value, advice; and names that no other part knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from compassion_trials.core.errors import nearest
from compassion_trials.study.plan.study_plan import StudyPlan

Problem = tuple[str, str, str, str]
"""Key of the plan, what is wrong, value found, advice."""


def unknown_names(key: str, what: str, used: Iterable[str], valid: Sequence[str]) -> Iterator[Problem]:
    """A problem for each used name that is not valid."""
    for name in used:
        if name not in valid:
            advice = nearest(name, valid) if valid else f"the plan names no {what}"
            yield key, f"there is no such {what}", name, advice


def baseline_names(plan: StudyPlan) -> list[str]:
    """Names of all baseline variables and clusters, in the order of the plan."""
    return [name for raw in plan.data for name in [*raw.baseline, *raw.clusters]]
