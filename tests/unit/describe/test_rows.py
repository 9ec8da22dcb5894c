"""The stage describe on made trials: what is counted, and that the counts agree with the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.describe.internal_consistency import omega_total
from compassion_trials.describe.stage import run
from compassion_trials.describe.summary import smd_categories

EXACT = 1e-12


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    context = made_trial.trial(tmp_path_factory.mktemp("made"), arms=("mbct", "cft", "waitlist"), kind="non_randomized")
    run(context)
    return context, read_table(context.results.descriptives)


def pick(table: pd.DataFrame, **keys: str) -> pd.DataFrame:
    for name, value in keys.items():
        table = table[table[name] == value]
    return table


def number(table: pd.DataFrame, **keys: str) -> float:
    found = pick(table, **keys)
    assert len(found) == 1, keys
    return found["value"].iloc[0]


def test_flow_adds_up(done):
    context, table = done
    for arm in context.plan.design.arms:
        allocated = number(table, analysis="flow", term="allocated", arm=arm)
        for visit in context.plan.design.visits:
            keys = {"analysis": "flow", "arm": arm, "visit": visit, "level": ""}
            assert number(table, term="assessed", **keys) + number(table, term="missing", **keys) == allocated
    assert number(table, analysis="flow", term="allocated", arm="") == 60


def test_observed_equals_the_scores(done):
    context, table = done
    scores = read_table(context.results.scores)
    for (measure, arm, visit), mine in scores.groupby(["measure", "arm", "visit"])["score"]:
        keys = {"analysis": "observed", "outcome": f"{measure}.total", "arm": arm, "visit": visit}
        for statistic, expected in (
            ("n", mine.count()),
            ("mean", mine.mean()),
            ("sd", mine.std()),
            ("median", mine.median()),
        ):
            assert number(table, **keys, statistic=statistic) == pytest.approx(expected, abs=1e-10)


def test_baseline_has_no_p_values_and_no_extremes(done):
    _, table = done
    allowed = {"n", "mean", "sd", "median", "q1", "q3", "percent", "smd"}
    assert set(pick(table, analysis="baseline")["statistic"]) == allowed


def test_baseline_percentages_and_smd(done):
    context, table = done
    people = read_table(context.results.participants)
    for arm in context.plan.design.arms:
        mine = people.loc[people["arm"] == arm, "sex"]
        share = number(table, analysis="baseline", outcome="sex", arm=arm, level="female", statistic="percent")
        assert share == pytest.approx(100 * (mine == "female").mean(), abs=1e-10)
    pairs = set(pick(table, analysis="baseline", outcome="age", statistic="smd")["term"])
    assert pairs == {"mbct - waitlist", "cft - waitlist", "mbct - cft"}
    counts = pd.crosstab(people["arm"], people["sex"]).astype(float)
    for pair in pairs:
        a, b = (counts.loc[arm].to_numpy() for arm in pair.split(" - "))
        found = number(table, analysis="baseline", outcome="sex", term=pair, statistic="smd")
        assert found == pytest.approx(smd_categories(a, b), abs=EXACT)


def test_missing_counts_everybody_allocated(done):
    context, table = done
    scores = read_table(context.results.scores)
    n = ((scores["measure"] == "dep") & (scores["visit"] == "fu") & (scores["arm"] == "cft")).sum()
    keys = {"analysis": "missing", "outcome": "dep.total", "arm": "cft", "visit": "fu", "term": ""}
    assert number(table, **keys, statistic="n_expected") == 20
    assert number(table, **keys, statistic="n_missing") == 20 - n


def test_correlations_at_baseline_and_of_change(done):
    context, table = done
    wide = read_table(context.results.scores).pivot(index="participant", columns=["measure", "visit"], values="score")
    at_first = wide["dep"]["pre"].corr(wide["anx"]["pre"])
    change = (wide["dep"]["fu"] - wide["dep"]["pre"]).corr(wide["anx"]["fu"] - wide["anx"]["pre"])
    keys = {"analysis": "correlation", "outcome": "dep.total", "term": "anx.total", "statistic": "r"}
    assert number(table, **keys, level="") == pytest.approx(at_first, abs=1e-10)
    assert number(table, **keys, level="change") == pytest.approx(change, abs=1e-10)


def test_methods_say_what_was_done(done):
    context, _ = done
    methods = " ".join(Record.read(context.results.record("describe")).methods)
    assert "standardized mean differences" in methods
    assert "Pearson" in methods
    assert "quartiles" not in methods  # no table prints them
    assert "alpha" not in methods  # stored totals have no items


def test_same_input_same_bytes(done, tmp_path):
    context, _ = done
    again = made_trial.trial(tmp_path, arms=("mbct", "cft", "waitlist"), kind="non_randomized")
    run(again)
    assert (
        context.results.descriptives.with_suffix(".csv").read_bytes()
        == again.results.descriptives.with_suffix(".csv").read_bytes()
    )


def test_control_that_has_crossed_over_is_not_missing(tmp_path):
    made = made_trial.plan(design={"control_until": "post"})
    people = made_trial.people(made.design.arms, 10)
    scores = made_trial.scored(people, made.design.visits, gone=0)
    scores = scores[~((scores["arm"] == "waitlist") & (scores["visit"] == "fu"))]
    context = made_trial.write(tmp_path, made, people, scores)
    run(context)
    table = read_table(context.results.descriptives)
    assert pick(table, analysis="missing", arm="waitlist", visit="fu").empty
    assert pick(table, analysis="flow", arm="waitlist", visit="fu").empty
    assert pick(table, analysis="observed", arm="waitlist", visit="fu").empty
    assert (
        number(table, analysis="missing", outcome="dep.total", arm="", visit="fu", term="", statistic="n_expected")
        == 10
    )


def test_screening_reasons_and_withdrawals(tmp_path):
    screening = {"screened": 90, "excluded": {"declined": 20, "not eligible": 30}}
    made = made_trial.plan(screening=screening)
    people = made_trial.people(made.design.arms, 20).assign(withdrawn=False)
    people.loc[:2, "withdrawn"] = True
    context = made_trial.write(tmp_path, made, people, made_trial.scored(people, made.design.visits))
    flow = read_table(context.results.flow)
    flow.loc[flow["participant"].isin(["p000", "p001"]) & (flow["visit"] == "fu"), ["assessed", "reason"]] = [
        False,
        "moved",
    ]
    flow.to_parquet(context.results.flow, index=False)
    run(context)
    table = pick(read_table(context.results.descriptives), analysis="flow")
    assert number(table, term="screened") == 90
    assert number(table, term="excluded", level="") == 50
    assert number(table, term="excluded", level="declined") == 20
    assert number(table, term="withdrawn", arm="act", level="") == 3
    assert number(table, term="withdrawn", arm="act", level="moved") == 2
    assert number(table, term="missing", arm="act", visit="fu", level="moved") == 2


def test_reliability_of_items_at_each_visit(tmp_path):
    made = made_trial.plan(
        measures={"aaq": {"instrument": "aaq2", "role": "primary"}}, data={"items": "{instrument}_{visit}_{item}"}
    )
    people = made_trial.people(made.design.arms, 25)
    rng = np.random.default_rng(3)
    person = rng.normal(4, 1, len(people))
    rows = [
        people[["participant", "arm"]].assign(
            visit=visit,
            measure="aaq",
            item=str(item),
            value=np.clip(np.round(person + rng.normal(0, 1, len(people))), 1, 7),
            missing_reason="",
        )
        for visit in made.design.visits
        for item in range(1, 8)
    ]
    responses = pd.concat(rows, ignore_index=True)
    scores = (
        responses.groupby(["participant", "arm", "visit", "measure"], as_index=False)["value"]
        .sum()
        .rename(columns={"value": "score"})
    )
    scores = scores.assign(scale="total", n_items=7, n_missing=0, prorated=False, band="", flag="")
    skipped = (
        (responses["visit"] == "fu") & (responses["item"] == "3") & (responses["participant"].isin(["p000", "p030"]))
    )
    responses.loc[skipped, "value"] = np.nan
    context = made_trial.write(tmp_path, made, people, scores, responses)
    run(context)
    table = pick(read_table(context.results.descriptives), analysis="reliability", outcome="aaq.total")
    assert set(table["note"]) == {""}  # items vary, one factor is proper, and n is not small
    said = " ".join(Record.read(context.results.record("describe")).methods)
    assert "Cronbach's alpha with Feldt's confidence interval and by McDonald's omega total" in said
    for visit in made.design.visits:
        mine = (
            responses[responses["visit"] == visit].pivot(index="participant", columns="item", values="value").dropna()
        )
        k = 7
        alpha = k / (k - 1) * (1 - mine.var().sum() / mine.sum(axis=1).var())
        assert number(table, visit=visit, statistic="alpha") == pytest.approx(alpha, abs=1e-10)
        assert (
            number(table, visit=visit, statistic="alpha_lower")
            < alpha
            < number(table, visit=visit, statistic="alpha_upper")
        )
        omega, proper = omega_total(mine.to_numpy())
        assert proper
        assert number(table, visit=visit, statistic="omega") == pytest.approx(omega, abs=1e-10)
        assert number(table, visit=visit, statistic="n") == len(mine) == (48 if visit == "fu" else 50)
    items = pick(read_table(context.results.descriptives), analysis="missing", term="items", arm="", visit="pre")
    assert number(items, statistic="n_expected") == 350
