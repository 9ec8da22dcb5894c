"""Covariances stay inside the parameter space, and where the likelihood has several maxima the highest is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.crosscheck.compare import Ours
from compassion_trials.models.crosscheck.crosscheck import problem_of
from compassion_trials.models.crosscheck.dense import fit_dense
from compassion_trials.models.likelihood.boundary import Face, inside
from compassion_trials.models.likelihood.reml import solve

SAME_LIKELIHOOD = 1e-6
"""The dense engine of `crosscheck` stops at its own gradient tolerance."""


def one_exact_visit(visits: int = 3, arms: tuple[str, ...] = ("Control", "Treatment")) -> pd.DataFrame:
    """A baseline of little spread that tells the later visits: its variance is below its covariance with them."""
    rng = np.random.default_rng(11)
    data = two_arms(n=15, visits=visits, arms=arms)
    level = rng.standard_normal(15 * len(arms))
    later = (1.3 * level + 0.9 * rng.standard_normal(len(level)) for _ in range(visits - 1))
    y = np.column_stack([0.8 * level, *later])
    return data.assign(y=20 + 4 * y.ravel())


TWO_MAXIMA = [
    [11.5, 0.4, 1.0, 12.5, 0.2, 1.4, 0.4, 7.7, 0.3, 0.2, 0.3, 0.9, 0.1, 3.4, 1.9, 0.2, 1.5, 1.0, 1.0, 2.7, 0.7, 0.1],
    [7.6, 0.2, 1.3, 20.6, 0.1, 2.6, 0.8, 8.1, 0.3, 0.4, 0.4, 1.3, 0.3, 4.2, 0.4, 0.2, 1.4, 0.5, 0.6, 1.7, 1.3, 0.1],
]
"""Eleven people per arm, standard deviations 5 to 1. The common variance of persons may be that of either arm."""
LOWER_MAXIMUM = -94.657910
"""Log-likelihood where Newton stops from the data's common covariance: person variance 11.7, residuals 4.8 and 0.2."""


def two_maxima() -> pd.DataFrame:
    return two_arms(n=11, visits=2).assign(y=np.array(TWO_MAXIMA).T.ravel())


def variances(fit) -> pd.Series:
    table = fit.variance_parameters.set_index("parameter")["estimate"]
    return table[[name for name in table.index if "covariance" not in name]]


@pytest.mark.parametrize("options", [{}, {"per_arm": True}])
def test_residual_variance_is_held_at_zero(options):
    data = one_exact_visit()
    fit = fit_lmm(data, **columns(), residual="diag", **options)
    free = fit_lmm(data, **columns(), residual="diag", bounded=False, **options)
    assert (variances(free) < 0).any()
    assert (variances(fit) >= 0).all()
    assert any(text.endswith("variance(pre) is 0") for text in fit.certificate.boundary)
    assert set(fit.certificate.boundary) <= set(fit.methods.notes)
    assert fit.loglik < free.loglik
    assert np.isfinite(fit.contrasts("arm")[["se", "df", "p"]]).all().all()
    dense = fit_dense(problem_of(fit, Ours.of(fit)))
    assert fit.loglik >= dense.loglik - SAME_LIKELIHOOD
    assert not fit.certificate.valid or fit.loglik == pytest.approx(dense.loglik, abs=SAME_LIKELIHOOD)


def test_boundary_is_a_maximum():
    """Random steps into the parameter space from a certified fit on the boundary lower its likelihood."""
    fit = fit_lmm(one_exact_visit(), **columns(), residual="diag")
    assert fit.certificate.valid
    problem, here, _ = fit.estimate.full
    rng = np.random.default_rng(1)
    for size in (1e-4, 1e-3, 1e-2, 1e-1):
        for _ in range(20):
            other = solve(problem, np.abs(here.theta + size * rng.standard_normal(len(here.theta))))
            assert other.objective > here.objective


@pytest.mark.parametrize("residual", ["csh", "arh1", "ar1", "toeph", "adh", "ad"])
def test_curved_residuals_are_flagged_when_they_leave_the_space(residual):
    fit = fit_lmm(one_exact_visit(4), **columns(4), residual=residual)
    if fit.certificate.valid:
        effects, theta = fit.recipe.effects, fit.estimate.optimum.solution.theta
        rank = sum(name.startswith("random: ") for name in fit.estimate.problem.covariance.names)
        assert inside(effects, Face(rank, False), theta)
    else:
        assert fit.certificate.reasons


