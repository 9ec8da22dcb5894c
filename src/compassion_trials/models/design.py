"""Mean models by name: `lda`, `clda`, `baseline_adjusted`, `single_arm`.

Every column of X is a product of indicators and at most one covariate value, so one rule builds the rows of the data
and the rows of the reference grid. Cells of arm and visit without data get no parameter and are told in words.

Sources: Fitzmaurice, Laird & Ware (2011), doi:10.1002/9781119513469, ch. 5; Liu, Lu, Mogg, Mallick & Mehrotra (2009),
doi:10.1002/sim.3607 (constrained longitudinal data analysis, cLDA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError, nearest
from compassion_trials.models.frame import Covariate, Longitudinal

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]

BASELINE = "baseline"
"""Name of the covariate that `baseline_adjusted` makes from the first visit."""
TIME = -2
"""Stands for time in place of a covariate column."""
FEW = 5
"""Participants of an arm below which the fit carries a note."""


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of X: an indicator of arm, of visit and a covariate, each or none.

    Attributes
    ----------
    name : DesignName
    arms, visits : tuple of str
        Labels; visits are those that are modelled.
    terms : tuple of str
        Name of each coefficient, length p.
    arm, visit, covariate : ndarray of int, shape (p,)
        Indices into arms, visits and covariate columns; -1 for none, `TIME` in place of a covariate for time itself.
    covariate_names, covariate_labels : tuple of str
        Covariate each expanded covariate column belongs to, and the column's own label, length C.
    reference : ndarray, shape (C,)
        Value of each expanded covariate column on the reference grid.
    levels : dict
        Levels of each categorical covariate, the reference first.
    cells : ndarray of bool, shape (A, T)
        Cells of arm and visit with data.
    times : ndarray, shape (T,), or None
        Time of each visit, for a mean that is linear in time.
    """

    name: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    terms: tuple[str, ...]
    arm: IntArray
    visit: IntArray
    covariate: IntArray
    covariate_names: tuple[str, ...]
    covariate_labels: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    reference: Array
    cells: NDArray[np.bool_]
    times: Array | None = None

    @property
    def has_baseline(self) -> bool:
        """Whether the first visit is modelled as an outcome, so that there is change from it."""
        return self.name != "baseline_adjusted"

    @property
    def constrained(self) -> bool:
        """Whether the arms share one mean at the first visit (cLDA)."""
        return self.name == "clda"

    def rows(self, arm: IntArray, visit: IntArray, values: Array) -> Array:
        """Rows of X, shape (N, p), for arm and visit codes (N,) and expanded covariate values (N, C)."""
        x = np.ones((len(self.terms), len(arm)))
        of_arm = [arm == a for a in range(len(self.arms))]
        of_visit = [visit == t for t in range(len(self.visits))]
        for j, column in enumerate(x):
            if self.arm[j] >= 0:
                column *= of_arm[self.arm[j]]
            if self.visit[j] >= 0:
                column *= of_visit[self.visit[j]]
            if self.covariate[j] >= 0:
                column *= values[:, self.covariate[j]]
            elif self.covariate[j] == TIME and self.times is not None:
                column *= self.times[visit]
        return x.T

    def at(self, values: Mapping[str, object]) -> Array:
        """The reference grid (C,) with some covariates at other values: a number, or a level of a categorical one."""
        reference = self.reference.copy()
        for name, value in values.items():
            own = [c for c, owner in enumerate(self.covariate_names) if owner == name]
            if not own:
                raise ModelError(f'"{name}" is not among the covariates; {nearest(name, self.covariate_names)}')
            if name in self.levels and str(value) not in self.levels[name]:
                raise ModelError(f'"{name}" has no level "{value}"; {nearest(str(value), self.levels[name])}')
            for c in own:
                if self.covariate_labels[c] == name:
                    reference[c] = float(value)  # type: ignore[arg-type]
                else:
                    reference[c] = float(self.covariate_labels[c] == f"{name}[{value}]")
        return reference

    def grid(self, reference: Array | None = None) -> Array:
        """Rows of the marginal means, shape (A, T, p); NaN where the cell has no data and cannot be estimated.

        Parameters
        ----------
        reference : ndarray, shape (C,), optional
            Other covariate values than the design's own reference grid.
        """
        a, t = self.cells.shape
        arm, visit = np.repeat(np.arange(a), t), np.tile(np.arange(t), a)
        reference = self.reference if reference is None else reference
        grid = self.rows(arm, visit, np.tile(reference, (a * t, 1))).reshape(a, t, -1)
        estimable = self.cells.copy()
        if self.constrained:
            estimable[:, 0] = self.cells[:, 0].any()
        grid[~estimable] = np.nan
        return grid


