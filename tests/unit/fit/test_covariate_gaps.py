"""Gaps of baseline covariates: filled in from baseline alone in a randomized trial, told, switchable."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.fit.stage import run
from compassion_trials.trial.gaps import filled, independent, most_frequent, without_gaps
from compassion_trials.trial.trial import read_trial

EXACT = 1e-12


def study(folder: Path, kind: str = "randomized", **parts):
    """A made trial in which some people have no age and some no sex."""
    made = made_trial.plan(kind, covariates=["age", "sex"], **parts)
    people = made_trial.people(("act", "waitlist"), 20)
    people.loc[[1, 5, 22, 30], "age"] = np.nan
    people.loc[[2, 5, 25], "sex"] = ""
    context = made_trial.write(folder, made, people, made_trial.scored(people, ("pre", "post", "fu"), gone=0.0))
    run(context)
    return read_table(context.results.models), context


def analysed(models: pd.DataFrame) -> float:
    mine = models[(models["analysis"] == "primary") & (models["statistic"] == "n") & (models["arm"] == "")]
    return float(mine.loc[mine["term"] == "", "value"].iloc[-1])


def test_nobody_is_left_out_and_it_is_told(tmp_path):
    models, context = study(tmp_path)
    assert analysed(models) == 40
    terms = set(models.loc[models["analysis"] == "primary", "term"])
    assert any("age__missing" in term for term in terms)
    said = " ".join(Record.read(context.results.record("fit")).methods)
    assert "age: 4; sex: 3" in said
    assert "White & Thompson, 2005" in said
    assert "left out" not in said
    found = pd.read_csv(context.results.findings("fit"))
    assert list(found["code"]).count("covariate_filled") == 2


def test_values_are_the_same_for_every_visit_and_know_no_arm(tmp_path):
    _, context = study(tmp_path)
    trial = read_trial(context)
    other = trial.participants.assign(arm=trial.participants["arm"].to_numpy()[::-1])
    names = ["age", "sex"]
    again = without_gaps(other[names], names)
    assert all(again[name].equals(trial.filled[name]) for name in names)
    assert trial.filled["age"].isna().sum() == 0


def test_the_plan_can_leave_them_out_or_skip_the_indicator(tmp_path):
    models, context = study(tmp_path / "a", analysis={"missing_covariates": "leave_out"})
    assert analysed(models) == 34
    said = " ".join(Record.read(context.results.record("fit")).methods)
    assert "with an observed outcome and a missing covariate were left out: ACT 3 of 20, WAITLIST 3 of 20" in said
    assert "without any observed outcome were left out" not in said
    models, _ = study(tmp_path / "b", analysis={"missing_covariates": "completely_at_random"})
    assert analysed(models) == 40
    assert not models["term"].str.contains("__missing").any()


def test_strata_and_trials_without_randomization_keep_their_gaps(tmp_path):
    models, context = study(tmp_path / "a", "non_randomized")
    assert analysed(models) == 34
    assert "covariate_missing" in set(pd.read_csv(context.results.findings("fit"))["code"])
    made = made_trial.plan(covariates=["age"], design={"strata": ["age"]})
    people = made_trial.people(("act", "waitlist"), 20)
    people.loc[3, "age"] = np.nan
    context = made_trial.write(tmp_path / "b", made, people, made_trial.scored(people, ("pre", "post", "fu")))
    assert read_trial(context).filled == {}


def test_numbers_are_predicted_by_least_squares_within_their_range():
    x = np.arange(40.0)
    y = 3 + 2 * x
    y[[7, 39]] = np.nan
    found = filled(y, x[:, None])
    assert found[7] == pytest.approx(17, rel=EXACT)
    assert found[39] == np.nanmax(y)  # not beyond what was seen
    few = filled(np.array([1.0, 3.0, np.nan]), np.array([[1.0], [2.0], [9.0]]))
    assert few == pytest.approx([1.0, 3.0, 2.0], rel=EXACT)


def test_indicators_that_say_nothing_new_are_dropped():
    arms = np.repeat([[1.0, 0], [0, 1.0]], 3, axis=0)
    marks = np.column_stack([[1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], np.zeros(6), [1, 1, 1, 0, 0, 0]]).astype(float)
    assert independent(marks, arms).tolist() == [True, False, False, False]
    assert most_frequent(pd.Series(["b", "a", "a", "b", "c"])) == "a"
