"""Repeated rows of a participant at one visit, and which of them is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.study.plan.data import DuplicateRule

WORDS = {"first": "the first", "last": "the last", "most_complete": "the most complete"}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a rule made of repeated rows.

    Attributes
    ----------
    keep : ndarray of bool, shape (rows,)
        Rows to keep.
    findings : tuple of Finding
    """

    keep: np.ndarray
    findings: tuple[Finding, ...]


def resolve(keys: pd.DataFrame, cells: pd.DataFrame, rule: DuplicateRule, file: str) -> Resolved:
    """Keep one row per participant and visit.

    Rows that agree in all cells used are harmless: the first is kept under every rule, with a warning. Rows that differ
    follow the rule; under ``error`` each is an error. ``most_complete`` keeps the row with the most filled cells, the
    first among equals.

    Parameters
    ----------
    keys : pandas.DataFrame, shape (rows, keys)
        What must be unique (participant, visit); the index holds file row numbers.
    cells : pandas.DataFrame, shape (rows, columns)
        Text cells that the study uses.
    rule : {"error", "first", "last", "most_complete"}
    file : str
        Name for the findings.
    """
    keep = np.ones(len(keys), dtype=bool)
    findings: list[Finding] = []
    for positions in _groups(keys):
        rows = cells.iloc[positions]
        same = bool((rows == rows.iloc[0]).all(axis=None))
        chosen = positions[0] if same or rule == "error" else _choose(rows, positions, rule)
        for position in positions:
            if position != chosen:
                keep[position] = False
                findings.append(_finding(keys.index, position, chosen, same, rule, file))
    return Resolved(keep, tuple(findings))


def _groups(keys: pd.DataFrame) -> Iterator[list[int]]:
    """Positions of rows with the same keys, for those that occur more than once."""
    repeated = keys.duplicated(keep=False).to_numpy()
    if not repeated.any():
        return
    where = pd.Series(np.flatnonzero(repeated))
    labels = keys[repeated].astype("str").agg("\x1f".join, axis=1).to_numpy()
    for _, group in where.groupby(labels, sort=False):
        yield group.tolist()


def _choose(rows: pd.DataFrame, positions: list[int], rule: DuplicateRule) -> int:
    """Position of the row that a rule keeps."""
    if rule == "last":
        return positions[-1]
    filled = (rows != "").sum(axis=1).to_numpy()
    return positions[0] if rule == "first" else positions[int(filled.argmax())]


def _finding(rows: pd.Index, position: int, chosen: int, same: bool, rule: DuplicateRule, file: str) -> Finding:
    """One repeated row in words; without the id."""
    row, other = int(rows[position]), int(rows[chosen])
    if same:
        message = f"the same participant and visit as row {other}, with the same answers; row {other} is kept"
        return Finding("warning", "duplicate_same", message, file, row)
    message = f"the same participant and visit as row {other}, with different answers"
    if rule == "error":
        advice = "correct the file, or write duplicates: first, last or most_complete in the plan"
        return Finding("error", "duplicate_differs", message, file, row, advice=advice)
    return Finding("warning", "duplicate_differs", f"{message}; row {other} is kept ({WORDS[rule]})", file, row)


def combine(keys: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of one participant and event that complement each other, as one row (REDCap writes forms on separate rows).

    Only rows that fill no cell differently are combined; others stay and are left to `resolve`.

    Parameters
    ----------
    keys : pandas.DataFrame
        As in `resolve`, in the order of ``frame``.
    frame : pandas.DataFrame
        Text cells.
    """
    drop: list[int] = []
    combined = frame.copy()
    for positions in _groups(keys):
        rows = frame.iloc[positions]
        filled = rows.where(rows != "")
        if (filled.nunique(axis=0) <= 1).all():
            combined.iloc[positions[0]] = filled.bfill(axis=0).iloc[0].fillna("").to_numpy()
            drop += positions[1:]
    return combined.drop(index=combined.index[drop])
