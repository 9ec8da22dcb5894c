"""What the plan asks of effects, from the plan to result rows, on trials made on the spot."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.outcomes.families import gated, in_order
from compassion_trials.effects.outcomes.margins import _estimates
from compassion_trials.effects.planning.feasibility import verdict
from compassion_trials.effects.primary_contrast import PlannedEstimate
from compassion_trials.effects.stage import run as effects
from compassion_trials.fit.stage import run as fit
from compassion_trials.models.inference.multiplicity import adjust
from compassion_trials.study.plan.family import Family

EXACT = 1e-10


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Three arms, everything asked for."""
    analysis = {
        "change": {
            "dep.total": {"reliability": 0.9, "cutoff": 25, "mid": 3},
            "anx.total": {"reliability": 0.8, "responder": "percent", "percent": 20, "missing": "non_responder"},
        },
        "families": {
            "first": {"outcomes": ["anx.total"], "correction": "holm"},
            "second": {"outcomes": ["dep.total"], "after": "first", "prespecified": False},
        },
        "margins": [
            {"outcome": "dep.total", "margin": 2},
            {"outcome": "dep.total", "type": "noninferiority", "margin": 2, "between": ["cft", "mbct"]},
        ],
        "dose": {"variable": "age", "adequate": 40},
        "power": {"effect": 0.8, "simulations": 200, "n": {"mbct": 30}},
    }
    progression = {
        "kept": {"quantity": "retention", "visit": "fu", "green": 95, "red": 5},
        "people": {"quantity": "allocated", "green": 10, "red": 5},
        "safe": {"quantity": "deterioration", "visit": "fu", "green": 50, "red": 90},
    }
    harms = {"events": {"adverse event": {"mbct": 2, "cft": 0, "control": 1}}}
    context = made_trial.trial(
        tmp_path_factory.mktemp("made"),
        arms=("mbct", "cft", "control"),
        analysis=analysis,
        progression=progression,
        harms=harms,
        screening={"screened": 120},
    )
    for stage in (describe, fit, effects):
        stage(context)
    return read_table(context.results.results)


def pick(results: pd.DataFrame, **keys: str) -> pd.DataFrame:
    for name, value in keys.items():
        results = results[results[name] == value]
    return results


def value(results: pd.DataFrame, **keys: str) -> float:
    found = pick(results, **keys)
    assert len(found) == 1, f"{len(found)} rows for {keys}"
    return float(found["value"].iloc[0])


def test_categories_add_up_to_the_participants(results):
    mine = pick(results, analysis="change", term="reliable_change", statistic="n", outcome="dep.total")
    for _, cell in mine.groupby(["arm", "visit"]):
        assert cell["value"].sum() == cell["n"].iloc[0]
        assert set(cell["level"]) == {"recovered", "improved", "unchanged", "deteriorated"}


def test_criterion_is_made_of_sd_and_reliability(results):
    keys = {"analysis": "change", "term": "reliable_change", "outcome": "dep.total", "arm": ""}
    sd = value(results, **keys, statistic="sd")
    criterion = value(results, **keys, statistic="reliable_change")
    assert criterion == pytest.approx(1.959964 * sd * np.sqrt(2 * 0.1), rel=1e-6)


def test_nnt_is_one_over_the_risk_difference(results):
    keys = {"analysis": "change", "level": "", "outcome": "dep.total", "visit": "fu"}
    mine = pick(results, **keys, term="responders: mbct - control")
    v = dict(zip(mine["statistic"], mine["value"], strict=True))
    assert v["nnt"] == pytest.approx(1 / v["risk_difference"], abs=EXACT)
    assert v["nnt_lower"] == pytest.approx(1 / v["risk_difference_upper"], abs=EXACT)


def test_non_responders_fill_the_denominator(results):
    observed = pick(results, analysis="change", term="responders", statistic="n", outcome="dep.total", visit="fu")
    filled = pick(results, analysis="change", term="responders", statistic="n", outcome="anx.total", visit="fu")
    assert (filled["n"] == 20).all()
    assert observed["n"].sum() < filled["n"].sum()


