"""Whole questionnaires scored by hand."""

from __future__ import annotations

import numpy as np
import pytest

from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.questionnaire import aligned_items, bands, flags, score_questionnaire

ALL = load_instruments(None)
NAN = np.nan
NEGATIVE = [1, 2, 4, 6, 8, 11, 13, 16, 18, 20, 21, 24, 25]
"""Items of self-judgment, isolation and over-identification."""


def scores(name, rows, variant=None):
    instrument = ALL[name].with_variant(variant)
    got = score_questionnaire(instrument, np.atleast_2d(np.asarray(rows, dtype=float)))
    return {key: scored.score[0] for key, scored in got.items()}


def scs_answers(positive, negative):
    return [negative if item in NEGATIVE else positive for item in range(1, 27)]


def test_scs_total_recodes_negative_subscales_and_reports_them_raw():
    got = scores("scs", scs_answers(4, 2))
    assert got["total"] == 4
    assert got["self_kindness"] == 4
    assert got["self_judgment"] == got["isolation"] == got["over_identification"] == 2
    assert got["compassionate"] == 4
    assert got["uncompassionate"] == 2


def test_scs_total_is_the_mean_of_subscale_means_not_of_items():
    answers = np.array(scs_answers(3.0, 3.0))
    answers[[4, 11, 18, 22, 25]] = 5  # the five items of self-kindness
    assert scores("scs", answers)["total"] == pytest.approx((5 + 5 * 3) / 6)
    assert scores("scs", answers, "item_mean")["total"] == pytest.approx((5 * 5 + 21 * 3) / 26)
    assert scores("scs", answers, "sum_of_means")["total"] == pytest.approx(5 + 5 * 3)
    assert scores("scs", answers, "sum")["total"] == pytest.approx(5 * 5 + 21 * 3)


def test_scs_needs_all_six_subscales():
    answers = np.array(scs_answers(4.0, 2.0))
    answers[[3, 12]] = NAN  # two of four isolation items
    got = scores("scs", answers)
    assert np.isnan(got["isolation"])
    assert np.isnan(got["total"])
    assert np.isnan(got["uncompassionate"])
    assert got["compassionate"] == 4


def test_dass21_is_doubled_once():
    got = scores("dass21", [3] * 21)
    assert (got["depression"], got["anxiety"], got["stress"], got["total"]) == (42, 42, 42, 126)
    raw = scores("dass21", [3] * 21, "raw")
    assert (raw["depression"], raw["total"]) == (21, 63)


def test_dass21_prorates_one_missing_item_of_seven():
    answers = np.ones(21)
    answers[2] = NAN
    assert scores("dass21", answers)["depression"] == 14
    answers[4] = NAN
    assert np.isnan(scores("dass21", answers)["depression"])


def test_ghq12_three_ways():
    answers = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]
    assert scores("ghq12", answers) == {"total": 18, "bimodal": 6}
    assert scores("ghq12", answers, "likert") == {"total": 18, "bimodal": 6}
    assert scores("ghq12", answers, "bimodal") == {"total": 6}
    # positive items 1,3,4,7,8,12 score 0,1,1,1,1,1; negative items 2,5,6,9,10,11 score 1,0,1,0,1,1
    assert scores("ghq12", answers, "c_ghq") == {"total": 9}


def test_swemwbs_is_converted():
    assert scores("swemwbs", [1, 1, 1, 1, 1, 1, 2])["total"] == 9.51
    assert np.isnan(scores("swemwbs", [1, 1, 1, 1, 1, 1, NAN])["total"])
    assert scores("swemwbs", [5] * 7, "raw_sum")["total"] == 35


def test_who5_and_core_metrics():
    assert scores("who5", [5] * 5)["total"] == 100
    assert scores("core10", [4, 0, 0, 4, 4, 4, 4, 4, 4, 4])["total"] == 40
    om = np.full(34, 4.0)
    om[[i - 1 for i in (3, 4, 7, 12, 19, 21, 31, 32)]] = 0
    assert scores("core_om", om)["total"] == 40
    assert scores("core_om", om, "mean")["total"] == 4


def test_pss10_reverses_for_the_total_only():
    got = scores("pss10", [0, 0, 0, 4, 4, 0, 4, 4, 0, 0])
    assert (got["total"], got["perceived_self_efficacy"]) == (0, 16)


def test_ffmq_totals():
    three = np.full(39, 3.0)
    assert scores("ffmq39", three)["total"] == 117
    assert scores("ffmq39", three)["total_without_observe"] == 93
    assert scores("ffmq39", three, "means")["total"] == 3
    assert scores("ffmq39", three, "sum_of_facet_means")["total"] == 15
    assert scores("ffmq39", three, "sum_of_facet_means")["total_without_observe"] == 12


def test_ceas_drops_fillers_and_keeps_orientations_apart():
    answers = np.ones(39)
    answers[[2, 6, 10]] = 10
    answers[13:26] = 10
    got = scores("ceas", answers)
    assert (got["self"], got["to_others"], got["from_others"]) == (10, 100, 10)


def test_rses_orders_and_codings():
    order_a = [3 if i not in (2, 5, 6, 8, 9) else 0 for i in range(1, 11)]
    assert scores("rses", order_a)["total"] == 30
    order_b = [4 if i not in (3, 5, 8, 9, 10) else 1 for i in range(1, 11)]
    assert scores("rses", order_b, "order_b_one_to_four")["total"] == 40


def test_fscrs_self_criticism():
    assert scores("fscrs", [4] * 22)["self_criticism"] == 56


def test_aligned_items_of_a_composite_point_the_same_way():
    aligned = aligned_items(ALL["scs"], "total", np.array([scs_answers(5.0, 1.0)]))
    assert aligned.shape == (1, 26)
    assert (aligned == 5).all()
    raw = aligned_items(ALL["scs"], "uncompassionate", np.array([scs_answers(5.0, 1.0)]))
    assert (raw == 1).all()


def test_bands_and_flags():
    phq = ALL["phq9"]
    answers = np.array([[0.0] * 9, [1] * 9, [3] * 9, [3] * 7 + [NAN] * 2, [3] * 6 + [NAN] * 3])
    scored = score_questionnaire(phq, answers)["total"]
    assert bands(phq.scales["total"], scored.score) == ["minimal", "mild", "severe", "severe", ""]
    invalid = np.array([False, False, False, True, True])
    expected = ["", "", "", "out of range; prorated", "out of range; too many missing"]
    assert flags(scored, invalid) == expected


def test_bands_for_the_record_are_not_applied():
    scale = ALL["mbi_hss"].scales["emotional_exhaustion"]
    assert scale.bands
    assert bands(scale, np.array([30.0])) == [""]


def test_answers_are_not_changed():
    answers = np.array([scs_answers(4.0, 2.0)])
    before = answers.copy()
    score_questionnaire(ALL["scs"], answers)
    aligned_items(ALL["scs"], "total", answers)
    np.testing.assert_array_equal(answers, before)
