"""Limits and marks of the data that the mixed models take: how many, how few, whose group, and robust df."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.data.cells import MAX_VISITS, visit_codes
from compassion_trials.models.data.design import FEW, small_arms
from compassion_trials.models.data.frame import read_long

NAMES = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "Control"}


def test_visits_in_the_order_of_their_kind():
    ordered = pd.Series(pd.Categorical(["fu", "pre", "post"], categories=["pre", "mid", "post", "fu"], ordered=True))
    codes, labels = visit_codes(ordered, None)
    assert (codes.tolist(), labels) == ([2, 0, 1], ("pre", "post", "fu"))  # nobody was seen at mid
    codes, labels = visit_codes(pd.Series([12.0, 0.0, 4.0, np.nan]), None)
    assert (codes.tolist(), labels) == ([2, 0, 1, -1], ("0", "4", "12"))
    codes, labels = visit_codes(pd.Series(["b", "a", "c"]), ["a", "b"])
    assert (codes.tolist(), labels) == ([1, 0, -1], ("a", "b"))


def test_fifty_visits_are_the_most():
    assert MAX_VISITS == 50
    assert len(visit_codes(pd.Series(range(50)), None)[1]) == 50
    with pytest.raises(ModelError, match="51 visits are more than the 50"):
        visit_codes(pd.Series(range(51)), None)


@pytest.mark.parametrize(("n", "told"), [(4, 2), (5, 0)])
def test_arms_below_five_are_told(n, told):
    assert FEW == 5
    long = read_long(two_arms(n=n, visits=2), visits=["pre", "post"], **NAMES)
    words = small_arms(long)
    assert len(words) == told
    assert all(f"has only {n} participants: treat every interval with caution" in word for word in words)


def test_a_group_named_once_counts_for_all_rows_of_a_person():
    data = two_arms(n=4, visits=2).sort_values(["visit", "id"], ascending=[False, True]).reset_index(drop=True)
    data["group"] = np.where((data["visit"] == "post") & (data["arm"] != "Control"), "g", None)
    long = read_long(data, visits=["pre", "post"], group="group", **NAMES)
    treated = long.arm == 1
    assert (long.group[treated] == 0).all()
    assert (long.group[~treated] == -1).all()
    assert (read_long(data, visits=["pre", "post"], **NAMES).group == -1).all()


def test_a_person_twice_at_a_visit_is_named_by_its_rows():
    data = two_arms(n=4, visits=2)
    data = pd.concat([data, data.iloc[[5]]], ignore_index=True)  # row 6 again as row 17
    with pytest.raises(ModelError, match=r"1 duplicate rows .*first: rows 6 and 17"):
        read_long(data, visits=["pre", "post"], **NAMES)


def test_robust_df_that_exist_leave_the_fit_valid():
    fit = fit_mmrm(two_arms(n=14, visits=3, dropout=0.2), **columns(), robust="CR2")
    assert fit.shortfall == ""
    assert fit.certificate.valid
    assert (fit.contrasts("arm")["df"] > 2).all()


def test_covariances_of_arms_hold_what_their_groups_share():
    """One covariance per arm and a group effect after baseline in the treated arm: it stands in every later cell."""
    data = two_arms(n=16, visits=3)
    rng = np.random.default_rng(4)
    number = data["id"] % 4
    data["group"] = np.where(data["arm"] == "Control", None, number.map(lambda k: f"g{k}"))
    data["y"] += np.where((data["arm"] != "Control") & (data["visit"] != "pre"), 6 * rng.standard_normal(4)[number], 0)
    fit = fit_lmm(data, **columns(), random="none", residual="us", group="group")
    variance = fit.variance_parameters.set_index("parameter")["estimate"]
    shared = variance[[name for name in variance.index if "roup" in name]].iloc[0]
    assert shared > 1
    whole = fit.covariances[-1]
    theta = fit.theta_standard
    alone = fit.estimate.problem.covariance.value(theta)[0] * fit.prepared.standard.scale**2
    np.testing.assert_allclose(whole - alone, shared * np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1]]), atol=1e-8)


def test_covariances_of_each_arm_hold_what_its_groups_share():
    data = two_arms(n=16, visits=3)
    rng, number = np.random.default_rng(4), data["id"] // 4
    data["y"] += np.where(data["visit"] != "pre", 6 * rng.standard_normal(8)[number], 0)
    fit = fit_lmm(data.assign(group=number), **columns(), per_arm=True, group="group")
    variance = fit.variance_parameters.set_index("parameter")["estimate"]
    shared = variance[[name for name in variance.index if "roup" in name]].iloc[0]
    alone = fit.estimate.problem.covariance.value(fit.theta_standard)[:2] * fit.prepared.standard.scale**2
    assert fit.covariances.shape == (2, 3, 3)
    assert abs(alone[0] - alone[1]).max() > 0.1
    for whole, own in zip(fit.covariances, alone, strict=True):
        np.testing.assert_allclose(whole - own, shared * np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1]]), atol=1e-8)
