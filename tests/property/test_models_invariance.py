"""What must not change a fit: order of rows, names and order of arms, coding, units, splitting a pattern."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.models.trials import columns, two_arms

from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.likelihood.patterns import Rows, summarise
from compassion_trials.models.likelihood.reml import Problem, solve

EXACT = 1e-10
"""Relative; the same sums in another order."""
OPTIONS = [
    {"covariance": "us"},
    {"covariance": "toeph", "fallback": ()},
    {"design": "clda"},
    {"covariates": ("age", "sex")},
]
NUMBERS = ["estimate", "se", "df", "p"]


def contrasts(data: pd.DataFrame, **options: object) -> np.ndarray:
    return fit_mmrm(data, **(columns() | options)).contrasts("arm")[NUMBERS].to_numpy(float, copy=True)


def close(a: np.ndarray, b: np.ndarray, scale: float = 1.0) -> None:
    np.testing.assert_allclose(a, b, atol=EXACT * scale * np.abs(b).max())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), option=st.sampled_from(OPTIONS))
def test_order_of_rows(seed, option):
    data = two_arms(n=12, dropout=0.3, gaps=0.05, seed=seed % 50)
    close(contrasts(data.sample(frac=1, random_state=seed), **option), contrasts(data, **option))


@settings(max_examples=15, deadline=None)
@given(factor=st.sampled_from([1e-6, 1e-3, 7.0, 1e6]), shift=st.floats(-100, 100), option=st.sampled_from(OPTIONS))
def test_units_of_the_outcome(factor, shift, option):
    data = two_arms(n=12, dropout=0.3, seed=3)
    scaled = contrasts(data.assign(y=data["y"] * factor + shift * factor), **option)
    scaled[:, :2] /= factor
    close(scaled, contrasts(data, **option), scale=100)


@pytest.mark.parametrize("factor", [1 / 100, 1e6])
def test_certificate_does_not_depend_on_units(factor):
    data = two_arms(n=12, dropout=0.3, seed=3)
    a = fit_mmrm(data, **columns()).certificate
    b = fit_mmrm(data.assign(y=data["y"] * factor), **columns()).certificate
    assert (a.valid, a.reasons, a.boundary, a.iterations) == (b.valid, b.reasons, b.boundary, b.iterations)
    assert a.smallest_eigenvalue == pytest.approx(b.smallest_eigenvalue, rel=1e-8)
    assert a.condition == pytest.approx(b.condition, rel=1e-8)


@pytest.mark.parametrize("option", OPTIONS)
def test_names_of_arms_visits_and_people(option):
    data = two_arms(n=12, dropout=0.3, seed=3)
    renamed = data.assign(
        arm=data["arm"].map({"Control": "z", "Treatment": "a"}),
        visit=data["visit"].map({"pre": 3, "post": 2, "fu": 1}),
        id="p" + (1000 - data["id"]).astype(str),
    )
    close(contrasts(renamed, **option, reference="z", visits=[3, 2, 1]), contrasts(data, **option))


@pytest.mark.parametrize("option", OPTIONS)
def test_reference_arm_only_turns_the_sign(option):
    data = two_arms(n=12, dropout=0.3, seed=3)
    turned = contrasts(data, **option, reference="Treatment")
    turned[:, 0] *= -1
    close(turned, contrasts(data, **option))


def test_coding_of_a_covariate():
    data = two_arms(n=14, dropout=0.3, seed=3)
    recoded = data.assign(sex=pd.Categorical(data["sex"], ["m", "f"]), age=(data["age"] - 40) / 8)
    close(contrasts(recoded, covariates=("age", "sex")), contrasts(data, covariates=("age", "sex")))
    number = data.assign(sex=(data["sex"] == "m").astype(float))
    close(contrasts(number, covariates=("age", "sex")), contrasts(data, covariates=("age", "sex")))


def test_splitting_a_pattern():
    fit = fit_mmrm(two_arms(n=12, dropout=0.3, seed=3), **columns())
    rows, problem = fit.estimate.rows, fit.estimate.problem
    split = Rows(
        tuple(
            part for index in rows.index for part in (index[: len(index) // 2], index[len(index) // 2 :]) if len(part)
        ),
        tuple(v for v, index in zip(rows.visits, rows.index, strict=True) for _ in range(2 if len(index) > 1 else 1)),
        tuple(s for s, index in zip(rows.slot, rows.index, strict=True) for _ in range(2 if len(index) > 1 else 1)),
    )
    assert len(split.index) > len(rows.index)
    again = Problem((summarise(split, fit.prepared.z, 3),), problem.covariance, problem.n_obs, problem.p)
    theta = fit.theta_standard * 1.1
    assert solve(again, theta).objective == pytest.approx(solve(problem, theta).objective, rel=1e-13)


def test_groups_as_pattern_blocks_and_as_clusters_agree():
    """A therapy group with variance 0 is not a group: dense blocks and sufficient statistics give one likelihood."""
    data = two_arms(n=12, dropout=0.3, seed=3)
    data["group"] = data["id"] // 4
    grouped, plain = fit_lmm(data, **columns(), group="group"), fit_lmm(data, **columns())
    problem = grouped.estimate.problem if grouped.estimate.full is None else grouped.estimate.full[0]
    without = solve(problem, np.append(plain.theta_standard, 0.0))
    assert without.objective == pytest.approx(plain.estimate.optimum.solution.objective, rel=1e-12)
