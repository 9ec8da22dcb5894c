"""Mediation against code that is not ours: statsmodels' interaction, SciPy's BCa, replicates counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from compassion_trials.effects.mechanism.mediation import (
    bca_limits,
    bootstrap_indirect,
    jackknife_indirect,
    mediate,
    monte_carlo_limits,
    percentile_limits,
)

EXACT = 1e-9


def data(n: int = 40, seed: int = 3):
    rng = np.random.default_rng(seed)
    x, c = np.arange(n) % 2.0, rng.standard_normal((n, 1))
    m = np.column_stack([c[:, 0] - x + rng.standard_normal(n), 2 * x + rng.standard_normal(n)])
    y = m @ [0.5, -0.3] + 0.4 * x * m[:, 1] + c[:, 0] + rng.standard_normal(n)
    return x, m, y, c


def test_the_interaction_is_of_the_first_mediator():
    x, m, y, c = data()
    ols = sm.OLS(y, np.column_stack([np.ones(len(x)), x, c, m, x * m[:, 0]])).fit()
    found = mediate(x, m, y, c).interaction
    assert (found.estimate, found.se, found.df) == pytest.approx((ols.params[-1], ols.bse[-1], ols.df_resid), rel=EXACT)


def test_bca_limits_are_those_of_scipy():
    """A skewed statistic, so that the acceleration counts; SciPy computes both limits from the same replicates."""
    x = np.random.default_rng(4).exponential(size=25)
    resampled = np.random.default_rng(5).choice(x, (4000, 25))
    theirs = stats.bootstrap(
        (x,),
        np.mean,
        n_resamples=0,
        method="BCa",
        bootstrap_result=stats._resampling.BootstrapResult(None, resampled.mean(1), 0.1),
    ).confidence_interval
    left_out = (x.sum() - x[:, None]) / 24
    ours = bca_limits(np.array([x.mean()]), resampled.mean(1)[:, None], left_out)[0]
    plain = percentile_limits(resampled.mean(1)[:, None])[0]
    assert ours == pytest.approx([theirs.low, theirs.high], rel=1e-9)
    assert (ours > plain).all()  # the long tail is on the right, and the acceleration follows it


def test_replicates_that_cannot_be_solved_are_left_out_and_only_those():
    """One of 8 treated has the covariate: a replicate without this person has no such column to adjust for."""
    rng = np.random.default_rng(6)
    x, carrier, replicates = np.repeat([0.0, 1.0], 8), 11, 4000
    c = (np.arange(16) == carrier).astype(float)[:, None]
    m, y = rng.standard_normal((16, 1)), rng.standard_normal(16)
    found = bootstrap_indirect(x, m, y, c, replicates, seed=2)
    assert np.isfinite(found).all()
    drawn = 1 - (7 / 8) ** 8
    error = np.sqrt(drawn * (1 - drawn) / replicates)
    assert len(found) / replicates == pytest.approx(drawn, abs=4.5 * error)


def test_a_unit_left_out_is_left_out_of_every_equation():
    x, m, y, c = data()
    unit = np.arange(40) // 4
    found = jackknife_indirect(x, m, y, c, unit)
    for k in (0, 9):
        keep = unit != k
        assert found[k] == pytest.approx(mediate(x[keep], m[keep], y[keep], c[keep]).indirect, rel=1e-8)


def test_monte_carlo_limits_of_a_certain_path_are_those_of_the_other():
    """b = 2 without error: the product is normal with twice the spread of a; with few df it is t."""
    from compassion_trials.effects.mechanism.mediation import Coefficient

    a, b = (Coefficient(1.0, 0.5, 5.0),), (Coefficient(2.0, 0.0, 5.0),)
    for normal, q in ((True, stats.norm.ppf(0.95)), (False, stats.t.ppf(0.95, 5))):
        limits = monte_carlo_limits(a, b, alpha=0.1, normal=normal)
        assert limits[0] == pytest.approx([2 - q, 2 + q], abs=0.03)  # 5 Monte Carlo errors of a 5 % quantile
        assert (limits[0] == limits[1]).all()  # one mediator: the sum is the product
