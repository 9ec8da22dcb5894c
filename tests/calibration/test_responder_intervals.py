"""Coverage of the interval of the risk difference, and so of the number needed to treat, at the size of small "
"trials."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from compassion_trials.effects.outcomes.responders import compare

SEED = 20_140_910
TRIALS = 4_000
LOWEST = 0.93
"""Newcombe's method has coverage near .95 on average and rarely below .93 (Newcombe 1998, table II)."""
CONFIDENCE = 0.999


@pytest.mark.parametrize(("n1", "n2"), [(15, 15), (20, 24), (36, 37)])
@pytest.mark.parametrize(("p1", "p2"), [(0.5, 0.2), (0.35, 0.25), (0.6, 0.6), (0.15, 0.05)])
def test_simulated_coverage(n1: int, n2: int, p1: float, p2: float):
    """The true number needed to treat lies inside; through infinity where the difference may be zero."""
    random = np.random.default_rng([SEED, n1, int(100 * p1), int(100 * p2)])
    k1, k2 = random.binomial(n1, p1, TRIALS), random.binomial(n2, p2, TRIALS)
    tables = list(zip(k1.tolist(), k2.tolist(), strict=True))
    known = {(a, b): holds(compare(a, n1, b, n2).nnt, p1 - p2) for a, b in set(tables)}
    covered = sum(known[table] for table in tables)
    low = stats.binom.ppf((1 - CONFIDENCE) / 2, TRIALS, LOWEST)
    assert covered >= low


def holds(nnt, difference: float) -> bool:
    """Whether the true 1 / difference lies in an interval that may run through infinity."""
    if nnt.lower > 0 > nnt.upper:  # from benefit through infinity to harm
        return difference == 0 or 1 / difference >= nnt.lower or 1 / difference <= nnt.upper
    return difference != 0 and min(nnt.lower, nnt.upper) <= 1 / difference <= max(nnt.lower, nnt.upper)


def test_average_coverage_is_nominal():
    """Exact coverage, by enumeration of all tables of 20 and 20, averaged over a grid of true shares."""
    n = 20
    found = [[compare(a, n, b, n).risk_difference for b in range(n + 1)] for a in range(n + 1)]
    limits = np.array([[(cell.lower, cell.upper) for cell in line] for line in found])
    covered = []
    for p1 in np.linspace(0.05, 0.95, 10):
        for p2 in np.linspace(0.05, 0.95, 10):
            weight = np.outer(stats.binom.pmf(range(n + 1), n, p1), stats.binom.pmf(range(n + 1), n, p2))
            inside = (limits[..., 0] <= p1 - p2) & (p1 - p2 <= limits[..., 1])
            covered.append((weight * inside).sum())
    assert 0.94 < np.mean(covered) < 0.97


def test_the_bound_is_narrow_enough_to_refuse_wald():
    """The textbook interval of the difference misses the bound: the proof can fail."""
    n, p1, p2 = 15, 0.15, 0.05
    random = np.random.default_rng(SEED)
    a, b = random.binomial(n, p1, TRIALS) / n, random.binomial(n, p2, TRIALS) / n
    half = 1.96 * np.sqrt(a * (1 - a) / n + b * (1 - b) / n)
    covered = (np.abs(a - b - (p1 - p2)) <= half).sum()
    assert covered < stats.binom.ppf((1 - CONFIDENCE) / 2, TRIALS, LOWEST)
