"""Totals of real trials recomputed from their items, read in place."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.answers import own_coding
from compassion_trials.scoring.questionnaire import score_questionnaire
from compassion_trials.study.plan.measures import Coding, Measure

ALL = load_instruments(None)
SUBSCALES = {
    "anxiety": ("Pre_Anxiety", "Post_Anxiety", "PP_Anxiety"),
    "depressed_mood": ("Pre_Depressed", "Post_Depressed_mood", "PP_Depressed_mood"),
    "positive_wellbeing": ("Pre_Pos_Wellbeing", "Post_Pos_wellbeing", "PP_Pos_wellbeing"),
    "self_control": ("Pre_Self_control", "Post_self_control", "PP_Self_control"),
    "general_health": ("Pre_General_Health", "Post_General_health", "PP_General_Health"),
    "vitality": ("Pre_Vitality", "Post_Vitality", "PP_Vitality"),
    "total": ("Pre_PGWB_index", "Post_PGWB", "PP_PGWB"),
}
VISITS = ("Pre", "Post", "PP")
ROWS_WHERE_TICK_AND_SCORE_DIFFER = (10, 4, 1)
"""PGWBI items per visit whose stored score is not the recode of the stored answer, as the README of the data says."""


def alpha(values):
    k = values.shape[1]
    return k / (k - 1) * (1 - values.var(axis=0, ddof=1).sum() / values.sum(axis=1).var(ddof=1))


@pytest.fixture(scope="module")
def woodworth(shared):
    return pd.read_csv(shared / "data" / "woodworth2017" / "ahi-cesd.csv")


@pytest.mark.parametrize(("name", "total", "low"), [("cesd", "cesdTotal", 1), ("ahi", "ahiTotal", 1)])
def test_woodworth_totals_equal_the_stored_ones(woodworth, name, total, low):
    instrument = ALL[name]
    raw = woodworth[[f"{name}{item:02d}" for item in range(1, instrument.items + 1)]].to_numpy(dtype=float)
    width = instrument.response.max - instrument.response.min
    answers = own_coding(raw, Measure(instrument=name, coding=Coding(min=low, max=low + width)), instrument)
    scored = score_questionnaire(instrument, answers)["total"]
    assert len(woodworth) == 992
    assert (scored.score == woodworth[total]).all()


def test_woodworth_alpha_is_the_stated_one(woodworth):
    baseline = woodworth[woodworth["occasion"] == 0]
    for name in ("cesd", "ahi"):
        instrument = ALL[name]
        values = baseline[[f"{name}{item:02d}" for item in range(1, instrument.items + 1)]].to_numpy(dtype=float)
        for item in instrument.scales["total"].reverse:
            values[:, item - 1] = 5 - values[:, item - 1]
        assert len(values) == 295
        assert round(alpha(values), 3) == instrument.reliability[0].alpha


@pytest.fixture(scope="module")
def garnaes(shared):
    pyreadstat = pytest.importorskip("pyreadstat")
    table, _ = pyreadstat.read_sav(str(shared / "data" / "garnaes_pgwbi" / "plosmed2016_pregnancy_35.sav"))
    return table


def columns(table, pattern):
    found = [
        [c for c in table.columns if re.fullmatch(pattern.format(item), c, re.IGNORECASE)] for item in range(1, 23)
    ]
    assert all(len(names) == 1 for names in found)
    return table[[names[0] for names in found]].to_numpy(dtype=float)


@pytest.mark.parametrize("place", range(3), ids=VISITS)
def test_pgwbi_points_give_every_stored_scale(garnaes, place):
    values = columns(garnaes, rf"Q{{}}_Score_?{VISITS[place]}")
    complete = np.isfinite(values).all(axis=1)
    scored = score_questionnaire(ALL["pgwbi"].with_variant("points"), values[complete])
    assert complete.sum() == (82, 59, 57)[place]
    for scale, names in SUBSCALES.items():
        np.testing.assert_array_equal(scored[scale].score, garnaes.loc[complete, names[place]], err_msg=scale)


@pytest.mark.parametrize("place", range(3), ids=VISITS)
def test_pgwbi_ticks_give_the_points_but_for_the_known_exceptions(garnaes, place):
    raw = columns(garnaes, rf"Q{{}}_{VISITS[place]}_.*")
    points = columns(garnaes, rf"Q{{}}_Score_?{VISITS[place]}")
    instrument = ALL["pgwbi"]
    answers = own_coding(raw, Measure(instrument="pgwbi", coding=Coding(min=1, max=6)), instrument)
    turned = [item - 1 for item in instrument.scales["total"].reverse]
    answers[:, turned] = 5 - answers[:, turned]
    both = np.isfinite(answers) & np.isfinite(points)
    assert (answers != points)[both].sum() == ROWS_WHERE_TICK_AND_SCORE_DIFFER[place]
    if place:
        assert round(alpha(points[np.isfinite(points).all(axis=1)]), 2) == instrument.reliability[0].alpha


def test_epds_key_from_raw_answers_and_stored_points(garnaes):
    raw = garnaes[[f"EPDS_S{number}" for number in range(130, 140)]].to_numpy(dtype=float)
    points = garnaes[[f"S{number}_score" for number in range(130, 140)]].to_numpy(dtype=float)
    instrument = ALL["epds"]
    answers = own_coding(raw, Measure(instrument="epds", coding=Coding(min=1, max=4)), instrument)
    turned = [item - 1 for item in instrument.scales["total"].reverse]
    keyed = answers.copy()
    keyed[:, turned] = 3 - keyed[:, turned]
    both = np.isfinite(keyed) & np.isfinite(points)
    differ = (keyed != points) & both
    assert (both.sum(), differ.sum()) == (578, 2)
    assert differ[:, 2].sum() == 2
    complete = np.isfinite(points).all(axis=1)
    from_points = score_questionnaire(instrument.with_variant("points"), points[complete])["total"].score
    np.testing.assert_array_equal(from_points, garnaes.loc[complete, "EPDS_total"])
