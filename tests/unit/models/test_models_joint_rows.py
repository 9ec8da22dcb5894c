"""Contrasts and tests whose definition could change unseen: averages, visits, gaps in an arm, df of parts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.unit.models.trials import EXACT, columns, two_arms

from compassion_trials.models import fit_mmrm
from compassion_trials.models.inference.contrast_tests import Fixed, Moments
from compassion_trials.models.inference.marginal_means import joint_rows

DATA = two_arms(n=12, visits=3, dropout=0.3, seed=8)
THREE_ARMS = ("Control", "Active", "Treatment")


def by_parts(df: list[float], scaled: bool = False) -> Moments:
    """Independent contrasts e1, e2, ... with these Satterthwaite degrees of freedom: 2 phi² / w."""
    k = len(df)
    phi = np.arange(1.0, k + 1)
    turned = np.zeros((k, k, k))
    turned[range(k), range(k), range(k)] = 1.0
    return Moments("satterthwaite", np.diag(phi), "", np.diag(phi), turned, np.diag(2 * phi**2 / df), scaled)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([4.0, 8.0], 5.0),  # E = 4/2 + 8/6 = 10/3, 2 E / (E - 2)
        ([2.5, 30.0, 10.0], 2 * (5 + 30 / 28 + 1.25) / (5 + 30 / 28 + 1.25 - 3)),
        ([6.0, 6.0], 6.0),
        ([1.5, 8.0], 2.0),  # an F with so few df has no mean: Fai and Cornelius' rule stops at 2
        ([2.0, 8.0], 2.0),
        ([8.0, 1.0], 2.0),
        ([1.2, 1.2], 1.2),
    ],
)
def test_satterthwaite_f_from_the_df_of_its_parts(parts, expected):
    on, values = by_parts(parts), np.arange(2.0, 2 + len(parts))
    np.testing.assert_allclose(on.df(np.eye(len(parts))), parts)
    test = on.f_test(np.eye(len(parts)), values)
    f = (values**2 / np.arange(1.0, len(parts) + 1)).mean()
    assert (test.f, test.df_num) == (pytest.approx(f, rel=EXACT), len(parts))
    assert test.df_den == pytest.approx(expected, rel=1e-9)
    assert test.p == pytest.approx(stats.f.sf(f, len(parts), expected), rel=1e-9)


def test_a_contrast_has_the_fewest_df_of_the_coefficients_in_it():
    on = Fixed("between-within", np.eye(3), "", np.array([22.0, 44.0, np.inf]), np.eye(3))
    rows = np.array([[1.0, 0, 0], [1.0, 1.0, 0], [0, 1.0, -1.0], [0, 0, 1.0], [1e-5, 1e6, 0]])
    assert on.df(rows).tolist() == [22, 22, 44, np.inf, 44]
    assert on.f_test(rows[[1, 2]], np.ones(2)).df_den == 22


def test_between_within_df_of_a_difference_at_a_visit():
    """arm + arm:visit, 24 people, 72 observations: 24 - 2 between, 72 - 24 - 4 within, and the smaller counts."""
    fit = fit_mmrm(two_arms(n=12, visits=3), **columns(), df="between-within")
    assert fit.contrasts("arm")["df"].tolist() == [22, 22, 22]
    assert fit.contrasts("change_from_baseline")["df"].tolist() == [44, 44]


def test_the_average_of_a_baseline_adjusted_model_is_over_all_its_visits():
    fit = fit_mmrm(DATA, **columns(), design="baseline_adjusted")
    arm, average = fit.contrasts("arm"), fit.contrasts("visit_average")
    assert average["visit"].tolist() == ["post + fu"]
    assert average["estimate"][0] == pytest.approx(arm["estimate"].mean(), abs=EXACT)
    weights = {(a, v): s / 2 for a, s in (("Treatment", 1), ("Control", -1)) for v in ("post", "fu")}
    assert average["se"][0] == pytest.approx(fit.custom({"x": weights})["se"][0], rel=EXACT)


def test_the_average_over_visits_leaves_the_baseline_out():
    fit = fit_mmrm(DATA, **columns())
    average = fit.contrasts("visit_average")
    assert average["visit"].tolist() == ["post + fu"]
    assert average["estimate"][0] == pytest.approx(fit.contrasts("arm")["estimate"][1:].mean(), abs=EXACT)


def test_visits_are_tested_over_the_mean_of_the_arms():
    """By hand from the marginal means; so the arm that comes first does not matter."""
    data = two_arms(n=10, visits=3, dropout=0.2, arms=THREE_ARMS)
    fit = fit_mmrm(data, **columns())
    rows = joint_rows("visit", fit.prepared.design, fit.prepared.design.grid())
    means = fit.marginal_means().groupby("visit")["estimate"].mean()
    np.testing.assert_allclose(rows @ fit.beta, [means["post"] - means["pre"], means["fu"] - means["pre"]], atol=EXACT)
    a, b = fit.joint_test("visit"), fit_mmrm(data, **columns() | {"reference": "Treatment"}).joint_test("visit")
    assert (a.f, a.df_den) == pytest.approx((b.f, b.df_den), rel=1e-7)


def test_arms_are_tested_over_the_mean_of_the_visits():
    fit = fit_mmrm(DATA, **columns())
    rows = joint_rows("arm", fit.prepared.design, fit.prepared.design.grid())
    means = fit.marginal_means().groupby("arm")["estimate"].mean()
    assert (rows @ fit.beta).tolist() == pytest.approx([means["Treatment"] - means["Control"]], abs=EXACT)


def test_interaction_where_the_reference_arm_has_no_visit():
    """The waiting list ends at post; at the follow-up the two other arms still differ or do not."""
    data = two_arms(n=12, visits=3, arms=THREE_ARMS)
    data = data[(data["arm"] != "Control") | (data["visit"] != "fu")]
    fit = fit_mmrm(data, **columns())
    rows = joint_rows("arm:visit", fit.prepared.design, fit.prepared.design.grid())
    m = fit.marginal_means().set_index(["arm", "visit"])["estimate"]
    change = {(a, v): m[a, v] - m[a, "pre"] for a, v in m.index}
    by_hand = [
        change["Active", "post"] - change["Control", "post"],
        change["Treatment", "post"] - change["Control", "post"],
        change["Treatment", "fu"] - change["Active", "fu"],
    ]
    np.testing.assert_allclose(rows @ fit.beta, by_hand, atol=EXACT)
    assert fit.joint_test("arm:visit").df_num == 3
