"""Data that are too few, constant or incomplete: every stage ends, and no number is made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.stage import run as effects
from compassion_trials.fit.stage import run as fit

ANALYSES = {
    "additional": {
        "ancova": {"model": "ancova", "covariates": ["age", "sex"]},
        "anova": {"model": "mixed_anova"},
        "change": {"model": "change_t"},
        "intercept": {"model": "random_intercept"},
        "slope": {"model": "random_slope"},
        "adjusted": {"model": "baseline_adjusted"},
    }
}


def analysed(context) -> pd.DataFrame:
    for stage in (describe, fit, effects):
        stage(context)
    return read_table(context.results.results)


def inference(table: pd.DataFrame) -> pd.DataFrame:
    """p values of the plan's analyses."""
    mine = table[table["analysis"].isin(["primary", "secondary", *ANALYSES["additional"]])]
    return mine[mine["statistic"] == "p"]


@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.slow), 3])
@pytest.mark.parametrize("kind", ["randomized", pytest.param("non_randomized", marks=pytest.mark.slow)])
def test_very_few_people(tmp_path, n, kind):
    table = analysed(made_trial.trial(tmp_path, kind, n=n, analysis=ANALYSES))
    p = inference(table)["value"]
    assert ((p >= 0) & (p <= 1)).all()
    assert not np.isinf(table["value"]).any()
    if n == 1:
        assert p.empty


@pytest.mark.parametrize("n", [1, 4])
def test_very_few_people_in_one_arm(tmp_path, n):
    analysis = {"additional": {"t": {"model": "paired"}, "slope": {"model": "random_slope"}}}
    table = analysed(made_trial.trial(tmp_path, "single_arm", arms=("mbsr",), n=n, analysis=analysis))
    assert ((table["statistic"] == "p").any()) == (n > 1)


def test_constant_outcome_gives_no_test(tmp_path):
    made = made_trial.plan(analysis=ANALYSES)
    people = made_trial.people(made.design.arms, 10)
    scores = made_trial.scored(people, made.design.visits).assign(score=12.0)
    context = made_trial.write(tmp_path, made, people, scores)
    table = analysed(context)
    assert inference(table).empty
    assert not table["statistic"].isin(["hedges_g", "model_g", "d_z", "r"]).any()


def test_nobody_in_an_arm_or_at_a_visit(tmp_path):
    made = made_trial.plan(arms=("act", "cft", "waitlist"), analysis=ANALYSES)
    people = made_trial.people(("act", "waitlist"), 15)
    scores = made_trial.scored(people, made.design.visits)
    scores = scores[scores["visit"] != "fu"]
    table = analysed(made_trial.write(tmp_path, made, people, scores))
    primary = table[table["analysis"] == "primary"]
    told = primary["convergence"].str.startswith("not estimable").any()
    assert told or (primary["term"] == "difference: act - waitlist").any()


def test_missing_baseline_variables_are_counted(tmp_path):
    made = made_trial.plan(analysis={"primary": {"covariates": ["age"]}, "missing_covariates": "leave_out"})
    people = made_trial.people(made.design.arms, 20)
    people.loc[:4, "age"] = np.nan
    people.loc[3:8, "sex"] = None
    context = made_trial.write(tmp_path, made, people, made_trial.scored(people, made.design.visits, gone=0))
    table = analysed(context)
    mine = table[(table["analysis"] == "primary") & (table["arm"] == "act") & (table["statistic"] == "n_dropped")]
    assert mine["value"].tolist() == [5.0]
    assert "ACT 5 of 20" in " ".join(Record.read(context.results.record("fit")).methods)
    sex = table[(table["analysis"] == "baseline") & (table["outcome"] == "sex") & (table["arm"] == "act")]
    assert sex.loc[(sex["level"] == "") & (sex["statistic"] == "n"), "value"].tolist() == [14.0]


