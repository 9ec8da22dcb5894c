"""Simulated pilots of every kind: each fit is certified, or flagged in words, or refused with a clear error."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from simulated_trials import pilot

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_mmrm
from compassion_trials.models.crosscheck import Ours, problem_of
from compassion_trials.models.crosscheck_dense import fit_dense

SEED = 42_2026
NAMES = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A"}
CHUNK = 2_500
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


def outcome(data: pd.DataFrame, options: dict[str, object], label: str, tally: Tally, check: bool) -> None:
    """Fit one pilot and judge what came back; only a fit that followed the fallback, and says so, may lack numbers."""
    try:
        fit = fit_mmrm(data, **NAMES, **options)
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
    if not sound and not fit.methods.fallback:
        tally.wrong.append(f"{label}: certified, but with numbers that are no numbers: {options}")
    if fit.methods.fallback:
        tally.flagged += 1
    else:
        tally.certified += 1
    if check:
        dense = fit_dense(problem_of(fit, Ours.of(fit)))
        if dense.loglik > fit.loglik + HIGHER:
            tally.beaten.append(
                f"{label}: by {dense.loglik - fit.loglik:.1e}: {options}, used {fit.methods.covariance}"
            )


def run(chunk: int) -> Tally:
    """One chunk of pilots, each with its own seed."""
    tally = Tally()
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        data, options = pilot(np.random.default_rng([SEED, number]))
        outcome(data, options, f"pilot {number}", tally, check=number % SAMPLE == 0)
    return tally


def judge(tally: Tally) -> None:
    """Every pilot is accounted for, and enough of them are certified for this to be a test of fitting."""
    assert not tally.wrong, "\n".join(tally.wrong[:20])
    assert not tally.beaten, "\n".join(tally.beaten[:20])
    assert tally.certified + tally.flagged + tally.refused == CHUNK
    assert tally.certified > CHUNK / 3


@pytest.mark.parametrize("chunk", range(4))
def test_ten_thousand_pilots(chunk: int):
    judge(run(chunk))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(4, 40))
def test_one_hundred_thousand_pilots(chunk: int):
    """With the four chunks above 100 000."""
    judge(run(chunk))
