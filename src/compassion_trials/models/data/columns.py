"""Columns of X by name: which arm, visit and covariate each multiplies, and whether they can be told apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

TIME = -2
"""Stands for time in place of a covariate column."""
DEPENDENT = 1e-6
"""Share of a column that the columns before it do not explain, below which it depends on them (above the rounding of
covariates that were stored in single precision)."""
WELL_APART = 1e-5
"""Share above which the Cholesky factor of X'X, which squares it, is exact enough to tell."""

Column = tuple[str, int, int, int]
"""Name of the coefficient, and indices of arm, visit and covariate as in `design.ModelDesign`."""


def cell_columns(name: str, cells: NDArray[np.bool_], arms: tuple[str, ...], visits: tuple[str, ...]) -> list[Column]:
    """Intercept, visits, arms and their interaction in treatment coding, without parameters for empty cells."""
    n_arms, n_visits = cells.shape
    columns: list[Column] = [("Intercept", -1, -1, -1)]
    if name not in ("clda", "single_arm"):
        columns += [(f"arm[{arms[a]}]", a, -1, -1) for a in range(1, n_arms)]
    columns += [(f"visit[{visits[t]}]", -1, t, -1) for t in range(1, n_visits)]
    for a in range(1, n_arms):
        for t in range(1, n_visits):
            # Without the reference arm the first arm present stands in for it: its interaction is not identified.
            stand_in = not cells[0, t] and a == int(np.argmax(cells[:, t]))
            if cells[a, t] and not stand_in:
                columns.append((f"arm[{arms[a]}]:visit[{visits[t]}]", a, t, -1))
    return columns


def trend_columns(name: str, arms: tuple[str, ...]) -> list[Column]:
    """Intercept, arms, time and arm x time; under cLDA the lines meet at time 0."""
    columns: list[Column] = [("Intercept", -1, -1, -1)]
    if name != "clda":
        columns += [(f"arm[{arms[a]}]", a, -1, -1) for a in range(1, len(arms))]
    columns.append(("time", -1, -1, TIME))
    return columns + [(f"arm[{arms[a]}]:time", a, -1, TIME) for a in range(1, len(arms))]


def covariate_columns(
    owners: tuple[str, ...], labels: tuple[str, ...], by_visit: tuple[str, ...], visits: tuple[str, ...]
) -> list[Column]:
    """One column per covariate column, and one per later visit for covariates by visit."""
    columns: list[Column] = [(label, -1, -1, c) for c, label in enumerate(labels)]
    for c, (owner, label) in enumerate(zip(owners, labels, strict=True)):
        if owner in by_visit:
            columns += [(f"{label}:visit[{visits[t]}]", -1, t, c) for t in range(1, len(visits))]
    return columns


def moderator_columns(
    name: str,
    owners: tuple[str, ...],
    labels: tuple[str, ...],
    by_visit: tuple[str, ...],
    by_arm: tuple[str, ...],
    arms: tuple[str, ...],
    visits: tuple[str, ...],
    cells: NDArray[np.bool_],
) -> list[Column]:
    """Arm x covariate, and arm x covariate x visit for covariates by visit; under cLDA from the second visit on."""
    columns: list[Column] = []
    for c, (owner, label) in enumerate(zip(owners, labels, strict=True)):
        for a in range(1, len(arms)) if owner in by_arm else ():
            if name != "clda":
                columns.append((f"{label}:arm[{arms[a]}]", a, -1, c))
            if name == "clda" or owner in by_visit:
                later = (t for t in range(1, len(visits)) if cells[a, t] and cells[0, t])
                columns += [(f"{label}:arm[{arms[a]}]:visit[{visits[t]}]", a, t, c) for t in later]
    return columns


def check_rank(x: Array, terms: tuple[str, ...]) -> None:
    """Raise a `ModelError` that names the first column of X (N, p) that depends on those before it."""
    gram = x.T @ x
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any():
        raise ModelError(f'"{terms[int(np.argmin(scale))]}" is zero in every row: nobody has that level')
    try:
        smallest = np.diag(np.linalg.cholesky(gram / np.outer(scale, scale))).min()
    except np.linalg.LinAlgError:
        smallest = 0.0
    if smallest > WELL_APART and len(x) > x.shape[1]:
        return
    r = np.abs(np.diag(np.linalg.qr(x / scale, mode="r")))
    bad = np.flatnonzero(r < DEPENDENT)
    if len(bad):
        raise ModelError(
            f'"{terms[int(bad[0])]}" is a combination of the terms before it ({", ".join(terms[: int(bad[0])])}): '
            "it cannot be estimated from these data; leave it out"
        )
    if len(x) <= x.shape[1]:
        raise ModelError(f"{len(x)} observations are too few for {x.shape[1]} mean parameters")
