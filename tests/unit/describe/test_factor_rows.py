"""Rows of factor models and invariance on made answers to the SCS: what runs from which size on, and what it says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.columns import results_table
from compassion_trials.core.results import Results
from compassion_trials.describe.factors import competing
from compassion_trials.describe.factors.competing import OmegaLimits
from compassion_trials.describe.factors.rows import FEWEST_OF_FACTOR, _omega_statistics, factor_rows, models_of
from compassion_trials.describe.factors.sentences import factor_methods
from compassion_trials.instruments.library import load_instruments
from compassion_trials.instruments.subscales import subscales
from compassion_trials.tables.builders.outcomes import factors, invariance
from compassion_trials.tables.material import Material
from compassion_trials.tables.text import plain
from compassion_trials.trial.trial import Trial

SCS = {"scs": {"instrument": "pss10", "role": "primary"}}
"""Ten items, two subscales: enough to run, quick enough to run often."""


def answers(participants: pd.DataFrame, visits: tuple[str, ...], gap: int = 0) -> pd.DataFrame:
    """One factor behind ten items of five answers; the first ``gap`` people leave an item out at the last visit."""
    rng = np.random.default_rng(4)
    n, turned = len(participants), (4, 5, 7, 8)
    factor, own, rows = rng.normal(size=n), rng.normal(size=(n, 10)), []
    for visit in visits:
        factor = 0.8 * factor + 0.6 * rng.normal(size=n)
        y = 0.7 * factor[:, None] + 0.4 * own + 0.59 * rng.normal(size=(n, 10))
        x = np.searchsorted([-1.1, -0.3, 0.4, 1.2], y).astype(float)
        for item in range(1, 11):
            value = 4 - x[:, item - 1] if item in turned else x[:, item - 1]
            part = participants[["participant", "arm"]].assign(visit=visit, measure="scs", item=str(item), value=value)
            if visit == visits[-1] and item == 3:
                part.loc[part.index[:gap], "value"] = np.nan
            rows.append(part)
    return pd.concat(rows, ignore_index=True).assign(missing_reason="")


def rows_of(n: int, tmp_path, gap: int = 0, **asked) -> tuple[Trial, list[dict[str, object]]]:
    """Rows of a trial with n people in each of two arms."""
    arms, visits = ("act", "waitlist"), ("pre", "post")
    data = {"items": "{instrument}_{visit}_{item}"}
    plan = made_trial.plan(arms=arms, visits=visits, measures=SCS, data=data, analysis={"factors": asked})
    people = made_trial.people(arms, n)
    scores = made_trial.scored(people, visits, measures=("scs",), gone=0)
    responses = answers(people, visits, gap)
    context = made_trial.write(tmp_path, plan, people, scores, responses)
    trial = Trial(context, people.set_index("participant"), pd.DataFrame(), scores, "0")
    return trial, factor_rows(trial, responses)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return rows_of(160, tmp_path_factory.mktemp("large"), bootstrap=200, invariance="one")


def test_from_the_size_on_all_is_there(large):
    _, found = large
    table = results_table(found)
    assert set(table["analysis"]) == {"factors", "invariance"}
    assert not (table["statistic"] == "not_done").any()
    models = table[(table["analysis"] == "factors") & (table["statistic"] == "cfi")]
    assert list(models["model"]) == ["one", "subscales"]  # two subscales do not identify a bifactor model
    assert set(table.loc[table["analysis"] == "invariance", "term"]) == {"visits", "arms and visits"}
    assert set(table["n"]) == {320}


def test_items_point_the_way_of_the_total(large):
    table = results_table(large[1])
    loadings = table[(table["statistic"] == "loading") & (table["model"] == "one")]
    assert len(loadings) == 10
    assert (loadings["value"] > 0.4).all()


def test_omega_lies_in_its_interval_and_agrees_with_the_known_one(large):
    table = results_table(large[1]).set_index(["model", "statistic"])["value"]
    low, middle, high = (table["one", f"omega{end}"] for end in ("_lower", "", "_upper"))
    assert low < middle < high
    assert middle == pytest.approx(0.88, abs=0.04)


def test_invariance_holds_in_data_made_so(large):
    table = results_table(large[1])
    changes = table[table["statistic"] == "cfi_change"]
    assert len(changes) == 6
    assert (changes["value"] > -0.01).all()
    assert (table.loc[table["statistic"] == "difference_p", "value"] > 0.001).all()


def test_tables_and_methods(large):
    trial, found = large
    context = trial.context
    material = Material(plan=context.plan, outcomes=context.outcomes, results=Results(results_table(found)))
    names = [table.name for table in (*factors.build(material), *invariance.build(material))]
    assert names == ["factors", "factors.omega", "factors.loadings.scs", "invariance"]
    (shown,) = invariance.build(material)
    assert [plain(row.cells[0]) for row in shown.rows if not row.group][:4] == list(invariance.LEVELS.values())
    said = factor_methods(context.plan, found)
    assert "one factor, correlated subscales" in said[0]
    assert "200 resamples" in said[1]
    assert "over visits and over arms and visits" in said[2]


def test_below_the_size_it_says_why(tmp_path):
    trial, found = rows_of(60, tmp_path, bootstrap=200)
    table = results_table(found)
    assert set(table["statistic"]) == {"not_done"}
    assert table.loc[table["analysis"] == "factors", "text"].tolist() == [
        "120 people answered every item, and 200 are needed"
    ]
    assert factor_methods(trial.context.plan, found) == ()


def test_arms_below_their_size_are_not_compared(tmp_path):
    _, found = rows_of(150, tmp_path, gap=20, bootstrap=200)
    table = results_table(found)
    arms = table[table["term"] == "arms and visits"]
    assert arms["text"].tolist() == ["130 people answered every item, and 150 are needed"]
    assert (table.loc[table["term"] == "visits", "n"] == 280).all()


def test_nothing_unless_asked(tmp_path):
    trial, _ = rows_of(20, tmp_path)
    plan = trial.context.plan
    silent = plan.model_copy(update={"analysis": plan.analysis.model_copy(update={"factors": None})})
    object.__setattr__(trial.context, "plan", silent)
    assert factor_rows(trial, pd.DataFrame()) == []


def test_models_of_the_scs():
    models = models_of(subscales(load_instruments(None)["scs"]))
    assert [(m.name, m.pattern.shape[1], m.correlated) for m in models] == [
        ("one", 1, True), ("composites", 2, True), ("subscales", 6, True), ("bifactor", 7, False),
    ]  # fmt: skip


def test_a_subscale_of_two_items_leaves_out_the_bifactor_model():
    assert [m.name for m in models_of(subscales(load_instruments(None)["pcl5"]))] == ["one", "subscales"]


def test_a_subscale_of_three_items_has_a_factor_of_its_own():
    """Six subscales of three items: the smallest for which the loadings of a specific factor are known."""
    assert FEWEST_OF_FACTOR == 3
    assert "bifactor" in [m.name for m in models_of(subscales(load_instruments(None)["ocir"]))]


def test_invariance_is_of_the_last_visit(large):
    table = results_table(large[1])
    assert set(table.loc[table["analysis"] == "invariance", "visit"]) == {"post"}


def test_omega_hierarchical_stands_where_there_are_specific_factors():
    found = SimpleNamespace(omega=SimpleNamespace(total=0.9, hierarchical=0.7))
    limits = OmegaLimits(total=(0.85, 0.93), hierarchical=(0.6, 0.78), draws=200)
    both = _omega_statistics(found, limits, True)
    assert (both["omega_h"], both["omega_h_lower"], both["omega_h_upper"]) == (0.7, 0.6, 0.78)
    assert (both["omega"], both["omega_lower"], both["draws"]) == (0.9, 0.85, 200)
    assert "omega_h" not in _omega_statistics(found, limits, False)
    assert _omega_statistics(found, None, True)["omega_h_upper"] is None


@pytest.mark.parametrize(("failing", "there"), [(49, True), (50, True), (51, False)])
def test_limits_of_omega_need_half_of_the_resamples(monkeypatch, failing, there):
    drawn = iter(range(100))
    good = SimpleNamespace(total=0.88, hierarchical=0.7)
    monkeypatch.setattr(competing, "_redrawn", lambda *_: None if next(drawn) < failing else good)
    found = SimpleNamespace(omega=SimpleNamespace(total=0.9, hierarchical=0.7))
    limits = competing.omega_limits(np.zeros((2, 2)), found, 100, np.random.default_rng(1))
    assert (limits is not None) == there
    if limits is not None:
        assert limits.draws == 100 - failing


def test_an_omega_of_one_has_no_limits(monkeypatch):
    good = SimpleNamespace(total=0.88, hierarchical=0.7)
    monkeypatch.setattr(competing, "_redrawn", lambda *_: good)
    for total, hierarchical in ((1.0, 0.7), (0.9, 1.2)):
        found = SimpleNamespace(omega=SimpleNamespace(total=total, hierarchical=hierarchical))
        assert competing.omega_limits(np.zeros((2, 2)), found, 10, np.random.default_rng(1)) is None