def test_a_covariate_that_says_nothing_is_told(tmp_path):
    made = made_trial.plan(analysis={"primary": {"covariates": ["age"]}})
    people = made_trial.people(made.design.arms, 20).assign(age=40.0)
    context = made_trial.write(tmp_path, made, people, made_trial.scored(people, made.design.visits))
    table = analysed(context)
    primary = table[table["analysis"] == "primary"]
    assert not primary["convergence"].str.startswith("not estimable").any()
    assert "adjusted for" not in " ".join(Record.read(context.results.record("fit")).methods)
    found = pd.read_csv(context.results.findings("fit"))
    assert found.loc[found["code"] == "covariate_constant", "column"].tolist() == ["age"]


def test_fallback_of_the_covariance_is_told(tmp_path):
    visits = ("a", "b", "c", "d", "e", "f")
    context = made_trial.trial(tmp_path, visits=visits, n=4)
    table = analysed(context)
    primary = table[(table["analysis"] == "primary") & (table["term"] == "model")]
    used = primary.loc[primary["statistic"] == "covariance", "text"].tolist()
    findings = pd.read_csv(context.results.findings("fit"))
    if not used:
        assert table.loc[table["analysis"] == "primary", "convergence"].str.startswith("not estimable").all()
    else:
        assert used != ["us"]
        assert "covariance_fallback" in set(findings["code"])
        assert "could not be estimated" in " ".join(Record.read(context.results.record("fit")).methods)


def test_primary_model_is_cross_checked(tmp_path):
    context = made_trial.trial(tmp_path)
    table = analysed(context)
    words = table[table["statistic"] == "cross_check"]
    assert words["analysis"].tolist() == ["primary"]
    assert words["text"].iloc[0].startswith("agrees")
    differences = table[table["statistic"] == "estimate_difference"]
    assert len(differences) >= 2
    assert (differences["value"] < 1e-4).all()
    assert "Independent refits (" in " ".join(Record.read(context.results.record("fit")).methods)


def test_clda_without_randomisation_prints_its_reason(tmp_path):
    reason = "Allocation alternated by date of inquiry."
    context = made_trial.trial(tmp_path, "non_randomized", analysis={"primary": {"model": "clda", "reason": reason}})
    analysed(context)
    methods = " ".join(Record.read(context.results.record("fit")).methods)
    assert f"Reason given for this model: {reason}" in methods
    assert ".." not in methods


def test_many_outcomes_are_summed_up(tmp_path):
    measures = {"dep": made_trial.TOTAL | {"name": "Depression", "role": "primary"}}
    measures |= {f"m{i}": made_trial.TOTAL | {"name": f"Outcome {i}"} for i in range(6)}
    context = made_trial.trial(
        tmp_path, measures=measures, analysis={"additional": {"anova": {"model": "mixed_anova"}}}
    )
    analysed(context)
    methods = Record.read(context.results.record("fit")).methods
    assert any("outcomes" in m and "of 40 participants who missed any of the visits" in m for m in methods)


def test_cluster_with_a_random_effect_is_told(tmp_path):
    clusters = {"group": {"arms": ["act"], "label": "therapy group"}}
    analysis = {
        "additional": {"grouped": {"model": "random_intercept", "random_group": "group", "outcomes": ["dep.total"]}}
    }
    made = made_trial.plan(design={"clusters": clusters}, data={"clusters": {"group": "g"}}, analysis=analysis)
    people = made_trial.people(made.design.arms, 24)
    people["group"] = [f"g{i % 4}" if arm == "act" else None for i, arm in enumerate(people["arm"])]
    context = made_trial.write(tmp_path, made, people, made_trial.scored(people, made.design.visits))
    table = analysed(context)
    assert (table.loc[table["analysis"] == "grouped", "statistic"] == "estimate").any()
    methods = " ".join(Record.read(context.results.record("fit")).methods)
    assert (
        "Clusters (therapy group) had a random effect in these analyses: Primary analysis, Secondary outcomes, Grouped."
        in methods
    )
    assert "were ignored" not in methods
