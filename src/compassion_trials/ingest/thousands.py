"""Marks between groups of three digits (1,000 or 1.000): told from decimal signs by the whole column, or refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.values import canonical, grouping_mark, number

Meaning = Literal["decimal", "thousands", "unclear"]

HUNDREDS: Final = 100
"""A whole number of three digits without a mark: from the next digit on, the column writes a mark."""
GROUP: Final = 1000
"""A number that would have a mark if the column wrote marks."""


@dataclass(frozen=True, slots=True)
class NumberMarks:
    """Marks of a column in front of three digits, by what they mean; those of decimals stand in neither."""

    thousands: str = ""
    unclear: str = ""


def marks(
    words: Iterable[str], decimal: str, stated: str | None = None, between: tuple[float, float] | None = None
) -> NumberMarks:
    """What the marks in front of three digits mean in one column.

    ``1,000`` is one thousand where the plan states another decimal sign, where a number has two marks, where only this
    reading lies in the possible range, or where all other numbers of the column are whole, reach the hundreds and none
    of a thousand or more is without a mark. It is one where the plan states the comma, where other numbers show it as
    a decimal sign, or where only this reading is possible. Else nobody can know.

    Parameters
    ----------
    words : iterable of str
        Distinct cells of the column.
    decimal : str
        Decimal signs that the file shows: ``"."``, ``","`` or ``".,"``.
    stated : str, optional
        The decimal sign that the plan names.
    between : (float, float), optional
        Possible range of the numbers.
    """
    plain = [canonical(word) for word in words]
    grouped: dict[str, list[str]] = {}
    for word in plain:
        if mark := grouping_mark(word):
            grouped.setdefault(mark, []).append(word)
    if not grouped:
        return NumberMarks()
    meant = {mark: _meaning(mark, cells, plain, decimal, stated, between) for mark, cells in grouped.items()}
    return NumberMarks(
        "".join(mark for mark, meaning in meant.items() if meaning == "thousands"),
        "".join(mark for mark, meaning in meant.items() if meaning == "unclear"),
    )


def _meaning(
    mark: str,
    grouped: Sequence[str],
    words: Sequence[str],
    decimal: str,
    stated: str | None,
    between: tuple[float, float] | None,
) -> Meaning:
    """What one mark means."""
    if mark not in ".," or (stated is not None and mark != stated):
        return "thousands"
    if stated is not None:
        return "decimal"
    twice = any(word.count(mark) > 1 or (".,".replace(mark, "") in word) for word in grouped)
    fraction = re.compile(rf"[+-]?\d*{re.escape(mark)}\d+")
    shown = any(fraction.fullmatch(word) and not grouping_mark(word) for word in words)
    if twice or shown:
        return "unclear" if twice and shown else "thousands" if twice else "decimal"
    if between is not None:
        fits = [all(between[0] <= value <= between[1] for value in _read(grouped, mark, way)) for way in (True, False)]
        if fits[0] != fits[1]:
            return "thousands" if fits[0] else "decimal"
    others = [abs(value) for word in words if not grouping_mark(word) and (value := number(word)) == value]
    whole = bool(others) and all(value.is_integer() for value in others) and HUNDREDS <= max(others) < GROUP
    if decimal == mark == ".":  # the sign that nearly every program writes
        return "unclear" if whole else "decimal"
    if whole:
        return "thousands"
    return "decimal" if mark == "." or decimal == mark else "unclear"


def _read(words: Collection[str], mark: str, thousands: bool) -> list[float]:
    """Numbers under one reading of the mark."""
    return [number(word, mark, mark if thousands else "") for word in words]


def column_numbers(words: pd.Series, source: SourceFile, key: str, column: str) -> tuple[pd.Series, list[Finding]]:
    """Cells of a column that the plan names as numbers; NaN where a cell is blank or none.

    Parameters
    ----------
    words : pandas.Series of str
    source : SourceFile
    key : str
        Key of the plan, for the finding.
    column : str

    Returns
    -------
    values : pandas.Series of float
    findings : list of Finding
        An error when nobody can know what a mark means.
    """
    table = source.table
    found = marks(words.unique(), table.decimal, source.raw.decimal)
    known = {word: number(canonical(word), table.decimal, found.thousands) for word in words.unique()}
    findings = []
    if found.unclear:
        word = next(w for w in words if grouping_mark(canonical(w)) in tuple(found.unclear))
        findings.append(unclear(table.file, None, column, word, f"{key}: "))
    return words.map(known).astype("float64"), findings


def unclear(file: str, row: int | None, column: str, word: str, start: str = "") -> Finding:
    """An error for a number that can be read in two ways."""
    message = f"{start}a mark in front of three digits may be a decimal sign or part a thousand"
    advice = "write decimal: '.' or decimal: ',' for this file in the plan"
    expected = f"{word.replace(grouping_mark(canonical(word)), '')} or a decimal number"
    return Finding("error", "unclear_mark", message, file, row, column, value=word, expected=expected, advice=advice)
