"""Cells as numbers or as words of the plan: decimal comma, recoding, missing codes, cells that are not numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from compassion_trials.core.folding import fold

BLANK = "blank"
NOT_NUMERIC = "not numeric"
OUT_OF_RANGE = "out of range"
SEVERAL = "more than one answer"
UNCLEAR_MARK = "decimal or thousands mark"
IMPUTED = "imputed"
IMPUTED_BLANK = "blank where other values are imputed"
"""Reasons why a value is missing, beside the codes that a file or a plan declares."""

BLANK_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "#null!"})
"""What programs write for nothing (R: NA, SPSS: . and #NULL!), in small letters."""

_FORMULA_ERROR = re.compile(r"#(N/A|NV|N/D|I/T|SAKNAS!|[^\W\d_][\w/¡ ]{1,14}[!?])", re.IGNORECASE)
"""Errors of formulas as Excel writes them, in its languages: #N/A, #DIV/0!, #WERT!, #NOMBRE?"""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA_NUMBER = re.compile(r"[+-]?(\d+,\d*|,\d+)")
_WHOLE = re.compile(r"([+-]?\d+)[.,](0{1,2}|0{4,})|([+-]?0+)[.,]0+")
"""Whole numbers with decimals; three zeros may be thousands (1,000), which only the whole column can tell."""
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3})*(?:[.,]\d+)?")
"""A number in groups of three digits: 1,000 or 12.345.678,9 or 1 000."""


@dataclass(frozen=True, slots=True)
class CellCoding:
    """How the cells of some columns are to be understood.

    Attributes
    ----------
    decimal : str
        Signs allowed: ``"."``, ``","`` or ``".,"``.
    thousands : str
        Marks between groups of three digits, as `thousands.marks` finds them in the columns.
    unclear : str
        Marks that may be either; cells that hold one in front of three digits are not understood.
    answers_between : (float, float) or None
        Lowest and highest answer, where two answers in one cell (``3,4``) can be told from a decimal comma.
    missing : frozenset of str
        Codes that mean missing in every column.
    answers : mapping of str to str
        Words in place of numbers, in small letters, and their numbers.
    by_column : mapping of str to mapping
        Codes that mean missing in one column, and their reason.
    """

    decimal: str = "."
    thousands: str = ""
    unclear: str = ""
    answers_between: tuple[float, float] | None = None
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
    """A code in its plain form: `fold`, and whole numbers without decimals (``1.0`` and ``1`` are the same)."""
    word = fold(word)
    whole = _WHOLE.fullmatch(word)
    return whole.group(1) or whole.group(3) if whole else word


def codes(words: Iterable[str]) -> frozenset[str]:
    """Codes in their plain form."""
    return frozenset(canonical(word) for word in words)


def formula_error(word: str) -> bool:
    """Whether a cell holds the error of an Excel formula."""
    return word[:1] == "#" and bool(_FORMULA_ERROR.fullmatch(word))


def nothing(word: str) -> bool:
    """Whether a word is what programs write for nothing."""
    return word.lower() in BLANK_WORDS or formula_error(word)


def is_blank(cells: pd.Series, listed: Collection[str] = ()) -> pd.Series:
    """Which cells hold nothing.

    Parameters
    ----------
    cells : pandas.Series of str
    listed : collection of str
        Values that the plan lists: these are values, whatever a program may mean by them ("None" as a category).
    """
    named = {canonical(word).lower() for word in listed}
    return cells.isin([word for word in pd.unique(cells) if nothing(word) and canonical(word).lower() not in named])


def number(word: str, decimal: str = ".", thousands: str = "") -> float:
    """One cell as a number; NaN when it is none.

    Parameters
    ----------
    word : str
    decimal : str
        Decimal signs allowed.
    thousands : str
        Marks between groups of three digits. Without one ``1.234,5`` and ``1,234.5`` are not numbers: a single cell
        does not tell what a mark means (`thousands.marks` asks the whole column).
    """
    word = word.replace("\u2212", "-").replace("\u00a0", "")
    grouped = _GROUPED.fullmatch(word) if thousands else None
    if grouped is not None and grouped["mark"] in thousands:
        word, decimal = word.replace(grouped["mark"], ""), ".,".replace(grouped["mark"], "")
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
            if code.lower() in coding.answers:
                continue  # what the plan lists is an answer, though the file calls it missing
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
    if formula_error(plain):
        return float("nan"), plain.upper()
    if coding.answers_between is not None and several_answers(plain, coding.answers_between):
        return float("nan"), SEVERAL
    if coding.unclear and (mark := grouping_mark(plain)) and mark in coding.unclear:
        return float("nan"), UNCLEAR_MARK
    value = number(plain, coding.decimal, coding.thousands)
    return value, "" if not np.isnan(value) else NOT_NUMERIC


_TICKS = re.compile(r"(\d+)((?:\s*[,;|/+&]\s*|\s+)\d+)+")
"""Whole numbers with something other than a decimal point between them."""


def several_answers(word: str, between: tuple[float, float]) -> bool:
    """Whether a cell holds two or more answers of a questionnaire (``3,4``), each of them a possible one."""
    if not _TICKS.fullmatch(word):
        return False
    parts = [int(part) for part in re.findall(r"\d+", word)]
    return all(between[0] <= part <= between[1] for part in parts) and len(set(parts)) > 1


def comma_decimals(words: Iterable[str], between: tuple[float, float]) -> bool:
    """Whether some cells hold a decimal comma that cannot stand between two answers (``3,25`` on a scale to 5)."""
    plain = (canonical(word) for word in words)
    return any(_COMMA_NUMBER.fullmatch(word) and not several_answers(word, between) for word in plain)


def grouping_mark(word: str) -> str:
    """The mark between groups of three digits; empty where a word is not written so."""
    grouped = _GROUPED.fullmatch(word)
    return grouped["mark"] if grouped is not None else ""


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
        Meanings; blank stays blank unless the recode names it; missing (None) where a value is not named. Texts that
        look the same (`core.folding.fold`) are the same.
    """
    table = {canonical(raw): meaning for raw, meaning in values.items()}
    labels = {code: canonical(label) for code, label in labels.items()}
    lower = {raw.lower(): meaning for raw, meaning in table.items()}

    def meaning(word: str) -> str | None:
        plain = canonical(word)
        for key in (plain, labels.get(plain, plain)):
            if key in table:
                return table[key]
            if key.lower() in lower:
                return lower[key.lower()]
        return table.get("", "") if nothing(plain) else None

    if not values:
        return cells
    known = {word: meaning(word) for word in cells.unique()}
    return pd.Series([known[word] for word in cells], index=cells.index, dtype="object")
