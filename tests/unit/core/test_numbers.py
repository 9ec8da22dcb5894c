"""APA 7 number rules."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compassion_trials.core import numbers as nb

NAN, INF = math.nan, math.inf
finite = st.floats(-9e8, 9e8, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (12.3, 2, "12.30"),
        (-0.5, 2, "−0.50"),
        (-0.0, 2, "0.00"),
        (-0.004, 2, "0.00"),
        (-0.005, 2, "−0.01"),
        (0.125, 2, "0.13"),
        (2.345, 2, "2.35"),
        (2.5, 0, "3"),
        (0.9999, 2, "1.00"),
        (1e-12, 2, "0.00"),
        (1e12, 1, "1.0\u00a0×\u00a010¹²"),
        (-1.7e308, 2, "−1.70\u00a0×\u00a010³⁰⁸"),
        (123456789.125, 2, "123,456,789.13"),
        (NAN, 2, "—"),
        (None, 2, "—"),
        (INF, 2, "∞"),
        (-INF, 2, "−∞"),
        (np.float64(1.005), 2, "1.01"),
        (3, 2, "3.00"),
    ],
)
def test_fixed(value, decimals, shown):
    assert nb.fixed(value, decimals) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, ".50"), (-0.5, "−.50"), (1.0, "1.00"), (-1.0, "−1.00"), (0.9999, "1.00"), (-0.001, ".00"),
        (0.0, ".00"), (-1.31, "−1.31"), (10.04, "10.04"), (NAN, "—"), (None, "—"),
    ],
)  # fmt: skip
def test_bounded_has_no_leading_zero(value, shown):
    assert nb.bounded(value) == shown


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.003, ".003"), (0.0034, ".003"), (0.05, ".050"), (0.0495, ".050"), (0.001, ".001"),
        (0.00099, "<\u00a0.001"), (0.0009999, "<\u00a0.001"), (1e-12, "<\u00a0.001"), (0.0, "<\u00a0.001"),
        (0.999, ".999"), (0.9994, ".999"), (0.9999, ">\u00a0.99"), (1.0, ">\u00a0.99"), (1 + 1e-12, ">\u00a0.99"),
        (NAN, "—"), (None, "—"),
    ],
)  # fmt: skip
def test_p_value(p, shown):
    assert nb.p_value(p) == shown


def test_p_value_with_two_decimals():
    assert [nb.p_value(p, 2) for p in (0.034, 0.0099, 0.996)] == [".03", "<\u00a0.01", ">\u00a0.99"]


@pytest.mark.parametrize("p", [-0.1, 1.1, INF])
def test_p_value_outside_its_range_is_refused(p):
    with pytest.raises(ValueError, match="must lie in"):
        nb.p_value(p)


@given(st.floats(0, 1))
def test_p_is_never_zero_or_one(p):
    shown = nb.p_value(p)
    assert shown not in (".000", "1.000")
    assert nb.p_phrase(p)[0] in "=<>"


def test_p_phrase():
    assert [nb.p_phrase(p) for p in (0.034, 1e-9, 1.0)] == ["=\u00a0.034", "<\u00a0.001", ">\u00a0.99"]


def test_interval():
    assert nb.interval(-0.123, 0.456) == "[−0.12,\u00a00.46]"
    assert nb.interval(-0.123, 0.456, style=nb.bounded) == "[−.12,\u00a0.46]"
    assert nb.interval(NAN, None) == "—"
    assert nb.interval(-INF, 2) == "[−∞,\u00a02.00]"


def test_mean_and_sd():
    assert nb.mean_sd(12.345, 5.0) == "12.35\u00a0(5.00)"
    assert nb.mean_sd(12.0, NAN) == "12.00\u00a0(—)"
    assert nb.mean_sd(NAN, NAN) == "—"


def test_percent_has_one_decimal():
    assert [nb.percent(v) for v in (33.333, 0, 100, 12.25, NAN)] == ["33.3%", "0.0%", "100.0%", "12.3%", "—"]
    assert nb.percent(33.333, sign=False) == "33.3"


def test_counts():
    assert [nb.count(v) for v in (0, 12.0, 1234, 1e6, NAN)] == ["0", "12", "1,234", "1,000,000", "—"]
    with pytest.raises(ValueError, match="whole number"):
        nb.count(1.5)


def test_count_with_share():
    assert nb.n_percent(12, 100 / 3) == "12\u00a0(33.3%)"
    assert nb.n_percent(12, NAN) == "12"
    assert nb.n_percent(NAN, NAN) == "—"


def test_degrees_of_freedom():
    assert [nb.degrees(v) for v in (57, 57.0000001, 43.21, INF, NAN)] == ["57", "57", "43.2", "∞", "—"]
    assert nb.degrees_column([57, 43.21, NAN]) == ["57.0", "43.2", "—"]
    assert nb.degrees_column([57.0, 1234, INF]) == ["57", "1234", "∞"]


def test_words_up_to_nine():
    assert [nb.words(n) for n in (0, 9, 10, 1234)] == ["zero", "nine", "10", "1,234"]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("p", 0.0001, "<\u00a0.001"), ("alpha_lower", 0.81, ".81"), ("r", -0.3, "−.30"), ("n", 20.0, "20"),
        ("df_den", 38.25, "38.3"), ("hedges_g", 0.3, "0.30"), ("percent", 5.0, "5.0%"), ("lower", -0.3, "−0.30"),
    ],
)  # fmt: skip
def test_statistics_by_name(name, value, shown):
    assert nb.statistic(name, value) == shown


@given(finite, st.integers(0, 4))
def test_fixed_reads_back_within_half_a_unit(value, decimals):
    back = float(nb.fixed(value, decimals).replace(nb.MINUS, "-").replace(",", ""))
    assert abs(back - value) <= 0.5000001 * 10**-decimals + 1e-6 * (abs(value) > 1e6)


@given(finite, st.integers(0, 4))
def test_negative_zero_never_appears(value, decimals):
    shown = nb.fixed(value, decimals)
    assert "-" not in shown
    assert not (shown.startswith(nb.MINUS) and not shown.strip(nb.MINUS + "0."))
