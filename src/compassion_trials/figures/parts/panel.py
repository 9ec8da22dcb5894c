"""Records of what a trajectory shows: an outcome, its arms, their means over visits."""

from __future__ import annotations

from dataclasses import dataclass

from compassion_trials.figures.parts.theme import ArmStyle

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ArmLine:
    """Means of one arm, one value per visit; NaN where there is none.

    Attributes
    ----------
    label : str
    style : ArmStyle
    mean, lower, upper : tuple of float
        Mean and limits of its confidence interval, shape (visits,).
    n : tuple of float
        Participants observed, shape (visits,).
    observed : tuple of float
        Observed means, drawn faintly; empty when ``mean`` is the observed mean.
    """

    label: str
    style: ArmStyle
    mean: Values
    lower: Values
    upper: Values
    n: Values
    observed: Values = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One outcome.

    Attributes
    ----------
    title : str
        Name of the outcome.
    unit : str
    scale : tuple of float
        Possible scores.
    better : {"higher", "lower", "neither"}
    weeks : tuple of float
        Weeks since baseline, shape (visits,).
    visits : tuple of str
        Labels.
    arms : tuple of ArmLine
    """

    title: str
    unit: str
    scale: tuple[float, float]
    better: str
    weeks: Values
    visits: tuple[str, ...]
    arms: tuple[ArmLine, ...]
