"""Type I error and coverage of the default analyses at the size of small trials, against binomial bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from simulated_trials import VISITS, trial

from compassion_trials.models import fit_mmrm
from compassion_trials.models.inference.contrast_tests import quantile

SEED = 41_2026
LEVEL = 0.05
CONFIDENCE = 0.999
NAMES = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A", "visits": list(VISITS)}
FEW, MANY = 2_000, 20_000
MANY_ALLOWANCE = 0.004
"""Kenward-Roger is an approximation: with 20 000 trials its true rate, .049 to .054, shows."""


def bounds(trials: int, rate: float = LEVEL) -> tuple[float, float]:
    """99.9 % binomial bounds of an observed rate."""
    low, high = stats.binom.interval(CONFIDENCE, trials, rate)
    return low / trials, high / trials


def missed(n: int, trials: int, design: str, df: str = "kenward-roger", effect: float = 0.0) -> float:
    """Share of trials whose 95 % interval at follow-up misses the true effect; every fit must be certified."""
    random = np.random.default_rng([SEED, n, int(10 * effect)])
    count = 0
    for _ in range(trials):
        fit = fit_mmrm(trial(random, n, effect), **NAMES, design=design, df=df, fallback=())
        assert fit.certificate.valid, fit.certificate.reasons
        found = fit.contrast_estimates("arm")
        count += abs(found.estimate[-1] - effect) > found.se[-1] * quantile(found.df[-1:], 1 - LEVEL / 2)[0]
    return count / trials


pytestmark = pytest.mark.slow


@pytest.mark.parametrize("design", ["lda", "clda"])
@pytest.mark.parametrize("n", [10, 20])
def test_type_one_error(n: int, design: str):
    low, high = bounds(FEW)
    assert low <= missed(n, FEW, design) <= high


@pytest.mark.parametrize("n", [10, 20])
def test_coverage_of_a_true_effect(n: int):
    low, high = bounds(FEW)
    assert low <= missed(n, FEW, "clda", effect=4.0) <= high


def test_the_bounds_are_narrow_enough_to_refuse_z():
    """Normal quantiles with unadjusted standard errors at 10 per arm lie outside: the proof can fail."""
    assert missed(10, FEW, "clda", df="z") > bounds(FEW)[1]


@pytest.mark.parametrize("design", ["lda", "clda"])
@pytest.mark.parametrize("n", [10, 20])
def test_type_one_error_of_many(n: int, design: str):
    low, high = bounds(MANY)
    assert low - MANY_ALLOWANCE <= missed(n, MANY, design) <= high + MANY_ALLOWANCE
