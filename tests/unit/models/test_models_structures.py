"""Analytic derivatives of every covariance structure against central differences."""

from __future__ import annotations

import numpy as np
import pytest

from compassion_trials.models.likelihood.covariance import (
    Component,
    CovarianceModel,
    marginal_model,
)
from compassion_trials.models.likelihood.structures import (
    Linear,
    RankOne,
    random_effects,
    structure,
)
from compassion_trials.models.options import COVARIANCES

STEP = 1e-5
NUMERIC = 1e-6
"""Central differences with this step are good to about step squared plus rounding / step."""


def parameters(shape, rng):
    return np.where(
        shape.powers > 0, rng.uniform(1.0, 2.0, len(shape.powers)), rng.uniform(-0.4, 0.6, len(shape.powers))
    )


@pytest.mark.parametrize("name", COVARIANCES)
@pytest.mark.parametrize("n_visits", [1, 2, 3, 5])
def test_derivatives(name, n_visits):
    shape = structure(name, n_visits)
    theta = parameters(shape, np.random.default_rng(3))
    unit = np.eye(len(theta)) * STEP
    first = np.array([(shape.value(theta + e) - shape.value(theta - e)) / (2 * STEP) for e in unit])
    np.testing.assert_allclose(shape.first(theta), first, atol=NUMERIC)
    second = np.array([(shape.first(theta + e) - shape.first(theta - e)) / (2 * STEP) for e in unit])
    analytic = shape.second(theta)
    np.testing.assert_allclose(np.zeros_like(second) if analytic is None else analytic, second, atol=NUMERIC)


def test_ante_dependence_at_zero_correlation():
    shape = structure("ad", 4)
    theta = np.array([1.0, 0.0, 0.5, 0.0])
    unit = np.eye(4) * STEP
    second = np.array([(shape.first(theta + e) - shape.first(theta - e)) / (2 * STEP) for e in unit])
    np.testing.assert_allclose(shape.second(theta), second, atol=NUMERIC)


def test_values_of_named_structures():
    np.testing.assert_allclose(structure("ar1", 3).value(np.array([4.0, 0.5])), [[4, 2, 1], [2, 4, 2], [1, 2, 4]])
    np.testing.assert_allclose(structure("cs", 2).value(np.array([1.0, 3.0])), [[4, 1], [1, 4]])
    np.testing.assert_allclose(structure("csh", 2).value(np.array([4.0, 9.0, 0.5])), [[4, 3], [3, 9]])
    np.testing.assert_allclose(
        structure("adh", 3).value(np.array([1.0, 4.0, 9.0, 0.5, 0.2])), [[1, 1, 0.3], [1, 4, 1.2], [0.3, 1.2, 9]]
    )
    np.testing.assert_allclose(
        structure("toeph", 3).value(np.array([1.0, 1.0, 4.0, 0.5, 0.2])), [[1, 0.5, 0.4], [0.5, 1, 1], [0.4, 1, 4]]
    )
    assert structure("us", 3, ("a", "b", "c")).names[1] == "covariance(a,b)"


@pytest.mark.parametrize("name", COVARIANCES)
def test_start_is_positive_definite(name):
    target = np.array([[2.0, 0.8, 0.6], [0.8, 1.0, 0.5], [0.6, 0.5, 1.5]])
    shape = structure(name, 3)
    assert np.linalg.eigvalsh(shape.value(shape.start(target)))[0] > 0


def test_rank_one_random_effects():
    z = np.column_stack([np.ones(4), [0.0, 0.3, 0.6, 1.0]])
    shape = RankOne(("a", "b"), np.full(2, 0.5), z)
    theta = np.array([1.2, -0.7])
    full = random_effects(z, ("a", "b"))
    np.testing.assert_allclose(shape.value(theta), full.value(np.array([1.44, -0.84, 0.49])))
    unit = np.eye(2) * STEP
    np.testing.assert_allclose(
        shape.first(theta), [(shape.value(theta + e) - shape.value(theta - e)) / (2 * STEP) for e in unit], atol=NUMERIC
    )
    np.testing.assert_allclose(
        shape.second(theta),
        [(shape.first(theta + e) - shape.first(theta - e)) / (2 * STEP) for e in unit],
        atol=NUMERIC,
    )


def test_components_add_up_in_their_slots():
    residual = Linear(("residual",), np.ones(1), np.eye(2)[None])
    shared = random_effects(np.ones((2, 1)), ("intercept",))
    model = CovarianceModel(
        (Component(shared, (0, 1)), Component(residual, (0,), "a"), Component(residual, (1,), "b")), 2, 2
    )
    value = model.value(np.array([1.0, 2.0, 5.0]))
    np.testing.assert_allclose(value, [[[3, 1], [1, 3]], [[6, 1], [1, 6]]])
    assert model.names == ("variance(intercept)", "a: residual", "b: residual")
    assert model.second(np.ones(3)) is None


def test_one_structure_per_arm_names_the_arm():
    model = marginal_model("csh", ("pre", "post"), ("A", "B"), per_arm=True)
    assert model.n_slots == 2
    assert model.names[0] == "A: variance(pre)"
    assert model.second(np.array([1.0, 2.0, 0.3, 1.0, 2.0, 0.3])).shape == (6, 6, 2, 2, 2)


def test_loadings_start_from_the_leading_direction_of_the_data():
    """Of a a' the loadings are a; of a covariance that has no direction inside the space, something small."""
    shape = RankOne(("a", "b"), np.full(2, 0.5), np.eye(2), np.ones(2))
    found = shape.start(np.array([[4.0, 2.0], [2.0, 1.0]]))
    assert np.outer(found, found) == pytest.approx(np.array([[4.0, 2.0], [2.0, 1.0]]))
    assert np.linalg.norm(shape.start(np.zeros((2, 2)))) == pytest.approx(0.01)
