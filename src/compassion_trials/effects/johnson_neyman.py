"""Johnson-Neyman: for which values of a moderator do the arms differ?

The difference at value m of the moderator is d + m s. It is significant where (d + m s)^2 > t^2 Var(d + m s); the
limits are the roots of that quadratic.

Sources: Johnson & Neyman (1936), Statistical Research Memoirs 1, 57-93; Bauer & Curran (2005),
doi:10.1207/s15327906mbr4003_5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.models.inference import quantile

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """Where the difference is significant.

    Attributes
    ----------
    bounds : tuple of float
        Values of the moderator at which significance begins or ends, in order: none or two.
    inside : bool
        Whether the difference is significant between the bounds (else outside them); without bounds, whether it is
        significant everywhere.
    """

    bounds: tuple[float, ...]
    inside: bool

    def holds(self, values: Array) -> NDArray[np.bool_]:
        """At which values (n,) the difference is significant."""
        if not self.bounds:
            return np.full(len(values), self.inside)
        between = (values > self.bounds[0]) & (values < self.bounds[1])
        return between if self.inside else ~between


def johnson_neyman(difference: float, slope: float, covariance: Array, df: float, alpha: float = 0.05) -> Region:
    """Region of significance.

    Parameters
    ----------
    difference : float
        Difference between arms at value 0 of the moderator.
    slope : float
        Change of the difference per unit of the moderator.
    covariance : ndarray, shape (2, 2)
        Of (difference, slope).
    df : float
        Degrees of freedom of t.
    alpha : float
        Two-sided.
    """
    t2 = float(quantile(np.array([df]), 1 - alpha / 2)[0]) ** 2
    # (d + m s)^2 - t2 (v11 + 2 m v12 + m^2 v22) = 0
    square = slope**2 - t2 * covariance[1, 1]
    linear = 2 * (difference * slope - t2 * covariance[0, 1])
    constant = difference**2 - t2 * covariance[0, 0]
    discriminant = linear**2 - 4 * square * constant
    if discriminant <= 0 or square == 0:
        return Region((), bool(constant > 0))
    root = np.sqrt(discriminant)
    low, high = sorted(((-linear - root) / (2 * square), (-linear + root) / (2 * square)))
    return Region((float(low), float(high)), bool(square < 0))
