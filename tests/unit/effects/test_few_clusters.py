"""People who met in groups: drop-out, dose and correlations know it, or say that they do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.columns import results_table
from compassion_trials.describe.correlations import correlation_rows
from compassion_trials.describe.logistic import logistic
from compassion_trials.effects.groups.clustered_logistic import clustered_logistic
from compassion_trials.effects.groups.clustered_risk import compare_clustered, possible
from compassion_trials.effects.groups.few_clusters import FEW, NO_LIMITS, NO_P
from compassion_trials.effects.outcomes.dosage import association
from compassion_trials.effects.outcomes.dose import dose_rows
from compassion_trials.effects.outcomes.dropout import dropout_rows
from compassion_trials.effects.sentences import sentences
from compassion_trials.trial.trial import read_trial

EXACT = 1e-9
"""Two ways to the same arithmetic."""
NOBODY = -1


def people(groups: int = 6, size: int = 6, single: int = 24, seed: int = 5):
    """Group codes, arm and generator: the treated in groups, the others single."""
    group = np.concatenate([np.repeat(np.arange(groups), size), np.full(single, NOBODY)]).astype(np.intp)
    return group, (group < 0).astype(np.intp), np.random.default_rng(seed)


def dense_cr2(x, residual, weight, unit):
    """CR2 of weighted least squares by its definition: A = D^T B^-1/2 D with whole matrices."""
    bread = np.linalg.inv(x.T @ (x * weight[:, None]))
    meat = np.zeros_like(bread)
    for code in np.unique(unit):
        own = unit == code
        root = np.diag(weight[own] ** -0.5)  # working covariance 1 / weight
        hat = x[own] @ bread @ x[own].T
        inner = root @ (root @ root - hat) @ root
        values, vectors = np.linalg.eigh(inner)
        power = vectors @ np.diag(np.where(values > 1e-10, values, np.inf) ** -0.5) @ vectors.T
        score = x[own].T @ (weight[own] * (root @ power @ root @ residual[own]))
        meat += np.outer(score, score)
    return bread @ meat @ bread


def test_log_odds_ratios_have_the_covariance_of_the_definition():
    group, arm, rng = people()
    x = rng.normal(size=len(group)) + 0.5 * rng.normal(size=8)[group]
    y = (rng.random(len(group)) < 1 / (1 + np.exp(0.5 - x))).astype(float)
    fit = logistic(x[:, None], y)
    (found,) = clustered_logistic(fit, y, group, arm)
    p = fit.fitted
    weight = p * (1 - p)
    unit = np.where(group < 0, np.arange(len(group)) + 100, group)
    expected = dense_cr2(fit.design, (y - p) / weight, weight, unit)
    assert found.se == pytest.approx(np.sqrt(expected[1, 1]), rel=EXACT)
    assert found.estimate == pytest.approx(np.log(fit.coefficients[0].odds_ratio), rel=EXACT)
    assert found.df <= 5
    assert found.lower < found.estimate < found.upper
    assert 0 < found.p < 1


def test_below_five_groups_there_is_an_interval_only():
    for groups in (FEW - 1, FEW):
        group, arm, rng = people(groups=groups)
        x = rng.normal(size=len(group))
        y = (rng.random(len(group)) < 0.4).astype(float)
        (found,) = clustered_logistic(logistic(x[:, None], y), y, group, arm)
        assert np.isfinite([found.lower, found.upper]).all()
        assert np.isfinite(found.p) == (groups == FEW)
        assert (NO_P in found.words) == (groups < FEW)


def test_two_groups_in_an_arm_give_no_limits_of_an_odds_ratio():
    group, arm, rng = people(groups=2)
    x = rng.normal(size=len(group))
    y = (rng.random(len(group)) < 0.4).astype(float)
    (found,) = clustered_logistic(logistic(x[:, None], y), y, group, arm)
    assert found.df <= 1
    assert np.isnan([found.lower, found.upper, found.p]).all()
    assert found.words == NO_LIMITS


def test_separated_data_have_an_odds_ratio_without_limits():
    group, arm, _ = people()
    x = np.resize([0.0, 1.0], len(group))
    y = x * np.resize([1.0, 1.0, 0.0], len(group))
    fit = logistic(x[:, None], y)
    assert fit.firth
    (found,) = clustered_logistic(fit, y, group, arm)
    assert np.isfinite(found.estimate)
    assert np.isnan([found.lower, found.upper, found.p]).all()
    assert found.words == NO_LIMITS


def test_dose_of_members_alike_has_wider_limits_and_the_same_slope():
    group, _, rng = people(single=0, groups=6, size=8)
    dose = np.repeat(rng.normal(5, 2, 6), 8) + rng.normal(0, 0.3, 48)  # a group attends together
    before = rng.normal(30, 5, 48)
    after = before - 0.2 * dose + 3 * rng.normal(size=6)[group] + rng.normal(size=48)
    plain, robust = association(dose, before, after), association(dose, before, after, group=group)
    assert robust.slope == plain.slope
    assert robust.r == plain.r
    assert robust.df <= 5 < plain.df
    assert robust.upper - robust.lower > 1.5 * (plain.upper - plain.lower)
    assert robust.p > plain.p
    four = association(dose[:32], before[:32], after[:32], group=group[:32])
    assert np.isfinite([four.lower, four.upper]).all()
    assert np.isnan(four.p)
    one = association(dose[:8], before[:8], after[:8], group=group[:8])
    assert np.isnan([one.lower, one.upper, one.p]).all()
    assert one.words == NO_LIMITS


@pytest.mark.parametrize(
    ("lower", "upper", "df", "right"),
    [
        (-0.2, 0.7, 3, (-0.2, 0.7)),
        (-0.2, 1.4, 3, (-0.2, 1.0)),
        (-1.3, 0.1, 2, (-1.0, 0.1)),
        (-0.2, 1.4, 1, None),
        (-1.3, 0.1, 1, None),
        (-0.2, 0.7, 1, (-0.2, 0.7)),
        (-1.1, 1.2, 5, None),
    ],
)
def test_limits_beyond_all_against_nobody(lower, upper, df, right):
    found = possible(lower, upper, df)
    assert np.isnan(found).all() if right is None else found == right


def test_two_groups_in_an_arm_leave_no_limits_that_say_nothing():
    rng = np.random.default_rng(2)
    group = np.r_[np.repeat([0, 1], 8), np.full(20, NOBODY)].astype(np.intp)
    yes = np.r_[np.ones(8), np.zeros(8), (rng.random(20) < 0.3)].astype(float)
    found = compare_clustered(yes, group >= 0, group).risk_difference
    assert np.isfinite(found.estimate)
    assert np.isnan([found.lower, found.upper]).all()


def clustered_trial(root, groups: int, gone=(0, 3, 7, 9, 13, 22, 30), **parts):
    """Two arms of 24, the treated in groups; those in `gone` have no score after the first visit."""
    design = {"clusters": {"course": {"arms": ["act"]}}}
    data = {"clusters": {"course": "course"}}
    made = made_trial.plan(visits=("pre", "post"), design=design, data=data, **parts)
    everyone = made_trial.people(made.design.arms, 24)
    course = [f"c{i % groups}" if i < 24 else None for i in range(48)]
    everyone = everyone.assign(course=pd.array(course, dtype="str"), sessions=np.resize([3.0, 5, 6, 8, 2], 48))
    scores = made_trial.scored(everyone, made.design.visits, gone=0)
    left = everyone["participant"].iloc[list(gone)]
    scores = scores[~(scores["participant"].isin(left) & (scores["visit"] == "post"))]
    return read_trial(made_trial.write(root, made, everyone, scores))


@pytest.mark.parametrize("groups", [1, 4, 6])
def test_drop_out_says_whose_limits_it_has(tmp_path, groups):
    found, said = dropout_rows(clustered_trial(tmp_path, groups))
    table = pd.DataFrame(found)
    age = table[table["term"] == "age"].set_index("statistic")["value"]
    assert ("lower" in age) == (groups > 1)
    assert ("p" in age) == (groups >= FEW)
    assert age.get("df", 0) <= max(groups - 1, 0)
    assert ("cluster-robust" in said[0]) == (groups > 1)
    assert ("too few" in said[0]) == (groups == 1)
    assert ("without tests below five" in said[0]) == (groups == 4)


def test_groups_left_out_by_the_plan_are_left_out_here(tmp_path):
    trial = clustered_trial(tmp_path, 6, analysis={"primary": {"outcome": "dep.total", "random_group": "none"}})
    found, said = dropout_rows(trial)
    assert "cluster-robust" not in said[0]
    assert {"p", "lower"} <= {row["statistic"] for row in found}


@pytest.mark.parametrize("groups", [4, 6])
def test_dose_and_its_sentence_know_the_groups(tmp_path, groups):
    trial = clustered_trial(tmp_path, groups, analysis={"dose": {"variable": "sessions"}})
    found = pd.DataFrame(dose_rows(trial)[0])
    mine = found[found["outcome"] == "dep.total"].set_index("statistic")["value"]
    assert mine["df"] <= groups - 1
    assert ("p" in mine) == (groups >= FEW)
    said = " ".join(sentences(trial, results_table(found.to_dict("records"))))
    assert "Its standard error is cluster-robust" in said
    assert ("no test" in said) == (groups < FEW)


def test_dose_without_a_slope_describes_no_regression(tmp_path):
    trial = clustered_trial(tmp_path, 6, analysis={"dose": {"variable": "sessions"}})
    found = [row for row in dose_rows(trial)[0] if not row.get("outcome")]
    assert "regressed" not in " ".join(sentences(trial, results_table(found)))


def test_changes_of_people_in_groups_have_no_test_of_their_correlation(tmp_path):
    found = pd.DataFrame(correlation_rows(clustered_trial(tmp_path, 6)))
    by_level = {level: set(mine["statistic"]) for level, mine in found.groupby("level")}
    assert by_level == {"": {"r", "lower", "upper", "p", "n"}, "change": {"r", "n"}}
