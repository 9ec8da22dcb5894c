"""Printed numbers: a number with its digits stands for every value that rounds to it.

A printed 17.88 is the interval [17.875, 17.885]; what is computed from printed numbers is an interval too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import product
from math import inf, isfinite, nan

from compassion_trials.core.numbers import MINUS

_BOUND = re.compile(r"^([<>])\s*=?\s*(.+)$")
_THOUSANDS = re.compile(r"^[<>=\s]*-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$")
"""1,234 or 12,345.6: groups of three; a comma anywhere else is a decimal comma."""


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two limits.

    Attributes
    ----------
    lower, upper : float
    value : float
        The value in the middle of the story: as printed, or computed from the printed values; NaN for a bound.
    """

    lower: float
    upper: float
    value: float = nan

    def meets(self, other: Range) -> bool:
        """Whether some value belongs to both; equal limits count, a whisker for binary fractions is allowed."""
        size = max((abs(x) for x in (self.lower, self.upper, other.lower, other.upper) if isfinite(x)), default=1.0)
        whisker = 1e-9 * max(size, 1e-3)
        return self.lower <= other.upper + whisker and other.lower <= self.upper + whisker

    def __neg__(self) -> Range:
        return Range(-self.upper, -self.lower, -self.value)


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it stands in print.

    Attributes
    ----------
    text : str
        The characters.
    decimals : int
        Digits after the point.
    range : Range
        Every value that is printed so.
    """

    text: str
    decimals: int
    range: Range

    @property
    def value(self) -> float:
        """The number itself; NaN for a bound such as ``<.001``."""
        return self.range.value

    @property
    def magnitude(self) -> Printed:
        """The number without its sign."""
        if self.value < 0:
            return Printed(self.text.lstrip("-" + MINUS), self.decimals, -self.range)
        return self


@cache
def printed(text: str) -> Printed:
    """Read a printed number: ``3.90``, ``-.26``, ``<.001``, ``ns`` (not significant: p at least .05).

    Raises
    ------
    ValueError
        Not a number, or one with a decimal comma.
    """
    clean = text.strip().replace(MINUS, "-")
    if "," in clean and not _THOUSANDS.match(clean):
        raise ValueError(f'"{text}" has a comma that marks no thousands; write a decimal point')
    clean = clean.replace(",", "")
    if clean.lower() in {"ns", "n.s."}:
        return Printed(text, 2, Range(0.05, 1.0))
    bound = _BOUND.match(clean)
    try:
        number = Decimal(bound.group(2) if bound else clean)
    except InvalidOperation:
        raise ValueError(f'"{text}" is not a number') from None
    if not number.is_finite():
        raise ValueError(f'"{text}" is not a number')
    decimals = max(0, -int(number.as_tuple().exponent))
    value = float(number)
    if bound:
        low, high = (0.0 if value > 0 else -inf, value) if bound.group(1) == "<" else (value, inf)
        return Printed(text, decimals, Range(low, high))
    half = float(Decimal(5).scaleb(-decimals - 1))
    return Printed(text, decimals, Range(float(number - Decimal(half)), float(number + Decimal(half)), value))


def exactly(value: float) -> Range:
    """A value that is not rounded, such as a count."""
    return Range(value, value, value)


def corners(function: Callable[..., float], *ranges: Range) -> Range:
    """The range of a function over ranges of its arguments, from its values at all corners and in the middle.

    Exact for a function that is monotone in each argument whatever the others are, as all formulas of the ledger are
    within the width of a rounding.

    Parameters
    ----------
    function : callable
    *ranges : Range
        One per argument; a range of one point costs nothing.
    """
    ends = [(r.lower,) if r.lower == r.upper else (r.lower, r.upper) for r in ranges]
    middle = function(*(r.value if r.value == r.value else (r.lower + r.upper) / 2 for r in ranges))
    values = [function(*corner) for corner in product(*ends)]
    kept = [v for v in (*values, middle) if v == v]
    return Range(min(kept), max(kept), middle) if kept else Range(nan, nan, nan)


def rounds_to(value: float, number: Printed) -> bool:
    """Whether a computed value, rounded to the printed digits, is the printed number."""
    return exactly(value).meets(number.range)


def rounds_twice_to(found: Range, number: Printed) -> bool:
    """Whether a value of a range, rounded to one digit more than printed and then again, is the printed number.

    4.2446 is 4.245 with three decimals, and 4.245 is 4.25 with two, halves away from zero: such values lie up to a
    twentieth of the last printed digit below the half, seen from zero, at which one rounding begins.

    Parameters
    ----------
    found : Range
        Values that one rounding does not turn into the printed number.
    number : Printed
        A bound, such as ``<.001``, is never rounded twice.
    """
    if math.isnan(number.value) or number.value == 0:
        return False
    unit = 10.0**-number.decimals
    size = abs(number.value)
    strip = Range(size - 0.55 * unit, size - 0.5 * unit)
    return found.meets(strip if number.value > 0 else -strip)
