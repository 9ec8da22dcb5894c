"""Random effects, boundaries and therapy groups."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.test_models_reml import dense_log_likelihood
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.diagnostics import icc, r_squared
from compassion_trials.models.likelihood.likelihood_ratio import likelihood_ratio


def negative_correlation():
    """Visits that repel each other: the best random-intercept variance would be negative."""
    rng = np.random.default_rng(3)
    data = two_arms(n=20, visits=3)
    noise = rng.standard_normal((40, 3))
    return data.assign(y=(noise - 0.8 * noise.mean(1, keepdims=True)).ravel())


def grouped(seed=4, effect=4.0):
    data = two_arms(n=32, visits=3, dropout=0.2, seed=seed)
    rng = np.random.default_rng(seed)
    treated = data["arm"] == "Treatment"
    group = np.where(treated, data["id"] // 8, -1)
    shift = rng.normal(0, effect, 20)
    y = data["y"] + np.where(treated & (data["visit"] != "pre"), shift[group], 0.0)
    return data.assign(y=y, group=np.where(treated, "g" + (data["id"] // 8).astype(str), None))


def test_zero_variance_is_held_on_the_boundary():
    fit = fit_lmm(negative_correlation(), **columns())
    assert fit.certificate.boundary == ("random-effects variance is 0",)
    assert fit.certificate.valid
    assert fit.variance_parameters["estimate"][0] == 0.0
    independent = fit_mmrm(negative_correlation(), **columns(), covariance="cs", fallback=())
    assert independent.loglik > fit.loglik
    assert fit.covariance.iloc[0, 1] == 0.0


def test_unbounded_is_the_compound_symmetry_optimum():
    fit = fit_lmm(negative_correlation(), **columns(), bounded=False)
    cs = fit_mmrm(negative_correlation(), **columns(), covariance="cs", fallback=())
    assert fit.loglik == pytest.approx(cs.loglik, abs=1e-9)
    assert fit.variance_parameters["estimate"][0] < 0
    assert "random effects unbounded" in fit.methods.notes


def test_boundary_expected_information_counts_all_parameters():
    fit = fit_lmm(negative_correlation(), **columns(), df="kr(expected)")
    held = fit.with_inference("kenward-roger").contrasts("change_from_baseline")
    assert np.abs(fit.contrasts("change_from_baseline")["df"] / held["df"] - 1).max() > 1e-3


def test_slope_on_the_boundary_beats_its_faces():
    rng = np.random.default_rng(0)
    singular = 0
    for seed in range(30):
        data = two_arms(n=10, visits=4, dropout=0.2, seed=seed)
        data["y"] = 5 * rng.standard_normal(40)[data["id"]] + rng.standard_normal(len(data)) * 3
        fit = fit_lmm(data, **columns(4), random="slope", time="weeks")
        intercept = fit_lmm(data, **columns(4))
        free = fit_lmm(data, **columns(4), random="slope", time="weeks", bounded=False)
        assert fit.certificate.valid
        assert intercept.loglik - 1e-8 <= fit.loglik <= free.loglik + 1e-8
        singular += bool(fit.certificate.boundary)
        g = fit.variance_parameters["estimate"].to_numpy()
        assert g[0] >= -1e-9
        assert g[0] * g[2] - g[1] ** 2 >= -1e-6 * max(g[0] * g[2], 1e-6)
    assert singular > 3


def test_time_units_do_not_matter():
    data = two_arms(n=20, visits=4, dropout=0.2, seed=5)
    weeks = fit_lmm(data, **columns(4), random="slope", time="weeks")
    days = fit_lmm(data, **columns(4), random="slope", time={"pre": 0, "post": 56, "fu": 140, "year": 364})
    assert weeks.loglik == pytest.approx(days.loglik, abs=1e-9)
    ratio = weeks.variance_parameters["estimate"] / days.variance_parameters["estimate"]
    np.testing.assert_allclose(ratio, [1, 7, 49, 1], rtol=1e-6)


def test_groups_widen_the_treatment_effect():
    data = grouped()
    plain, with_groups = fit_lmm(data, **columns()), fit_lmm(data, **columns(), group="group")
    assert with_groups.certificate.valid
    assert with_groups.methods.n_groups == 4
    assert with_groups.contrasts("arm")["se"][2] > 1.3 * plain.contrasts("arm")["se"][2]
    assert with_groups.contrasts("arm")["df"][2] < 15
    assert with_groups.contrasts("arm")["se"][0] == pytest.approx(plain.contrasts("arm")["se"][0], rel=0.1)
    test = likelihood_ratio(with_groups, plain, boundary=True)
    assert test.p < 0.01
    assert "mixture" in test.reference


def test_no_group_effect_is_the_plain_model():
    data = grouped(effect=0.0)
    data["y"] = np.random.default_rng(2).standard_normal(len(data))
    found = [fit_lmm(data.assign(group=data["group"]), **columns(), group="group")]
    boundary = [f for f in found if "therapy group variance is 0" in f.certificate.boundary]
    for fit in boundary:
        plain = fit_lmm(data, **columns())
        assert fit.loglik == pytest.approx(plain.loglik, abs=1e-8)


def test_nested_groups_in_both_arms():
    data = grouped()
    data["group"] = data["id"] // 8
    fit = fit_lmm(data, **columns(), group="group")
    assert fit.methods.n_groups == 8
    assert fit.estimate.rows.index == ()
    assert fit.certificate.valid
    assert fit.with_inference(robust="CR2").contrasts("arm")["df"].between(2, 8).all()


def test_residual_variance_per_arm():
    data = two_arms(n=25, visits=3, seed=3)
    data["y"] = np.where(data["arm"] == "Control", 20 + 3 * (data["y"] - 20), data["y"])
    fit = fit_lmm(data, **columns(), per_arm=True)
    assert fit.covariance.shape == (6, 3)
    v = fit.variance_parameters.set_index("parameter")["estimate"]
    assert v["Control: residual"] > 3 * v["Treatment: residual"]
    assert likelihood_ratio(fit, fit_lmm(data, **columns())).p < 0.01


def test_random_effects_with_a_residual_structure():
    data = two_arms(n=30, visits=4, seed=3)
    fit = fit_lmm(data, **columns(4), residual="ar1")
    assert fit.loglik >= fit_lmm(data, **columns(4)).loglik - 1e-8
    assert fit.methods.covariance == "random intercept + ar1"


def test_icc_and_r_squared():
    data = two_arms(n=40, visits=3, seed=3)
    fit = fit_lmm(data, **columns())
    v = fit.variance_parameters["estimate"]
    assert icc(fit) == pytest.approx(v[0] / v.sum())
    assert icc(fit_mmrm(data, **columns(), covariance="cs")) == pytest.approx(icc(fit), abs=1e-7)
    r2 = r_squared(fit)
    assert 0 < r2.marginal < r2.conditional < 1
    fitted = (fit.prepared.x @ fit.beta).var()
    assert r2.marginal == pytest.approx(fitted / (fitted + v.sum()))


def test_linear_mean_by_hand():
    """Complete data, equal times for all: slopes are least-squares slopes of the arms' visit means."""
    data = two_arms(n=15, visits=4, seed=2)
    fit = fit_lmm(data, **columns(4), mean="linear", time="weeks", random="slope")
    terms = fit.coefficients.set_index("term")["estimate"]
    assert list(terms.index) == ["Intercept", "arm[Treatment]", "time", "arm[Treatment]:time"]
    slopes = {arm: np.polyfit(part["weeks"], part["y"], 1)[0] for arm, part in data.groupby("arm")}
    assert terms["time"] == pytest.approx(slopes["Control"], abs=1e-9)
    assert terms["arm[Treatment]:time"] == pytest.approx(slopes["Treatment"] - slopes["Control"], abs=1e-9)
    change = fit.contrasts("change_from_baseline").set_index("visit")["estimate"]
    assert change["year"] == pytest.approx(52 * terms["arm[Treatment]:time"], abs=1e-9)
    test = fit.joint_test("arm:visit")
    row = fit.coefficients.iloc[3]
    assert (test.df_num, test.f) == (1, pytest.approx(row["statistic"] ** 2, rel=1e-8))


