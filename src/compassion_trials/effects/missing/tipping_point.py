"""Delta adjustment: by how much must the missing values be worse before the conclusion changes?

Imputed values of one arm at the visit of interest are moved by delta and the data analysed again. Least squares is
linear in the outcome, so estimates are linear and residual sums of squares quadratic in delta: every delta is answered
exactly from the same imputations. With a random effect of the therapy group all that the fit needs is linear or
quadratic in delta, and its one ratio of variances is found anew for every delta.

Sources: Rubin (1977), doi:10.1080/01621459.1977.10480610; Cro, Morris, Kenward & Carpenter (2020),
doi:10.1002/sim.8569.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.groups.group_effect import GroupSolver
from compassion_trials.effects.missing.imputation import PooledImputations, pool
from compassion_trials.effects.missing.least_squares import Regressions, Solver
from compassion_trials.models.inference.contrast_tests import p_two_sided

STEPS, BLOCK = 60, 6
"""Deltas looked at before the root is polished, and how many at a time; the p value is not monotone."""


@dataclass(frozen=True, slots=True)
class DeltaCurve:
    """Pooled results as a function of delta.

    Attributes
    ----------
    fits : callable
        From deltas (D,) to the regressions of all imputations moved by each, the M of the first delta first.
    contrast : int
    """

    fits: Callable[[Array], Regressions]
    contrast: int

    def answers(self, deltas: Array) -> list[PooledImputations]:
        """Rubin's rules at each of the deltas (D,)."""
        found, i = self.fits(deltas), self.contrast
        estimate, variance = (part[:, i].reshape(len(deltas), -1) for part in (found.estimate, found.variance))
        if isinstance(found.df, float):
            return [pool(e, v, found.df) for e, v in zip(estimate, variance, strict=True)]
        df = found.df[:, i].reshape(len(deltas), -1)
        each = (Regressions(e[:, None], v[:, None], d[:, None]) for e, v, d in zip(estimate, variance, df, strict=True))
        return [pool(one.estimate[:, 0], one.variance[:, 0], one.complete_df(0)) for one in each]

    def at(self, delta: float) -> PooledImputations:
        """Rubin's rules at one delta."""
        return self.answers(np.array([delta]))[0]

    def p(self, delta: float) -> float:
        """Two-sided p value at one delta."""
        return float(self.p_values(np.array([delta]))[0])

    def p_values(self, deltas: Array) -> Array:
        """Two-sided p values (D,)."""
        found = self.answers(deltas)
        ratio = np.array([one.estimate / one.se for one in found])
        return p_two_sided(ratio, np.array([one.df for one in found]))


def delta_curve(solve: Solver | GroupSolver, y: Array, moved: NDArray[np.bool_], contrast: int = 0) -> DeltaCurve:
    """Prepare the search.

    Parameters
    ----------
    solve : Solver or GroupSolver
        Design of the analysis of each completed data set.
    y : ndarray, shape (M, n)
        Completed outcome at the visit of interest.
    moved : ndarray of bool, shape (n,)
        Participants whose value was imputed and is moved.
    contrast : int
        Which contrast of `solve`.

    Raises
    ------
    ModelError
        Nobody's value was imputed.
    """
    if not moved.any():
        raise ModelError("no value of this arm is missing at this visit: there is nothing to adjust")
    z = moved[None].astype(float)
    if isinstance(solve, GroupSolver):
        return DeltaCurve(_with_groups(solve.only(contrast), y, z), 0)
    return DeltaCurve(_least_squares(solve, y, z), contrast)


def _least_squares(solve: Solver, y: Array, z: Array) -> Callable[[Array], Regressions]:
    """Estimates linear, residual sums of squares quadratic in delta."""
    rest_y, rest_z = solve.residuals(y), np.broadcast_to(solve.residuals(z), y.shape)
    squares = [(rest_y**2).sum(1), 2 * (rest_y * rest_z).sum(1), (rest_z**2).sum(1)]
    start, change = solve.estimate(y), np.broadcast_to(solve.estimate(z), (len(y), len(solve.contrasts)))
    scale = np.broadcast_to(solve.scale(), start.shape)

    def fits(deltas: Array) -> Regressions:
        d = deltas[:, None]
        square = (squares[0] + d * squares[1] + d**2 * squares[2]) / solve.df
        shape = (-1, start.shape[1])
        estimate = (start + d[..., None] * change).reshape(shape)
        return Regressions(estimate, (square[..., None] * scale).reshape(shape), solve.df)

    return fits


def _with_groups(solve: GroupSolver, y: Array, z: Array) -> Callable[[Array], Regressions]:
    """The products with X and Z linear, the sum of squares quadratic in delta."""
    (xy, gy, yy), (xz, gz, zz), cross = solve.moments(y), solve.moments(z), y @ z[0]

    def fits(deltas: Array) -> Regressions:
        d = deltas[:, None]
        moments = [(a + d[..., None] * b).reshape(-1, a.shape[1]) for a, b in ((xy, xz), (gy, gz))]
        return solve.repeated(len(d)).solve((moments[0], moments[1], (yy + 2 * d * cross + d**2 * zz).reshape(-1)))

    return fits


def tipping_point(curve: DeltaCurve, alpha: float, limit: float) -> float | None:
    """The delta nearest to zero at which the two-sided p value crosses alpha.

    Where the result is significant at delta 0, deltas that work against it are searched; else those that favour it.

    Parameters
    ----------
    curve : DeltaCurve
    alpha : float
    limit : float
        Largest size of delta, such as the width of the scale.

    Returns
    -------
    float or None
        None when no delta within the limit changes the conclusion.
    """
    from scipy.optimize import brentq  # a quarter of a second that few verbs need

    start = curve.at(0.0)
    significant = curve.p(0.0) < alpha
    direction = -1.0 if (start.estimate > 0) == significant else 1.0
    direction *= float(np.sign(curve.at(limit).estimate - start.estimate) or 1.0)
    grid = direction * np.linspace(0.0, limit, STEPS + 1)
    for first in range(1, STEPS + 1, BLOCK):
        values = curve.p_values(grid[first : first + BLOCK]) - alpha
        crossed = np.flatnonzero((values < 0) != significant)
        if len(crossed):
            place = first + int(crossed[0])
            low, high = float(grid[place - 1]), float(grid[place])
            return float(brentq(lambda d: curve.p(float(d)) - alpha, low, high, xtol=1e-9 * limit))
    return None
