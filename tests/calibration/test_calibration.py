"""Type I error and coverage of the default analyses at the size of small trials, against binomial bounds."""

from __future__ import annotations

import numpy as np
import pytest
from compassion_trials.models import fit_mmrm
from scipy import stats
from simulated_trials import VISITS, trial

SEED = 41_2026
LEVEL = 0.05
CONFIDENCE = 0.999
NAMES = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A", "visits": list(VISITS)}
FEW, MANY = 2_000, 20_000
MANY_ALLOWANCE = 0.004
"""Kenward-Roger is an approximation: with 20 000 trials its true rate (.049 to .054 in the specification's table) shows."""


def bounds(trials: int, rate: float = LEVEL) -> tuple[float, float]:
    """99.9 % binomial bounds of an observed rate."""
    low, high = stats.binom.interval(CONFIDENCE, trials, rate)
    return low / trials, high / trials


def rejections(n: int, trials: int, design: str, effect: float = 0.0) -> tuple[dict[str, float], int]:
    """Share of trials whose 95 % interval at follow-up misses the truth, by df method, and how many were flagged."""
    random = np.random.default_rng([SEED, n, int(10 * effect)])
    missed, flagged = {"kenward-roger": 0, "z": 0}, 0
    for _ in range(trials):
        fit = fit_mmrm(trial(random, n, effect), **NAMES, design=design)
        flagged += bool(fit.methods.fallback) or not fit.certificate.valid
        for df in missed:
            row = (fit if df == "kenward-roger" else fit.with_inference(df)).contrasts("arm").iloc[-1]
            missed[df] += not row["lower"] <= effect <= row["upper"]
    return {df: count / trials for df, count in missed.items()}, flagged


@pytest.mark.parametrize("design", ["lda", "clda"])
@pytest.mark.parametrize("n", [10, 20])
def test_type_one_error(n: int, design: str):
    rates, flagged = rejections(n, FEW, design)
    low, high = bounds(FEW)
    assert low <= rates["kenward-roger"] <= high
    assert flagged <= 0.02 * FEW


@pytest.mark.parametrize("n", [10, 20])
def test_coverage_of_a_true_effect(n: int):
    rates, _ = rejections(n, FEW, "clda", effect=4.0)
    low, high = bounds(FEW)
    assert low <= rates["kenward-roger"] <= high


def test_the_bounds_are_narrow_enough_to_refuse_z():
    """What MixedLM-like z tests do at 10 per arm lies outside: the proof can fail."""
    rates, _ = rejections(10, FEW, "clda")
    assert rates["z"] > bounds(FEW)[1]


@pytest.mark.slow
@pytest.mark.parametrize("design", ["lda", "clda"])
@pytest.mark.parametrize("n", [10, 20])
def test_type_one_error_of_many(n: int, design: str, record_property):
    rates, _ = rejections(n, MANY, design)
    record_property("type_one_error", rates["kenward-roger"])
    low, high = bounds(MANY)
    assert low - MANY_ALLOWANCE <= rates["kenward-roger"] <= high + MANY_ALLOWANCE
    assert rates["z"] > rates["kenward-roger"]
