"""Standard deviations turned from errors of a model: found in print, and hardly ever in samples."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy.special import chdtr

from compassion_trials.ledger.checks.spreads import TOO_ALIKE, alike_p
from compassion_trials.ledger.reading.printed import printed

SETS = 2000
CHANCE = 3e-3
"""Share of false findings among `SETS` that a binomial share of `TOO_ALIKE` reaches with probability 4e-5."""


def visits(*arms):
    return [[(printed(sd).range, n) for sd, n in one] for one in arms]


@pytest.mark.parametrize(
    ("measure", "p"), [("PSS", 1e-6), ("FFMQ", 1e-7), ("SCS-SF, sum", 2e-4)], ids=lambda x: str(x).split(",")[0]
)
def test_the_trial_that_was_noticed(findings, measure, p):
    (found,) = [f for f in findings("huberty_2019", "sd_from_model") if f.message.startswith(f"{measure}:")]
    assert f"p = {p:.0e}," in found.expected


def test_no_other_publication_is_told(ledger):
    assert {f.file for f in ledger[1] if f.code == "sd_from_model"} == {"huberty_2019"}


def test_two_arms_are_the_ratio_over_its_standard_error():
    p, at_most = alike_p(visits([("4.93000", 41), ("4.94000", 47)], [("6.16000", 41), ("6.16100", 47)]))
    se2 = 1 / 80 + 1 / 92
    total = (log(4.93 / 4.94) ** 2 + log(6.16 / 6.161) ** 2) / se2
    assert p == pytest.approx(chdtr(2, total), rel=1e-9)
    assert at_most >= p


def test_coarse_print_excuses_equal_digits():
    p, at_most = alike_p(visits([("0.6", 20), ("0.6", 20)], [("0.7", 20), ("0.7", 20)]))
    assert p == 0.0
    assert at_most > TOO_ALIKE


def test_samples_are_hardly_ever_told():
    rng = np.random.default_rng(20190624)
    told = 0
    for _ in range(SETS):
        sds = [[(f"{rng.normal(size=n).std(ddof=1) * 10:.2f}", n) for n in (40, 45)] for _ in range(3)]
        told += alike_p(visits(*sds))[1] < TOO_ALIKE
    assert told / SETS <= CHANCE


def test_errors_of_one_model_are_always_told():
    rng = np.random.default_rng(7)
    for _ in range(100):
        sds = []
        for _ in range(3):
            s = 10 * np.exp(rng.normal() / 5)
            sds.append([(f"{s * (1 + rng.normal() * 1e-3):.2f}", n) for n in (40, 45)])
        assert alike_p(visits(*sds))[1] < TOO_ALIKE
