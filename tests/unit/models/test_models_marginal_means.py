"""The reference grid and its contrasts."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.models.trials import EXACT, columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_mmrm

DATA = two_arms(n=14, visits=3, dropout=0.3, gaps=0.05, seed=2)
THREE = two_arms(n=10, visits=3, dropout=0.2, arms=("Control", "Active", "Treatment"))
TESTED = ["estimate", "se", "df", "statistic", "p", "lower", "upper"]


def test_columns_of_the_public_face():
    fit = fit_mmrm(DATA, **columns())
    assert list(fit.coefficients) == ["term", *TESTED]
    assert list(fit.marginal_means()) == ["arm", "visit", "estimate", "se", "df", "lower", "upper"]
    assert list(fit.contrasts("arm")) == ["contrast", "visit", *TESTED]
    assert list(fit.contrasts("change_from_baseline")) == ["contrast", "visit", *TESTED]
    test = fit.joint_test("arm:visit")
    assert (test.df_num, test.f > 0, 0 < test.p < 1) == (2, True, True)
    assert fit.covariance.shape == (3, 3)


def test_saturated_means_on_complete_data_are_the_cell_means():
    data = two_arms(visits=3)
    fit = fit_mmrm(data, **columns())
    means = data.groupby(["arm", "visit"])["y"].mean()
    for row in fit.marginal_means().itertuples():
        assert row.estimate == pytest.approx(means[row.arm, row.visit], abs=EXACT)


def test_contrasts_are_differences_of_means():
    fit = fit_mmrm(DATA, **columns())
    m = fit.marginal_means().set_index(["arm", "visit"])["estimate"]
    arm = fit.contrasts("arm").set_index("visit")["estimate"]
    change = fit.contrasts("change_from_baseline").set_index("visit")["estimate"]
    assert arm["fu"] == pytest.approx(m["Treatment", "fu"] - m["Control", "fu"], abs=EXACT)
    assert change["fu"] == pytest.approx(arm["fu"] - arm["pre"], abs=EXACT)
    average = fit.contrasts("visit_average")
    assert average["estimate"].iloc[0] == pytest.approx((arm["post"] + arm["fu"]) / 2, abs=EXACT)
    by_hand = fit.custom({"d": {("Treatment", "fu"): 1, ("Control", "fu"): -1}})
    np.testing.assert_allclose(
        by_hand[TESTED].iloc[0].to_numpy(float), fit.contrasts("arm")[TESTED].iloc[2].to_numpy(float)
    )


def test_clda_has_no_baseline_contrast():
    fit = fit_mmrm(DATA, **columns(), design="clda")
    assert list(fit.contrasts("arm")["visit"]) == ["post", "fu"]
    assert fit.contrasts("arm").equals(fit.contrasts("change_from_baseline"))
    baseline = fit.marginal_means().query("visit == 'pre'")["estimate"]
    assert baseline.nunique() == 1
    assert fit.joint_test("arm:visit").df_num == 2


def test_baseline_adjusted_has_no_change():
    fit = fit_mmrm(DATA, **columns(), design="baseline_adjusted")
    assert list(fit.contrasts("arm")["visit"]) == ["post", "fu"]
    for kind in ("change_from_baseline", "within_arm"):
        with pytest.raises(ModelError, match="covariate"):
            fit.contrasts(kind)
    assert fit.joint_test("baseline").df_num == 2


def test_single_arm_change():
    fit = fit_mmrm(DATA[DATA["arm"] == "Control"], **columns() | {"arm": None, "reference": None}, design="single_arm")
    table = fit.contrasts("change_from_baseline")
    assert list(table["contrast"]) == ["change from pre"] * 2
    assert list(table["visit"]) == ["post", "fu"]
    assert set(fit.marginal_means()["arm"]) == {"all"}
    with pytest.raises(ModelError, match="compare arms"):
        fit.contrasts("arm")
    with pytest.raises(ModelError, match="compares arms"):
        fit.joint_test("arm:visit")


def test_three_arms():
    fit = fit_mmrm(THREE, **columns())
    assert len(fit.contrasts("arm")) == 6
    assert len(fit.contrasts("pairwise")) == 9
    assert fit.joint_test("arm:visit").df_num == 4
    assert fit.joint_test("arm").df_num == 2
    assert fit.joint_test("visit").df_num == 2


def test_joint_test_does_not_depend_on_the_reference():
    a = fit_mmrm(THREE, **columns()).joint_test("arm:visit")
    b = fit_mmrm(THREE, **columns() | {"reference": "Treatment"}).joint_test("arm:visit")
    assert a.f == pytest.approx(b.f, abs=1e-9)
    assert a.df_den == pytest.approx(b.df_den, abs=1e-7)


def test_covariates_and_weights():
    fit = fit_mmrm(DATA, **columns(), covariates={"age": "main", "sex": "by visit"})
    assert "sex[m]:visit[fu]" in list(fit.coefficients["term"])
    assert fit.joint_test("age").df_num == 1
    assert fit.joint_test("sex").df_num == 3
    assert fit.joint_test("sex:visit").df_num == 2
    proportional, equal = fit.marginal_means(), fit.marginal_means("equal")
    share = (DATA["sex"] == "m").mean()
    b = fit.coefficients.set_index("term")["estimate"]
    shift = (0.5 - share) * b["sex[m]"]
    assert equal["estimate"][0] - proportional["estimate"][0] == pytest.approx(shift, abs=EXACT)
    one = fit.contrasts("arm")["estimate"]
    other = fit_mmrm(DATA, **columns(), covariates=("age",), by_visit=("sex",), weights="equal").contrasts("arm")[
        "estimate"
    ]
    np.testing.assert_allclose(one, other, atol=EXACT)


def test_unknown_words():
    fit = fit_mmrm(DATA, **columns())
    with pytest.raises(ModelError, match='did you mean "change_from_baseline"'):
        fit.contrasts("change_from_base")
    with pytest.raises(ModelError, match="not a term"):
        fit.joint_test("age")
    with pytest.raises(ModelError, match='did you mean "Control"'):
        fit.custom({"x": {("control", "fu"): 1.0}})
    with pytest.raises(ModelError, match="weights"):
        fit.marginal_means("uniform")


def test_level():
    fit = fit_mmrm(DATA, **columns())
    narrow, wide = fit.contrasts("arm", level=0.8), fit.contrasts("arm")
    assert (narrow["upper"] < wide["upper"]).all()


def test_moderator():
    fit = fit_mmrm(DATA, **columns(), by_arm=("age",), by_visit=("age",))
    assert fit.joint_test("age:arm").df_num == 3
    assert fit.joint_test("age:arm:visit").df_num == 2
    young, old = fit.contrasts("arm", at={"age": 30}), fit.contrasts("arm", at={"age": 50})
    slope = fit.moderation("age")
    np.testing.assert_allclose(old["estimate"] - young["estimate"], 20 * slope["estimate"], atol=1e-9)
    b = fit.coefficients.set_index("term")["estimate"]
    assert slope["estimate"][2] == pytest.approx(b["age:arm[Treatment]"] + b["age:arm[Treatment]:visit[fu]"], abs=1e-9)
    assert list(slope) == ["contrast", "visit", *TESTED]


def test_moderator_on_complete_data_is_the_regression_interaction():
    data = two_arms(n=20, visits=2, seed=5)
    fit = fit_mmrm(data, **columns(2), by_arm=("age",), by_visit=("age",))
    post = data[data["visit"] == "post"]
    arm, age = (post["arm"] == "Treatment").to_numpy(float), post["age"].to_numpy()
    x = np.column_stack([np.ones(len(post)), arm, age, arm * age])
    beta = np.linalg.lstsq(x, post["y"].to_numpy(), rcond=None)[0]
    rss = ((post["y"] - x @ beta) ** 2).sum()
    se = np.sqrt(rss / (len(post) - 4) * np.linalg.inv(x.T @ x)[3, 3])
    row = fit.moderation("age").iloc[1]
    assert row["estimate"] == pytest.approx(beta[3], abs=1e-9)
    assert row["se"] == pytest.approx(se, abs=1e-9)
    assert row["df"] == pytest.approx(len(post) - 4, abs=1e-7)


def test_categorical_moderator_under_clda():
    fit = fit_mmrm(DATA, **columns(), design="clda", by_arm=("sex",))
    men, women = fit.contrasts("arm", at={"sex": "m"}), fit.contrasts("arm", at={"sex": "f"})
    gap = fit.moderation("sex", low="f", high="m")
    np.testing.assert_allclose(men["estimate"] - women["estimate"], gap["estimate"], atol=1e-9)
    assert fit.joint_test("sex:arm").df_num == 2
    with pytest.raises(ModelError, match='did you mean "sex"'):
        fit.contrasts("arm", at={"sexx": "m"})


def test_fits_can_be_stored():
    import pickle

    fit = pickle.loads(pickle.dumps(fit_mmrm(DATA, **columns())))
    assert fit.contrasts("arm").equals(fit_mmrm(DATA, **columns()).contrasts("arm"))
