"""Rows of the results table, made from the keys they share and a few named statistics."""

from __future__ import annotations

import math
from collections.abc import Mapping

Row = dict[str, object]
"""One row of the results table (`core.columns.RESULTS`) as a dictionary."""


def rows(keys: Mapping[str, object], statistics: Mapping[str, float | None]) -> list[Row]:
    """One row per statistic.

    Parameters
    ----------
    keys : mapping
        What the rows share: analysis, outcome, arm, visit, ...
    statistics : mapping of str to float or None
        Statistic and its value. What is None, NaN or infinite could not be computed and gets no row.

    Returns
    -------
    list of dict
    """
    return [
        {**keys, "statistic": name, "value": float(value)}
        for name, value in statistics.items()
        if value is not None and math.isfinite(value)
    ]


def word(keys: Mapping[str, object], statistic: str, text: str) -> Row:
    """A row whose result is a word, such as a covariance structure."""
    return {**keys, "statistic": statistic, "value": None, "text": text}
