"""Size and unit of outcome and covariates do not matter; only true combinations of terms are refused."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm

SAME_P = 1e-9
"""What the issue asks of scores on 0-1 and on 0-1e6."""
SHIFTED = 1e-5
"""1e3 + 1e-4 units keep nine digits of the units in double precision, and seven of the columns' differences."""
NUMBERS = ["statistic", "df", "p"]
PLAIN = two_arms(n=12, visits=3, dropout=0.2, seed=6)


def assert_same(a, b, tolerance: float, columns_: list[str] = NUMBERS):
    assert a.certificate.valid == b.certificate.valid
    assert a.certificate.reasons == b.certificate.reasons
    np.testing.assert_allclose(a.contrasts("arm")[columns_], b.contrasts("arm")[columns_], rtol=tolerance)


@pytest.mark.parametrize("fitter", [fit_mmrm, fit_lmm])
@pytest.mark.parametrize("design", ["lda", "clda", "baseline_adjusted"])
def test_scores_on_any_scale(fitter, design):
    span = PLAIN["y"].max() - PLAIN["y"].min()
    unit = PLAIN.assign(y=(PLAIN["y"] - PLAIN["y"].min()) / span)
    huge = unit.assign(y=unit["y"] * 1e6)
    a, b = (fitter(data, **columns(), design=design) for data in (unit, huge))
    assert_same(a, b, SAME_P)
    assert a.certificate.boundary == b.certificate.boundary
    assert a.certificate.condition == pytest.approx(b.certificate.condition, rel=1e-6)
    np.testing.assert_allclose(b.contrasts("arm")["se"], 1e6 * a.contrasts("arm")["se"], rtol=SAME_P)


@pytest.mark.parametrize("fitter", [fit_mmrm, fit_lmm])
def test_small_units_far_from_zero(fitter):
    """A baseline on 1e3 + 1e-4 units is nearly the intercept; centred it is an ordinary covariate."""
    far = PLAIN.assign(y=1e3 + 1e-4 * PLAIN["y"])
    a, b = (fitter(data, **columns(), design="baseline_adjusted") for data in (PLAIN, far))
    assert_same(a, b, SHIFTED)


def test_a_covariate_far_from_zero():
    a = fit_mmrm(PLAIN, **columns(), covariates="age", by_visit="age")
    far = fit_mmrm(PLAIN.assign(age=1e6 + PLAIN["age"] / 100), **columns(), covariates="age", by_visit="age")
    assert_same(a, far, SHIFTED)


@pytest.mark.parametrize(
    "combined",
    [
        lambda d: 2 * d["age"] + 1,
        lambda d: 1e9 * d["age"] - 7,
        lambda d: (0.1 * d["age"] + 0.3).astype("float32"),
        lambda d: d["age"] * (1 + 1e-12 * np.arange(len(d))),
        lambda d: 0.1 + 0 * d["age"],
        lambda d: (d["arm"] == "Treatment") * 3.0,
    ],
)
@pytest.mark.parametrize("fitter", [fit_mmrm, fit_lmm])
def test_true_combinations_are_refused(combined, fitter):
    with pytest.raises(ModelError, match='"twin" is a combination of the terms before it'):
        fitter(PLAIN.assign(twin=combined(PLAIN)), **columns(), covariates=("age", "twin"))


def test_close_covariates_are_not_combinations():
    rng = np.random.default_rng(4)
    near = PLAIN["age"] + 1e-4 * rng.standard_normal(PLAIN["id"].max() + 1)[PLAIN["id"]]
    fit = fit_mmrm(PLAIN.assign(near=near), **columns(), covariates=("age", "near"))
    difference = fit_mmrm(PLAIN.assign(near=near - PLAIN["age"]), **columns(), covariates=("age", "near"))
    assert fit.certificate.valid
    assert_same(fit, difference, 1e-7)
    assert fit.loglik == pytest.approx(difference.loglik, abs=1e-6)


def test_robust_without_degrees_of_freedom_is_flagged():
    """One person in an arm at a visit: CR2 cannot be unbiased there, and the certificate says so."""
    last = (PLAIN["visit"] != "fu") | (PLAIN["arm"] == "Control") | (PLAIN["id"] == PLAIN["id"].max())
    data = two_arms(n=12, visits=3, seed=6)
    data = data[(data["visit"] != "fu") | (data["arm"] == "Control") | (data["id"] == data["id"].max())]
    assert last.any()
    fit = fit_mmrm(data, **columns(), covariance="cs", fallback=(), robust="CR2")
    assert np.isnan(fit.contrasts("arm")["p"].iloc[-1])
    reason = "robust df cannot be computed: Treatment at fu, Treatment - Control at fu"
    assert not fit.certificate.valid
    assert any(text.startswith(reason) for text in fit.certificate.reasons)
    assert any(note.startswith(reason) for note in fit.methods.notes)
    model_based = fit.with_inference("kenward-roger")
    assert model_based.certificate.valid
    assert not any("robust" in note for note in model_based.methods.notes)
    assert not fit.with_inference(robust="CR2").certificate.valid