def test_linear_mean_of_a_real_trial(shared):
    """Beat the Blues: lme4's growth model in reference_R.json (default optimiser settings)."""
    reference = json.loads((shared / "data/btheb/reference_R.json").read_text())["bdi"][
        "M4_lmer_linear_time_random_slope"
    ]
    data = pd.read_csv(shared / "data/btheb/long.csv")
    fit = fit_lmm(
        data,
        outcome="y",
        subject="id",
        arm="arm",
        visit="time",
        reference="TAU",
        visits=["pre", "m2", "m4", "m6", "m8"],
        random="slope",
        mean="linear",
        df="kr(expected)",
        time={"pre": 0, "m2": 2, "m4": 4, "m6": 6, "m8": 8},
    )
    assert fit.loglik >= reference["logLik"] - 1e-7
    theirs = pd.DataFrame(reference["coef_kenward_roger"])
    order = ["(Intercept)", "armBtheB", "tn", "armBtheB:tn"]
    theirs = theirs.set_index("term").loc[order]
    ours = fit.coefficients
    np.testing.assert_allclose(ours["estimate"], theirs["Estimate"], atol=1e-4 * theirs["Std. Error"].min())
    np.testing.assert_allclose(ours["se"], theirs["Std. Error"], rtol=1e-4)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-3)


