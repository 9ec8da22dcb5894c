"""Responders over visits: closed forms of the one-visit case, and what the estimating equations must always give."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.outcomes.longitudinal_responders import responder_gee

CLOSED = 1e-7
"""statsmodels stops its iterations at this size."""


def table(k1: int, n1: int, k2: int, n2: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One visit of two arms, half of each cell one point above, half one below the mean at baseline."""
    responded = np.repeat([1.0, 0.0, 1.0, 0.0], [k1, n1 - k1, k2, n2 - k2])
    return responded[:, None], np.repeat([0, 1], [n1, n2]), np.tile([1.0, -1.0], (n1 + n2) // 2)


def test_one_visit_is_the_fourfold_table():
    """Log odds ratio, and the sandwich with leverages: 1 / (n p q (1 - h)^2) per arm, h = 1/n + p q / sum(n p q)."""
    k1, n1, k2, n2 = 14, 30, 6, 24
    found = responder_gee(*table(k1, n1, k2, n2), 2)
    assert found.estimate[0, 0] == pytest.approx(k1 * (n2 - k2) / (k2 * (n1 - k1)), rel=CLOSED)
    spread = np.array([k * (n - k) / n for k, n in ((k1, n1), (k2, n2))])  # n p q
    size = np.array([n1, n2])
    leverage = 1 / size + spread / size / spread.sum()
    se = np.sqrt((1 / (spread * (1 - leverage) ** 2)).sum())
    log = np.log(found.estimate[0, 0])
    z = norm.ppf(0.975)
    assert np.log([found.lower[0, 0], found.upper[0, 0]]) == pytest.approx([log - z * se, log + z * se], rel=CLOSED)
    assert found.p[0, 0] == pytest.approx(2 * norm.sf(log / se), rel=1e-6)


def test_without_leverages_it_is_the_usual_standard_error():
    """In a large table the correction vanishes: sqrt(1/a + 1/b + 1/c + 1/d)."""
    k1, n1, k2, n2 = 5600, 12000, 2400, 9600
    found = responder_gee(*table(k1, n1, k2, n2), 2)
    se = np.log(found.upper[0, 0] / found.lower[0, 0]) / 2 / norm.ppf(0.975)
    assert se == pytest.approx(np.sqrt(1 / k1 + 1 / (n1 - k1) + 1 / k2 + 1 / (n2 - k2)), rel=2e-4)


def test_turning_the_arms_turns_the_odds_ratios():
    rng = np.random.default_rng(1)
    responded = (rng.random((60, 3)) < 0.5).astype(float)
    responded[rng.random((60, 3)) < 0.1] = np.nan
    arm, baseline = np.arange(60) % 2, rng.normal(20, 4, 60)
    a, b = responder_gee(responded, arm, baseline, 2), responder_gee(responded, 1 - arm, baseline, 2)
    assert a.estimate == pytest.approx(1 / b.estimate, rel=1e-5)
    assert a.lower == pytest.approx(1 / b.upper, rel=1e-5)


def test_an_arm_in_which_all_responded_is_refused():
    responded, arm, baseline = table(30, 30, 6, 24)
    with pytest.raises(ModelError, match="all or none responded"):
        responder_gee(responded, arm, baseline, 2)
