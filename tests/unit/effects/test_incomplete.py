"""The layout for imputation: what is analysed, of whom, and with which groups; by regression on the same data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from tests.unit import made_trial

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.missing.incomplete import STOP, group_codes, incomplete, lay_out, recorded_stop
from compassion_trials.fit.analyses import jobs
from compassion_trials.trial.trial import read_trial

EXACT = 1e-9
ARMS = ("mbct", "cft", "waitlist")


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Three arms of 15, complete but for three people at the follow-up and two at baseline."""
    made = made_trial.plan(arms=ARMS)
    people = made_trial.people(ARMS, 15)
    scores = made_trial.scored(people, made.design.visits, gone=0)
    gaps = {("p003", "fu"), ("p020", "fu"), ("p040", "fu"), ("p007", "pre"), ("p033", "pre")}
    scores = scores[[pair not in gaps for pair in zip(scores["participant"], scores["visit"], strict=True)]]
    people["stopped"] = pd.array([None] * 3 + ["fu"] + [None] * 16 + ["post"] + [None] * 24, dtype="str")
    return read_trial(made_trial.write(tmp_path_factory.mktemp("made"), made, people, scores))


@pytest.fixture(scope="module")
def primary(trial):
    return next(job for job in jobs(trial.context) if job.analysis == "primary")


def completed(data) -> np.ndarray:
    """Two completed data sets that differ where something is missing."""
    rng = np.random.default_rng(5)
    y = np.stack([data.joint.y, data.joint.y])
    y[np.isnan(y)] = rng.normal(25, 5, int(np.isnan(y).sum()))
    return y


@pytest.mark.parametrize("model", ["clda", "lda"])
def test_the_final_analysis_is_a_regression_of_each_data_set(trial, primary, model):
    """clda: score on arms and baseline, of each data set its own; lda: change on arms."""
    data = incomplete(trial, replace(primary, model=model))
    arms = list(data.fit.prepared.design.arms)
    assert arms[0] == "waitlist"
    y = completed(data)
    place = list(data.fit.prepared.design.visits).index(data.job.answer_visit)
    found = data.analyse(y)
    for k in range(2):
        outcome = y[k, :, place] - (y[k, :, 0] if model == "lda" else 0)
        x = np.column_stack([np.ones(45), *((data.arm == arms.index(a)) for a in ("mbct", "cft"))]).astype(float)
        if model == "clda":
            x = np.column_stack([x, y[k, :, 0]])
        ols = sm.OLS(outcome, x).fit()
        for i, (a, b) in enumerate(data.pairs):
            row = np.zeros(x.shape[1])
            for arm, sign in ((a, 1), (b, -1)):
                if arm != "waitlist":
                    row[1 + ("mbct", "cft").index(arm)] += sign
            test = ols.t_test(row)
            assert found.estimate[k, i] == pytest.approx(float(np.squeeze(test.effect)), rel=EXACT)
            assert found.variance[k, i] == pytest.approx(float(np.squeeze(test.sd)) ** 2, rel=1e-7)


def test_who_is_compared_and_who_stopped(trial, primary):
    data = incomplete(trial, primary)
    arm = trial.participants["arm"].to_numpy()
    for i, pair in enumerate(data.pairs):
        assert (data.compared(i) == np.isin(arm, pair)).all()
    visits = list(data.fit.prepared.design.visits)
    stop = np.full(45, len(visits))
    stop[3], stop[20] = visits.index("fu"), visits.index("post")
    assert (data.stop == stop).all()
    assert np.flatnonzero(data.came_back).tolist() == [20]  # seen at post, after stopping; p003 was not seen again
    assert recorded_stop(trial, ("pre", "post", "fu"))[[0, 3, 20]].tolist() == [3, 2, 1]


