"""Conventions of standard errors and degrees of freedom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.unit.models.trials import columns, two_arms

from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.inference.contrast_tests import (
    independent_rows,
    moments,
    p_two_sided,
    quantile,
)

DATA = two_arms(n=12, visits=3, dropout=0.35, seed=8)


def test_kenward_roger_is_the_same_for_linear_structures_with_and_without_second_derivatives():
    for covariance in ("us", "cs", "toep", "diag"):
        fit = fit_mmrm(DATA, **columns(), covariance=covariance, fallback=())
        pd.testing.assert_frame_equal(fit.contrasts("arm"), fit.with_inference("kr(sas)").contrasts("arm"), rtol=1e-12)


def test_cs_and_random_intercept_agree_inside_the_parameter_space():
    a, b = fit_mmrm(DATA, **columns(), covariance="cs", fallback=()), fit_lmm(DATA, **columns())
    assert a.loglik == pytest.approx(b.loglik, abs=1e-9)
    pd.testing.assert_frame_equal(a.contrasts("arm"), b.contrasts("arm"), rtol=1e-8)


def test_kenward_roger_standard_errors_are_larger():
    fit = fit_mmrm(DATA, **columns())
    model = fit.with_inference("satterthwaite").contrasts("arm")
    adjusted = fit.contrasts("arm")
    assert adjusted["se"][0] == pytest.approx(model["se"][0], rel=1e-9)  # everyone has a baseline
    assert (adjusted["se"][1:] > model["se"][1:] * 1.001).all()
    np.testing.assert_allclose(adjusted["df"], model["df"], rtol=1e-12)


def test_expected_information_differs_with_missing_data():
    fit = fit_mmrm(DATA, **columns())
    assert (
        np.abs(fit.with_inference("kr(expected)").contrasts("arm")["df"] / fit.contrasts("arm")["df"] - 1).max() > 1e-4
    )


def test_fixed_degrees_of_freedom():
    fit = fit_mmrm(DATA, **columns())
    n, subjects = len(DATA), DATA["id"].nunique()
    assert (fit.with_inference("residual").coefficients["df"] == n - 6).all()
    z = fit.with_inference("z").contrasts("arm")
    assert np.isinf(z["df"]).all()
    np.testing.assert_allclose(z["p"], 2 * stats.norm.sf(np.abs(z["statistic"])))
    bw = fit.with_inference("between-within").coefficients.set_index("term")["df"]
    assert bw["arm[Treatment]"] == subjects - 2
    assert bw["visit[fu]"] == n - subjects - 4


def test_joint_test_of_one_contrast_is_its_t_test():
    data = two_arms(n=12, visits=2, dropout=0.4)
    for df in ("kenward-roger", "kr(expected)", "satterthwaite", "residual", "z"):
        fit = fit_mmrm(data, **columns(2), df=df)
        test, row = fit.joint_test("arm:visit"), fit.contrasts("change_from_baseline").iloc[0]
        assert test.f == pytest.approx(row["statistic"] ** 2, rel=1e-9)
        assert test.p == pytest.approx(row["p"], rel=1e-6)


def test_ml_allows_satterthwaite_and_z():
    fit = fit_mmrm(DATA, **columns(), reml=False, df="satterthwaite")
    reml = fit_mmrm(DATA, **columns(), df="satterthwaite")
    assert fit.methods.estimator == "ML"
    assert (fit.contrasts("arm")["se"] < reml.contrasts("arm")["se"]).all()


def test_dependent_rows_are_reduced():
    rows = np.array([[1.0, 0, 0], [0, 1.0, 0], [1.0, 1.0, 0]])
    kept, values = independent_rows(rows, np.array([1.0, 2.0, 3.0]))
    assert kept.shape == (2, 3)
    np.testing.assert_allclose(np.linalg.lstsq(kept, values, rcond=None)[0][:2], [1.0, 2.0])


def test_p_and_quantile():
    df = np.array([3.0, np.inf])
    np.testing.assert_allclose(p_two_sided(np.array([2.0, -2.0]), df), [2 * stats.t.sf(2, 3), 2 * stats.norm.sf(2)])
    np.testing.assert_allclose(quantile(df, 0.975), [stats.t.ppf(0.975, 3), stats.norm.ppf(0.975)])


def test_methods_record():
    fit = fit_mmrm(DATA, **columns(), design="clda")
    m = fit.methods
    assert (m.model, m.design, m.covariance, m.df, m.estimator) == ("mmrm", "clda", "us", "kenward-roger", "REML")
    assert (m.n_subjects, m.n_observations) == (24, len(DATA))
    assert "observed information" in m.convention


def test_expected_information_stands_in_and_is_told():
    fit = fit_mmrm(DATA, **columns())
    problem, solution = fit.estimate.problem, fit.estimate.optimum.solution
    slope = fit.estimate.optimum.derivatives
    broken = replace(slope, observed=slope.observed - 10 * np.eye(6) * slope.observed.max())
    found = moments("kenward-roger", problem, solution, broken)
    assert found.note == "observed information not positive definite, expected information used"
    expected = moments("kr(expected)", problem, solution, slope)
    np.testing.assert_allclose(found.covariance, expected.covariance)


def test_a_variance_below_zero_is_no_standard_error():
    """What an adjustment may leave of a variance near zero is told as missing, never as a standard error of 0."""
    fit = fit_mmrm(two_arms(), **columns())
    negative = replace(fit, inference=replace(fit.inference, covariance=-fit.inference.covariance))
    table = negative.contrasts("arm")
    assert table["se"].isna().all()
    assert table["p"].isna().all()
