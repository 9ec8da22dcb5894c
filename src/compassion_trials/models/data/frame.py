"""From a long data frame to sorted arrays: one row per participant and visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError, nearest
from compassion_trials.models.data.cells import Covariate, IntArray, coded, label_of, numbers, visit_codes


@dataclass(frozen=True, slots=True)
class Longitudinal:
    """Observed rows, sorted by subject and visit.

    Attributes
    ----------
    y : ndarray, shape (N,)
    subject, visit, arm : ndarray of int, shape (N,)
        Codes; subjects 0 ... n_subjects - 1.
    row : ndarray of int, shape (N,)
        Position of each row in the user's data frame.
    group : ndarray of int, shape (N,)
        Therapy group, -1 for none.
    arms, visits : tuple of str
        Labels; the reference arm first, visits in time order.
    covariates : tuple of Covariate
    n_subjects : int
    notes : tuple of str
        What was left out, in words.
    """

    y: Array
    subject: IntArray
    visit: IntArray
    arm: IntArray
    row: IntArray
    group: IntArray
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    covariates: tuple[Covariate, ...]
    n_subjects: int
    notes: tuple[str, ...] = field(default=())

    def take(self, keep: NDArray[np.bool_]) -> Longitudinal:
        """The rows in `keep` (N,), subjects numbered anew."""
        _, subject = np.unique(self.subject[keep], return_inverse=True)
        covariates = tuple(replace(c, values=c.values[keep]) for c in self.covariates)
        return replace(
            self,
            y=self.y[keep],
            subject=subject,
            visit=self.visit[keep],
            arm=self.arm[keep],
            row=self.row[keep],
            group=self.group[keep],
            covariates=covariates,
            n_subjects=int(subject.max(initial=-1)) + 1,
        )


def read_long(
    data: pd.DataFrame,
    *,
    outcome: str,
    subject: str,
    arm: str | None,
    visit: str,
    reference: Any = None,
    visits: Sequence[Any] | None = None,
    covariates: Sequence[str] = (),
    group: str | None = None,
    nested: bool | None = None,
) -> Longitudinal:
    """Check a long data frame and turn it into arrays.

    Parameters
    ----------
    data : DataFrame
        One row per participant and visit, in any order. Rows without outcome are left out.
    outcome, subject, visit : str
        Columns.
    arm : str or None
        Column of the arm, constant within a participant; None for a single-arm study. Blank text counts as missing,
        here and in every column.
    reference : label, optional
        Reference arm; may be left out when the arm column is an ordered or unordered Categorical (its first category).
    visits : sequence of labels, optional
        Visits in time order; rows of other visits are left out and counted in the notes. May be left out when the
        column is numeric or Categorical.
    covariates : sequence of str
        Columns; numbers stay numbers, everything else becomes levels in sorted (or category) order.
    group : str, optional
        Column of the therapy group, missing where a participant has none.
    nested : bool, optional
        Needed where a group's label occurs in two arms: True for groups of one arm, which are told apart by arm; False
        for a site, school or therapist with participants in several arms.

    Returns
    -------
    Longitudinal

    Raises
    ------
    ModelError
        Missing columns, values that are not numbers or not finite, rows without participant or arm, participants in
        two arms or groups, a group's label in two arms without `nested`, two rows for one participant and visit, fewer
        than two participants.
    """
    wanted = [c for c in (outcome, subject, arm, visit, group, *covariates) if c is not None]
    _check_columns(data, wanted)
    y = numbers(data[outcome], outcome)
    visit_code, visit_labels = visit_codes(data[visit], visits)
    keep = ~np.isnan(y) & (visit_code >= 0)
    notes = [f"{n} rows of visits that were not asked for left out" for n in [int((visit_code < 0).sum())] if n]
    columns = [read_covariate(data[name], name) for name in covariates]
    for column in columns:
        missing = keep & np.isnan(column.values)
        if missing.any():
            notes.append(f"{int(missing.sum())} rows without a value of {column.name} left out")
            keep &= ~missing
    rows = np.flatnonzero(keep)
    if not len(rows):
        raise ModelError(f'"{outcome}" has no values at the visits {", ".join(visit_labels)}')
    arm_code, arm_labels = _arms(data, arm, reference, rows)
    subject_code = _codes(data[subject], rows)
    if (subject_code < 0).any():
        raise ModelError(f'{int((subject_code < 0).sum())} rows have no participant in "{subject}"')
    group_code = np.full(len(rows), -1) if group is None else _codes(data[group], rows)
    if group is not None:
        group_code = by_arm(_spread(group_code, subject_code), arm_code, nested)
    visit_code = visit_code[rows]
    order = np.argsort(subject_code * len(visit_labels) + visit_code, kind="stable")
    long = Longitudinal(
        y=y[rows][order],
        subject=subject_code[order],
        visit=visit_code[order],
        arm=arm_code[order],
        row=rows[order],
        group=group_code[order],
        arms=arm_labels,
        visits=visit_labels,
        covariates=tuple(replace(c, values=c.values[rows][order]) for c in columns),
        n_subjects=int(subject_code.max()) + 1,
        notes=tuple(notes),
    )
    _check_rows(long)
    return long


def read_covariate(column: pd.Series, name: str) -> Covariate:
    """A covariate as numbers, or as codes of its levels in sorted (or category) order."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return Covariate(name, (), numbers(column, name))
    categorical = pd.Categorical(column)
    blank = [k for k, level in enumerate(categorical.categories) if isinstance(level, str) and not level.strip()]
    codes = categorical.codes.astype(float)
    codes[np.isin(codes, [-1.0, *blank])] = np.nan
    return Covariate(name, tuple(str(c) for c in categorical.categories), codes)


