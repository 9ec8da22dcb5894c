"""Outcomes that no standard deviation measures: yes or no, and visits that one another give exactly."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import made_trial

from compassion_trials.core.errors import ModelError
from compassion_trials.core.files import read_table
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.sizes.prepost import gain
from compassion_trials.effects.stage import run as effects
from compassion_trials.fit.stage import run as fit
from compassion_trials.scoring.checks.repeated import repeated

STANDARDIZED = ("hedges_g", "model_g", "d_av", "d_z", "d_rms", "d_ppc2", "d_pooled_n")


def test_a_yes_or_no_has_no_g_and_it_is_told(tmp_path):
    yes_no = {"total": "r_{visit}", "name": "Relapse", "range": [0, 1], "better": "lower", "visits": ["fu"]}
    made = made_trial.plan(measures={"dep": made_trial.TOTAL | {"name": "Dep", "role": "primary"}, "relapse": yes_no})
    people = made_trial.people(("act", "waitlist"), 20)
    scores = made_trial.scored(people, ("pre", "post", "fu"), ("dep", "relapse"), gone=0.0)
    mine = scores["measure"] == "relapse"
    scores.loc[mine, "score"] = (scores.loc[mine, "score"] > 28).astype(float)
    context = made_trial.write(tmp_path, made, people, scores[~mine | (scores["visit"] == "fu")])
    for stage in (describe, fit, effects):
        stage(context)
    rows = read_table(context.results.results)
    of = rows[rows["statistic"].isin(STANDARDIZED)]
    assert set(of["outcome"]) == {"dep.total"}
    assert len(rows[(rows["outcome"] == "relapse.total") & (rows["term"] == "difference: act - waitlist")])
    found = pd.read_csv(context.results.findings("effects"))
    assert found.loc[found["code"] == "yes_no_outcome", "column"].tolist() == ["relapse.total"]


def test_perfectly_correlated_visits_are_told_and_have_no_gain():
    before = np.arange(12.0)
    with pytest.raises(ModelError, match="perfectly correlated"):
        gain(before, before / 2 + 3)
    table = pd.DataFrame({"participant": np.tile(np.arange(12), 2), "visit": np.repeat(["pre", "post"], 12)})
    (found,) = repeated("mini.total", table.assign(score=np.concatenate([before, before / 2 + 3])))
    assert found.code == "visits_correlated"
    noise = np.where(np.arange(12) == 5, 1.0, 0.0)
    assert not list(repeated("mini.total", table.assign(score=np.concatenate([before, before + noise]))))