def test_adjusted_p_stands_beside_its_estimate(results):
    adjusted = pick(results, statistic="p_adjusted", analysis="secondary", outcome="anx.total")
    raw = results.merge(adjusted[["analysis", "outcome", "term", "visit", "arm", "model"]]).query("statistic == 'p'")
    assert len(raw) == len(adjusted) == 2  # two treated arms against control
    assert adjusted["value"].to_numpy() == pytest.approx(adjust(raw["value"].to_numpy(), "holm"), abs=EXACT)
    gate = adjusted["value"].max()
    behind = pick(results, statistic="p_adjusted", analysis="families", level="second")
    assert (behind["value"] >= gate - EXACT).all()
    assert set(behind["prespecified"]) == {"no"}


def test_equivalence_interval_and_p_agree(results):
    mine = pick(results, analysis="equivalence")
    v = dict(zip(mine["statistic"], mine["value"], strict=True))
    assert (v["margin_lower"], v["margin_upper"], v["alpha"]) == (-2, 2, 0.05)
    assert 0 < v["df"] < 60
    inside = v["margin_lower"] < v["lower"] and v["upper"] < v["margin_upper"]
    assert inside == (v["p"] < 0.05)
    word = pick(results, analysis="equivalence", statistic="verdict")["text"].iloc[0]
    assert word == ("equivalence shown" if inside else "equivalence not shown")


def test_an_estimate_goes_to_the_tests_of_margins_as_it_is():
    for df in ({"df": 20.0}, {}):
        found = _estimates(PlannedEstimate({}, {"estimate": 1.5, "se": 0.3} | df))
        assert (found.estimate.item(), found.se.item(), found.df.item()) == (1.5, 0.3, df.get("df", np.inf))
        assert found.covariance.item() == pytest.approx(0.09, abs=EXACT)


def test_reversed_comparison_is_turned(results):
    there = value(results, analysis="equivalence", statistic="estimate")
    back = value(results, analysis="noninferiority", statistic="estimate")
    assert back == pytest.approx(-there, abs=EXACT)


def test_progression(results):
    words = pick(results, analysis="progression", statistic="verdict").set_index("term")["text"]
    assert words.to_dict() == {"kept": "amber", "people": "green", "safe": "green"}


def test_power_of_each_size(results):
    mine = pick(results, analysis="power", statistic="power").set_index("level")["value"]
    assert list(mine.index) == ["planned", "achieved", "needed"]
    assert mine["planned"] > mine["achieved"] - 0.1
    assert mine["needed"] == pytest.approx(0.8, abs=0.12)


def test_harms_and_dose_and_estimand_are_there(results):
    assert value(results, analysis="harms", term="event", level="adverse event", arm="mbct", statistic="n") == 2
    assert "not causal" in pick(results, analysis="dose", statistic="estimate")["note"].iloc[0]
    assert set(pick(results, analysis="estimand")["term"]) >= {"population", "variable", "intercurrent", "estimator"}


def test_ppc2_is_there_for_every_pair(results):
    found = pick(results, statistic="d_ppc2", outcome="dep.total", visit="fu")
    assert set(found["term"]) == {"difference: mbct - control", "difference: cft - control", "difference: mbct - cft"}


def test_unreadable_reliability_becomes_a_finding(tmp_path):
    context = made_trial.trial(tmp_path, analysis={"change": {"dep.total": {"reliability": 0.9, "sd": 5}}})
    scores = read_table(context.results.scores)
    scores.loc[scores["measure"] == "dep", "score"] = np.nan
    scores.to_parquet(context.results.scores, index=False)
    for stage in (describe, fit, effects):
        stage(context)
    issues = pd.read_csv(context.results.findings("effects"))
    assert issues["message"].str.contains("change of dep.total could not be judged").any()


def test_gates():
    assert gated(np.array([0.01, 0.2]), 0.03).tolist() == [0.03, 0.2]
    families = {"b": Family(outcomes=("x",), after="a"), "a": Family(outcomes=("y",), after="primary")}
    assert in_order(families) == ["a", "b"]


@pytest.mark.parametrize(
    ("number", "green", "red", "word"),
    [(80, 80, 60, "green"), (60, 80, 60, "amber"), (59.9, 80, 60, "red"), (12, 5, 15, "amber"), (16, 5, 15, "red")],
)
def test_verdict(number, green, red, word):
    assert verdict(number, green, red) == word
