"""Residuals, influence, covariance fit and comparison of structures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import diagnostics, fit_mmrm
from compassion_trials.models.likelihood.likelihood_ratio import likelihood_ratio

DATA = two_arms(n=25, visits=3, dropout=0.2, seed=9)
FIT = fit_mmrm(DATA, **columns())


def test_normalized_residuals_are_standard():
    table = diagnostics.residuals(FIT)
    assert table["normalized"].std() == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(table["fitted"] + table["residual"], DATA["y"].to_numpy()[table["row"]])
    assert abs(np.corrcoef(table["normalized"][:-1], table["normalized"][1:])[0, 1]) < 0.3


def test_total_squared_normalized_residuals():
    """r'V^-1 r = N - p at the REML optimum of every structure whose variances all scale together."""
    assert (diagnostics.residuals(FIT)["normalized"] ** 2).sum() == pytest.approx(len(DATA) - 6, abs=1e-7)


def test_envelope_holds_most_points():
    table = diagnostics.qq_envelope(FIT, n=200, seed=2)
    inside = table["observed"].between(table["lower"], table["upper"]).mean()
    assert inside > 0.8
    outlier = DATA.assign(y=DATA["y"].where(DATA.index != 0, 90.0))
    bad = diagnostics.qq_envelope(fit_mmrm(outlier, **columns()), n=100, seed=2)
    assert bad["observed"].iloc[-1] > bad["upper"].iloc[-1]


def test_theoretical_quantiles_are_bloms():
    """(i - 3/8) / (n + 1/4): symmetrical about zero."""
    table = diagnostics.qq_envelope(FIT, n=2, seed=2)
    n = len(DATA)
    np.testing.assert_allclose(table["theoretical"], -table["theoretical"][::-1], atol=1e-12)
    assert norm.cdf(table["theoretical"].iloc[[0, -1]]) == pytest.approx([0.625 / (n + 0.25), (n - 0.375) / (n + 0.25)])


def test_influence_finds_the_odd_participant():
    shifted = DATA.assign(y=DATA["y"] + 40 * ((DATA["id"] == 30) & (DATA["visit"] == "fu")))
    if not ((DATA["id"] == 30) & (DATA["visit"] == "fu")).any():
        pytest.fail("the participant must have a last visit")
    table = diagnostics.influence(fit_mmrm(shifted, **columns()))
    worst = table.loc[table["cooks_distance"].idxmax()]
    assert DATA["id"][worst["row"]] == 30
    assert worst["arm"] == "Treatment"
    assert worst["change: Treatment - Control, fu"] > 0.3


def test_covariance_fit_on_complete_data():
    data = two_arms(n=20, visits=3)
    fit = fit_mmrm(data, **columns())
    table = diagnostics.covariance_fit(fit)
    np.testing.assert_allclose(table["observed"] * 40 / 38, table["fitted"], rtol=1e-8)
    assert (table["n"] == 40).all()


def test_likelihood_ratio():
    cs = fit_mmrm(DATA, **columns(), covariance="cs", fallback=())
    test = likelihood_ratio(FIT, cs)
    assert test.df == 4
    assert test.statistic == pytest.approx(2 * (FIT.loglik - cs.loglik))
    with pytest.raises(ModelError, match="no more parameters"):
        likelihood_ratio(cs, FIT)
    with pytest.raises(ModelError, match="different rows"):
        likelihood_ratio(FIT, fit_mmrm(DATA[DATA["id"] > 0], **columns(), covariance="cs", fallback=()))
    with pytest.raises(ModelError, match="REML, the other ML"):
        likelihood_ratio(FIT, fit_mmrm(DATA, **columns(), covariance="cs", reml=False, df="z", fallback=()))


def test_icc_needs_one_correlation():
    with pytest.raises(ModelError, match="one correlation"):
        diagnostics.icc(FIT)
