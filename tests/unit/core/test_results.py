"""The one index of the results table."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pandas as pd
import pytest

from compassion_trials.core.columns import RESULT_KEYS, results_table
from compassion_trials.core.files import write_table
from compassion_trials.core.results import ANY, KEYS, Results, arms_of, values_by

NAMED = {"analysis": "primary", "outcome": "scs.total", "visit": "post", "statistic": "estimate"}
ROWS = [
    {**NAMED, "model": "clda", "population": "all", "value": 0.5},
    {**NAMED, "model": "ancova", "population": "all", "value": 0.4},
    {**NAMED, "model": "clda", "population": "all", "statistic": "p", "value": 0.04},
    {**NAMED, "model": "clda", "population": "completers", "statistic": "p", "value": 0.03},
    {**NAMED, "visit": "fu", "model": "clda", "population": "all", "value": 0.7},
    {"analysis": "flow", "term": "missing", "level": "moved", "arm": "act", "statistic": "n", "value": 3},
]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    write_table(results_table([{"study": "made", **row} for row in ROWS]), tmp_path / "results.parquet")
    return Results.read(tmp_path / "results.parquet")


def test_keys_are_those_of_the_identity_without_the_study():
    assert {"study", *ANY, *KEYS} == set(RESULT_KEYS)
    assert KEYS[-1] == "statistic"


def test_model_and_population_may_be_left_out(results):
    assert [row.value for row in results.find(NAMED)] == [0.5, 0.4]
    assert [row.value for row in results.find({**NAMED, "model": "ancova"})] == [0.4]
    assert results.find({**NAMED, "model": "mmrm"}) == []
    p = {**NAMED, "statistic": "p", "model": "clda"}
    assert [row.value for row in results.find({**p, "population": "completers"})] == [0.03]


def test_other_keys_are_empty_when_left_out(results):
    assert results.find({name: word for name, word in NAMED.items() if name != "visit"}) == []
    assert results.find({**NAMED, "arm": "act"}) == []


def test_the_only_row_and_the_first(results):
    assert results.only(NAMED) is None  # two
    assert results.only({**NAMED, "arm": "act"}) is None  # none
    found = results.only({**NAMED, "model": "ancova"})
    assert found is not None
    assert found.id == "made|primary|ancova|scs.total|all||||post|estimate"
    assert (found.place, found.model, found.population, found.value) == (2, "ancova", "all", 0.4)
    first = results.first("estimate", analysis="primary", outcome="scs.total", visit="post")
    assert first is not None
    assert first.model == "clda"


def test_value_and_place_are_of_one_row(results):
    keys = {"analysis": "primary", "outcome": "scs.total"}
    assert results.value("estimate", visit="post", **keys) == 0.5  # of two models the first
    assert results.place("estimate", visit="post", **keys) == 1
    assert results.value("estimate", visit="post", model="ancova", **keys) == 0.4
    assert results.place("estimate", visit="fu", **keys) == 5
    assert results.value("n", analysis="flow", term="missing", level="moved", arm="act") == 3
    assert isnan(results.value("n", analysis="flow", term="missing", arm="act"))
    assert results.place("n", analysis="flow", term="missing", arm="act") is None


@pytest.mark.parametrize("keys", [{"analysis": "flow", "outcom": "scs.total"}, {"analysis": "flow", "study": "made"}])
def test_a_name_that_is_no_key_is_refused(results, keys):
    with pytest.raises(TypeError, match="not a key of the results table"):
        results.value("n", **keys)
    with pytest.raises(TypeError, match="not a key of the results table"):
        results.find({"statistic": "n", **keys})


def test_the_analysis_is_always_named(results):
    with pytest.raises(TypeError, match="analysis"):
        results.value("n")


def test_rows_by_one_word_or_several(results):
    assert results.rows()["value"].tolist() == [0.5, 0.4, 0.04, 0.03, 0.7, 3]
    assert results.rows(visit="post", model="clda")["value"].tolist() == [0.5, 0.04, 0.03]
    assert results.rows(visit=("fu", ""))["value"].tolist() == [0.7, 3]
    assert len(results.rows(visit=())) == 0
    assert len(results.rows(visit="pre")) == 0
    pd.testing.assert_frame_equal(results.rows(analysis="flow"), results.table.iloc[[5]])


def test_distinct_words_in_order_without_the_empty_one(results):
    assert results.distinct("visit") == ["post", "fu"]
    assert results.distinct("model", visit="post") == ["clda", "ancova"]
    assert results.distinct("outcome", analysis="flow") == []


def test_an_effect_size_needs_both_limits():
    keys = {"study": "made", "analysis": "primary", "outcome": "scs.total"}
    names = ("model_g", "model_g_lower", "d_av", "d_av_lower", "d_av_upper")
    results = Results(results_table([{**keys, "statistic": name, "value": 1.0} for name in names]))
    assert results.effect_size(analysis="primary") == "d_av"
    assert results.effect_size(("model_g",), analysis="primary") is None
    assert results.effect_size(analysis="secondary") is None


def test_values_by_columns_that_tell_them_apart(results):
    rows = results.rows(statistic="p")
    assert values_by(rows, "population", "statistic") == {("all", "p"): 0.04, ("completers", "p"): 0.03}
    with pytest.raises(ValueError, match="rows not told apart"):
        values_by(rows, "statistic")


def test_an_empty_table():
    empty = Results(results_table([]))
    assert isnan(empty.value("n", analysis="flow"))
    assert len(empty.rows(analysis="flow")) == 0


@pytest.mark.parametrize(
    ("term", "arms"),
    [
        ("difference: act - wait", ("act", "wait")),
        ("difference in change: a - b", ("a", "b")),
        ("change", None),
        ("mean", None),
    ],
)
def test_arms_of_a_term(term, arms):
    assert arms_of(term) == arms
