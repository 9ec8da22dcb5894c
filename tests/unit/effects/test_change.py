"""Reliable and clinically significant change: worked numbers of Jacobson & Truax (1991), and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compassion_trials.core.errors import ModelError
from compassion_trials.core.limits import reaches
from compassion_trials.effects.outcomes.change import (
    classify,
    cutoff,
    percent_improvement,
    reliable_change,
)
from compassion_trials.effects.outcomes.proportion import exact
from compassion_trials.effects.planning.feasibility import verdict

JT = {"sd": 7.5, "reliability": 0.80}
"""Worked example of Jacobson & Truax (1991), p. 13-14: pretest 32.5, posttest 47.5; norm 60 (7.5), patients 40 "
"(7.5)."""


def test_index_of_the_worked_example():
    found = reliable_change(**JT)
    assert round(found.se_measurement, 2) == 3.35
    assert round(found.se_difference, 2) == 4.74
    assert round((47.5 - 32.5) / found.se_difference, 2) == 3.16
    assert found.criterion == pytest.approx(1.96 * found.se_difference, abs=1e-3)


@pytest.mark.parametrize(("criterion", "expected"), [("a", 55.0), ("b", 45.0), ("midpoint", 50.0)])
def test_cutoffs_of_the_worked_example(criterion, expected):
    assert cutoff(criterion, (40, 7.5), (60, 7.5), "higher") == expected


def test_cutoffs_turn_with_the_scale():
    for criterion in ("a", "b", "midpoint"):
        up = cutoff(criterion, (40, 7), (60, 5), "higher")
        assert cutoff(criterion, (-40, 7), (-60, 5), "lower") == pytest.approx(-up)


def test_categories():
    before = np.array([30, 30, 30, 30, 58, 30, np.nan])
    after = np.array([52, 41, 33, 20, 70, np.nan, 40])
    found = classify(before, after, 9.3, 50.0, "higher")
    assert found.tolist() == ["recovered", "improved", "unchanged", "deteriorated", "improved", "", ""]


def test_a_change_of_exactly_the_criterion_counts_in_decimals():
    assert classify(np.array([1.1]), np.array([1.4]), 0.3, None, "higher").tolist() == ["improved"]


def test_half_of_the_way_in_decimals_is_half():
    before, after = np.array([1.2, 3.4]), np.array([1.1, 2.2])
    assert (percent_improvement(before, after, "lower", 1.0) < 50).any()  # 49.99999999999999
    assert reaches(percent_improvement(before, after, "lower", 1.0), 50).all()


@pytest.mark.parametrize(
    ("k", "n", "green", "red", "colour"),
    [(29, 50, 58, 40, "green"), (7, 100, 7, 15, "green"), (14, 100, 14, 30, "green"), (11, 20, 70, 55, "amber")],
)
def test_a_share_at_a_limit_belongs_to_the_better_side(k, n, green, red, colour):
    assert verdict(100 * exact(k, n).estimate, green, red) == colour


def test_nothing_reaches_a_limit_from_a_missing_value_or_by_a_real_distance():
    assert reaches([np.nan, 57.999, 58 - 1e-12, 59], 58).tolist() == [False, False, True, True]


PAIRS = st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=1, max_size=30)


@given(PAIRS, st.floats(1, 20), st.floats(5, 55))
def test_turning_the_scale_keeps_the_categories(pairs, criterion, cut):
    before, after = np.array(pairs).T
    up = classify(before, after, criterion, cut, "higher")
    assert (up == classify(-before, -after, criterion, -cut, "lower")).all()


@pytest.mark.parametrize("wrong", [{"sd": 0.0}, {"reliability": 1.0}, {"reliability": -0.2}])
def test_refused(wrong):
    with pytest.raises(ModelError, match="reliable change needs"):
        reliable_change(**(JT | wrong))


def test_percent_improvement_is_of_the_distance_from_the_lowest_score():
    found = percent_improvement(np.array([20.0, 20.0, 0.0, 0.0]), np.array([10.0, 26.0, 0.0, 5.0]), "lower", 0.0)
    assert found[:2].tolist() == [50.0, -30.0]
    assert np.isnan(found[2:]).all()  # who has the lowest score cannot improve