def test_some_people_only(trial, primary):
    data = incomplete(trial, primary)
    few = np.arange(45) % 3 == 0
    part = data.only(few)
    for name in ("arm", "wide", "fixed", "group", "stop"):
        np.testing.assert_array_equal(getattr(part, name), getattr(data, name)[few])
    np.testing.assert_array_equal(part.joint.y, data.joint.y[few])
    np.testing.assert_array_equal(part.joint.x, data.joint.x[few])


def test_subjects_of_the_fit_are_found_among_the_participants(trial, primary):
    """Row for row, the model's observations are the scores at the place that the layout says."""
    data = incomplete(trial, primary)
    long = data.fit.prepared.long
    np.testing.assert_array_equal(long.y, data.wide[data.subject[long.subject], long.visit])


def test_rows_of_the_design_give_the_means_of_the_fit(trial, primary):
    data = incomplete(trial, replace(primary, model="lda"))
    mean = data.joint.x @ data.fit.beta
    table = data.fit.marginal_means().set_index(["arm", "visit"])["estimate"]
    arms, visits = data.fit.prepared.design.arms, data.fit.prepared.design.visits
    for a, arm in enumerate(arms):
        for t, visit in enumerate(visits):
            mine = mean[data.arm == a, t].mean()
            assert mine == pytest.approx(table[arm, visit], rel=1e-6)


def test_groups_by_name_and_people_without_one(trial, primary):
    table = pd.DataFrame({"g": ["x", None, "", "y", "x"]}, dtype="object")
    codes = group_codes(table, "g").tolist()
    assert codes[1:3] == [-1, -1]
    assert codes[0] == codes[4] != codes[3]
    assert min(codes[0], codes[3]) >= 0
    assert group_codes(table, None).tolist() == [-1] * 5
    assert group_codes(table, "h").tolist() == [-1] * 5


def test_units_are_groups_where_they_can_be_told_from_arms(trial, primary):
    job = replace(primary, group="g")
    table = trial.frame(job.outcome, job.visits)
    treated = (table["arm"] != "waitlist").to_numpy()
    table["g"] = np.where(treated, [f"g{i // 5}" for i in range(45)], None)
    data = lay_out(job, table.drop(columns=["stopped"], errors="ignore"))
    assert STOP not in table
    assert data.by_group
    units = data.units()
    assert len(np.unique(units)) == 6 + 15
    assert len(np.unique(units[:5])) == 1
    assert len(np.unique(units[30:])) == 15
    whole = lay_out(job, table.assign(g=np.where(treated, table["arm"], None)))
    assert not whole.by_group  # one group in each arm is the arm
    assert len(np.unique(whole.units())) == 45


def test_a_visit_without_control_cannot_be_imputed(trial, primary):
    with pytest.raises(ModelError, match="no concurrent control or is the baseline"):
        incomplete(trial, replace(primary, answer_visit="pre"))


def test_a_baseline_that_everybody_has_is_the_same_in_all_data_sets(trial, primary):
    """Three completed data sets of the people with a baseline: one regression for each."""
    data = incomplete(trial, replace(primary, model="clda"))
    data = data.only(~np.isnan(data.joint.y[:, 0]))
    rng = np.random.default_rng(8)
    y = np.stack([data.joint.y] * 3)
    y[np.isnan(y)] = rng.normal(25, 5, int(np.isnan(y).sum()))
    found = data.analyse(y)
    place, arms = data.place, list(data.fit.prepared.design.arms)
    for k in range(3):
        dummies = [(data.arm == arms.index(a)).astype(float) for a in arms[1:]]
        x = np.column_stack([np.ones(len(data.arm)), *dummies, y[k, :, 0]])
        ols = sm.OLS(y[k, :, place], x).fit()
        row = np.zeros(x.shape[1])
        for arm, sign in zip(data.pairs[0], (1, -1), strict=True):
            if arm != arms[0]:
                row[arms.index(arm)] += sign
        assert found.estimate[k, 0] == pytest.approx(float(row @ ols.params), rel=EXACT)
