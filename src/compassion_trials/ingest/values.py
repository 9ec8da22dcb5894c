"""Cells as numbers or as words of the plan: decimal comma, recoding, missing codes, cells that are no number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

BLANK = "blank"
NOT_NUMERIC = "not numeric"
OUT_OF_RANGE = "out of range"
IMPUTED = "imputed"
IMPUTED_BLANK = "blank where other values are imputed"
"""Reasons why a value is missing, beside the codes that a file or a plan declares."""

BLANK_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "#null!"})
"""What programs write for nothing (R: NA, SPSS: . and #NULL!), in small letters."""

EXCEL_ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NV", "#WERT!", "#BEZUG!", "#NOMBRE?"}
)

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA_NUMBER = re.compile(r"[+-]?(\d+,\d*|,\d+)")
_WHOLE = re.compile(r"([+-]?\d+)[.,]0+")


@dataclass(frozen=True, slots=True)
class CellCoding:
    """How the cells of some columns are to be understood.

    Attributes
    ----------
    decimal : str
        Signs allowed: ``"."``, ``","`` or ``".,"``.
    missing : frozenset of str
        Codes that mean missing in every column.
    answers : mapping of str to str
        Words in place of numbers, in small letters, and their numbers.
    by_column : mapping of str to mapping
        Codes that mean missing in one column, and their reason.
    """

    decimal: str = "."
    missing: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)
    by_column: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Cells as numbers.

    Attributes
    ----------
    values : ndarray of float, shape (rows, columns)
        NaN where there is no number.
    reasons : ndarray of object, shape (rows, columns)
        Why a value is missing; empty text where there is one.
    """

    values: np.ndarray
    reasons: np.ndarray


def canonical(word: str) -> str:
    """A code in its plain form: trimmed, whole numbers without decimals (``1.0`` and ``1`` are the same)."""
    word = word.strip()
    whole = _WHOLE.fullmatch(word)
    return whole.group(1) if whole else word


def codes(words: Iterable[str]) -> frozenset[str]:
    """Codes in their plain form."""
    return frozenset(canonical(word) for word in words)


def is_blank(cells: pd.Series) -> pd.Series:
    """Which cells hold nothing."""
    return cells.isin([word for word in pd.unique(cells) if word.lower() in BLANK_WORDS])


def number(word: str, decimal: str = ".") -> float:
    """One cell as a number; NaN when it is none.

    ``1.234,5`` and ``1,234.5`` are no numbers: thousands separators are not guessed.
    """
    word = word.replace("\u2212", "-").replace("\u00a0", "")
    if ("." in decimal or "." not in word) and _NUMBER.fullmatch(word):
        return float(word)
    if "," in decimal and _COMMA_NUMBER.fullmatch(word):
        return float(word.replace(",", "."))
    return float("nan")


def numbers(frame: pd.DataFrame, coding: CellCoding) -> Numbers:
    """Cells of a frame as numbers; every distinct text is understood once.

    Parameters
    ----------
    frame : pandas.DataFrame
        Text cells.
    coding : CellCoding

    Returns
    -------
    Numbers
        In the shape of the frame.
    """
    cells = frame.to_numpy(dtype="object")
    found, words = pd.factorize(cells.ravel())
    understood = [_understand(word, coding) for word in words]
    values = np.array([value for value, _ in understood], dtype="float64")[found].reshape(cells.shape)
    reasons = np.array([reason for _, reason in understood], dtype="object")[found].reshape(cells.shape)
    for position, column in enumerate(frame.columns):
        for code, reason in coding.by_column.get(column, {}).items():
            here = cells[:, position] == code
            values[here, position] = np.nan
            reasons[here, position] = reason
    return Numbers(values, reasons)


def _understand(word: str, coding: CellCoding) -> tuple[float, str]:
    """Value and reason of one text."""
    plain = canonical(word)
    if plain in coding.missing:
        return float("nan"), plain
    if plain.lower() in coding.answers:
        return number(coding.answers[plain.lower()]), ""
    if plain.lower() in BLANK_WORDS:
        return float("nan"), BLANK
    if plain.upper() in EXCEL_ERRORS:
        return float("nan"), plain.upper()
    value = number(plain, coding.decimal)
    return value, "" if not np.isnan(value) else NOT_NUMERIC


def recode(cells: pd.Series, values: Mapping[str, str], labels: Mapping[str, str]) -> pd.Series:
    """Cells through a recode of the plan.

    Parameters
    ----------
    cells : pandas.Series of str
    values : mapping of str to str
        Raw value (code or label) and its meaning; empty leaves the cells as they are.
    labels : mapping of str to str
        Value labels of the file.

    Returns
    -------
    pandas.Series
        Meanings; blank stays blank unless the recode names it; missing (None) where a value is not named.
    """
    table = {canonical(raw): meaning for raw, meaning in values.items()}
    lower = {raw.lower(): meaning for raw, meaning in table.items()}

    def meaning(word: str) -> str | None:
        plain = canonical(word)
        for key in (plain, labels.get(plain, plain)):
            if key in table:
                return table[key]
            if key.lower() in lower:
                return lower[key.lower()]
        return table.get("", "") if plain.lower() in BLANK_WORDS else None

    if not values:
        return cells
    known = {word: meaning(word) for word in cells.unique()}
    return pd.Series([known[word] for word in cells], index=cells.index, dtype="object")
