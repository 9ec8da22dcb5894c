from __future__ import annotations

from math import inf, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as some

from compassion_trials.ledger.reading.printed import Range, corners, exactly, printed, rounds_to, rounds_twice_to

WHISKER = 1e-12
"""Binary fractions of decimal halves."""


@pytest.mark.parametrize(
    ("text", "value", "decimals", "lower", "upper"),
    [
        ("17.88", 17.88, 2, 17.875, 17.885),
        ("3.90", 3.90, 2, 3.895, 3.905),
        ("53", 53, 0, 52.5, 53.5),
        ("-.26", -0.26, 2, -0.265, -0.255),
        ("−0.26", -0.26, 2, -0.265, -0.255),
        ("1,143", 1143, 0, 1142.5, 1143.5),
    ],
)
def test_a_printed_number_is_an_interval(text, value, decimals, lower, upper):
    number = printed(text)
    assert number.value == pytest.approx(value, abs=WHISKER)
    assert number.decimals == decimals
    assert (number.range.lower, number.range.upper) == pytest.approx((lower, upper), abs=WHISKER)


def test_bounds():
    assert (printed("<.001").range.lower, printed("<.001").range.upper) == (0.0, 0.001)
    assert printed("> .05").range.upper == inf
    assert (printed("ns").range.lower, printed("ns").range.upper) == (0.05, 1.0)
    assert isnan(printed("<.001").value)


@pytest.mark.parametrize("text", ["", "o.5", "1.2.3", "nan", "inf", "about 3"])
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match="is not a number"):
        printed(text)


@given(some.decimals(min_value=-999, max_value=999, places=2), some.floats(-0.0049, 0.0049))
def test_every_value_inside_rounds_to_the_print(number, offset):
    assert rounds_to(float(number) + offset, printed(str(number)))
    assert not rounds_to(float(number) + 0.0052, printed(str(number)))


@given(
    some.floats(1, 9), some.floats(1, 9), some.floats(0, 0.5), some.floats(0, 0.5), some.floats(0, 1), some.floats(0, 1)
)
def test_corners_hold_every_value(a, b, wide, high, at, to):
    x, y = Range(a, a + wide, a), Range(b, b + high, b)
    found = corners(lambda p, q: p / q, x, y)
    inside = (a + at * wide) / (b + to * high)
    assert found.lower - 1e-12 <= inside <= found.upper + 1e-12
    assert found.value == a / b


def test_ranges_meet_at_their_ends():
    assert Range(1, 2).meets(Range(2, 3))
    assert not Range(1, 2).meets(Range(2.0001, 3))
    assert exactly(0.145).meets(printed("0.14").range)
    assert exactly(0.145).meets(printed("0.15").range)


@pytest.mark.parametrize("text", ["3,41", "0,63", ",5", "1,2345", "0,123", "<0,001"])
def test_a_decimal_comma_is_refused(text):
    with pytest.raises(ValueError, match="decimal point"):
        printed(text)


@pytest.mark.parametrize(("text", "value"), [("1,234", 1234.0), ("12,345.6", 12345.6)])
def test_groups_of_three_are_thousands(text, value):
    assert printed(text).value == value


@pytest.mark.parametrize(
    ("value", "text", "twice"),
    [
        (4.2446, "4.25", True),  # 4.245, then 4.25
        (4.2449, "4.25", True),
        (4.2444, "4.25", False),  # 4.244, then 4.24
        (-4.2446, "-4.25", True),
        (-4.2446, "4.25", False),
        (4.2446, "-4.25", False),
        (0.0004, "<.001", False),
        (0.0004, "0.00", False),
    ],
)
def test_rounded_twice(value, text, twice):
    assert rounds_twice_to(exactly(value), printed(text)) is twice
