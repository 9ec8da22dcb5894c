"""Bands of numbers, whatever they are called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compassion_trials.deliver.bands import MOST, bands, place

NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 6)), min_size=1, max_size=60)


def test_what_could_be_ages() -> None:
    assert bands([18.0, 40, 49.9, 89, 90, 101, float("nan")]) == ("10-19", "40-49", "40-49", "80-89", "90+", "90+", "")
    students = np.linspace(18, 24, 30)
    assert set(bands(students)) == {"10-19", "20-29"}  # their own range alone would give bands of one year


def test_counts_are_whole_and_open_at_the_top() -> None:
    children = [0, 1, 2, 3] * 10 + [7]
    assert sorted(set(bands(children))) == ["0", "1", "2", "3+"]


def test_an_extreme_value_neither_shows_nor_swallows_the_others() -> None:
    incomes = [*range(20_000, 60_000, 1_000), 9_000_000]
    found = bands(incomes)
    assert found[-1] in {found[-2], found[-4]}
    assert found[-1].endswith("+")
    assert 4 <= len(set(found)) <= MOST + 1


def test_negative_and_small_numbers() -> None:
    assert set(bands([-20, -12, -3, 4, 15] * 5)) == {"-20 to -16", "-15 to -11", "-5 to -1", "0-4", "15-19"}
    assert set(bands([0.12, 0.34, 0.56] * 5)) == {"0.1 to under 0.2", "0.3 to under 0.4", "0.5 to under 0.6"}


@given(NUMBERS)
@settings(max_examples=200, deadline=None)
def test_bands_keep_the_order_and_are_few(values: list[float]) -> None:
    found = bands(values)
    order = np.argsort(values, kind="stable")
    places = [place(found[i]) for i in order]
    assert places == sorted(places)
    assert len(set(found)) <= 2 * MOST + 3


@pytest.mark.parametrize("values", [[], [float("nan")], [5.0], [3.5, 3.5]])
def test_few_values(values: list[float]) -> None:
    assert len(bands(values)) == len(values)