def test_group_known_only_after_baseline():
    data = grouped()
    late = data.assign(group=data["group"].where(data["visit"] != "pre"))
    a, b = fit_lmm(data, **columns(), group="group"), fit_lmm(late, **columns(), group="group")
    np.testing.assert_allclose(a.coefficients["se"], b.coefficients["se"], rtol=1e-12)
    assert "only 4 therapy groups: their variance is uncertain" in a.methods.notes


def test_groups_beside_an_unstructured_covariance():
    data = grouped()
    fit = fit_lmm(data, **columns(), group="group", random="none", residual="us")
    plain = fit_mmrm(data, **columns())
    assert fit.certificate.valid
    assert fit.methods.covariance == "us + therapy group"
    assert fit.loglik > plain.loglik + 1
    assert fit.contrasts("arm")["se"][2] > 1.15 * plain.contrasts("arm")["se"][2]
    assert dense_log_likelihood(fit, True) == pytest.approx(fit.loglik, abs=1e-8)
    quiet = data.assign(y=np.random.default_rng(5).standard_normal(len(data)))
    none = fit_lmm(quiet, **columns(), group="group", random="none", residual="us")
    assert none.loglik >= fit_mmrm(quiet, **columns()).loglik - 1e-8


def test_groups_numbered_anew_in_each_arm_need_a_word():
    data = grouped().assign(group=lambda d: d["id"] % 4)
    told = {"group": "group", "random": "none", "residual": "us"}
    with pytest.raises(ModelError, match="nested=True"):
        fit_lmm(data, **columns(), **told)
    apart = data.assign(group=data["arm"].astype(str) + data["group"].astype(str))
    nested, unique = fit_lmm(data, **columns(), **told, nested=True), fit_lmm(apart, **columns(), **told)
    assert nested.methods.n_groups == unique.methods.n_groups == 8
    assert nested.loglik == pytest.approx(unique.loglik, rel=1e-12)
    shared = fit_lmm(data, **columns(), **told, nested=False)
    assert shared.methods.n_groups == 4
