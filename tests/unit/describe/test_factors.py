"""Factor models of ordinal answers: what must hold whatever lavaan says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, multivariate_normal, ncx2

from compassion_trials.describe.factors.adequacy import _noncentrality, adequacy
from compassion_trials.describe.factors.bivariate_normal import cumulative, density
from compassion_trials.describe.factors.dwls import (
    ScaledTest,
    correlations_of,
    fit,
    independence_test,
    moments_of,
    scaled_test,
)
from compassion_trials.describe.factors.invariance import LEVELS, cells
from compassion_trials.describe.factors.omega import omega, steps_of
from compassion_trials.describe.factors.polychoric import (
    coded,
    correlation_influence,
    polychoric,
    threshold_influence,
)
from compassion_trials.describe.factors.structure import confirmatory

DOUBLE = 1e-13
"""Two ways to the same probability."""
CENTRAL = 1e-7
"""Central differences with steps of 1e-6."""


def answers(n: int, seed: int = 1, loading: float = 0.7, items: int = 6) -> np.ndarray:
    """One factor, four categories of unequal width."""
    rng = np.random.default_rng(seed)
    y = loading * rng.normal(size=(n, 1)) + np.sqrt(1 - loading**2) * rng.normal(size=(n, items))
    return np.searchsorted([-0.8, 0.1, 1.1], y).astype(float) + 1


@pytest.mark.parametrize(
    ("h", "k", "r"),
    [
        (0.3, -0.7, 0.5),
        (-1.2, -0.4, -0.8),
        (0.0, 0.6, 0.4),
        (0.0, -0.6, 0.4),
        (0.0, 0.0, -0.3),
        (1.5, 0.0, 0.95),
        (2, 2, 0),
    ],
)
def test_cumulative_bivariate_normal(h, k, r):
    expected = multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]], abseps=1e-14, releps=1e-14)
    assert cumulative(np.array(h), np.array(k), np.array(r)) == pytest.approx(expected, abs=1e-9)
    by_steps = (cumulative(np.array(h), np.array(k), np.array(r + s * 1e-6)) for s in (1, -1))
    up, down = by_steps
    assert density(np.array(h), np.array(k), np.array(r)) == pytest.approx((up - down) / 2e-6, abs=CENTRAL)


def test_cumulative_at_infinity():
    h, k = np.array([np.inf, -np.inf, 0.4, np.inf]), np.array([0.2, 0.2, np.inf, np.inf])
    expected = [multivariate_normal.cdf(0.2), 0.0, multivariate_normal.cdf(0.4), 1.0]
    assert cumulative(h, k, np.array(0.6)) == pytest.approx(expected, abs=DOUBLE)
    assert (density(h, k, np.array(0.6)) == 0).all()


def test_polychoric_of_a_tetrachoric_with_equal_margins_has_a_closed_form():
    a, b = 35, 15  # people who agree and who do not, in a 2 x 2 table split at the medians
    first = np.repeat([0, 0, 1, 1], [a, b, b, a])
    second = np.repeat([0, 1, 0, 1], [a, b, b, a])
    found = polychoric(np.column_stack([first, second]), np.array([2, 2]))
    assert found.correlations[0] == pytest.approx(np.sin(2 * np.pi * (a / 100 - 0.25)), abs=1e-9)


def test_turning_an_item_turns_its_correlations():
    x = answers(300)
    (codes,), _ = coded([x])
    plain = polychoric(codes, codes.max(axis=0) + 1).matrix
    codes[:, 2] = 3 - codes[:, 2]
    turned = polychoric(codes, codes.max(axis=0) + 1).matrix
    sign = np.where(np.arange(6) == 2, -1.0, 1.0)
    assert turned == pytest.approx(plain * np.outer(sign, sign), abs=1e-9)


def test_items_of_different_numbers_of_categories():
    x = answers(400)
    x[:, 0] = (x[:, 0] > 2) + 1.0
    (codes,), values = coded([x])
    assert [len(v) for v in values] == [2, 4, 4, 4, 4, 4]
    found = polychoric(codes, np.array([2, 4, 4, 4, 4, 4]))
    alone = polychoric(codes[:, [0, 1]], np.array([2, 4]))
    assert found.matrix[1, 0] == pytest.approx(alone.correlations[0], abs=1e-9)
    assert found.variances[0] == pytest.approx(alone.variances[0], rel=1e-7)


def test_influence_is_the_derivative_in_a_persons_weight():
    x = answers(200)[:, :3]
    (codes,), values = coded([x])
    categories = np.array([len(v) for v in values])
    found = polychoric(codes, categories)
    influence = np.hstack([threshold_influence(codes, found), correlation_influence(codes, found)])
    assert np.abs(influence.mean(axis=0)).max() < 1e-7
    copies = np.vstack([np.repeat(codes, 500, axis=0), codes[:1]])  # one person a little heavier
    heavier = polychoric(copies, categories)
    moved = (heavier.correlations - found.correlations) * len(copies)
    # outer products of scores stand for the information: right on average, not in a sample of 200
    assert moved == pytest.approx(influence[0, -3:], rel=0.25, abs=0.3)


def test_items_that_agree_perfectly_are_not_estimable():
    x = answers(300)
    assert polychoric(coded([x])[0][0], np.full(6, 4)).estimable
    x[:, 1] = x[:, 0]
    found = polychoric(coded([x])[0][0], np.full(6, 4))
    assert not found.estimable
    assert np.isfinite(found.variances).all()


def test_a_category_that_nobody_chose_is_refused():
    with pytest.raises(ValueError, match="nobody"):
        polychoric(np.array([[0, 0], [2, 1]]), np.array([3, 2]))


def test_categories_that_a_visit_lacks_are_merged_downwards():
    first, second = np.array([[1.0], [2], [3], [5]]), np.array([[2.0], [3], [4], [5]])
    codes, values = coded([first, second])
    assert values[0].tolist() == [2, 3, 5]
    assert [c[:, 0].tolist() for c in codes] == [[0, 0, 1, 2], [0, 1, 1, 2]]


@pytest.mark.parametrize("level", LEVELS)
def test_jacobian_is_the_derivative_of_the_moments(level):
    parts = [np.hstack([answers(150, seed), answers(150, seed + 10)]) for seed in (1, 2)]
    codes, _ = coded(parts)
    categories = np.full(6, 4)
    samples = [moments_of(c, np.tile(categories, 2)) for c in codes]
    loads = np.repeat([[True, False], [False, True]], 3, axis=0)
    structures, start = cells(level, loads, 2, categories, samples)
    start = start + np.random.default_rng(3).normal(0, 0.05, len(start))
    for structure in structures:
        for place, column in enumerate(structure.jacobian(start).T):
            step = np.zeros(len(start))
            step[place] = 1e-6
            slope = (structure.moments(start + step) - structure.moments(start - step)) / 2e-6
            assert column == pytest.approx(slope, abs=CENTRAL)


def test_a_saturated_model_fits_exactly():
    (codes,), values = coded([answers(300, items=3)])
    sample, _ = correlations_of(codes, np.array([len(v) for v in values]))
    fitted = fit([sample], *(lambda s, x: ([s], x))(*confirmatory(np.ones((3, 1), bool), True)))
    test = scaled_test(fitted)
    assert (test.df, test.p) == (0, 1.0)
    assert test.statistic == pytest.approx(0, abs=1e-8)
    assert fitted.converged
    assert fitted.proper


def test_a_heywood_case_is_improper():
    rng = np.random.default_rng(5)
    y = rng.normal(size=(300, 1)) * [0.97, 0.97, 0.1] + rng.normal(size=(300, 3)) * 0.2
    y[:, 2] = y[:, 0] * 0.9 - y[:, 1] * 0.6 + rng.normal(size=300) * 0.3
    (codes,), values = coded([np.searchsorted([-0.7, 0, 0.7], y).astype(float)])
    sample, _ = correlations_of(codes, np.array([len(v) for v in values]))
    structure, start = confirmatory(np.ones((3, 1), bool), True)
    assert not fit([sample], [structure], start).proper


def test_independent_items_leave_nothing_to_explain():
    rng = np.random.default_rng(8)
    (codes,), values = coded([rng.integers(1, 5, (400, 5)).astype(float)])
    sample, _ = correlations_of(codes, np.array([len(v) for v in values]))
    test = independence_test([sample], [10])
    assert test.df == 10
    assert test.p > 0.001
    structure, start = confirmatory(np.ones((5, 1), bool), True)
    fitted = fit([sample], [structure], start)
    found = adequacy(fitted, scaled_test(fitted), test)
    assert 0 <= found.cfi <= 1
    assert found.rmsea_lower <= found.rmsea <= found.rmsea_upper


@pytest.mark.parametrize(("statistic", "probability"), [(30.0, 0.95), (30.0, 0.05), (8.0, 0.05), (4.0, 0.95)])
def test_limits_of_the_noncentrality_leave_their_tail_beyond(statistic, probability):
    """By SciPy's noncentral chi-squared distribution; zero where even the central one leaves less."""
    found = _noncentrality(ScaledTest(statistic, 5, 1.0, statistic), probability)
    if chi2.cdf(statistic, 5) > probability:
        assert ncx2.cdf(statistic, 5, found) == pytest.approx(probability, abs=1e-8)
    else:
        assert found == 0.0


