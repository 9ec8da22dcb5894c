"""Small parts of the mixed models that a change could slip through: limits, orders, codes, the likelihood."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.unit.models.trials import EXACT, columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm, mmrm
from compassion_trials.models.crosscheck.crosscheck import _bound
from compassion_trials.models.data.cells import coded
from compassion_trials.models.data.columns import check_rank
from compassion_trials.models.data.standard import starting_matrix
from compassion_trials.models.diagnostics import covariance_fit
from compassion_trials.models.inference.clustered import strata
from compassion_trials.models.inference.equivalence import equivalence, noninferiority
from compassion_trials.models.inference.tables import Estimates

ARMS = ("Control", "A", "B", "Treatment")


def test_the_log_likelihood_is_the_normal_density_of_everybodys_scores():
    data = two_arms(n=12, visits=3, dropout=0.3, seed=8)
    fit = fit_mmrm(data, **columns(), reml=False, df="satterthwaite")
    means = fit.marginal_means().set_index(["arm", "visit"])["estimate"]
    total = 0.0
    for _, person in data.groupby("id"):
        mean = [means[row.arm, row.visit] for row in person.itertuples()]
        v = fit.covariance.loc[person["visit"], person["visit"]].to_numpy()
        total += stats.multivariate_normal.logpdf(person["y"], mean, v)
    assert fit.loglik == pytest.approx(total, abs=1e-8)


def test_an_mmrm_counts_people_observations_and_no_groups():
    data = two_arms(n=12, visits=3, dropout=0.3, seed=8)
    methods = fit_mmrm(data, **columns()).methods
    assert (methods.n_subjects, methods.n_observations, methods.n_groups) == (24, len(data), 0)


def test_means_of_cells_where_the_reference_has_no_visit():
    """Three other arms at the follow-up: one stands in for the reference, and all means stay those of the cells."""
    data = two_arms(n=10, visits=3, arms=ARMS)
    data = data[(data["arm"] != "Control") | (data["visit"] != "fu")]
    fit = fit_mmrm(data[data["visit"] != "post"], **columns() | {"visits": ["pre", "fu"]})
    means = data.groupby(["arm", "visit"])["y"].mean()
    table = fit.marginal_means().set_index(["arm", "visit"])["estimate"]
    assert len(table) == 7
    assert [table[arm, "pre"] for arm in ARMS] == pytest.approx([means[arm, "pre"] for arm in ARMS], abs=1e-8)


@pytest.mark.parametrize(
    ("planned", "order"), [("us", ("toeph", "arh1", "csh")), ("arh1", ("csh",)), ("csh", ()), ("ar1", ())]
)
def test_only_simpler_structures_follow_the_planned_one(monkeypatch, planned, order):
    asked = []

    def follow(prepared, name, following, per_arm, reml):
        asked.append((name, following))
        raise ModelError("seen")

    monkeypatch.setattr(mmrm, "follow", follow)
    with pytest.raises(ModelError, match="seen"):
        fit_mmrm(two_arms(), **columns(), covariance=planned)
    assert asked == [(planned, order)]


def test_one_covariance_per_arm_needs_three_people_for_each_visit():
    assert fit_mmrm(two_arms(n=9, visits=3), **columns(), per_arm=True).methods.per_arm
    with pytest.raises(ModelError, match=r"at least 9 participants in each arm \(3 x 3 visits\); Control has 8"):
        fit_mmrm(two_arms(n=8, visits=3), **columns(), per_arm=True)


@pytest.mark.parametrize("residual", ["us", "cs", "toep"])
def test_a_random_intercept_beside_what_holds_it_already(residual):
    with pytest.raises(ModelError, match="already holds what a random intercept adds"):
        fit_lmm(two_arms(), **columns(), residual=residual)


def one(estimate: float, se: float, df: float) -> Estimates:
    return Estimates({"contrast": ["x"]}, np.zeros((1, 1)), np.array([estimate]), np.array([se]), np.array([df]),
                     np.array([[se**2]]))  # fmt: skip


@pytest.mark.parametrize("estimate", [0.5, -0.5])
def test_equivalence_has_the_larger_of_both_p_values(estimate):
    row = equivalence(one(estimate, 0.4, 30.0), -1.0, 1.2).iloc[0]
    low, high = stats.t.sf((estimate + 1.0) / 0.4, 30), stats.t.sf((1.2 - estimate) / 0.4, 30)
    assert (row["p_low"], row["p_high"], row["p"]) == pytest.approx((low, high, max(low, high)), abs=EXACT)
    assert row["equivalent"] == (max(low, high) < 0.05)
    half = stats.t.ppf(0.95, 30) * 0.4
    assert (row["lower"], row["upper"]) == pytest.approx((estimate - half, estimate + half), abs=EXACT)


@pytest.mark.parametrize(("better", "sign"), [("higher", 1), ("lower", -1)])
def test_noninferiority_is_one_sided(better, sign):
    row = noninferiority(one(-0.5, 0.4, np.inf), 1.0, better).iloc[0]
    assert row["p"] == pytest.approx(stats.norm.sf((sign * -0.5 + 1.0) / 0.4), abs=EXACT)
    half = stats.norm.ppf(0.975) * 0.4
    assert (row["lower"], row["upper"]) == pytest.approx((-0.5 - half, -0.5 + half), abs=EXACT)


@pytest.mark.parametrize(
    ("values", "codes", "found"),
    [
        (["b", "a", "b", None], [0, 1, 0, -1], ["b", "a"]),
        ([" ", "a", "", "b", "a", None], [-1, 0, -1, 1, 0, -1], ["a", "b"]),
        (["a", " ", "b"], [0, -1, 1], ["a", "b"]),
    ],
)
def test_codes_in_order_of_appearance_and_blanks_missing(values, codes, found):
    ours = coded(pd.Series(values, dtype="object"))
    assert (ours[0].tolist(), ours[1]) == (codes, found)


def test_a_visit_without_variation_has_a_start_too():
    """Two visits of three people; at the second the residuals are zero."""
    residual, visit, subject = np.array([1.0, 0, -2, 0, 1, 0]), np.array([0, 1] * 3), np.repeat([0, 1, 2], 2)
    start = starting_matrix(residual, visit, subject, 2)
    assert np.isfinite(start).all()
    assert start[0, 0] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("second", "rho"),
    [([2.0, -2, 2], 0.9), ([2.0, 2, 2], np.sqrt(2) / 3), ([-2.0, 2, -2], 0.0)],  # 2 sqrt(2) / 3 counts as .9
)
def test_the_start_has_the_variances_and_one_correlation_of_the_residuals(second, rho):
    """Three people at two visits, variances 2 and 4: the mean product of standardised residuals, from 0 to .9."""
    residual = np.column_stack([[1.0, -1, 2], second]).ravel()
    visit, subject = np.array([0, 1] * 3), np.repeat([0, 1, 2], 2)
    start = starting_matrix(residual, visit, subject, 2)
    assert start == pytest.approx(np.array([[2, rho * np.sqrt(8)], [rho * np.sqrt(8), 4]]))


def test_every_pair_of_visits_is_compared_with_its_residuals():
    data = two_arms(n=12, visits=3)
    table = covariance_fit(fit_mmrm(data, **columns()))
    assert len(table) == 6
    pairs = list(zip(table.iloc[:, 1], table.iloc[:, 2], strict=True))
    visits = ("pre", "post", "fu")
    assert sorted(pairs) == sorted((visits[j], visits[i]) for i in range(3) for j in range(i + 1))


@pytest.mark.parametrize(("value", "words"), [(3.1e-5, "0.0001"), (3e-6, "10⁻⁵"), (2e-8, "10⁻⁷"), (0.02, "0.1")])
def test_differences_in_powers_of_ten(value, words):
    assert _bound(value) == words


@pytest.mark.parametrize("name", ["us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag"])
def test_with_one_visit_every_structure_is_one_variance(name):
    from compassion_trials.models.likelihood.structures import structure

    one_visit = structure(name, 1)
    assert len(one_visit.names) == 1
    assert one_visit.value(np.array([2.5])) == pytest.approx(np.array([[2.5]]))
    assert one_visit.start(np.array([[1.7]])) == pytest.approx(np.array([1.7]))


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.eye(4)[:, :3], None),
        (np.eye(3), "3 observations are too few for 3 mean parameters"),
        (np.column_stack([np.eye(4)[:, :2], [1, 1, 0, 0]]), r'"c" is a combination of the terms before it \(a, b\)'),
        (np.column_stack([np.eye(4)[:, 0], [1, 2e-7, 0, 0], np.eye(4)[:, 3]]), r'"b" is a combination .* \(a\)'),
        (np.column_stack([np.eye(4)[:, 0], [1, 2e-6, 0, 0], np.eye(4)[:, 3]]), None),
        (np.column_stack([np.eye(4)[:, 0], np.zeros(4), np.eye(4)[:, 3]]), '"b" is zero in every row'),
    ],
)
def test_columns_that_cannot_be_told_apart_are_named(x, words):
    if words is None:
        check_rank(np.asarray(x, float), ("a", "b", "c"))
        return
    with pytest.raises(ModelError, match=words):
        check_rank(np.asarray(x, float), ("a", "b", "c"))


@pytest.mark.parametrize("term", ["arm", "arm:visit", "arm_at_visits"])
def test_a_test_of_arms_needs_two_of_them(term):
    names = columns() | {"arm": None, "reference": None}
    fit = fit_mmrm(two_arms(), **names, design="single_arm")
    with pytest.raises(ModelError, match=f'"{term}" compares arms, this model has one'):
        fit.joint_test(term)
    assert fit.joint_test("visit").df_num == 2


@pytest.mark.parametrize(
    ("unit", "arm", "expected"),
    [
        ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 0, 1], [[0], [1], [2]]),  # the third has people in both arms
        ([0, 1, 2, 2, 3], [0, 1, 0, 0, 1], [[0, 2], [1, 3]]),
        ([0, 0, 1, 1], [0, 1, 1, 0], [[0, 1]]),
    ],
)
def test_units_of_both_arms_are_a_stratum_of_their_own(unit, arm, expected):
    assert [kind.tolist() for kind in strata(np.array(unit), np.array(arm, float))] == expected
