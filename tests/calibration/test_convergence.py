"""Simulated pilots of every kind: each fit is certified, or flagged in words, or refused with a clear error."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from simulated_trials import lmm_pilot, pilot

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.crosscheck.compare import Ours
from compassion_trials.models.crosscheck.crosscheck import STEEP, problem_of
from compassion_trials.models.crosscheck.dense import fit_dense

SEED = 42_2026
NAMES = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A"}
CHUNK = 2_500
FAST = 250
"""Pilots in every test run: some seconds on one core."""
FAST_RANDOM = 60
"""Pilots with random effects in every test run."""
SAMPLE = 100
"""Every so-manieth certified fit is refitted by the dense engine, which must not find a higher likelihood."""
HIGHER = 1e-6


@dataclass
class Tally:
    """What became of the pilots."""

    certified: int = 0
    flagged: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    beaten: list[str] = field(default_factory=list)


def outcome(fitter, data: pd.DataFrame, options: dict[str, object], label: str, tally: Tally, check: bool) -> None:
    """Fit one pilot and judge what came back; only a fit that followed the fallback, and says so, may lack numbers."""
    try:
        fit = fitter(data, **NAMES, **options)
        table = fit.contrasts("arm")
    except ModelError as error:
        tally.refused += 1
        if not str(error).strip():
            tally.wrong.append(f"{label}: an error without words")
        return
    numbers = table[["estimate", "se", "df", "p", "lower", "upper"]].to_numpy()
    sound = np.isfinite(numbers).all() and (table["se"] > 0).all() and (table["df"] > 0).all()
    if not fit.certificate.valid:
        tally.flagged += 1
        if not fit.certificate.reasons:
            tally.wrong.append(f"{label}: not certified, without a reason")
        return
    variances = fit.variance_parameters["parameter"].str.contains(r"(?<!co)variance|residual$")
    if fit.methods.model == "lmm" and (fit.variance_parameters.loc[variances, "estimate"] < 0).any():
        tally.wrong.append(f"{label}: certified, with a negative variance: {options}")
    if not sound and not fit.methods.fallback:
        tally.wrong.append(f"{label}: certified, but with numbers that are not numbers: {options}")
    if fit.methods.fallback:
        tally.flagged += 1
    else:
        tally.certified += 1
    if check:
        dense = fit_dense(problem_of(fit, Ours.of(fit)))
        if dense.gradient < STEEP and dense.loglik > fit.loglik + HIGHER:
            tally.beaten.append(
                f"{label}: by {dense.loglik - fit.loglik:.1e}: {options}, used {fit.methods.covariance}"
            )


def run(first: int, count: int, make=pilot, fitter=fit_mmrm) -> Tally:
    """Some pilots, each with its own seed."""
    tally = Tally()
    for number in range(first, first + count):
        data, options = make(np.random.default_rng([SEED, number]))
        outcome(fitter, data, options, f"pilot {number}", tally, check=number % SAMPLE == 0)
    return tally


def judge(tally: Tally, count: int = CHUNK) -> None:
    """Every pilot is accounted for, and enough of them are certified for this to be a test of fitting."""
    assert not tally.wrong, "\n".join(tally.wrong[:20])
    assert not tally.beaten, "\n".join(tally.beaten[:20])
    assert tally.certified + tally.flagged + tally.refused == count
    assert tally.certified > count / 3


def test_pilots():
    """The first of the ten thousand; the rest are marked slow."""
    judge(run(0, FAST), FAST)


def test_pilots_with_random_effects():
    judge(run(0, FAST_RANDOM, lmm_pilot, fit_lmm), FAST_RANDOM)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(4))
def test_ten_thousand_pilots(chunk: int):
    judge(run(chunk * CHUNK, CHUNK))


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(4, 40))
def test_one_hundred_thousand_pilots(chunk: int):
    """With the four chunks above 100 000."""
    judge(run(chunk * CHUNK, CHUNK))


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(4))
def test_ten_thousand_pilots_with_random_effects(chunk: int):
    judge(run(chunk * CHUNK, CHUNK, lmm_pilot, fit_lmm))
