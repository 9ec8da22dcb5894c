"""The stages fit and effects on made trials: rows, identities between analyses, words, and what cannot be fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.unit import made_trial

from compassion_trials.core.columns import RESULTS
from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.stage import run as effects
from compassion_trials.fit.stage import run as fit
from compassion_trials.models import fit_mmrm

EXACT = 1e-9
ARMS = ("mbct", "cft", "waitlist")


def analysed(context) -> pd.DataFrame:
    for stage in (describe, fit, effects):
        stage(context)
    return read_table(context.results.results)


def number(table: pd.DataFrame, **keys: str) -> float:
    for name, value in keys.items():
        table = table[table[name] == value]
    assert len(table) == 1, (keys, len(table))
    return table["value"].iloc[0]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    analysis = {
        "additional": {
            "ancova": {"model": "ancova", "covariates": ["age", "sex"], "random_group": "none"},
            "anova": {"model": "mixed_anova"},
            "change": {"model": "change_t", "random_group": "none"},
            "slope": {"model": "random_slope"},
            "completers": {"model": "lda", "population": "completers", "prespecified": False},
        }
    }
    sets = {"completers": {"complete_visits": ["post", "fu"], "label": "completers"}}
    clusters = {"group": {"arms": ["mbct", "cft"], "label": "therapy group"}}
    made = made_trial.plan(
        "non_randomized",
        ARMS,
        analysis=analysis,
        analysis_sets=sets,
        design={"clusters": clusters},
        data={"clusters": {"group": "g"}},
    )
    people = made_trial.people(ARMS, 20).assign(group="")
    people["group"] = [f"{arm}{i % 3}" if arm != "waitlist" else None for i, arm in enumerate(people["arm"])]
    context = made_trial.write(
        tmp_path_factory.mktemp("three"), made, people, made_trial.scored(people, made.design.visits)
    )
    return context, analysed(context)


def test_one_table_with_unique_identities_and_all_columns(three):
    context, table = three
    assert list(table.columns) == list(RESULTS)
    assert table["id"].is_unique
    assert set(table["study"]) == {"made"}
    assert context.results.results.with_suffix(".csv").is_file()
    assert not np.isinf(table["value"]).any()


def test_difference_in_change_equals_the_library(three):
    context, table = three
    long = read_table(context.results.scores).query("measure == 'dep'")
    model = fit_mmrm(
        long,
        outcome="score",
        subject="participant",
        visit="visit",
        arm="arm",
        reference="waitlist",
        visits=["pre", "post", "fu"],
    )
    expected = model.contrasts("change_from_baseline")
    for _, row in expected.iterrows():
        treated = "mbct" if "mbct" in row["contrast"] else "cft"
        keys = {"analysis": "primary", "term": f"difference in change: {treated} - waitlist", "visit": row["visit"]}
        for ours, theirs in (
            ("estimate", "estimate"),
            ("se", "se"),
            ("df", "df"),
            ("t", "statistic"),
            ("p", "p"),
            ("lower", "lower"),
        ):
            assert number(table, **keys, statistic=ours) == pytest.approx(row[theirs], abs=EXACT)
    joint = model.joint_test("arm:visit")
    keys = {"analysis": "primary", "term": "joint: arm:visit"}
    assert number(table, **keys, statistic="F") == pytest.approx(joint.f, abs=EXACT)
    assert number(table, analysis="primary", term="model", statistic="loglik") == pytest.approx(model.loglik, abs=EXACT)


def test_differences_are_differences_of_the_means(three):
    _, table = three
    for analysis in ("primary", "ancova", "baseline_adjusted", "slope"):
        for a, b in (("mbct", "waitlist"), ("mbct", "cft")):
            means = [
                number(
                    table, analysis=analysis, outcome="dep.total", term="mean", arm=x, visit="fu", statistic="estimate"
                )
                for x in (a, b)
            ]
            keys = {
                "analysis": analysis,
                "outcome": "dep.total",
                "term": f"difference: {a} - {b}",
                "visit": "fu",
                "statistic": "estimate",
            }
            assert number(table, **keys) == pytest.approx(means[0] - means[1], abs=1e-8)


def test_change_t_is_welch_with_the_pooled_test_beside_it(three):
    context, table = three
    wide = (
        read_table(context.results.scores)
        .query("measure == 'dep'")
        .pivot(index=["participant", "arm"], columns="visit", values="score")
    )
    change = (wide["fu"] - wide["pre"]).dropna().reset_index()
    a, b = (change.loc[change["arm"] == arm, 0] for arm in ("cft", "waitlist"))
    keys = {
        "analysis": "change",
        "outcome": "dep.total",
        "term": "difference in change: cft - waitlist",
        "visit": "fu",
        "statistic": "p",
    }
    assert number(table, **keys, level="") == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, abs=EXACT)
    assert number(table, **keys, level="pooled variance") == pytest.approx(stats.ttest_ind(a, b).pvalue, abs=EXACT)


def test_mixed_anova_says_whom_it_drops(three):
    context, table = three
    wide = (
        read_table(context.results.scores)
        .query("measure == 'dep'")
        .pivot(index=["participant", "arm"], columns="visit", values="score")
    )
    complete = wide.dropna().groupby("arm").size()
    for arm in ARMS:
        keys = {"analysis": "anova", "outcome": "dep.total", "arm": arm, "visit": ""}
        assert number(table, **keys, statistic="n") == complete[arm]
        assert number(table, **keys, statistic="n_dropped") == 20 - complete[arm]
    methods = " ".join(Record.read(context.results.record("fit")).methods)
    assert "(listwise deletion) were left out" in methods


def test_effect_sizes_stand_beside_their_contrasts(three):
    context, table = three
    g = table[(table["analysis"] == "primary") & (table["statistic"] == "model_g") & (table["term"] != "change")]
    contrasts = table[
        (table["analysis"] == "primary")
        & table["term"].str.startswith("difference")
        & (table["statistic"] == "estimate")
    ]
    assert set(zip(g["term"], g["visit"], strict=True)) == set(zip(contrasts["term"], contrasts["visit"], strict=True))
    pre = read_table(context.results.scores).query("measure == 'dep' and visit == 'pre'").groupby("arm")["score"]
    sd = np.sqrt((pre.var() * (pre.count() - 1)).sum() / (pre.count() - 1).sum())
    keys = {"analysis": "primary", "term": "difference in change: mbct - waitlist", "visit": "fu"}
    expected = number(table, **keys, statistic="estimate") / sd * (1 - 3 / (4 * 57 - 1))
    assert number(table, **keys, statistic="model_g") == pytest.approx(expected, rel=1e-4)
    sizes = {"d_av", "d_z", "d_rm"}
    of_change = table[table["term"] == "change"].groupby("analysis")["statistic"].agg(set)
    assert sizes | {"mean_change"} <= of_change["observed"]
    assert "model_g" in of_change["primary"]
    assert not sizes & of_change["primary"]  # a row never holds two estimators
    assert {"hedges_g", "d_pooled_n"} <= set(table.loc[table["analysis"] == "anova", "statistic"])
    assert not (table["statistic"] == "smd")[table["analysis"] == "primary"].any()


def test_completers_are_fewer_and_post_hoc(three):
    _, table = three
    mine = table[(table["analysis"] == "completers") & (table["outcome"] == "dep.total")]
    assert set(mine["population"]) == {"completers"}
    assert set(mine["prespecified"]) == {"no"}
    assert number(mine, term="model", statistic="n_subjects") < number(
        table, analysis="primary", term="model", statistic="n_subjects"
    )


def test_methods_name_model_estimand_clusters_and_set(three):
    context, _ = three
    methods = " ".join(Record.read(context.results.record("fit")).methods)
    for words in (
        "Primary analysis: Depression was analysed by a mixed model for repeated measures",
        "unstructured covariance", "Kenward-Roger", "estimand", "missing at random", "(therapy group) were ignored",
        "Sensitivity analysis", "all participants", "(post hoc)", "completers",
    ):  # fmt: skip
        assert words in methods, words


def test_analysed_participants_enter_the_flow(three):
    _, table = three
    assert number(table, analysis="flow", term="analysed", arm="mbct") == 20


def test_cross_over_leaves_later_control_values_out(tmp_path):
    one = made_trial.trial(tmp_path / "a", design={"control_until": "post"}, n=25)
    with_control = analysed(one)
    made = one.plan
    people = read_table(one.results.participants)
    scores = read_table(one.results.scores)
    without = scores[~((scores["arm"] == "waitlist") & (scores["visit"] == "fu"))]
    other = analysed(made_trial.write(tmp_path / "b", made, people, without))
    keys = {"analysis": "primary", "term": "difference: act - waitlist", "statistic": "estimate"}
    assert number(with_control, **keys) == pytest.approx(number(other, **keys), abs=EXACT)
    assert set(
        with_control.loc[with_control["term"] == "difference: act - waitlist", "visit"][
            with_control["analysis"] == "primary"
        ]
    ) == {"post"}
    assert number(with_control, analysis="primary", term="change", arm="act", visit="fu", statistic="estimate") < 0
    sizes = with_control[(with_control["statistic"] == "hedges_g") & (with_control["analysis"] == "observed")]
    assert set(sizes["visit"]) == {"pre", "post"}


def test_single_arm_rows_speak_of_change_only(tmp_path):
    analysis = {"additional": {"t": {"model": "paired"}}}
    context = made_trial.trial(tmp_path, "single_arm", arms=("mbsr",), visits=("pre", "post"), n=22, analysis=analysis)
    table = analysed(context)
    assert not table["term"].str.startswith("difference").any()
    keys = {"outcome": "dep.total", "term": "change", "arm": "mbsr", "visit": "post"}
    wide = (
        read_table(context.results.scores)
        .query("measure == 'dep'")
        .pivot(index="participant", columns="visit", values="score")
        .dropna()
    )
    test = stats.ttest_rel(wide["post"], wide["pre"])
    assert number(table, analysis="t", **keys, statistic="p") == pytest.approx(test.pvalue, abs=EXACT)
    if len(wide) == 22:  # complete data: the mixed model is the paired t test
        assert number(table, analysis="primary", **keys, statistic="p") == pytest.approx(test.pvalue, abs=EXACT)
    assert number(table, analysis="observed", **keys, statistic="d_z") < 0
    assert number(table, analysis="primary", **keys, statistic="model_g") < 0


def test_what_cannot_be_fitted_becomes_a_row_and_a_finding(tmp_path):
    made = made_trial.plan()
    people = made_trial.people(made.design.arms, 12)
    scores = made_trial.scored(people, made.design.visits)
    scores = scores[~((scores["measure"] == "anx") & (scores["arm"] == "act"))]
    context = made_trial.write(tmp_path, made, people, scores)
    table = analysed(context)
    row = table[(table["analysis"] == "secondary") & (table["outcome"] == "anx.total")]
    assert len(row) == 1
    assert row["convergence"].iloc[0].startswith("not estimable: ")
    assert row["value"].isna().all()
    findings = pd.read_csv(context.results.findings("fit"))
    assert list(findings["code"]) == ["not_estimable"]
    assert not findings["advice"].str.contains("Traceback").any()


@pytest.mark.parametrize("scale", [0.01, 1e4])
def test_tests_and_effect_sizes_do_not_depend_on_the_unit(tmp_path, scale):
    one = made_trial.trial(
        tmp_path / "a", analysis={"additional": {"anova": {"model": "mixed_anova"}, "anc": {"model": "ancova"}}}
    )
    base = analysed(one)
    scores = read_table(one.results.scores)
    scores["score"] *= scale
    scaled = analysed(made_trial.write(tmp_path / "b", one.plan, read_table(one.results.participants), scores))
    both = base.merge(scaled, on="id")
    both = both[
        both["statistic_x"].isin(
            ["p", "t", "F", "df", "model_g", "hedges_g", "d_av", "r", "smd", "partial_eta_squared"]
        )
    ]
    assert len(both) > 150
    assert both["value_x"].to_numpy() == pytest.approx(both["value_y"].to_numpy(), rel=1e-5, abs=1e-7)


def test_same_input_same_bytes(three, tmp_path):
    context, _ = three
    again = made_trial.write(
        tmp_path, context.plan, read_table(context.results.participants), read_table(context.results.scores)
    )
    analysed(again)
    for path in ("results", "models", "descriptives"):
        one, other = (getattr(c.results, path).with_suffix(".csv").read_bytes() for c in (context, again))
        assert one == other
