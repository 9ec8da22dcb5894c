"""Cluster-robust covariances: identities, and R's clubSandwich by value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.models import fit_mmrm
from compassion_trials.models.inference.robust import adjusted_weights
from compassion_trials.models.replicates.resample import jackknife

CLUB_SANDWICH = {
    # clubSandwich 0.5, coef_test(nlme::gls us): p of armExercise, timepost, timepp; p of HTZ for the interaction
    "CR0": (0.9549546051, 0.3762022019, 0.0015963369, 0.88336107),
    "CR2": (0.9555129531, 0.3839815902, 0.0018781596, 0.88717409),
    "CR3": (0.95606975, 0.39197942, 0.00220615, 0.89084143),
}
PRINTED = 2e-5
"""gls stops short of the optimum in the fifth digit."""


@pytest.mark.parametrize("kind", CLUB_SANDWICH)
def test_clubsandwich(shared, kind):
    data = pd.read_csv(shared / "data/garnaes_pgwbi/long_pgwb.csv")
    fit = fit_mmrm(
        data,
        outcome="y",
        subject="id",
        arm="arm",
        visit="time",
        reference="Control",
        visits=["pre", "post", "pp"],
        robust=kind,
    )
    *single, joint = CLUB_SANDWICH[kind]
    np.testing.assert_allclose(fit.coefficients["p"][1:4], single, atol=PRINTED)
    assert fit.joint_test("arm:visit").p == pytest.approx(joint, abs=PRINTED)


def test_cr2_is_welch_for_two_groups():
    """Independent visits, one visit: CR2 with Bell-McCaffrey df is Welch's t test up to its df formula."""
    data = two_arms(n=9, visits=2).query("visit == 'post'")
    fit = fit_mmrm(data, **columns(2) | {"visits": ["post"]}, robust="CR2")
    groups = [data.loc[data["arm"] == a, "y"] for a in ("Treatment", "Control")]
    expected = np.sqrt(sum(g.var() / len(g) for g in groups))
    assert fit.contrasts("arm")["se"][0] == pytest.approx(expected, abs=1e-10)


def test_order_of_the_three():
    fit = fit_mmrm(two_arms(n=10, dropout=0.3), **columns())
    se = [fit.with_inference(robust=k).contrasts("arm")["se"].to_numpy() for k in ("CR0", "CR2", "CR3")]
    assert (se[0] < se[1]).all()
    assert (se[1] < se[2]).all()


def test_cr3_is_near_the_jackknife():
    fit = fit_mmrm(two_arms(n=30, dropout=0.2), **columns(), covariance="cs", fallback=())
    beta = jackknife(fit).beta
    jack = np.sqrt((len(beta) - 1) / len(beta) * ((beta - beta.mean(0)) ** 2).sum(0))
    robust = fit.with_inference(robust="CR3").coefficients["se"]
    np.testing.assert_allclose(robust, jack, rtol=0.05)


def test_note_names_the_clusters():
    fit = fit_mmrm(two_arms(), **columns(), robust="CR2")
    assert "clusters: participants" in fit.methods.convention


def test_one_person_gives_no_robust_error():
    data = two_arms(n=8, visits=2)
    data = data[(data["visit"] == "pre") | (data["arm"] == "Control") | (data["id"] == 15)]
    fit = fit_mmrm(data, **columns(2), covariance="diag", fallback=(), robust="CR2")
    row = fit.contrasts("arm").iloc[1]
    assert np.isfinite(fit.contrasts("arm")["se"][0])
    assert np.isnan(fit.joint_test("arm:visit").p)
    assert np.isnan(row["se"])
    assert np.isnan(row["p"])


def test_a_cluster_that_the_model_fits_exactly_has_no_weight_under_cr2():
    """Its residual variance v - x phi x' is zero; the other cluster's is 4 - 1, so its weight is 1 / sqrt(4 * 3)."""
    phi = np.eye(1)
    assert adjusted_weights("CR2", np.ones((1, 1, 1)), np.ones((1, 1)), phi)[0, 0, 0] == 0.0
    weight = adjusted_weights("CR2", np.ones((1, 1, 1)), np.full((1, 1), 4.0), phi)
    assert weight[0, 0, 0] == pytest.approx(1 / np.sqrt(12))