def test_outside_is_seen_in_every_part():
    fit = fit_lmm(two_arms(n=20, visits=3), **columns(), residual="diag")
    effects = fit.recipe.effects
    whole, theta = effects.whole, np.array([1.0, 1.0, 1.0, 1.0])
    assert inside(effects, whole, theta)
    for k in range(4):
        assert not inside(effects, whole, np.where(np.arange(4) == k, -0.01, theta))
    ar1 = fit_lmm(two_arms(n=20, visits=3), **columns(), residual="ar1").recipe.effects
    assert not inside(ar1, ar1.whole, np.array([5.0, 1.0, 1.2]))


def test_the_higher_maximum_is_found():
    data = two_maxima()
    fit = fit_lmm(data, **columns(2), per_arm=True)
    dense = fit_dense(problem_of(fit, Ours.of(fit)))
    assert fit.certificate.valid
    assert fit.loglik > LOWER_MAXIMUM + 2
    assert fit.loglik == pytest.approx(dense.loglik, abs=SAME_LIKELIHOOD)
    swapped = data.assign(arm=data["arm"].map({"Control": "Treatment", "Treatment": "Control"}))
    assert fit_lmm(swapped, **columns(2), per_arm=True).loglik == pytest.approx(fit.loglik, abs=1e-8)


@pytest.mark.parametrize("power", [-320, -200, -16, 0, 16, 200, 308])
@pytest.mark.parametrize("shape", [(1.0, 1.0), (1.0, -1.0), (1.0, 1e-17), (0.0, 1.0), (np.nan, 1.0)])
def test_the_likelihood_is_a_number_or_none_everywhere(power, shape):
    problem = fit_lmm(two_arms(n=8, visits=2), **columns(2)).estimate.problem
    with np.errstate(all="ignore"):
        found = solve(problem, np.array(shape)[: len(problem.covariance.names)] * 10.0**power)
    assert found is None or np.isfinite(found.objective)


def test_groups_without_the_last_visit():
    data = two_arms(n=12, visits=4, seed=8)
    treated = data["arm"] == "Treatment"
    data = data[~treated | (data["visit"] != "year")]
    data = data.assign(y=np.random.default_rng(2).standard_normal(len(data)), group=data["id"].where(treated) // 4)
    fit = fit_lmm(data, **columns(4), group="group", random="slope", time="weeks")
    assert fit.certificate.valid or fit.certificate.reasons
    assert "Treatment has no data at visit year: no mean and no contrast there" in fit.methods.notes


@pytest.mark.parametrize("blank", ["", "  "])
def test_blank_group_is_no_group(blank):
    data = two_arms(n=16, visits=3, seed=2)
    named = data.assign(group=("g" + (data["id"] // 4).astype(str)).where(data["arm"] == "Treatment"))
    missing = fit_lmm(named, **columns(), group="group")
    for kind in (object, "category"):
        filled = named.assign(group=named["group"].astype(object).fillna(blank).astype(kind))
        found = fit_lmm(filled, **columns(), group="group")
        assert found.methods.n_groups == 4
        pd.testing.assert_frame_equal(found.contrasts("arm"), missing.contrasts("arm"))


@pytest.mark.parametrize(("column", "message"), [("id", "3 rows have no participant"), ("arm", "3 rows have no arm")])
def test_blank_participant_and_arm_are_refused(column, message):
    data = two_arms(n=6, visits=3)
    blank = data[column].astype(object).where(data["id"] != 3, " ")
    with pytest.raises(ModelError, match=message):
        fit_mmrm(data.assign(**{column: blank}), **columns())


def test_blank_covariate_outcome_and_visit_are_missing():
    data = two_arms(n=10, visits=3)
    missing = fit_mmrm(data.assign(sex=data["sex"].where(data["id"] != 3)), **columns(), covariates="sex")
    blank = fit_mmrm(data.assign(sex=data["sex"].where(data["id"] != 3, "")), **columns(), covariates="sex")
    pd.testing.assert_frame_equal(blank.coefficients, missing.coefficients)
    text = data["y"].astype(object).where(data["id"] != 3, "")
    gone = fit_mmrm(data.assign(y=text), **columns())
    assert gone.methods.n_subjects == 19
    unseen = fit_mmrm(data.assign(visit=data["visit"].astype(object).where(data["id"] != 3, " ")), **columns())
    assert unseen.methods.n_subjects == 19
