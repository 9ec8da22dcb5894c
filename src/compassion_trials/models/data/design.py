"""Mean models by name: `lda`, `clda`, `baseline_adjusted`, `single_arm`.

Every column of X is a product of indicators and at most one covariate value, so one rule builds the rows of the data
and the rows of the reference grid. Cells of arm and visit without data get no parameter and are told in words.

Sources: Fitzmaurice, Laird & Ware (2011), doi:10.1002/9781119513469, ch. 5; Liu, Lu, Mogg, Mallick & Mehrotra (2009),
doi:10.1002/sim.3639 (constrained longitudinal data analysis, cLDA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError, nearest
from compassion_trials.models.data.cells import Covariate
from compassion_trials.models.data.columns import (
    TIME,
    cell_columns,
    check_rank,
    covariate_columns,
    moderator_columns,
    trend_columns,
)
from compassion_trials.models.data.covariates import centred, expand, reference_values, used_levels
from compassion_trials.models.data.frame import Longitudinal

IntArray = NDArray[np.intp]

BASELINE = "baseline"
"""Name of the covariate that `baseline_adjusted` makes from the first visit."""
FEW = 5
"""Participants of an arm below which the fit carries a note."""
FLAT_CELL = 1e-12
"""Mean deviation in a cell, relative to the range of the outcome, that is rounding."""


@dataclass(frozen=True, slots=True)
class ModelDesign:
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
                    reference[c] = float(cast("float", value))
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
) -> tuple[Longitudinal, ModelDesign, Array]:
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
    tuple of Longitudinal, ModelDesign, ndarray
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
        columns = trend_columns(name, long.arms)
    else:
        columns = cell_columns(name, cells, long.arms, long.visits)
    columns += covariate_columns(owners, labels, by_visit, long.visits)
    columns += moderator_columns(name, owners, labels, by_visit, by_arm, long.arms, long.visits, cells)
    terms, arm, visit, covariate = zip(*columns, strict=True)
    reference = reference_values(long.covariates, values, weights)
    design = ModelDesign(
        name=name,
        arms=long.arms,
        visits=long.visits,
        terms=terms,
        arm=np.array(arm),
        visit=np.array(visit),
        covariate=np.array(covariate),
        covariate_names=owners,
        covariate_labels=labels,
        levels={c.name: tuple(c.levels[k] for k in used_levels(c)) for c in long.covariates if c.levels},
        reference=reference,
        cells=cells,
        times=times,
    )
    x = design.rows(long.arm, long.visit, values)
    # Indicators span a covariate's mean, so its size does not count against it; lines over time do not span it.
    apart = bool(owners) and (times is None or not (by_visit or by_arm))
    check_rank(design.rows(long.arm, long.visit, centred(long.covariates, values)) if apart else x, terms)
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
        y=later.y,
        subject=later.subject,
        visit=later.visit - 1,
        arm=later.arm,
        row=later.row,
        group=later.group,
        arms=later.arms,
        visits=later.visits[1:],
        covariates=covariates,
        n_subjects=later.n_subjects,
        notes=notes,
    )


def empty_cells(design: ModelDesign) -> list[str]:
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


def cautions(long: Longitudinal, design: ModelDesign) -> tuple[str, ...]:
    """What the reader of a fit has to know about these data, in words."""
    return (*empty_cells(design), *small_arms(long), *flat_cells(long))


def flat_cells(long: Longitudinal) -> list[str]:
    """Arms whose outcome is the same for everyone at a visit, in words."""
    n_visits = len(long.visits)
    cell, size = long.arm * n_visits + long.visit, len(long.arms) * n_visits
    counts = np.bincount(cell, minlength=size)
    middle = np.bincount(cell, long.y, size) / np.maximum(counts, 1)
    spread = np.bincount(cell, np.abs(long.y - middle[cell]), size)
    flat = (counts > 1) & (spread <= FLAT_CELL * counts * np.ptp(long.y))
    return [
        f"{long.arms[k // n_visits]} does not vary at visit {long.visits[k % n_visits]}: everyone has the same score"
        for k in np.flatnonzero(flat)
    ]


def small_arms(long: Longitudinal) -> list[str]:
    """Arms with fewer participants than `FEW`, in words."""
    arm = np.zeros(long.n_subjects, dtype=int)
    arm[long.subject] = long.arm
    counts = np.bincount(arm, minlength=len(long.arms))
    return [
        f"arm {label} has only {n} participant{'s' if n > 1 else ''}: treat every interval with caution"
        for label, n in zip(long.arms, counts, strict=True)
        if n < FEW
    ]


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
