"""Has a value reached a limit? Limits belong to the better side, and rounding of decimals decides nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SLACK = 1e-9
"""Share of the limit (of 1 for smaller ones) that a value may lack: 100 * 29 / 50 is 57.99999999999999, 0.1 + 0.2 is
0.30000000000000004. Far above rounding of doubles, far below the last digit of any score."""


def reaches(value: ArrayLike, limit: float) -> NDArray[np.bool_]:
    """Whether values are at or above a limit; a missing value reaches nothing.

    Parameters
    ----------
    value : array_like
        NaN where missing.
    limit : float
        For a limit from above turn both: ``reaches(-value, -limit)``.

    Returns
    -------
    ndarray of bool
        Same shape as `value`.

    Examples
    --------
    >>> bool(reaches(100 * 29 / 50, 58)), bool(reaches(57.9, 58)), bool(reaches(-(0.1 + 0.2), -0.3))
    (True, False, True)
    """
    return np.asarray(np.asarray(value, dtype=float) >= limit - SLACK * max(1.0, abs(limit)))
