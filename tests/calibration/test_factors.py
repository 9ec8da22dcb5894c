"""Factor models of simulated SCS answers of known structure: bias of loadings, coverage of intervals."""

from __future__ import annotations

import numpy as np
import pytest

from compassion_trials.describe.factors.competing import FactorModel, compare_models, omega_limits
from compassion_trials.describe.factors.dwls import correlations_of, fit
from compassion_trials.describe.factors.omega import omega
from compassion_trials.describe.factors.polychoric import coded
from compassion_trials.describe.factors.structure import confirmatory

SETS, N = 500, 500
BIAS = 0.05
"""Largest bias of a loading, relative to it."""
COVERAGE = (0.92, 0.97)
"""Of 95 % intervals, over all loadings of a model; one loading alone has a Monte Carlo error of .01."""
OF_ONE = 4 * np.sqrt(0.95 * 0.05 / SETS)
"""What one loading's coverage may lie below or above .95 by chance: 4 Monte Carlo standard errors, for 78 loadings."""

SUBSCALES = ((5, 12, 19, 23, 26), (1, 8, 11, 16, 21), (3, 7, 10, 15), (4, 13, 18, 25), (9, 14, 17, 22), (2, 6, 20, 24))
"""Items of the SCS by subscale."""
THRESHOLDS = np.array([-1.2, -0.4, 0.3, 1.1])
SIX = np.array([[item in own for own in SUBSCALES] for item in range(1, 27)])
ONE = np.ones((26, 1), bool)


def answers(loadings: np.ndarray, covariances: np.ndarray, n: int, generator: np.random.Generator) -> np.ndarray:
    """Five categories, 1 to 5, of normal responses with variance 1."""
    unique = np.sqrt(1 - np.einsum("ij,jk,ik->i", loadings, covariances, loadings))
    factors = generator.normal(size=(n, len(covariances))) @ np.linalg.cholesky(covariances).T
    y = factors @ loadings.T + unique * generator.normal(size=(n, len(loadings)))
    return np.searchsorted(THRESHOLDS, y) + 1.0


def correlated() -> tuple[FactorModel, np.ndarray, np.ndarray]:
    """Six factors that correlate .6."""
    return FactorModel("subscales", SIX), SIX * np.linspace(0.55, 0.8, 26)[:, None], np.where(np.eye(6) == 1, 1.0, 0.6)


def bifactor() -> tuple[FactorModel, np.ndarray, np.ndarray]:
    """A strong general factor and six specific ones."""
    loadings = np.hstack([np.linspace(0.5, 0.7, 26)[:, None], 0.45 * SIX])
    return FactorModel("bifactor", np.hstack([ONE, SIX]), correlated=False), loadings, np.eye(7)


@pytest.mark.slow
@pytest.mark.parametrize("made", [correlated, bifactor])
def test_loadings(made):
    model, loadings, covariances = made()
    structure, start = confirmatory(model.pattern, model.correlated)
    places, true, found, covered = structure.loadings.free[model.pattern], loadings[model.pattern], [], []
    for i in range(SETS):
        generator = np.random.default_rng([20140910, i])
        (codes,), _ = coded([answers(loadings, covariances, N, generator)])
        sample, _ = correlations_of(codes, codes.max(axis=0) + 1)
        fitted = fit([sample], [structure], start)
        assert fitted.converged
        ours = fitted.parameters[places]  # all start above 0 and stay there
        found.append(ours)
        covered.append(np.abs(ours - true) <= 1.959964 * fitted.se[places])
    bias, coverage = np.mean(found, axis=0) / true - 1, np.mean(covered, axis=0)
    assert np.abs(bias).max() < BIAS
    assert COVERAGE[0] <= coverage.mean() <= COVERAGE[1]
    assert np.abs(coverage - 0.95).max() < OF_ONE


OMEGA_SETS, OMEGA_N, DRAWS, ITEMS = 100, 200, 100, 6
OMEGA_COVERAGE = (0.88, 1.0)
"""95 % intervals, 100 sets: within about 3 Monte Carlo standard errors of .95; percentile limits cover far less."""


@pytest.mark.slow
def test_limits_of_omega():
    loadings = np.linspace(0.5, 0.75, ITEMS)[:, None]
    rho = loadings @ loadings.T
    np.fill_diagonal(rho, 1.0)
    limits = np.tile(np.concatenate([[-np.inf], THRESHOLDS, [np.inf]]), (ITEMS, 1))
    true = omega(loadings, np.eye(1), rho, limits, [np.ones(4)] * ITEMS).total
    model, covered = FactorModel("one", np.ones((ITEMS, 1), bool)), []
    for i in range(OMEGA_SETS):
        generator = np.random.default_rng([20140911, i])
        given = answers(loadings, np.eye(1), OMEGA_N, generator)
        (fitted,) = compare_models(given, [model])
        ends = omega_limits(given, fitted, DRAWS, generator)
        covered.append(ends.total[0] <= true <= ends.total[1])
    assert OMEGA_COVERAGE[0] <= np.mean(covered) <= OMEGA_COVERAGE[1]
