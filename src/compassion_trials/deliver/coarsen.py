"""Making people alike in what others may know of them: values blanked until k participants share them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

BLANK: Final = -1
"""Code of a value that is blanked, or was never given."""


def class_sizes(codes: Codes) -> NDArray[np.int64]:
    """Number of participants with the same values, for each participant.

    Parameters
    ----------
    codes : array of int, shape (n, q)
        One column per variable; blank counts as a value of its own.
    """
    if not len(codes):
        return np.zeros(0, dtype=np.int64)
    _, inverse, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    return counts[inverse.reshape(-1)]


def smallest(sizes: NDArray[np.int64]) -> int:
    """The smallest class; 0 when there is nobody."""
    return int(sizes.min()) if len(sizes) else 0


def coarsen(codes: Codes, k: int, fixed: int = 1) -> Codes:
    """Blank values of participants whose combination of values fewer than k share.

    Variables are blanked one after the other, the one with most values first, and only for those who still stand out.
    Then whole classes are blanked, the smallest first, until the blanked ones are k as well (Sweeney, 2002, doi:
    10.1142/S0218488502001648: k-anonymity by suppression).

    Parameters
    ----------
    codes : array of int, shape (n, q)
    k : int
    fixed : int
        First columns that are never blanked, such as the arm. Where fewer than k share these, k cannot be reached.

    Returns
    -------
    array of int, shape (n, q)
        A copy with `BLANK` in places.
    """
    found = codes.copy()
    free = list(range(fixed, codes.shape[1]))
    order = sorted(free, key=lambda column: (-len(np.unique(codes[:, column])), column))
    for column in order:
        found[class_sizes(found) < k, column] = BLANK
    while (small := _extendable(found, k, fixed)) is not None:
        found[small, fixed:] = BLANK
    return found


def _extendable(codes: Codes, k: int, fixed: int) -> NDArray[np.bool_] | None:
    """The smallest class to blank next to blanked participants who are fewer than k; None when all is done."""
    sizes = class_sizes(codes)
    blanked = (codes[:, fixed:] == BLANK).all(axis=1)
    for group in np.unique(codes[sizes < k][:, :fixed], axis=0):
        inside = (codes[:, :fixed] == group).all(axis=1)
        others = np.flatnonzero(inside & ~blanked)
        if len(others):
            smallest = codes[others[np.argmin(sizes[others])]]
            chosen: NDArray[np.bool_] = (codes == smallest).all(axis=1) | (inside & (sizes < k))
            return chosen
    return None
