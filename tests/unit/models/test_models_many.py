"""Many trials at once: each gets the analysis that it would get alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_mmrm
from compassion_trials.models.replicates.simulated_trials import analyse_many

STOPPED = 2e-5
"""Replicates stop a step earlier than single fits."""


def trials(b: int = 5, n: int = 12, t: int = 3, arms: int = 2, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = 50 + 8 * (rng.standard_normal((b, n * arms, 1)) + rng.standard_normal((b, n * arms, t)) * np.arange(1, t + 1))
    last = np.where(rng.random((b, n * arms)) < 0.3, rng.integers(1, t + 1, (b, n * arms)), t)
    gap = rng.random(y.shape) < 0.03
    gap[..., 0] = False
    return np.where((np.arange(t) < last[..., None]) & ~gap, y, np.nan), np.repeat(np.arange(arms), n)


def alone(y, arm, **options):
    n, t = y.shape
    data = pd.DataFrame(
        {"id": np.repeat(np.arange(n), t), "arm": np.repeat(arm, t), "visit": np.tile(np.arange(t), n), "y": y.ravel()}
    )
    return fit_mmrm(data, outcome="y", subject="id", arm="arm", visit="visit", reference=0, fallback=(), **options)


@pytest.mark.parametrize("design", ["lda", "clda"])
@pytest.mark.parametrize(
    ("covariance", "df"), [("us", "kenward-roger"), ("arh1", "kenward-roger"), ("us", "satterthwaite")]
)
def test_each_trial_is_its_own_fit(design, covariance, df):
    y, arm = trials()
    labels, tests = analyse_many(y, arm, design=design, covariance=covariance, df=df)
    assert tests.converged.all()
    for i, one in enumerate(y):
        table = alone(one, arm, design=design, covariance=covariance, df=df).contrasts("arm")
        assert labels["visit"] == list(table["visit"])
        np.testing.assert_allclose(tests.estimate[i], table["estimate"], atol=STOPPED * table["se"].min())
        np.testing.assert_allclose(tests.se[i], table["se"], rtol=STOPPED)
        np.testing.assert_allclose(tests.df[i], table["df"], rtol=20 * STOPPED)
        np.testing.assert_allclose(tests.p[i], table["p"], atol=STOPPED)


def test_three_arms_and_change():
    y, arm = trials(arms=3, t=4)
    labels, tests = analyse_many(y, arm, design="lda", kind="change_from_baseline")
    table = alone(y[0], arm, design="lda").contrasts("change_from_baseline")
    assert labels["contrast"] == list(table["contrast"])
    np.testing.assert_allclose(tests.p[0], table["p"], atol=STOPPED)


def test_a_trial_that_cannot_be_fitted_is_counted():
    y, arm = trials()
    y[2, :, 2] = np.nan
    _, tests = analyse_many(y, arm)
    assert not tests.converged[2]
    assert np.isnan(tests.p[2]).all()
    assert tests.converged[[0, 1, 3, 4]].all()


def test_options():
    y, arm = trials()
    with pytest.raises(ModelError, match="design"):
        analyse_many(y, arm, design="baseline_adjusted")
    with pytest.raises(ModelError, match="at most 6 visits"):
        analyse_many(np.zeros((1, 4, 7)), np.array([0, 0, 1, 1]))
