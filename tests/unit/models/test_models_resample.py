"""Replicates in one array: each is the fit that its data would get alone."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.replicates.batch import refit
from compassion_trials.models.replicates.resample import (
    CHUNK,
    Draws,
    jackknife,
    parametric_bootstrap,
    split,
    subject_bootstrap,
    wishart,
)
from compassion_trials.models.replicates.simulate import bootstrap_test, draw_errors, with_errors
from compassion_trials.models.replicates.stacked_cholesky import invert

DATA = two_arms(n=20, visits=3, dropout=0.3, gaps=0.05, seed=6)
REFIT = 1e-5
"""Average information stops at a decrement of 1e-9: about 1e-5 standard errors."""
MONTE_CARLO = 4.5
"""Standard errors of a simulated mean that chance alone exceeds once in 150 000."""


@pytest.mark.parametrize("covariance", ["us", "arh1"])
@pytest.mark.parametrize("per_arm", [False, True])
def test_jackknife_is_the_fit_without_one_participant(covariance, per_arm):
    fit = fit_mmrm(DATA, **columns(), covariance=covariance, per_arm=per_arm, fallback=())
    found = jackknife(fit)
    for subject in (0, 7, 39):
        alone = fit_mmrm(DATA[DATA["id"] != subject], **columns(), covariance=covariance, per_arm=per_arm, fallback=())
        np.testing.assert_allclose(found.beta[subject], alone.beta, atol=REFIT * alone.coefficients["se"].min())
        assert found.loglik[subject] == pytest.approx(alone.loglik, abs=1e-8)
    assert found.converged.all()


def test_parametric_draws_have_the_moments_of_the_model():
    fit = fit_mmrm(DATA, **columns())
    source = fit.estimate.problem.blocks[0]
    batch = Draws.of(fit, source).batch(fit, source, np.random.default_rng(1), 4000)
    rng = np.random.default_rng(2)
    rows = np.stack([direct_pairs(fit, source, draw_errors(fit, rng)) for _ in range(1500)])
    xy, yy = rows[..., :-1], rows[..., -1]
    for ours, theirs in ((batch.xy, xy), (batch.yy, yy)):
        spread = np.sqrt(ours.var(0) / len(ours) + theirs.var(0) / len(theirs)) + 1e-12
        assert (np.abs(ours.mean(0) - theirs.mean(0)) / spread).max() < MONTE_CARLO
        keep = theirs.var(0) > 1e-12
        assert np.abs(np.log(ours.var(0)[keep] / theirs.var(0)[keep])).max() < 0.35


def direct_pairs(fit, source, errors):
    from compassion_trials.models.likelihood.patterns import summarise

    z = fit.prepared.z.copy()
    z[:, -1] = errors / fit.prepared.standard.scale
    pairs = summarise(fit.estimate.rows, z, source.observed.shape[1]).pairs
    _, xy, yy = split(pairs, source.q)
    return np.column_stack([xy, yy])


def test_parametric_bootstrap_standard_errors():
    fit = fit_mmrm(DATA, **columns())
    draws = parametric_bootstrap(fit, 3000, seed=3)
    found = fit.contrast_estimates("arm")
    estimates = draws.contrasts(found.contrasts)
    assert draws.converged.mean() > 0.999
    np.testing.assert_allclose(estimates.std(0), found.se, rtol=0.06)
    np.testing.assert_allclose(estimates.mean(0), found.estimate, atol=MONTE_CARLO * found.se.max() / np.sqrt(3000))


def test_subject_bootstrap_keeps_the_arms():
    fit = fit_mmrm(DATA, **columns())
    draws = subject_bootstrap(fit, 300, seed=3)
    assert draws.converged.mean() > 0.95
    interval = draws.percentile(fit.contrast_estimates("arm").contrasts)
    assert (interval[:, 0] < fit.contrasts("arm")["estimate"]).all()
    assert (interval[:, 1] > fit.contrasts("arm")["estimate"]).all()


def test_same_seed_same_replicates_and_progress():
    fit = fit_mmrm(DATA, **columns(), covariance="cs", fallback=())
    seen = []
    a = parametric_bootstrap(fit, CHUNK + 10, seed=9, progress=lambda done, n: seen.append((done, n)))
    b = parametric_bootstrap(fit, CHUNK + 10, seed=9)
    assert np.array_equal(a.beta, b.beta)
    assert seen == [(CHUNK, CHUNK + 10), (CHUNK + 10, CHUNK + 10)]
    assert not np.array_equal(a.beta, parametric_bootstrap(fit, CHUNK + 10, seed=10).beta)


def test_refit_reaches_the_same_optimum_from_afar():
    fit = fit_mmrm(DATA, **columns())
    source = fit.estimate.problem.blocks[0]
    batch = Draws.of(fit, source).batch(fit, source, np.random.default_rng(1), 50)
    near, far = refit(batch, fit.theta_standard), refit(batch, fit.estimate.problem.covariance.start(np.eye(3)[None]))
    np.testing.assert_allclose(near.objective, far.objective, atol=1e-7)


def test_wishart_mean():
    rng = np.random.default_rng(1)
    for df in (0, 1, 2, 5):
        np.testing.assert_allclose(wishart(rng, df, 3, 20_000).mean(0), df * np.eye(3), atol=0.1)


def test_invert():
    rng = np.random.default_rng(1)
    a = rng.standard_normal((6, 4, 3, 3))
    a = a @ a.swapaxes(-1, -2) + 0.1 * np.eye(3)
    inverse, log_det, positive = invert(a)
    np.testing.assert_allclose(inverse @ a, np.broadcast_to(np.eye(3), a.shape), atol=1e-9)
    np.testing.assert_allclose(log_det, np.linalg.slogdet(a)[1])
    assert positive.all()
    assert not invert(np.diag([1.0, -1.0])[None])[2].any()


def test_groups_are_refused():
    data = DATA.assign(group=np.where(DATA["arm"] == "Treatment", DATA["id"] // 5, np.nan))
    with pytest.raises(ModelError, match="without therapy groups"):
        jackknife(fit_lmm(data, **columns(), group="group"))


def test_bootstrap_test_of_a_covariance_and_of_a_mean():
    full, reduced = fit_mmrm(DATA, **columns()), fit_mmrm(DATA, **columns(), covariance="cs", fallback=())
    test = bootstrap_test(full, reduced, 60, seed=1)
    assert test.statistic == pytest.approx(2 * (full.loglik - reduced.loglik))
    assert 0 < test.p < 0.4
    assert test.n + test.failed == 60
    options = {"reml": False, "df": "z"}
    with_age, without = (
        fit_mmrm(DATA, **columns(), covariates=("age",), **options),
        fit_mmrm(DATA, **columns(), **options),
    )
    again = bootstrap_test(with_age, without, 40, seed=2)
    assert again == bootstrap_test(with_age, without, 40, seed=2)
    with pytest.raises(ModelError, match="mean models"):
        bootstrap_test(fit_mmrm(DATA, **columns(), covariates=("age",)), full, 5, seed=1)


def test_bootstrap_test_is_uniform_under_the_hypothesis():
    data = two_arms(n=10, visits=3, seed=11)
    options = columns() | {"covariance": "diag", "fallback": ()}
    full = fit_lmm(data, **columns())
    reduced = fit_mmrm(data, **options)
    errors = draw_errors(reduced, np.random.default_rng(1))
    estimate = full.recipe(with_errors(full.prepared, errors)[0])
    assert estimate.certificate.valid


def test_mixed_models_are_drawn_with_their_groups():
    data = two_arms(n=24, visits=3, seed=6).assign(
        group=lambda d: np.where(d["arm"] == "Treatment", d["id"] // 6, np.nan)
    )
    shift = np.random.default_rng(1).normal(0, 3, 10)
    late = (data["arm"] == "Treatment") & (data["visit"] != "pre")
    data["y"] += np.where(late, shift[data["group"].fillna(0).astype(int)], 0.0)
    fit = fit_lmm(data, **columns(), group="group")
    draws = parametric_bootstrap(fit, 200, seed=1)
    found = fit.contrast_estimates("arm")
    estimates = draws.contrasts(found.contrasts)[draws.converged]
    model_se = fit.with_inference("z").contrasts("arm")["se"]
    assert draws.converged.mean() > 0.98
    np.testing.assert_allclose(estimates.std(0), model_se, rtol=0.2)
    np.testing.assert_allclose(estimates.mean(0), found.estimate, atol=MONTE_CARLO * found.se.max() / np.sqrt(200))
