"""Evidence across trials: what enters, what is only shown, and both conventions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.effects.meta.pool import pool
from compassion_trials.published.evidence import TrialEffect, csv_effects, evidence, published_effects
from compassion_trials.published.ledger import pooled_table


def effect(trial: str, g: float, origin: str = "csv", cluster: str = "", group: str = "") -> TrialEffect:
    return TrialEffect("depression", trial, "BDI", g, 0.04, origin, "test", group, cluster=cluster)  # type: ignore[arg-type]


def test_our_own_trials_are_shown_and_not_pooled():
    given = [effect("a", 0.2), effect("b", 0.4), effect("c", 0.6), effect("mine", 5.0, "our analysis")]
    (found,) = evidence(given, {})
    assert found.pooled is not None
    assert found.pooled.k == 3
    assert found.headline[0] == pytest.approx(0.4)
    assert [e.trial for e in found.own] == ["mine"]


def test_two_trials_are_not_pooled_however_many_effects_they_have():
    given = [effect("a, arm 1", 0.2, cluster="a"), effect("a, arm 2", 0.4, cluster="a"), effect("b", 0.6)]
    (found,) = evidence(given, {})
    assert found.pooled is None


def test_several_effects_of_a_trial_call_for_three_levels():
    given = [effect(f"{t}, arm {i}", 0.1 * j, cluster=t) for j, t in enumerate("abcd") for i in (1, 2)]
    (found,) = evidence(given, {})
    assert found.dependent is not None
    assert found.dependent.trials == 4
    assert found.headline[0] == pytest.approx(float(found.dependent.b[0]))


def test_direction_of_benefit(studies):
    mine = {(e.trial, e.outcome): e.estimate for e in published_effects(studies, {}) if "Schanche" in e.trial}
    assert mine["Schanche et al. (2020)", "BDI-II"] > 0  # lower is better, and the treated arm is lower
    assert mine["Schanche et al. (2020)", "SCS total"] > 0


def test_shifted_tables_do_not_enter(studies):
    moved = {"schanche_2020": {"completers": {}}}
    assert not [e for e in published_effects(studies, moved) if "Schanche" in e.trial]


def test_both_conventions_are_named(studies):
    found = [e for e in evidence(published_effects(studies, {}), studies) if e.field == "stress"]
    table = pooled_table(found)
    assert set(table.loc[table["statistic"] == "i2", "convention"]) == {"from tau2 (metafor)", "from Q (R meta)"}
    assert len(table[table["statistic"] == "prediction_lower"]) == 2
    y = np.array([e.estimate for e in found[0].evidence])
    v = np.array([e.variance for e in found[0].evidence])
    assert table.loc[table["statistic"] == "tau2", "value"].iloc[0] == pytest.approx(pool(y, v).tau2)


def test_reference_lines_come_from_files(studies):
    found = {e.field: e.references for e in evidence(published_effects(studies, {}), studies)}
    assert found["self_compassion"] == {"Ferrari et al. (2019)": 0.75, "Wilson et al. (2019)": 0.52}


def test_a_csv(tmp_path: Path):
    path = tmp_path / "more.csv"
    path.write_text("field,trial,estimate,se,group\nstress,Me 2024,0.30,0.15,online\n", encoding="utf-8")
    (found,) = csv_effects(path)
    assert (found.trial, found.estimate, found.group) == ("Me 2024", 0.30, "online")
    assert found.variance == pytest.approx(0.0225)


def test_a_bad_csv_names_every_problem(tmp_path: Path):
    path = tmp_path / "more.csv"
    path.write_text("field,trial,estimate,se\nstres,A,0.3,0.1\nstress,B,much,0.1\nstress,C,0.2,0\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        csv_effects(path)
    said = str(caught.value)
    assert 'row 2, field: there is no such field; found "stres"; did you mean "stress"?' in said
    assert "row 3: estimate and se must be numbers" in said
    assert 'row 4, se: a standard error is above zero; found "0"' in said


def test_a_csv_without_a_column(tmp_path: Path):
    path = tmp_path / "more.csv"
    path.write_text("field,study,estimate,se\n", encoding="utf-8")
    with pytest.raises(InputError, match="trial: the file lacks a column"):
        csv_effects(path)