def _arms(data: pd.DataFrame, arm: str | None, reference: Any, rows: IntArray) -> tuple[IntArray, tuple[str, ...]]:
    """Arm codes of the kept rows, the reference arm first."""
    if arm is None:
        return np.zeros(len(rows), dtype=int), ("all",)
    column = data[arm]
    codes, found = coded(column)
    codes = codes[rows]
    if (codes < 0).any():
        raise ModelError(f'{int((codes < 0).sum())} rows have no arm in "{arm}"')
    present = {found[k] for k in np.unique(codes)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = [c for c in column.cat.categories if c in present]
    else:
        levels = sorted(present)
    if not isinstance(column.dtype, pd.CategoricalDtype) and reference is None and len(levels) > 1:
        raise ModelError(f"name the reference arm: reference= one of {', '.join(map(label_of, levels))}")
    if reference is not None:
        first = [level for level in levels if label_of(level) == label_of(reference)]
        if not first:
            raise ModelError(
                f'reference arm "{reference}" has no data; {nearest(label_of(reference), list(map(label_of, levels)))}'
            )
        levels = [*first, *(level for level in levels if level not in first)]
    recode = np.array([levels.index(level) if level in present else -1 for level in found])
    return recode[codes], tuple(label_of(level) for level in levels)


def _codes(column: pd.Series, rows: IntArray) -> IntArray:
    """Codes of the values in `rows` in order of appearance, without gaps when none is missing; -1 where missing."""
    codes = coded(column)[0][rows]
    if len(rows) == len(column) or not len(rows):
        return codes
    used = np.unique(codes[codes >= 0])
    return np.where(codes < 0, -1, np.searchsorted(used, codes))


def _spread(group: IntArray, subject: IntArray) -> IntArray:
    """A participant's group on all of the rows, also where it is missing (often before the groups have met)."""
    own = np.full(int(subject.max()) + 1, -1)
    np.maximum.at(own, subject, group)
    return np.where(group < 0, own[subject], group)


def by_arm(group: IntArray, arm: IntArray, nested: bool | None) -> IntArray:
    """Codes of groups (n,), -1 for none: those of one label told apart by arm (n,) where they are nested in it.

    Raises
    ------
    ModelError
        A label occurs in two arms, and it is not said whether it is one group.
    """
    met = group >= 0
    pairs = np.unique(np.column_stack([group[met], arm[met]]), axis=0)
    shared = len(pairs) - len(np.unique(pairs[:, 0]))
    if not shared or nested is False:
        return group
    if nested is None:
        raise ModelError(
            "labels of therapy groups occur in more than one arm; say nested=True for groups of one arm (numbered anew "
            "in each arm), nested=False for a site, school or therapist with participants in several arms"
        )
    both = np.full(len(group), -1)
    both[met] = np.unique(np.column_stack([group[met], arm[met]]), axis=0, return_inverse=True)[1].ravel()
    return both


def _check_columns(data: pd.DataFrame, wanted: Sequence[str]) -> None:
    for name in wanted:
        if name not in data.columns:
            raise ModelError(
                f'column "{name}" is not in the data; {nearest(str(name), [str(c) for c in data.columns])}'
            )


def _check_rows(long: Longitudinal) -> None:
    """One row per participant and visit, one arm and one group per participant, at least two participants."""
    same = np.diff(long.subject) == 0
    twice = same & (np.diff(long.visit) == 0)
    if twice.any():
        place = int(np.flatnonzero(twice)[0])
        pair = sorted((long.row[place] + 1, long.row[place + 1] + 1))
        raise ModelError(
            f"{int(twice.sum())} duplicate rows for one participant and visit (first: rows {pair[0]} and {pair[1]})"
        )
    for what, codes in (("arms", long.arm), ("therapy groups", long.group)):
        moved = same & (np.diff(codes) != 0)
        if moved.any():
            row = int(long.row[int(np.flatnonzero(moved)[0])]) + 1
            raise ModelError(f"{int(moved.sum())} participants are in two {what} (first: row {row})")
    if long.n_subjects < 2:
        raise ModelError("a model needs at least two participants with data")
