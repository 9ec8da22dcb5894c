"""Standard errors and degrees of freedom of replicates are those of single fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.models import fit_mmrm
from compassion_trials.models.inference.conventions import inference_for
from compassion_trials.models.likelihood.patterns import summarise
from compassion_trials.models.replicates.batch import Batch, refit
from compassion_trials.models.replicates.batch_inference import replicate_tests
from compassion_trials.models.replicates.resample import split
from compassion_trials.models.replicates.simulate import draw_errors, with_errors

REPLICATES = 6
STOPPED = 1e-5
"""Replicates stop at a decrement of 1e-10, single fits one step later."""


def replicates(fit):
    """Data sets drawn from a fit: as a batch, and prepared one by one."""
    rng = np.random.default_rng(5)
    singles = [with_errors(fit.prepared, draw_errors(fit, rng))[0] for _ in range(REPLICATES)]
    visits = len(fit.prepared.long.visits)
    found = [summarise(fit.estimate.rows, s.z, visits) for s in singles]
    xx, xy, yy = (np.stack(x) for x in zip(*(split(f.pairs, f.q) for f in found), strict=True))
    problem, one = fit.estimate.problem, found[0]
    batch = Batch(one.n[None], one.observed, one.slot, xx, xy, yy, problem.covariance, problem.reml)
    return batch, singles


@pytest.mark.parametrize("covariance", ["us", "toeph", "ar1"])
@pytest.mark.parametrize("per_arm", [False, True])
@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_replicates_are_single_fits(covariance, per_arm, df):
    data = two_arms(n=20, visits=3, dropout=0.3, gaps=0.05, seed=6)
    fit = fit_mmrm(data, **columns(), covariance=covariance, per_arm=per_arm, fallback=())
    batch, singles = replicates(fit)
    rows = fit.prepared.standard.contrasts(fit.contrast_estimates("arm").contrasts)
    tests = replicate_tests(batch, refit(batch, fit.theta_standard), rows, df == "kenward-roger")
    assert tests.converged.all()
    for i, prepared in enumerate(singles):
        estimate = fit.recipe(prepared)
        inference = inference_for(prepared, estimate, df)
        np.testing.assert_allclose(tests.se[i], np.sqrt(np.diag(rows @ inference.covariance @ rows.T)), rtol=STOPPED)
        np.testing.assert_allclose(tests.df[i], inference.df(rows), rtol=20 * STOPPED)
        np.testing.assert_allclose(tests.estimate[i], rows @ estimate.optimum.solution.beta, atol=STOPPED)


def test_lost_replicates_are_missing():
    fit = fit_mmrm(two_arms(n=20, visits=3), **columns())
    batch, _ = replicates(fit)
    refits = refit(batch, fit.theta_standard)
    refits = replace(refits, converged=np.arange(REPLICATES) > 0)
    tests = replicate_tests(batch, refits, np.eye(6)[:1])
    assert np.isnan(tests.p[0]).all()
    assert np.isfinite(tests.p[1:]).all()
