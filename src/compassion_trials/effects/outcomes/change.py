"""Reliable and clinically significant change of single participants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.limits import reaches

CATEGORIES: Final = ("recovered", "improved", "unchanged", "deteriorated")
"""What became of a participant, best first; without a cut-off nobody is called recovered."""


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """How large a change must be to be more than measurement error.

    Attributes
    ----------
    sd, reliability : float
    se_measurement : float
        ``sd sqrt(1 - reliability)``.
    se_difference : float
        ``sqrt(2) se_measurement``.
    criterion : float
        Smallest reliable change, units of the outcome.
    """

    sd: float
    reliability: float
    se_measurement: float
    se_difference: float
    criterion: float


def reliable_change(sd: float, reliability: float, alpha: float = 0.05) -> ReliableChange:
    """Reliable change index of Jacobson & Truax (1991), doi:10.1037/0022-006X.59.1.12, as a criterion in points.

    Parameters
    ----------
    sd : float
        Above zero.
    reliability : float
        Below 1; zero or less tells nothing about single people.
    alpha : float
        Two-sided; .05 gives the usual 1.96.

    Raises
    ------
    ModelError
        Values outside their range.
    """
    if not sd > 0:
        raise ModelError("reliable change needs a standard deviation above zero")
    if not 0 < reliability < 1:
        raise ModelError(f"reliable change needs a reliability between 0 and 1; it is {reliability:.3g}")
    error = sd * float(np.sqrt(1 - reliability))
    difference = float(np.sqrt(2)) * error
    return ReliableChange(sd, reliability, error, difference, float(ndtri(1 - alpha / 2)) * difference)


def cutoff(criterion: str, baseline: tuple[float, float], norm: tuple[float, float] | None, better: str) -> float:
    """Cut-off between people with and without the problem (Jacobson & Truax 1991, p. 13).

    Parameters
    ----------
    criterion : {"a", "b", "midpoint"}
        a: two standard deviations from the baseline mean towards health; b: two standard deviations of the norm from
        its mean towards the problem; midpoint (their c): equally likely in both, weighted by the standard deviations.
    baseline, norm : (mean, sd)
        Of the trial at baseline, and of people without the problem.
    better : {"higher", "lower"}
    """
    sign = 1.0 if better == "higher" else -1.0
    if criterion == "a":
        return baseline[0] + sign * 2 * baseline[1]
    if norm is None:
        raise ModelError(f"criterion {criterion} needs a norm")
    if criterion == "b":
        return norm[0] - sign * 2 * norm[1]
    return (norm[1] * baseline[0] + baseline[1] * norm[0]) / (baseline[1] + norm[1])


def classify(before: Array, after: Array, criterion: float, cut: float | None, better: str) -> NDArray[np.str_]:
    """Category of each participant, shape (n,); "" where a score is missing.

    Reliable improvement counts as recovery when the participant was on the side of the problem before and is on the
    side of health after, the cut-off itself being health.
    """
    sign = 1.0 if better == "higher" else -1.0
    change = sign * (after - before)
    found = np.select(
        [np.isnan(change), reaches(change, criterion), reaches(-change, criterion)],
        ["", "improved", "deteriorated"],
        "unchanged",
    )
    if cut is not None:
        crossed = ~reaches(sign * before, sign * cut) & reaches(sign * after, sign * cut)
        found = np.where((found == "improved") & crossed, "recovered", found)
    return found


def improvement(before: Array, after: Array, better: str) -> Array:
    """Change turned so that positive is improvement."""
    return after - before if better == "higher" else before - after


def percent_improvement(before: Array, after: Array, better: str, floor: float) -> Array:
    """Improvement in percent of the baseline score above the lowest possible one.

    Where lower is better, 100 % is the way to the lowest score; where higher is better, a doubling.
    """
    distance = before - floor
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 100 * improvement(before, after, better) / distance
    return np.where(distance > 0, found, np.nan)