def test_omega_of_parallel_items_is_spearman_browns_in_the_limit_of_many_categories():
    # with many fine categories the sum behaves like the normal responses: k r / (1 + (k - 1) r)
    thresholds = np.concatenate([[-np.inf], np.linspace(-3.5, 3.5, 141), [np.inf]])
    loadings, k = np.full((5, 1), 0.7), 5
    rho = np.where(np.eye(k) == 1, 1.0, 0.49)
    found = omega(loadings, np.eye(1), rho, np.tile(thresholds, (k, 1)), steps_of([np.arange(142.0)] * k))
    assert found.total == pytest.approx(k * 0.49 / (1 + (k - 1) * 0.49), abs=2e-3)
    assert found.hierarchical == found.total


def test_omega_speaks_of_the_items_as_answered():
    thresholds = np.tile([-np.inf, 0.0, np.inf], (4, 1))
    loadings, rho = np.full((4, 1), 0.8), np.where(np.eye(4) == 1, 1.0, 0.64)
    found = omega(loadings, np.eye(1), rho, thresholds, steps_of([np.arange(2.0)] * 4))
    phi = np.arcsin(0.64) / (np.pi / 2)  # correlation of halves at the median
    assert found.total == pytest.approx(4 * phi / (1 + 3 * phi), abs=1e-12)
