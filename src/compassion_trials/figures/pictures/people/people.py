"""Scores of single participants for the figures that show them: no ids, only arms and visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.figures.parts.theme import ArmStyle, arm_styles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from compassion_trials.study.context import Context
    from compassion_trials.study.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class ArmPeople:
    """Participants of one arm.

    Attributes
    ----------
    label : str
    style : ArmStyle
    scores : ndarray
        Shape (participants, visits), NaN where there is no score.
    """

    label: str
    style: ArmStyle
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PeopleScores:
    """One outcome of all participants.

    Attributes
    ----------
    title, unit : str
    scale : tuple of float
        Possible scores.
    better : {"higher", "lower", "neither"}
    weeks : tuple of float
    visits : tuple of str
        Labels.
    arms : tuple of ArmPeople
    """

    title: str
    unit: str
    scale: tuple[float, float]
    better: str
    weeks: tuple[float, ...]
    visits: tuple[str, ...]
    arms: tuple[ArmPeople, ...]


def people(context: Context, outcome: Outcome) -> PeopleScores | None:
    """Scores of all participants at all visits with scores; None when the scores of the study are not there."""
    import numpy as np

    if not (context.results.scores.is_file() and context.results.participants.is_file()):
        return None
    from compassion_trials.trial.trial import read_trial

    trial, design = read_trial(context), context.plan.design
    styles = arm_styles(tuple(design.arms), design.control)
    table = np.column_stack([trial.score(outcome, visit) for visit in outcome.visits])
    seen = [i for i in range(table.shape[1]) if np.isfinite(table[:, i]).any()]
    arms = tuple(ArmPeople(label, styles[arm], table[trial.in_arm(arm)][:, seen]) for arm, label in design.arms.items())
    visits = [outcome.visits[i] for i in seen]
    return PeopleScores(
        title=outcome.label,
        unit=outcome.unit,
        scale=outcome.range,
        better=outcome.better,
        weeks=tuple(design.visits[visit].week for visit in visits),
        visits=tuple(design.visit_label(visit) for visit in visits),
        arms=tuple(arm for arm in arms if np.isfinite(arm.scores).any()),
    )
