"""Printed rows as cells of a table: n, mean and SD of an arm at a visit, each with the range of its rounding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from compassion_trials.core.texttable import TextLine
from compassion_trials.effects.sizes.size import Summary
from compassion_trials.ledger.reading.model import Published, Table
from compassion_trials.ledger.reading.printed import Printed, Range, corners, printed

Place = tuple[str, str, str]
"""Measure, arm, visit."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed row.

    Attributes
    ----------
    n : int or None
        None when not printed.
    mean : Printed
    sd : Range or None
        From the SD, or from SE or limits of the mean and n.
    sd_printed : Printed or None
    lower, upper : Printed or None
        Limits of the mean.
    r : Range or None
        Correlation with the first visit.
    """

    n: int | None
    mean: Printed
    sd: Range | None
    sd_printed: Printed | None
    lower: Printed | None
    upper: Printed | None
    r: Range | None

    def summary(self, mean: float, sd: float) -> Summary:
        """The cell with values inside its ranges; n must be printed."""
        assert self.n is not None
        return Summary(mean, sd, self.n)


Cells = Mapping[Place, Cell]


@cache
def cells(table: Table) -> Cells:
    """Cells of one table."""
    return {place(line): _cell(line) for line in table.row_lines}


def all_cells(study: Published) -> Cells:
    """Cells of all tables of a study that were read; a cell printed twice counts as in the first table."""
    found: dict[Place, Cell] = {}
    for table in study.tables:
        if table.status != "not read":
            found = {**cells(table), **found}
    return found


def place(line: TextLine) -> Place:
    """Measure, arm and visit of a line."""
    return line.cells["measure"], line.cells.get("arm", ""), line.cells.get("visit", "")


def _cell(line: TextLine) -> Cell:
    """One printed row with its SD, derived where only SE or limits are printed."""
    numbers = {name: printed(text) for name, text in line.cells.items() if name in _NUMBERS}
    n = round(numbers["n"].value) if "n" in numbers else None
    sd = numbers["sd"].range if "sd" in numbers else None
    if sd is None and n is not None and n > 1:
        if "se" in numbers:
            sd = corners(lambda se: se * n**0.5, numbers["se"].range)
        elif "lower" in numbers and "upper" in numbers:
            sd = _from_limits(n, numbers["lower"].range, numbers["upper"].range)
    r = numbers["r"].range if "r" in numbers else None
    return Cell(
        n=n,
        mean=numbers["mean"],
        sd=sd,
        sd_printed=numbers.get("sd"),
        lower=numbers.get("lower"),
        upper=numbers.get("upper"),
        r=r,
    )


def _from_limits(n: int, lower: Range, upper: Range) -> Range:
    """SD from 95% limits of a mean."""
    from scipy.special import stdtrit

    quantile = float(stdtrit(n - 1, 0.975))
    return corners(lambda low, high: (high - low) / (2 * quantile) * n**0.5, lower, upper)


_NUMBERS = ("n", "mean", "sd", "se", "lower", "upper", "r")


def measures_of(found: Iterable[Place]) -> list[str]:
    """Measures of some places, in order, once each."""
    return list(dict.fromkeys(measure for measure, _, _ in found))
