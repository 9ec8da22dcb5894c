"""Visits whose scores one gives exactly from the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding

FEWEST = 5
"""People with both visits from which a repetition is not a chance."""
ROUNDING = 1e-12
"""How near to 1 a correlation is 1 but for rounding."""


def repeated(name: str, scores: pd.DataFrame) -> Iterator[Finding]:
    """Pairs of visits of a scale whose scores are perfectly correlated and not the same.

    Parameters
    ----------
    name : str
        ``measure.scale``.
    scores : pandas.DataFrame
        Scores of this scale, columns ``participant``, ``visit`` and ``score``.
    """
    table = scores.pivot_table(index="participant", columns="visit", values="score", sort=False)
    for first, second in combinations(table.columns, 2):
        both = table[[first, second]].dropna().to_numpy(float)
        if len(both) < FEWEST or not (both.std(axis=0) > 0).all():
            continue
        pair, n = f"{first} and {second}", len(both)
        identical = np.array_equal(both[:, 0], both[:, 1])  # told where the file is read
        if not identical and np.corrcoef(both.T)[0, 1] > 1 - ROUNDING:
            message = f"{name} at {pair} is perfectly correlated in {n} people"
            advice = "one visit seems to be computed from the other; changes have no variance and no interval"
            yield Finding("warning", "visits_correlated", message, column=name, value=pair, advice=advice)
