"""One variance for all visits beside several correlations: the highest of several maxima is found, and it is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compassion_trials.models import Fit, fit_mmrm
from compassion_trials.models.likelihood.estimate import minimise

VISITS = (0, 1, 2, 3)
SAME = 1e-6
"""Difference of two log-likelihoods that are one maximum."""
STARTS = 25


def uneven(seed: int) -> pd.DataFrame:
    """24 people whose first visits vary a third as much as the last, hardly related to them."""
    rng = np.random.default_rng(seed)
    sd = np.array([1.5, 2.0, 4.5, 4.7])
    related = np.array([[1, -0.1, -0.1, -0.1], [-0.1, 1, 0.75, 0.6], [-0.1, 0.75, 1, 0.74], [-0.1, 0.6, 0.74, 1]])
    y = 10 + rng.standard_normal((24, 4)) @ np.linalg.cholesky(related).T * sd
    keys = [(i, "AB"[i % 2], t) for i in range(24) for t in VISITS]
    return pd.DataFrame(keys, columns=["id", "arm", "visit"]).assign(y=y.ravel())


def fitted(data: pd.DataFrame, covariance: str) -> Fit:
    named = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A"}
    return fit_mmrm(data, **named, visits=VISITS, covariance=covariance, fallback=())


def highest(fit: Fit) -> float:
    """Log-likelihood of the best of random starts that the fit did not have."""
    rng, problem = np.random.default_rng(7), fit.estimate.problem
    found = []
    for _ in range(STARTS):
        draw = rng.standard_normal((4, 6))
        optimum = minimise(problem, problem.covariance.start((draw @ draw.T / 6)[None]))
        if optimum is not None and optimum.converged:
            found.append(optimum.solution.objective)
    return fit.prepared.standard.log_likelihood(min(found), fit.methods.n_observations, True)


@pytest.mark.parametrize("covariance", ["ad", "toep"])
@pytest.mark.parametrize("seed", range(4))
def test_no_random_start_finds_a_higher_maximum(covariance: str, seed: int) -> None:
    fit = fitted(uneven(seed), covariance)
    assert highest(fit) <= fit.loglik + SAME or not fit.certificate.valid


def test_several_maxima_are_told() -> None:
    found = {fitted(uneven(seed), "ad").certificate.maxima for seed in range(8)}
    assert max(found) > 1


def test_other_structures_have_one() -> None:
    assert {fitted(uneven(0), name).certificate.maxima for name in ("us", "toeph", "arh1", "csh", "cs", "ar1")} == {1}
