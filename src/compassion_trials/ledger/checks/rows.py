"""Does a printed row fit itself: range of the scale, largest standard deviation, GRIM and GRIMMER?"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, sqrt

from compassion_trials.ledger.reading.cells import Cell
from compassion_trials.ledger.reading.model import PrintedMeasure

Problem = tuple[str, str, str, str, str]
"""Code, message, value, expected, innocent explanations."""


def row_problems(measure: PrintedMeasure, cell: Cell) -> Iterator[Problem]:
    """What does not fit in one printed row."""
    yield from range_problems(measure, cell)
    if measure.step is None or cell.n is None:
        return
    if not grim(cell, measure.step):
        yield (
            "grim",
            f"no {cell.n} whole scores have this mean",
            cell.mean.text,
            f"a multiple of {measure.step:g}/{cell.n}",
            "scores may be prorated for missing items or imputed, or fewer people may stand behind this cell",
        )
    elif not grimmer(cell, measure.step):
        yield (
            "grimmer",
            f"no {cell.n} whole scores have this mean and SD",
            f"{cell.mean.text} ({cell.sd_printed.text if cell.sd_printed else ''})",
            "an SD that whole scores can give",
            "scores may be prorated or imputed, the SD may have another divisor, or another n may "
            "stand behind this cell",
        )


def range_problems(measure: PrintedMeasure, cell: Cell) -> Iterator[Problem]:
    """The mean lies in the scale's range, and the SD is possible there."""
    if measure.range is None:
        return
    low, high = measure.range
    if cell.mean.range.upper < low or cell.mean.range.lower > high:
        yield (
            "out_of_range",
            "the mean lies outside the scale",
            cell.mean.text,
            f"{low:g} to {high:g}",
            "the row may belong to another outcome, or the paper may score the scale in another way",
        )
        return
    if cell.sd_printed is None:
        return
    n = cell.n or 2
    mean = min(max(cell.mean.value, low), high)
    reach = max(_largest_sd(m, low, high, n) for m in (cell.mean.range.lower, mean, cell.mean.range.upper))
    if cell.sd_printed.range.lower > reach:
        yield (
            "sd_too_large",
            "no scores in the scale's range have this mean and an SD so large",
            cell.sd_printed.text,
            f"at most {reach:.2f}",
            "it may be another measure of spread, or a digit may be wrong",
        )


def _largest_sd(mean: float, low: float, high: float, n: int) -> float:
    """Largest SD of n values in a range with this mean: all at the two ends."""
    mean = min(max(mean, low), high)
    return sqrt((mean - low) * (high - mean) * n / (n - 1))


def grim(cell: Cell, step: float) -> bool:
    """GRIM: whether some sum of n scores gives the printed mean (Brown & Heathers 2017, doi:10.1177/1948550616673876).

    Always true when n is so large, or the mean so coarse, that every mean is possible.
    """
    assert cell.n is not None
    unit = step / cell.n
    return ceil(cell.mean.range.lower / unit - 1e-9) <= floor(cell.mean.range.upper / unit + 1e-9)


def grimmer(cell: Cell, step: float) -> bool:
    """GRIMMER: whether some sum of squares gives mean and SD too (Anaya 2016; Allard 2018), for whole scores.

    For a sum T of whole scores, the sum of squares is a whole number, as odd or even as T, and at least T² / n.
    """
    if cell.sd_printed is None or cell.n is None or cell.n < 2:
        return True
    n, sd = cell.n, cell.sd_printed.range
    first, last = ceil(cell.mean.range.lower * n / step - 1e-9), floor(cell.mean.range.upper * n / step + 1e-9)
    for total in range(first, last + 1):
        squares = [(n - 1) * (s / step) ** 2 + total**2 / n for s in (max(sd.lower, 0.0), sd.upper)]
        lowest, highest = ceil(squares[0] - 1e-9), floor(squares[1] + 1e-9)
        if any(value % 2 == total % 2 for value in range(lowest, min(highest, lowest + 1) + 1)):
            return True
    return False