def build(
    name: str,
    long: Longitudinal,
    by_visit: tuple[str, ...] = (),
    weights: str = "proportional",
    by_arm: tuple[str, ...] = (),
    times: Array | None = None,
) -> tuple[Longitudinal, Design, Array]:
    """Rows to be modelled, the design and X.

    Parameters
    ----------
    name : DesignName
    long : Longitudinal
        Rows of the data; `baseline_adjusted` turns the first visit into a covariate and drops its rows.
    by_visit : tuple of str
        Covariates with one coefficient per visit.
    weights : Weights
        Levels of categorical covariates on the reference grid: as in the modelled rows, or equal. Numeric covariates
        stand at their mean over the modelled rows (the convention of emmeans and SAS LSMEANS).
    by_arm : tuple of str
        Covariates that may moderate the effect of the arm; with `by_visit` too, differently at each visit.
    times : ndarray, optional
        Time of each visit of the data: arms then have straight lines over time instead of a mean per visit.

    Returns
    -------
    tuple of Longitudinal, Design, ndarray
        X has shape (N, p).

    Raises
    ------
    ModelError
        A design that these data cannot support; a column of X that depends on the others, named in words.
    """
    if name == "baseline_adjusted":
        long = baseline_as_covariate(long)
        by_visit = (*by_visit, BASELINE)
    _check_arms(name, long)
    cells = np.zeros((len(long.arms), len(long.visits)), dtype=bool)
    cells[long.arm, long.visit] = True
    _check_cells(name, cells, long)
    values, owners, labels = expand(long.covariates)
    unknown = [c for c in (*by_visit, *by_arm) if c not in owners]
    if unknown:
        raise ModelError(f'"{unknown[0]}" is not among the covariates; {nearest(unknown[0], owners)}')
    if by_arm and len(long.arms) < 2:
        raise ModelError("a moderator of the arm's effect needs two arms")
    if times is not None:
        times = times[-len(long.visits) :]
        columns = _trend_columns(name, long.arms)
    else:
        columns = _cell_columns(name, cells, long.arms, long.visits)
    columns += _covariate_columns(owners, labels, by_visit, long.visits)
    columns += _moderator_columns(name, owners, labels, by_visit, by_arm, long.arms, long.visits, cells)
    terms, arm, visit, covariate = zip(*columns, strict=True)
    reference = reference_values(long.covariates, values, weights)
    design = Design(
        name,
        long.arms,
        long.visits,
        terms,
        np.array(arm),
        np.array(visit),
        np.array(covariate),
        owners,
        labels,
        {c.name: tuple(c.levels[k] for k in used_levels(c)) for c in long.covariates if c.levels},
        reference,
        cells,
        times,
    )
    x = design.rows(long.arm, long.visit, values)
    check_rank(x, terms)
    return long, design, x


def baseline_as_covariate(long: Longitudinal) -> Longitudinal:
    """The first visit as a covariate of the later ones; participants without it are left out and counted."""
    if len(long.visits) < 2:
        raise ModelError("baseline_adjusted needs a baseline and at least one later visit")
    baseline = np.full(long.n_subjects, np.nan)
    first = long.visit == 0
    baseline[long.subject[first]] = long.y[first]
    keep = ~first & ~np.isnan(baseline[long.subject])
    without = len(np.unique(long.subject[~first & np.isnan(baseline[long.subject])]))
    values = baseline[long.subject]
    notes = (*long.notes, f"{without} participants without a baseline value left out") if without else long.notes
    if not keep.any():
        raise ModelError("no participant has both a baseline and a later value")
    later = long.take(keep)
    covariates = (*later.covariates, Covariate(BASELINE, (), values[keep]))
    return Longitudinal(
        later.y,
        later.subject,
        later.visit - 1,
        later.arm,
        later.row,
        later.group,
        later.arms,
        later.visits[1:],
        covariates,
        later.n_subjects,
        notes,
    )


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


