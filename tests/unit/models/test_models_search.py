"""Where the search for the optimum starts, which part of the boundary it takes, and what the certificate asks there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.test_models_boundary import one_exact_visit
from tests.unit.models.trials import VISITS, columns, two_arms

from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.likelihood import estimate
from compassion_trials.models.likelihood.boundary import Effects, Face, _outward
from compassion_trials.models.likelihood.estimate import plain_starts, starts
from compassion_trials.models.likelihood.patterns import group_rows
from compassion_trials.models.likelihood.reml import Derivatives, Problem


def grouped() -> pd.DataFrame:
    """People of a therapy group have much in common after baseline; otherwise nobody resembles himself."""
    data, rng = two_arms(n=16, visits=3), np.random.default_rng(3)
    noise = rng.standard_normal((32, 3))
    noise -= noise.mean(axis=1, keepdims=True)  # correlations of -1/2
    group, met = data["id"].to_numpy() // 4, data["visit"] != "pre"
    return data.assign(group=group, y=20 + noise.ravel() + 3 * met * rng.standard_normal(8)[group])


def test_a_negative_variance_is_held_at_zero_whichever_visit_has_it():
    """The exact visit last: the same fit as with it first."""
    data = one_exact_visit()
    turned = data.assign(visit=data["visit"].map(dict(zip(VISITS[:3], VISITS[2::-1], strict=True))))
    first, last = (fit_lmm(d, **columns(), residual="diag") for d in (data, turned))
    assert [text.removesuffix("variance(pre) is 0") for text in first.certificate.boundary] == ["residual "]
    assert last.certificate.boundary == ("residual variance(fu) is 0",)
    assert last.certificate.valid
    assert last.loglik == pytest.approx(first.loglik, abs=1e-6)


def test_of_all_parts_of_the_boundary_the_likeliest_is_taken():
    """Without the group variance the persons' stands in for it, but less well."""
    data = grouped()
    fit, alone = fit_lmm(data, **columns(), group="group"), fit_lmm(data, **columns())
    assert fit.certificate.boundary == ("random-effects variance is 0",)
    assert not alone.certificate.boundary
    assert fit.loglik > alone.loglik + 1
    found = fit.variance_parameters.set_index("parameter")["estimate"]
    assert found[[name for name in found.index if "roup" in name]].iloc[0] > 1


@cache
def slopes_and_groups() -> tuple[Problem, Effects]:
    """Random intercepts and slopes, a residual variance for each visit, a therapy-group variance: seven parameters."""
    data = two_arms(n=16, visits=3).assign(group=lambda d: d["id"] // 4)
    fit = fit_lmm(data, **columns(), random="slope", time="weeks", group="group", residual="diag", bounded=False)
    return fit.estimate.problem, fit.recipe.effects


def outward(gradient: list[float], size: float, face: Face) -> bool:
    """The certificate's condition for a slope and square roots of the information, one for all parameters."""
    slope = Derivatives(np.array(gradient), np.eye(7), np.eye(7) * size**2, np.zeros((7, 1, 1)))
    return _outward(*slopes_and_groups(), face, slope, [])


UP, DOWN, FLAT = 5.0, -5.0, -5e-5
"""Slopes of -2 log L; the flat one is rounding where parameters count by the hundred (1e-6 of 100)."""
SLOPES = [(UP, 1, True), (DOWN, 1, False), (FLAT, 1, False), (FLAT, 100, True)]


@pytest.mark.parametrize(("slope", "size", "falls"), SLOPES)
def test_the_likelihood_falls_towards_a_group_variance_above_zero(slope, size, falls):
    assert outward([0.0] * 6 + [slope], size, Face(2, False)) is falls


@pytest.mark.parametrize(("slope", "size", "falls"), SLOPES)
def test_the_likelihood_falls_towards_a_positive_covariance_of_random_effects(slope, size, falls):
    for k in (0, 2):
        gradient = np.zeros(7)
        gradient[k] = slope
        assert outward(list(gradient), size, Face(1, True)) is falls
    assert outward([2.0, 3.0, 2.0, 0, 0, 0, 0], size, Face(0, True))  # half of the slope in the covariance is below 2
    assert not outward([2.0, 5.0, 2.0, 0, 0, 0, 0], 1, Face(0, True))


def test_each_arm_starts_from_its_own_spread_too():
    """Two arms whose residual variances differ 25-fold: the second start has the ratio, the others a common one."""
    data = two_arms(n=12, visits=2)
    middle = data.groupby(["arm", "visit"])["y"].transform("mean")
    data["y"] = middle + (data["y"] - middle) * np.where(data["arm"] == "Control", 1.0, 5.0)
    fit = fit_lmm(data, **columns(2), per_arm=True)
    model, prepared = fit.estimate.problem.covariance, fit.prepared
    residual = [k for k, name in enumerate(model.names) if "esidual" in name]
    ratios = [start[residual[1]] / start[residual[0]] for start in starts(model, prepared)]
    assert ratios[0] == pytest.approx(1)
    assert ratios[1] == pytest.approx(prepared.spread[1] / prepared.spread[0])
    assert len(ratios) == 3
    one = fit_lmm(data, **columns(2))
    assert len(list(starts(one.estimate.problem.covariance, one.prepared))) == 1


@pytest.mark.parametrize(("failing", "tried"), [(0, 1), (1, 2), (2, 3), (3, 3)])
def test_plainer_starts_are_tried_until_one_converges(monkeypatch, failing, tried):
    fit = fit_mmrm(two_arms(n=10, visits=3), **columns())
    model, minimise, asked = fit.estimate.problem.covariance, estimate.minimise, []

    def sometimes(problem, start):
        asked.append(start)
        found = minimise(problem, start)
        return replace(found, converged=False) if len(asked) <= failing else found

    monkeypatch.setattr(estimate, "minimise", sometimes)
    (found,) = estimate.optima(fit.estimate.problem, fit.prepared)
    expected = [*starts(model, fit.prepared), *plain_starts(model, fit.prepared)][:tried]
    np.testing.assert_allclose(asked, expected)
    assert found.converged == (failing < 3)
    assert found.solution.objective == pytest.approx(fit.estimate.optimum.solution.objective)


def test_participants_of_a_part_of_the_data_keep_their_rows():
    """Codes of a part need not begin with 0: participant 0 sits in a therapy group, say."""
    rows = group_rows(np.array([1, 1, 2, 4, 4]), np.array([0, 1, 0, 0, 1]), np.zeros(5, dtype=int), 2)
    assert [index.tolist() for index in rows.index] == [[[2]], [[0, 1], [3, 4]]]
    assert [visits.tolist() for visits in rows.visits] == [[0], [0, 1]]
