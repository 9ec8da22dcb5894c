"""Columns of a data frame as numbers, codes and labels; what cannot be read is said with its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError, nearest

IntArray = NDArray[np.intp]


LARGEST = 1e100
"""Beyond it, and below its inverse, the squares of squares overflow."""


MAX_VISITS = 50
"""Missingness patterns are bits of one integer."""


@dataclass(frozen=True, slots=True)
class Covariate:
    """One covariate as numbers.

    Attributes
    ----------
    name : str
    levels : tuple of str
        Levels with the reference first; empty for a numeric covariate.
    values : ndarray, shape (N,)
        Numbers, or level codes of a categorical covariate.
    """

    name: str
    levels: tuple[str, ...]
    values: Array


def numbers(column: pd.Series, name: str) -> Array:
    """A column as finite numbers, NaN where missing.

    Raises
    ------
    ModelError
        Text, or infinite values; the message gives how many and the first row (counted from 1).
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        bad = np.isnan(values) & column.notna().to_numpy() & (column.astype(str).str.strip() != "").to_numpy()
        if bad.any():
            raise ModelError(f'"{name}" has {int(bad.sum())} values that are not numbers (first: row {_first(bad)})')
    bad = np.isinf(values)
    if bad.any():
        raise ModelError(f'"{name}" has {int(bad.sum())} infinite values (first: row {_first(bad)})')
    bad = np.abs(values) > LARGEST
    if bad.any():
        raise ModelError(
            f'"{name}" has values above {LARGEST:.0e} (first: row {_first(bad)}): give it in a larger unit'
        )
    return values


def coded(column: pd.Series) -> tuple[IntArray, list[Any]]:
    """Codes of the values in order of appearance, -1 where missing, and the values; blank text counts as missing."""
    codes, found = pd.factorize(column.array)
    values = list(found)
    blank = [isinstance(value, str) and not value.strip() for value in values]
    if any(blank):
        recode = np.append(np.where(blank, -1, np.cumsum(~np.array(blank)) - 1), -1)
        codes, values = recode[codes], [value for value, empty in zip(values, blank, strict=True) if not empty]
    return codes, values


def label_of(value: Any) -> str:
    """A label as text; whole numbers without a decimal point, as gaps in a column turn 4 into 4.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def visit_codes(column: pd.Series, visits: Sequence[Any] | None) -> tuple[IntArray, tuple[str, ...]]:
    """Codes of the visits in time order (-1 for others), and their labels."""
    codes, found = coded(column)
    if visits is not None:
        levels = list(visits)
    elif isinstance(column.dtype, pd.CategoricalDtype):
        levels = [c for c in column.cat.categories if c in found]
    elif pd.api.types.is_numeric_dtype(column.dtype):
        levels = sorted(found)
    else:
        raise ModelError(f'the visits in "{column.name}" have no order of their own: name them, visits=[...]')
    # Labels are compared as text, so that visits=["4"] finds the number 4.
    place = {label_of(level): i for i, level in enumerate(levels)}
    if len(place) < len(levels):
        raise ModelError("a visit is named twice")
    if len(levels) > MAX_VISITS:
        raise ModelError(
            f"{len(levels)} visits are more than the {MAX_VISITS} that these models take; name some: visits=[...]"
        )
    known = [label_of(level) for level in found]
    for label in (label for label in place if label not in known):
        raise ModelError(f'visit "{label}" has no data; {nearest(label, known)}')
    # The last entry serves missing visits, whose code is -1.
    recode = np.array([*(place.get(label, -1) for label in known), -1])
    return recode[codes], tuple(label_of(v) for v in levels)


def _first(bad: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(bad)[0]) + 1


def as_names(covariates: str | Sequence[str] | Mapping[str, object]) -> tuple[str, ...]:
    """Covariate columns from one name, a sequence, or the keys of a mapping.

    Raises
    ------
    ModelError
        Something else.
    """
    if isinstance(covariates, str):
        return (covariates,)
    if not isinstance(covariates, Iterable):
        raise ModelError(f"names of columns are expected, not {covariates!r}")
    return tuple(covariates)