def check_rank(x: Array, terms: tuple[str, ...]) -> None:
    """Raise a `ModelError` that names the first column of X (N, p) that depends on those before it."""
    gram = x.T @ x
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any():
        raise ModelError(f'"{terms[int(np.argmin(scale))]}" is zero in every row: nobody has that level')
    try:
        factor = np.linalg.cholesky(gram / np.outer(scale, scale))
        pivots = np.diag(factor)
    except np.linalg.LinAlgError:
        pivots = np.zeros(1)
    if pivots.min() > 1e-5 and len(x) > x.shape[1]:
        return
    r = np.abs(np.diag(np.linalg.qr(x / scale, mode="r")))
    bad = np.flatnonzero(r < 1e-9)
    if len(bad):
        raise ModelError(
            f'"{terms[int(bad[0])]}" is a combination of the terms before it ({", ".join(terms[: int(bad[0])])}): '
            "it cannot be estimated from these data; leave it out"
        )
    if len(x) <= x.shape[1]:
        raise ModelError(f"{len(x)} observations are too few for {x.shape[1]} mean parameters")


def empty_cells(design: Design) -> list[str]:
    """Which arm has no data at which visit, in words."""
    return [
        f"{design.arms[a]} has no data at visit {design.visits[t]}: "
        + (
            "its mean there is that of the other arms"
            if design.constrained and t == 0
            else "no mean and no contrast there"
        )
        for a, t in np.argwhere(~design.cells)
    ]


def small_arms(long: Longitudinal) -> list[str]:
    """Arms with fewer participants than `FEW`, in words."""
    arm = np.zeros(long.n_subjects, dtype=int)
    arm[long.subject] = long.arm
    counts = np.bincount(arm, minlength=len(long.arms))
    return [
        f"arm {label} has only {n} participants: treat every interval with caution"
        for label, n in zip(long.arms, counts, strict=True)
        if n < FEW
    ]


Column = tuple[str, int, int, int]


def _cell_columns(name: str, cells: NDArray[np.bool_], arms: tuple[str, ...], visits: tuple[str, ...]) -> list[Column]:
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


def _trend_columns(name: str, arms: tuple[str, ...]) -> list[Column]:
    """Intercept, arms, time and arm x time; under cLDA the lines meet at time 0."""
    columns: list[Column] = [("Intercept", -1, -1, -1)]
    if name != "clda":
        columns += [(f"arm[{arms[a]}]", a, -1, -1) for a in range(1, len(arms))]
    columns.append(("time", -1, -1, TIME))
    return columns + [(f"arm[{arms[a]}]:time", a, -1, TIME) for a in range(1, len(arms))]


def _covariate_columns(
    owners: tuple[str, ...], labels: tuple[str, ...], by_visit: tuple[str, ...], visits: tuple[str, ...]
) -> list[Column]:
    columns: list[Column] = [(label, -1, -1, c) for c, label in enumerate(labels)]
    for c, (owner, label) in enumerate(zip(owners, labels, strict=True)):
        if owner in by_visit:
            columns += [(f"{label}:visit[{visits[t]}]", -1, t, c) for t in range(1, len(visits))]
    return columns


def _moderator_columns(
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


def _check_arms(name: str, long: Longitudinal) -> None:
    if name == "single_arm":
        if len(long.arms) > 1:
            raise ModelError(f"single_arm is for one arm, the data have {len(long.arms)}: {', '.join(long.arms)}")
    elif len(long.arms) < 2:
        raise ModelError(f'design "{name}" compares arms, the data have one; use design="single_arm"')
    if name == "clda" and len(long.visits) < 2:
        raise ModelError("clda needs a baseline and at least one later visit")


def _check_cells(name: str, cells: NDArray[np.bool_], long: Longitudinal) -> None:
    """Every arm and visit has data; the baseline of `lda` has data in every arm."""
    for t in np.flatnonzero(~cells.any(0)):
        raise ModelError(f"visit {long.visits[t]} has no data")
    for a in np.flatnonzero(~cells.any(1)):
        raise ModelError(f"arm {long.arms[a]} has no data")
    if name in ("lda", "baseline_adjusted"):
        for a in np.flatnonzero(~cells[:, 0]):
            raise ModelError(
                f"{long.arms[a]} has no data at visit {long.visits[0]}: its mean there, and what is compared with it, "
                "cannot be estimated; start from a visit that every arm has"
            )
