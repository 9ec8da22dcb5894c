"""Evidence across trials: what enters, what is only shown, and both conventions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from compassion_trials.core.errors import InputError, ModelError
from compassion_trials.ledger.evidence.evidence import evidence, undrawn_references
from compassion_trials.ledger.evidence.pool import pool
from compassion_trials.ledger.evidence.trial_effect import (
    TrialEffect,
    csv_effects,
    published_effects,
    year_of,
)
from compassion_trials.ledger.page.frames import pooled_table


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
    assert found.prediction == found.dependent.prediction()
    assert found.prediction != found.pooled.prediction()


def test_one_effect_of_each_trial_is_predicted_by_two_levels():
    (found,) = evidence([effect(t, g) for t, g in (("a", 0.2), ("b", 0.4), ("c", 0.9))], {})
    assert found.dependent is None
    assert found.prediction == found.pooled.prediction()


def test_direction_of_benefit(studies):
    mine = {(e.trial, e.outcome): e.estimate for e in published_effects(studies, {}) if "Schanche" in e.trial}
    assert mine["Schanche et al. (2020)", "BDI-II"] > 0  # lower is better, and the treated arm is lower
    assert mine["Schanche et al. (2020)", "SCS total"] > 0


def test_shifted_tables_do_not_enter(studies):
    moved = {"schanche_2020": {"completers": {}, "subscales": {}}}
    assert not [e for e in published_effects(studies, moved) if "Schanche" in e.trial]


def test_both_conventions_are_named(studies):
    found = [e for e in evidence(published_effects(studies, {}), studies) if e.field == "stress"]
    table = pooled_table(found)
    assert set(table.loc[table["statistic"] == "i2", "convention"]) == {"from tau2 (metafor)", "from Q (R meta)"}
    assert len(table[table["statistic"] == "prediction_lower"]) == 3  # the three-level model's own among them
    y = np.array([e.estimate for e in found[0].evidence])
    v = np.array([e.variance for e in found[0].evidence])
    assert table.loc[table["statistic"] == "tau2", "value"].iloc[0] == pytest.approx(pool(y, v).tau2)


def test_reference_lines_come_from_files(studies):
    found = {e.field: e.references for e in evidence(published_effects(studies, {}), studies)}
    assert found["self_compassion"] == {"Ferrari et al. (2019)": 0.75, "Wilson et al. (2019)": 0.52}
    assert found["self_criticism"] == {"Ferrari et al. (2019)": 0.56, "Wakelin et al. (2022)": 0.51}


def test_reference_lines_without_a_plot_are_named(studies):
    found = [e for e in evidence(published_effects(studies, {}), studies) if e.field != "self_criticism"]
    named = undrawn_references(found, studies)
    assert named == [("self-criticism", "Ferrari et al. (2019)"), ("self-criticism", "Wakelin et al. (2022)")]


def test_regression_on_the_year_needs_ten_trials():
    given = [effect(f"Trial ({2000 + i})", 0.02 * i) for i in range(10)]
    given = [replace(e, year=year_of(e.trial)) for e in given]
    (found,) = evidence(given, {})
    assert found.by_year is not None
    assert found.by_year.estimate == pytest.approx(0.02)
    assert found.by_year.k == 10
    assert evidence(given[:9], {})[0].by_year is None
    assert pooled_table([found])["statistic"].str.startswith("slope_year").sum() == 4


def test_years_of_labels():
    assert year_of("Someone et al. (2020)") == 2020
    assert year_of("Zemestani, 2020b") == 2020
    assert year_of("Trial 12345") is None


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


def test_a_field_that_cannot_be_pooled_does_not_end_the_ledger(monkeypatch):
    def never(*_: object) -> None:
        raise ModelError("the effects hold an error")

    monkeypatch.setattr("compassion_trials.ledger.evidence.evidence.trim_and_fill", never)
    given = [effect("a", 0.2), effect("b", 0.4), effect("c", 0.6)]
    (found,) = evidence(given, {})
    assert found.pooled is None
    assert found.problem == "the effects hold an error"


def test_names_that_only_look_different_are_one_trial(tmp_path: Path):
    file = tmp_path / "more.csv"
    rows = ["field,trial,outcome,estimate,se", "depression,\u00c5s 2010 ,x,.3,.2", "depression,A\u030as 2010,y,.4,.2"]
    file.write_text("\n".join([*rows, "depression,B 2011,x,.2,.2", "depression,C 2012,x,.5,.2"]), encoding="utf-8")
    (found,) = evidence(csv_effects(file), {})
    assert found.dependent is not None
    assert found.dependent.trials == 3
