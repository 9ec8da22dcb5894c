"""Johnson-Neyman: for which observed values of a moderator do the arms differ?

The difference is significant where the size of its t exceeds the quantile of its own degrees of freedom: where an
interval drawn at that value leaves out zero. With one number of degrees of freedom for all values the bounds are the
roots of a quadratic; Kenward-Roger's differ from value to value (with therapy groups the difference at the mean may
have five, its slope fifty), so the bounds are looked for along the range that was observed.

Sources: Johnson & Neyman (1936), Statistical Research Memoirs 1, 57-93; Bauer & Curran (2005),
doi:10.1207/s15327906mbr4003_5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array

STEPS = 200
"""Intervals of the range that are searched for a bound each."""
REFINEMENTS = 3
"""Times that the interval around a bound is divided again."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where the difference is significant.

    Attributes
    ----------
    bounds : tuple of float
        Values of the moderator within the range at which significance begins or ends, in order.
    first : bool
        Whether the difference is significant at the low end of the range.
    """

    bounds: tuple[float, ...]
    first: bool

    def holds(self, values: Array) -> NDArray[np.bool_]:
        """At which values (n,) of the range the difference is significant."""
        crossed = np.searchsorted(np.array(self.bounds), values)
        significant: NDArray[np.bool_] = (crossed % 2 == 0) == self.first
        return significant

    @property
    def where(self) -> str:
        """The region in one word."""
        if not self.bounds:
            return "everywhere" if self.first else "nowhere"
        if len(self.bounds) == 1:
            return "below" if self.first else "above"
        return "outside" if self.first else "between"


def johnson_neyman(excess: Callable[[Array], Array], low: float, high: float) -> Region:
    """Region of significance.

    Parameters
    ----------
    excess : callable
        From values (n,) of the moderator to the size of t minus its quantile, (n,).
    low, high : float
        Range of the observed values.
    """
    grid = np.linspace(low, high, STEPS + 1)
    found = excess(grid)
    bounds = [_bound(excess, grid[i], grid[i + 1]) for i in np.flatnonzero((found[1:] > 0) != (found[:-1] > 0))]
    return Region(tuple(bounds), bool(found[0] > 0))


def _bound(excess: Callable[[Array], Array], low: float, high: float) -> float:
    """Where the excess changes its sign: ever finer grids, then a straight line."""
    left = right = np.nan
    for _ in range(REFINEMENTS):
        grid = np.linspace(low, high, STEPS + 1)
        found = excess(grid)
        i = int(np.flatnonzero((found[1:] > 0) != (found[:-1] > 0))[0])
        low, high, left, right = grid[i], grid[i + 1], found[i], found[i + 1]
    return float(low - left * (high - low) / (right - left))
