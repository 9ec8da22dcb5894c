"""Small cells of a table of counts, and those from which they could be worked out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def suppressed(counts: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    """Cells of a table with margins that must not be shown.

    Counts of 1 to k - 1 may point to persons and are hidden; 0 points to nobody. A row or column in which one cell
    alone is hidden would give it away by its total, so the smallest other cell of it is hidden too (complementary
    suppression), until no cell stands alone.

    Parameters
    ----------
    counts : array of int, shape (rows, columns)
        Without totals.
    k : int
        Smallest count that may be shown.

    Returns
    -------
    array of bool, shape (rows, columns)
    """
    hidden = (counts > 0) & (counts < k)
    while (cell := _next(counts, hidden)) is not None:
        hidden[cell] = True
    return hidden


def _next(counts: NDArray[np.int64], hidden: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The next cell to hide, None when every hidden cell has company in its row and its column.

    Of the cells beside a lonely one, those that would not be lonely in their other direction come first.
    """
    for axis in (0, 1):
        company = hidden.any(axis=axis)
        for line in range(counts.shape[axis]):
            alone = np.take(hidden, line, axis)
            if alone.sum() == 1 and len(alone) > 1:
                order = np.lexsort((np.take(counts, line, axis), ~company, alone))
                other = int(order[0])
                return (line, other) if axis == 0 else (other, line)
    return None
