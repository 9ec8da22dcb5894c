"""Covariates as columns in treatment coding, and their values on the reference grid."""

from __future__ import annotations

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.data.cells import Covariate

NO_SPREAD = 1e-11
"""Standard deviation of a covariate, relative to its size, that is rounding."""


def expand(covariates: tuple[Covariate, ...]) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
    """Covariates as columns (N, C) in treatment coding, the covariate each belongs to, and the column labels."""
    columns, owners, labels = [], [], []
    for c in covariates:
        if not c.levels:
            columns.append(c.values)
            owners.append(c.name)
            labels.append(c.name)
        for k in used_levels(c)[1:]:
            columns.append((c.values == k).astype(float))
            owners.append(c.name)
            labels.append(f"{c.name}[{c.levels[k]}]")
    n = len(covariates[0].values) if covariates else 0
    return (np.column_stack(columns) if columns else np.zeros((n, 0))), tuple(owners), tuple(labels)


def used_levels(covariate: Covariate) -> list[int]:
    """Levels that occur in the modelled rows, the reference first; empty for a numeric covariate.

    Raises
    ------
    ModelError
        Only one level occurs.
    """
    if not covariate.levels:
        return []
    used = [int(k) for k in np.unique(covariate.values)]
    if len(used) < 2:
        raise ModelError(f'covariate "{covariate.name}" has only one level in these data: leave it out')
    return used


def reference_values(covariates: tuple[Covariate, ...], values: Array, weights: str) -> Array:
    """Reference grid (C,) of expanded covariates (N, C): means over rows, or equal weights for levels."""
    reference = values.mean(0) if values.size else np.zeros(values.shape[1])
    if weights == "equal":
        k = 0
        for c in covariates:
            used = used_levels(c)
            if used:
                reference[k : k + len(used) - 1] = 1.0 / len(used)
            k += max(len(used) - 1, 1)
    return reference


def centred(covariates: tuple[Covariate, ...], values: Array) -> Array:
    """Expanded covariates (N, C), numeric ones that vary in standard deviations from their mean."""
    out = values.copy()
    k = 0
    for c in covariates:
        if not c.levels:
            apart = values[:, k] - values[:, k].mean()
            spread = float(np.sqrt(np.mean(apart**2)))
            if spread > NO_SPREAD * float(np.abs(values[:, k]).max()):
                out[:, k] = apart / spread
        k += max(len(used_levels(c)) - 1, 1)
    return out
