"""Multiple imputation is proper: with half of the values missing its draws follow the known posterior."""

from __future__ import annotations

import numpy as np
import pytest

from compassion_trials.effects.missing.imputation import Joint, impute

CHAINS = 6000
SEEN = 10
MONTE_CARLO = 4.5
"""Standard errors of a mean over the chains; one test in 100 000 fails by chance, and the seed is fixed."""


@pytest.fixture(scope="module")
def one_visit():
    """One visit, 10 of 20 seen: given the data, variance and mean have a closed posterior that missing values leave."""
    y = np.full((20, 1), np.nan)
    y[:SEEN, 0] = np.random.default_rng(11).normal(30, 6, SEEN)
    seen = y[:SEEN, 0]
    draws = impute(Joint(y, np.ones((20, 1, 1))), seen[:1], np.full((1, 1), 36.0), CHAINS, seed=4)
    return seen, draws


def test_variances_follow_the_scaled_inverse_chi_squared_with_n_minus_1(one_visit):
    """sigma² | y = (n - 1) s² / chi²(n - 1) (Rubin 1987, ch. 5): its inverse has mean 1 / s² and a known variance."""
    seen, draws = one_visit
    precision = seen.var(ddof=1) / draws.sigma[:, 0, 0]
    error = np.sqrt(2 / (SEEN - 1) / CHAINS)  # of a mean of chi²(f) / f, f = n - 1
    assert precision.mean() == pytest.approx(1.0, abs=MONTE_CARLO * error)
    assert (draws.sigma[:, 0, 0] / seen.var(ddof=1)).mean() == pytest.approx(
        9 / 7, abs=MONTE_CARLO * 9 / 7 * np.sqrt(2 / 5 / CHAINS)
    )


def test_means_are_drawn_and_follow_t_of_the_seen_values(one_visit):
    """b | y = mean + s / sqrt(n) t(n - 1); t(9) has variance 9/7 and fourth moment 3 81 / (7 5)."""
    seen, draws = one_visit
    t = (draws.beta[:, 0] - seen.mean()) / (seen.std(ddof=1) / np.sqrt(SEEN))
    assert t.mean() == pytest.approx(0.0, abs=MONTE_CARLO * np.sqrt(9 / 7 / CHAINS))
    spread = np.sqrt((3 * 81 / 35 - (9 / 7) ** 2) / CHAINS)
    assert (t**2).mean() == pytest.approx(9 / 7, abs=MONTE_CARLO * spread)


def test_imputed_values_are_predictions_for_new_people(one_visit):
    """A missing value is mean + s sqrt(1 + 1/n) t(n - 1)."""
    seen, draws = one_visit
    t = (draws.y[:, SEEN:, 0] - seen.mean()) / (seen.std(ddof=1) * np.sqrt(1 + 1 / SEEN))
    spread = np.sqrt((3 * 81 / 35 - (9 / 7) ** 2) / CHAINS)  # people of a chain depend on each other: chains count
    assert (t**2).mean() == pytest.approx(9 / 7, abs=MONTE_CARLO * spread)


def test_half_missing_at_the_second_visit_is_predicted_by_the_first():
    """Monotone: the mean at the second visit is the regression's value at the mean of everybody's first visit."""
    rng = np.random.default_rng(12)
    y = rng.normal(20, 4, (30, 1)) + rng.normal(0, 3, (30, 2))
    y[15:, 1] = np.nan
    x = np.tile(np.eye(2), (30, 1, 1))
    draws = impute(Joint(y, x), y[:15].mean(0), np.cov(y[:15], rowvar=False), CHAINS, seed=5)
    slope, intercept = np.polyfit(y[:15, 0], y[:15, 1], 1)
    error = MONTE_CARLO * draws.beta[:, 1].std() / np.sqrt(CHAINS)
    assert draws.beta[:, 1].mean() == pytest.approx(intercept + slope * y[:, 0].mean(), abs=error)
    within = (y[:15, 1] - intercept - slope * y[:15, 0]).var(ddof=2)
    assert draws.beta[:, 1].var() > within / 15  # what 15 seen values leave open, at least
