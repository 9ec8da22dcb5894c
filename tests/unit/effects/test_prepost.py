"""Pretest-posttest-control effect size of Morris (2008), its variance term by term, and its simulation."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.prepost import Gain, d_ppc2, gain

EXACT = 1e-12
MONTE_CARLO = 4.5
"""Standard errors over the replicates; the seed is fixed."""


def test_gain_of_complete_pairs():
    before, after = np.array([1.0, 2, 4, 7, np.nan]), np.array([2.0, 2, 3, 9, 5])
    found = gain(before, after)
    x, y = before[:4], after[:4]
    assert (found.before, found.after, found.n) == (3.5, 4.0, 4)
    assert (found.sd, found.r) == pytest.approx((x.std(ddof=1), np.corrcoef(x, y)[0, 1]), abs=EXACT)
    for wrong in ((before[:2], after[:2]), (before, np.full(5, 3.0)), (np.full(5, 3.0), after)):
        with pytest.raises(ModelError, match="three pairs and variation"):
            gain(*wrong)


def test_d_and_its_limits_by_hand():
    """N = 40: c = 1 - 3 / 151, pooled SD from 15 x 36 + 23 x 16, rho from 15 x .7 + 23 x .5."""
    found = d_ppc2(Gain(20.0, 14.0, 6.0, 0.7, 16), Gain(19.0, 18.0, 4.0, 0.5, 24), alpha=0.1)
    sd, rho, c = sqrt((15 * 36 + 23 * 16) / 38), (15 * 0.7 + 23 * 0.5) / 38, 1 - 3 / 151
    d = c * (-6 + 1) / sd
    k = 1 / 16 + 1 / 24
    within = 2 * (1 - rho) * k
    variance = c**2 * within * 38 / 36 * (1 + d**2 / within) - d**2
    half = stats.norm.ppf(0.95) * sqrt(variance)
    assert (found.estimate, found.lower, found.upper) == pytest.approx((d, d - half, d + half), abs=EXACT)


def test_four_people_have_no_variance():
    two = Gain(1.0, 2.0, 1.0, 0.5, 2)
    with pytest.raises(ModelError, match="more than four"):
        d_ppc2(two, two)
    assert d_ppc2(two, Gain(1.0, 2.0, 1.0, 0.5, 3)).estimate == 0.0


def test_the_variance_is_that_of_simulated_trials():
    """Bivariate normal scores, rho = .6 and a true effect of .5; the standard error is that of d over trials."""
    rng = np.random.default_rng(3)
    n, rho, trials = 20, 0.6, 4000
    z = rng.standard_normal((trials, 2, n, 2))
    x, y = z[..., 0], rho * z[..., 0] + sqrt(1 - rho**2) * z[..., 1]
    y[:, 0] += 0.5
    sds = x.std(axis=2, ddof=1)
    gains = (y - x).mean(2)
    d = (1 - 3 / (4 * 38 - 1)) * (gains[:, 0] - gains[:, 1]) / np.sqrt((sds**2).mean(1))
    assert d.mean() == pytest.approx(0.5, abs=MONTE_CARLO * d.std() / sqrt(trials))
    found = d_ppc2(Gain(0.0, 0.5, 1.0, rho, n), Gain(0.0, 0.0, 1.0, rho, n))
    se = (found.upper - found.estimate) / stats.norm.ppf(0.975)
    assert se == pytest.approx(d.std(), rel=MONTE_CARLO / sqrt(2 * trials) + 0.01)  # the plug-in d is c times .5
