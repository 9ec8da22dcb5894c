"""Likelihood, gradient and Hessian from sufficient statistics against plain dense algebra and differences."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.likelihood.covariance import marginal_model
from compassion_trials.models.likelihood.estimate import pattern_blocks, units
from compassion_trials.models.likelihood.reml import Problem, differentiate, solve

STEP = 1e-5
NUMERIC = 2e-6
"""Relative to the largest entry; central differences of analytic derivatives."""
DENSE = 1e-9


def problem_of(name, per_arm, reml):
    fit = fit_mmrm(two_arms(n=15, dropout=0.3, gaps=0.1), **columns(), covariance="cs", fallback=())
    long = fit.prepared.long
    model = marginal_model(name, long.visits, long.arms, per_arm)
    blocks, _ = pattern_blocks(fit.prepared, per_arm)
    return Problem(blocks, model, len(fit.prepared.z), fit.prepared.z.shape[1] - 1, reml)


def check_derivatives(problem, theta):
    unit = np.eye(len(theta)) * STEP
    slope = differentiate(problem, solve(problem, theta))
    up = [solve(problem, theta + e) for e in unit]
    down = [solve(problem, theta - e) for e in unit]
    gradient = [(a.objective - b.objective) / (2 * STEP) for a, b in zip(up, down, strict=True)]
    np.testing.assert_allclose(slope.gradient, gradient, atol=1e-4)
    hessian = [
        (differentiate(problem, a).gradient - differentiate(problem, b).gradient) / (2 * STEP)
        for a, b in zip(up, down, strict=True)
    ]
    np.testing.assert_allclose(slope.observed, hessian, atol=NUMERIC * np.abs(hessian).max())


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    ("name", "per_arm"), [("us", False), ("us", True), ("toeph", False), ("ad", True), ("arh1", False)]
)
def test_derivatives_of_the_likelihood(name, per_arm, reml):
    problem = problem_of(name, per_arm, reml)
    target = np.array([[0.9, 0.4, 0.3], [0.4, 1.1, 0.4], [0.3, 0.4, 1.3]])
    check_derivatives(problem, problem.covariance.start(np.stack([target] * problem.covariance.n_slots)))


def test_derivatives_with_therapy_groups():
    data = two_arms(n=16, dropout=0.3)
    data["group"] = np.where(data["arm"] == "Treatment", "g" + (data["id"] // 4).astype(str), None)
    fit = fit_lmm(data, **columns(), group="group", residual="ar1", per_arm=True)
    problem = fit.estimate.problem if fit.estimate.full is None else fit.estimate.full[0]
    theta = np.where(problem.covariance.powers > 0, 0.6, 0.2)
    check_derivatives(problem, theta)


@pytest.mark.parametrize("reml", [True, False])
def test_likelihood_is_the_dense_one(reml):
    data = two_arms(n=10, dropout=0.3, gaps=0.1)
    fit = fit_mmrm(data, **columns(), df="satterthwaite", reml=reml)
    assert dense_log_likelihood(fit, reml) == pytest.approx(fit.loglik, abs=DENSE)


def test_likelihood_with_groups_is_the_dense_one():
    data = two_arms(n=16, dropout=0.2)
    data["group"] = np.where(data["arm"] == "Treatment", data["id"] // 4, np.nan)
    fit = fit_lmm(data, **columns(), group="group")
    assert dense_log_likelihood(fit, True) == pytest.approx(fit.loglik, abs=DENSE)


def dense_log_likelihood(fit, reml):
    """-2 log L written out with the N x N covariance of all rows."""
    long, x = fit.prepared.long, fit.prepared.x
    v = np.zeros((len(x), len(x)))
    for index, block in units(fit.estimate):
        for rows in index:
            v[np.ix_(rows, rows)] = block * fit.prepared.standard.scale**2
    inverse = np.linalg.inv(v)
    beta = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ long.y)
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-8)
    r = long.y - x @ beta
    value = np.linalg.slogdet(v)[1] + r @ inverse @ r + len(x) * np.log(2 * np.pi)
    if reml:
        value += np.linalg.slogdet(x.T @ inverse @ x)[1] - x.shape[1] * np.log(2 * np.pi)
    return -value / 2
