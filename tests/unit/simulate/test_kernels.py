"""The kernels do what their formulas say, within simulation error."""

from __future__ import annotations

import numpy as np
import pytest

from compassion_trials.instruments.library import load_instruments
from compassion_trials.simulate.attendance import allocate, assessed, groups, half_empty
from compassion_trials.simulate.items import Key, answers, thresholds
from compassion_trials.simulate.key import item_key
from compassion_trials.simulate.people import identity
from compassion_trials.simulate.random import generator
from compassion_trials.simulate.trait import carried_over, group_shift, stable_part, traits

LARGE = 20_000
FOUR_SE = 4 / np.sqrt(LARGE)
"""Four standard errors of a mean (and about that of a correlation): a true kernel fails once in 16,000 runs."""


def test_streams_depend_on_their_name_only():
    first = generator(7, "items", "scs").random(3)
    generator(7, "something", "new").random(100)
    assert np.array_equal(first, generator(7, "items", "scs").random(3))
    assert not np.array_equal(first, generator(7, "items", "dass").random(3))
    assert not np.array_equal(first, generator(8, "items", "scs").random(3))


def test_traits_have_unit_variance_their_shift_and_their_stability():
    rng = generator(1, "t")
    shift = np.tile([0.0, 0.5, -0.25], (LARGE, 1))
    trait = traits(rng.standard_normal(LARGE), shift, 0.7, rng)
    assert trait.mean(axis=0) == pytest.approx([0, 0.5, -0.25], abs=FOUR_SE)
    assert trait.std(axis=0) == pytest.approx([1, 1, 1], abs=FOUR_SE)
    assert np.corrcoef(trait.T)[0, 2] == pytest.approx(0.7, abs=FOUR_SE)


def test_two_measures_correlate_by_the_shared_part_with_the_sign_of_their_direction():
    rng = generator(2, "t")
    person = rng.standard_normal(LARGE)
    up, down = stable_part(person, 0.5, 1, rng), stable_part(person, 0.5, -1, rng)
    assert np.corrcoef(up, down)[0, 1] == pytest.approx(-0.5, abs=FOUR_SE)


def test_a_mediator_carries_its_change_from_its_visit_on():
    mediator = np.array([[0.0, 2.0, 9.0], [1.0, 0.0, 9.0]])
    assert carried_over(mediator, 1, 0.5).tolist() == [[0, 1, 1], [0, -0.5, -0.5]]


def test_groups_share_a_shift_after_baseline_only():
    group = np.repeat(np.arange(2000), 10)
    shift = group_shift(group, 0.05, 2, generator(3, "g"))
    assert not shift[:, 0].any()
    assert shift[:, 1].std() == pytest.approx(np.sqrt(0.05), rel=0.1)
    assert np.unique(shift[:10, 1]).size == 1


def test_nobody_without_a_group_is_shifted():
    assert not group_shift(np.array([-1, -1]), 0.5, 3, generator(3, "g")).any()


def test_answers_stay_in_range_and_reversed_items_run_the_other_way():
    key = Key(np.array([1, -1, 1]), np.array([0, 0, 0]), ("total",), 5)
    trait = np.linspace(-3, 3, LARGE)[:, None]
    ticked = answers(trait, key, np.zeros((LARGE, 1, 1)), 0.7, 0.3, generator(4, "a"))[:, 0]
    assert set(np.unique(ticked)) == {0, 1, 2, 3, 4}
    r = np.corrcoef(np.column_stack([trait[:, 0], ticked]).T)[0, 1:]
    assert r[0] > 0.6
    assert r[1] < -0.6
    assert r[2] > 0.6


def test_a_shift_of_one_scale_leaves_the_others_alone():
    key = Key(np.array([1, 1]), np.array([0, 1]), ("a", "b"), 101)  # many answers: nearly the propensity itself
    shift = np.zeros((LARGE, 2, 2))
    shift[:, 1, 0] = 1.0
    ticked = answers(np.zeros((LARGE, 2)), key, shift, 0.6, 0.0, generator(5, "a"))
    change = (ticked[:, 1] - ticked[:, 0]).mean(axis=0)
    assert change[0] > 10
    assert change[1] == pytest.approx(0, abs=1.5)


def test_two_answers_have_one_threshold():
    assert thresholds(2).tolist() == [0]
    assert thresholds(5).tolist() == [-1.5, -0.5, 0.5, 1.5]


def test_allocation_is_exact_and_even_within_strata():
    stratum = np.repeat([0, 1], [70, 30])
    arm = allocate(np.array([60, 40]), stratum, generator(6, "a"))
    assert np.bincount(arm).tolist() == [60, 40]
    assert abs((arm[stratum == 1] == 0).sum() - 18) <= 2


def test_attendance_has_exact_numbers_and_is_nested():
    arm = np.repeat([0, 1], [20, 18])
    counts = np.array([[20, 19, 17], [18, 15, 13]])
    present = assessed(arm, counts, np.zeros(38), 0.0, generator(7, "a"))
    assert [[int(present[arm == a, t].sum()) for t in range(3)] for a in range(2)] == counts.tolist()
    assert (present[:, 2] <= present[:, 1]).all()


def test_those_who_are_well_stay_when_the_slope_says_so():
    wellbeing = generator(8, "w").standard_normal(LARGE)
    present = assessed(np.zeros(LARGE, dtype=int), np.array([[LARGE, LARGE // 2]]), wellbeing, 1.0, generator(8, "a"))
    assert wellbeing[present[:, 1]].mean() > 0.3 > -0.3 > wellbeing[~present[:, 1]].mean()


def test_groups_are_of_about_equal_size_and_only_where_they_meet():
    arm = np.repeat([0, 1], [18, 20])
    group = groups(arm, [0], 4, generator(9, "g"))
    assert sorted(np.bincount(group[arm == 0]).tolist()) == [4, 4, 5, 5]
    assert (group[arm == 1] == -1).all()


def test_half_empty_questionnaires_are_of_people_who_were_there():
    present = np.zeros((10, 2), dtype=bool)
    present[3, 1] = present[5, 0] = True
    gap = half_empty(present, 2, 26, generator(10, "h"))
    assert np.argwhere(gap.any(axis=2)).tolist() == [[3, 1], [5, 0]]
    assert gap[3, 1].mean() > 0.5


def test_the_self_compassion_key_turns_the_negative_items():
    key = item_key(load_instruments()["scs"])
    reversed_items = {1, 2, 4, 6, 8, 11, 13, 16, 18, 20, 21, 24, 25}  # Neff 2003
    assert {j + 1 for j, sign in enumerate(key.sign) if sign < 0} == reversed_items
    assert key.categories == 5
    assert len(key.scales) == 6


def test_burnout_has_no_total_and_accomplishment_runs_against_exhaustion():
    key = item_key(load_instruments()["mbi_hss"])
    accomplishment = {4, 7, 9, 12, 17, 18, 19, 21}
    assert {j + 1 for j, sign in enumerate(key.sign) if sign < 0} == accomplishment


def test_identities_can_belong_to_nobody():
    person = identity(12)
    assert person["name"] == "Synthetic Person 12"
    assert person["email"].endswith("@example.org")
    assert person["ip"].startswith("192.0.2.")
