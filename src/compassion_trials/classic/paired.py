"""Change within one arm: the paired t test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.classic.estimate import ClassicEstimate, t_inference
from compassion_trials.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class PairedChange:
    """Mean change of one arm between two visits.

    Attributes
    ----------
    change : ClassicEstimate
        Later minus earlier, in units of the outcome.
    n : int
        Participants observed at both visits.
    n_dropped : int
        Participants observed at one of them only.
    """

    change: ClassicEstimate
    n: int
    n_dropped: int


def paired_change(before: NDArray[np.float64], after: NDArray[np.float64], alpha: float = 0.05) -> PairedChange:
    """Test the mean of ``after - before`` by the paired t test.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        One value per participant in the same order; NaN where missing.
    alpha : float
        1 - coverage of the interval.

    Raises
    ------
    ModelError
        Fewer than two pairs.
    """
    observed = ~np.isnan(before), ~np.isnan(after)
    both = observed[0] & observed[1]
    n = int(both.sum())
    if n < 2:
        raise ModelError(f"{n} participants have both visits; a paired test needs two")
    change = after[both] - before[both]
    estimate = t_inference(change.mean(), change.std(ddof=1) / np.sqrt(n), n - 1, alpha)
    return PairedChange(change=estimate, n=n, n_dropped=int((observed[0] ^ observed[1]).sum()))
