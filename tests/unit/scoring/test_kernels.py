"""Numbers of scoring, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from compassion_trials.scoring.kernels import (
    ScaleScores,
    band_positions,
    combine,
    compose,
    convert,
    outside,
    points,
    reverse,
    shift,
)

NAN = np.nan


def test_reversal_and_shift():
    values = np.array([1.0, 2, 5, NAN])
    np.testing.assert_array_equal(reverse(values, 1, 5), [5, 4, 1, NAN])
    np.testing.assert_array_equal(shift(values, 1, 0), [0, 1, 4, NAN])
    np.testing.assert_array_equal(values, [1, 2, 5, NAN])


def test_outside_does_not_name_missing():
    assert outside(np.array([-1.0, 0, 3, 4, NAN]), 0, 3).tolist() == [True, False, False, True, False]


def test_points_of_a_bimodal_score():
    table = {0: 0.0, 1: 0.0, 2: 1.0, 3: 1.0}
    np.testing.assert_array_equal(points(np.array([0.0, 1, 2, 3, 7, NAN]), table), [0, 0, 1, 1, NAN, NAN])


def test_sum_is_prorated_by_the_mean_of_answered_items():
    values = np.array([[1.0, 2, 3, 2], [1, NAN, 3, 2], [1, NAN, NAN, 2], [NAN, NAN, NAN, NAN]])
    got = combine(values, "sum", 1, 3)
    np.testing.assert_allclose(got.score, [8, 8, NAN, NAN])
    assert got.n_missing.tolist() == [0, 1, 2, 4]
    assert got.prorated.tolist() == [False, True, False, False]


def test_mean_and_factor():
    values = np.array([[0.0, 3], [NAN, 3]])
    np.testing.assert_allclose(combine(values, "mean", 10, 1).score, [15, 30])
    np.testing.assert_allclose(combine(values, "sum", 2, 2).score, [6, NAN])


def test_an_empty_row_has_no_score_even_if_the_rule_allows_none_answered():
    assert np.isnan(combine(np.array([[NAN, NAN]]), "mean", 1, 0).score[0])


def test_conversion_table():
    np.testing.assert_array_equal(convert(np.array([7.0, 8, 8.5, NAN]), {7: 7.0, 8: 9.51}), [7, 9.51, NAN, NAN])


def test_composite_recodes_only_what_it_is_told_to():
    def part(score):
        return ScaleScores(np.array([score]), 4, np.array([1]), np.array([True]))

    got = compose([part(4.0), part(2.0)], [None, (1, 5)], "mean", 1)
    assert got.score[0] == 4
    assert got.n_items == 8
    assert got.n_missing[0] == 2
    assert got.prorated[0]
    assert np.isnan(compose([part(4.0), part(NAN)], [None, None], "sum", 1).score[0])


def test_bands_begin_at_their_lower_end():
    scores = np.array([0, 4, 4.9, 5, 9.999, 10, 27, 28, NAN, -1])
    assert band_positions(scores, [0, 5, 10], 27).tolist() == [0, 0, 0, 1, 1, 2, 2, -1, -1, -1]


def test_bands_forgive_rounding():
    assert band_positions(np.array([2.5 - 1e-12]), [1, 2.5], 5)[0] == 1


@pytest.mark.parametrize("k", [3, 7, 21])
def test_a_complete_sum_is_exact(k):
    rng = np.random.default_rng(k)
    values = rng.integers(0, 4, (500, k)).astype(float)
    assert (combine(values, "sum", 1, k).score == values.sum(axis=1)).all()
