"""Refits by kinds of people: each replicate is the fit that its data would get alone, with therapy groups too."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.replicates.covariate_strata import Kinds, drawn, resampled, summed
from compassion_trials.models.replicates.covariate_strata_likelihood import evaluate
from compassion_trials.models.replicates.covariate_strata_refit import refit
from compassion_trials.models.replicates.resample import (
    of_few_kinds,
    parametric_bootstrap,
    subject_bootstrap,
)
from compassion_trials.models.replicates.simulate import draw_errors, with_errors

DATA = two_arms(n=24, visits=3, dropout=0.25, gaps=0.05, seed=4)
REFIT = 2e-4
"""BFGS stops at a decrement of 1e-7: about 3e-4 standard errors at most, mostly far less."""
CENTRAL = 1e-6
"""Central differences of a likelihood of size 100."""


def grouped(shared: float = 1.5, seed: int = 2):
    """A trial whose treated arm met in groups of six."""
    rng = np.random.default_rng(seed)
    treated = (DATA["arm"] == "Treatment").to_numpy()
    code = DATA["id"].to_numpy() // 6
    first = DATA["visit"].to_numpy() == "pre"
    effect = shared * rng.standard_normal(code.max() + 1)[code]
    data = DATA.assign(group=np.where(treated, code.astype(float), np.nan))
    return data.assign(y=DATA["y"] + np.where(treated & ~first, effect, 0.0))


def fit_grouped(shared: float = 1.5, residual: str = "us", **more):
    return fit_lmm(grouped(shared), **columns(), random="none", residual=residual, group="group", **more)


@pytest.mark.parametrize("residual", ["us", "arh1"])
@pytest.mark.parametrize("reml", [True, False])
def test_gradient_is_that_of_the_likelihood(residual, reml):
    fit = fit_grouped(residual=residual, reml=reml, df="kenward-roger" if reml else "z", robust=None if reml else "CR2")
    kinds = Kinds.of(fit)
    sums = drawn(kinds, np.random.default_rng(1), 3)
    theta = np.tile(kinds.theta * 1.05 + 0.01, (3, 1))
    found, step = evaluate(kinds, sums, theta), 1e-5
    for k in range(theta.shape[1]):
        move = step * np.eye(theta.shape[1])[k]
        up, down = (evaluate(kinds, sums, theta + sign * move).objective for sign in (1, -1))
        assert found.gradient[:, k] == pytest.approx((up - down) / (2 * step), abs=CENTRAL * 100)


def test_the_data_themselves_give_the_fit_again():
    for fit in (fit_mmrm(DATA, **columns()), fit_grouped()):
        kinds = Kinds.of(fit)
        again, own = refit(kinds, summed(kinds, kinds.y[None])), fit.estimate.optimum.solution
        assert again.converged.all()
        assert again.objective[0] == pytest.approx(own.objective, abs=1e-9)
        np.testing.assert_allclose(again.phi[0], own.phi, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("shared", [1.5, 0.0])
def test_a_drawn_trial_is_refitted_as_if_alone(shared):
    """Group variance at its lower bound included."""
    fit = fit_grouped(shared)
    kinds, rng = Kinds.of(fit), np.random.default_rng(3)
    long, bounds = fit.prepared.long, set()
    for _ in range(8):
        errors = draw_errors(fit, rng)
        prepared, means = with_errors(fit.prepared, errors)
        alone = fit.recipe(prepared)
        y = np.zeros((1, *kinds.y.shape))
        y[0, long.subject, long.visit] = errors / fit.prepared.standard.scale
        found = refit(kinds, summed(kinds, y))
        se = np.sqrt(np.diag(found.phi[0]))
        np.testing.assert_allclose((found.beta[0] - means) / se, alone.optimum.solution.beta / se, atol=REFIT)
        assert found.objective[0] == pytest.approx(alone.optimum.solution.objective, abs=1e-6)
        bounds.add((found.theta[0, -1] == 0) == bool(alone.certificate.boundary))
    assert bounds == {True}


def test_people_drawn_again_are_those_of_the_other_engine():
    from compassion_trials.models.replicates import resample

    fit = fit_mmrm(DATA, **columns())
    ours = subject_bootstrap(fit, 40, seed=5)
    assert of_few_kinds(fit)
    rng, long = np.random.default_rng(5), fit.prepared.long
    arm = np.zeros(long.n_subjects, dtype=int)
    arm[long.subject] = long.arm
    weights = np.zeros((40, long.n_subjects))
    for a in range(2):
        m = np.flatnonzero(arm == a)
        weights[:, m] = rng.multinomial(len(m), np.full(len(m), 1 / len(m)), size=40)
    theirs = resample._weighted(fit, iter([weights]), 40, None)
    both = ours.converged & theirs.converged
    assert both.mean() > 0.9
    se = fit.coefficients["se"].to_numpy()
    np.testing.assert_allclose(ours.beta[both] / se, theirs.beta[both] / se, atol=5 * REFIT)
    np.testing.assert_allclose(ours.loglik[both], theirs.loglik[both], atol=1e-6)


def test_covariates_make_more_kinds():
    data = DATA.assign(age=20.0 + DATA["id"] % 7)
    fit = fit_mmrm(data, **columns(), covariates=["age"])
    kinds = Kinds.of(fit)
    assert len(kinds.x) == 14
    again = refit(kinds, resampled(kinds, np.ones((1, len(kinds.kind)))))
    assert again.objective[0] == pytest.approx(fit.estimate.optimum.solution.objective, abs=1e-8)


def test_parametric_bootstrap_of_groups_is_centred_and_as_wide_as_the_standard_error():
    fit = fit_grouped()
    draws = parametric_bootstrap(fit, 1500, seed=3)
    found = fit.contrast_estimates("arm")
    estimates = draws.contrasts(found.contrasts)[draws.converged]
    assert draws.converged.mean() > 0.98
    np.testing.assert_allclose(estimates.std(0), found.se, rtol=0.12)  # the adjusted SE, and .02 of Monte Carlo error
    np.testing.assert_allclose(estimates.mean(0), found.estimate, atol=0.15 * found.se.max())
    assert np.array_equal(draws.beta, parametric_bootstrap(fit, 1500, seed=3).beta, equal_nan=True)


def test_an_unsuitable_model_goes_the_long_way():
    assert not of_few_kinds(fit_mmrm(DATA, **columns(), covariance="cs", per_arm=True, fallback=()))
    assert not of_few_kinds(fit_lmm(DATA, **columns()))
    assert of_few_kinds(fit_grouped())
