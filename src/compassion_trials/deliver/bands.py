"""Bands of numbers that others may know: coarse, round, open at the ends."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import Final

import numpy as np

AGES: Final = (10.0, 110.0)
"""Numbers that all lie here could be ages, in whatever language or unit they are named."""

DECADE: Final = 10
"""Narrowest band of numbers that could be ages."""

OLDEST: Final = 90
"""From this age on, years are one band (HIPAA Safe Harbor: ages over 89)."""

MOST: Final = 8
"""Bands between the 5th and the 95th percentile, at most; round widths mostly give five to eight."""

TAILS: Final = (5.0, 95.0)
"""Percentiles beyond which bands are open, so that no extreme value is told."""


def bands(values: Sequence[float]) -> tuple[str, ...]:
    """Numbers as bands; a missing value is the empty text.

    Numbers that could be ages become bands of ten or more, such as "40-49", and "90+". All others become at most about
    eight bands of a round width (1, 2 or 5 times a power of ten), the lowest and the highest of them open.

    Parameters
    ----------
    values : sequence of float
        Of all participants; NaN where missing.
    """
    known = np.asarray([value for value in values if value == value], dtype=float)
    if not len(known):
        return ("",) * len(values)
    low, high = (float(edge) for edge in np.percentile(known, TAILS))
    whole = bool((known == np.floor(known)).all())
    width = _round_width((high - low) / MOST, whole=whole)
    if known.min() >= AGES[0] and known.max() <= AGES[1]:
        width = max(width, float(DECADE))
        first, last = -np.inf, float(OLDEST)
    else:
        first, last = (_lower(edge, width) for edge in (low, high))
        first = first if known.min() < first else -np.inf
        last = last if known.max() >= last + width else np.inf
    return tuple("" if value != value else _band(value, width, first, last, whole=whole) for value in values)


def place(band: str) -> float:
    """A number by which bands stand in order: their lower limit, minus infinity for the one below all others."""
    if band.startswith("under "):
        return -np.inf
    head = band.removesuffix("+").partition(" to ")[0]
    return float(head if head.startswith("-") else head.partition("-")[0])


def _round_width(least: float, *, whole: bool) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below the least width; whole numbers need whole ones.

    Values that do not differ need a width too: 1.
    """
    if least <= 0:
        return 1.0
    power = 10.0 ** floor(log10(least))
    found = next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-12))
    return max(found, 1.0) if whole else found


def _lower(value: float, width: float) -> float:
    """Lower limit of the band that holds a value."""
    return floor(value / width + 1e-9) * width


def _band(value: float, width: float, first: float, last: float, *, whole: bool) -> str:
    """One band."""
    low = _lower(value, width)
    if low >= last:
        return f"{_text(last)}+"
    if low < first:
        return f"under {_text(first)}"
    if width < 1 or (width == 1 and not whole):
        return f"{_text(low)} to under {_text(low + width)}"
    if width == 1:
        return _text(low)
    return f"{_text(low)}{'-' if low >= 0 else ' to '}{_text(low + width - 1)}"


def _text(edge: float) -> str:
    """A limit in as few digits as it has."""
    return f"{edge:.10f}".rstrip("0").rstrip(".")
