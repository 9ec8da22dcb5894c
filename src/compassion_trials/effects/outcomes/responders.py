"""Responders of two arms: risk difference, risk ratio, odds ratio, number needed to treat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.outcomes.proportion import Proportion, wilson


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """An estimate with limits."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two arms' shares of responders.

    Attributes
    ----------
    treated, comparison : Proportion
        With Wilson's limits.
    risk_difference : IntervalEstimate
        Treated minus comparison, Newcombe's limits.
    risk_ratio, odds_ratio : IntervalEstimate
        Treated over comparison.
    nnt : IntervalEstimate
        1 / risk difference and 1 / its limits in the same order (``lower`` belongs to the upper limit of the
        difference). Positive numbers are needed to benefit, negative ones to harm; where the signs of the limits differ
        the interval runs from ``lower`` through infinity to ``upper``. Infinite when the difference is 0.
    corrected : bool
        Whether 0.5 was added to all cells for the ratios, because one of them is empty.
    """

    treated: Proportion
    comparison: Proportion
    risk_difference: IntervalEstimate
    risk_ratio: IntervalEstimate
    odds_ratio: IntervalEstimate
    nnt: IntervalEstimate
    corrected: bool


def compare(k1: int, n1: int, k2: int, n2: int, alpha: float = 0.05) -> Comparison:
    """Compare k1 of n1 treated with k2 of n2.

    Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10; Altman (1998),
    doi:10.1136/bmj.317.7168.1309 (NNT); log-normal limits of the ratios (Katz et al. 1978; Woolf 1955).

    Raises
    ------
    ModelError
        An arm without participants.
    """
    if min(n1, n2) < 1:
        raise ModelError("responders need participants in both arms")
    a, b = wilson(k1, n1, alpha), wilson(k2, n2, alpha)
    difference = a.estimate - b.estimate
    below = np.hypot(a.estimate - a.lower, b.upper - b.estimate)
    above = np.hypot(a.upper - a.estimate, b.estimate - b.lower)
    rd = IntervalEstimate(difference, difference - below, difference + above)
    corrected = min(k1, k2, n1 - k1, n2 - k2) == 0
    cells = np.array([k1, n1 - k1, k2, n2 - k2], float) + 0.5 * corrected
    z = float(ndtri(1 - alpha / 2))
    risks = np.log(cells[0] / (cells[0] + cells[1]) / (cells[2] / (cells[2] + cells[3])))
    spread = np.sqrt(1 / cells[0] - 1 / (cells[0] + cells[1]) + 1 / cells[2] - 1 / (cells[2] + cells[3]))
    odds = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    rr, oratio = _ratio(risks, z * spread), _ratio(odds, z * np.sqrt((1 / cells).sum()))
    nnt = IntervalEstimate(_inverse(rd.estimate), _inverse(rd.upper), _inverse(rd.lower))
    return Comparison(
        treated=a, comparison=b, risk_difference=rd, risk_ratio=rr, odds_ratio=oratio, nnt=nnt, corrected=corrected
    )


def _ratio(log: float, half: float) -> IntervalEstimate:
    return IntervalEstimate(float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half)))


def _inverse(difference: float) -> float:
    return float("inf") if difference == 0 else float(1 / difference)
