"""What SPSS and Stata files share: values as text, value labels, user-missing codes with their reasons."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.grid import require_records
from compassion_trials.ingest.readers.table import RawTable, Reading
from compassion_trials.study.plan.data import Format

FORMATS: dict[str, Format] = {"SPSS": "spss", "Stata": "stata"}
"""Format of each program's files."""

FALLBACK_ENCODING = "WINDOWS-1252"
"""Old files do not say their encoding; this one is tried when UTF-8 does not fit."""


def read_labelled(read: Callable[..., tuple[pd.DataFrame, Any]], path: Path, reading: Reading, name: str) -> RawTable:
    """Read a file with a reader of pyreadstat, in the plan's encoding, the file's own or the fallback.

    Parameters
    ----------
    read : callable
        ``pyreadstat.read_sav`` or ``pyreadstat.read_dta``.
    path : Path
    reading : Reading
    name : str
        Program, for messages: SPSS or Stata.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    from pyreadstat import PyreadstatError, ReadstatError

    for encoding in dict.fromkeys((reading.encoding, None, FALLBACK_ENCODING)):
        try:
            frame, meta = read(str(path), user_missing=True, encoding=encoding)
        except (ReadstatError, PyreadstatError, UnicodeDecodeError, ValueError, OverflowError):
            continue
        return to_table(frame, meta, path.name, FORMATS[name])
    raise unreadable(path.name, name)


def to_table(frame: pd.DataFrame, meta: Any, file: str, format_: Format) -> RawTable:
    """A frame and its metadata as pyreadstat gives them.

    Raises
    ------
    InputError
        No records.
    """
    require_records(frame, file)
    cells = pd.DataFrame(
        {name: as_text(frame[name]) for name in frame.columns}, index=pd.RangeIndex(1, len(frame) + 1, name="row")
    )
    labels = {
        column: {code_text(code): str(label).strip() for code, label in codes.items()}
        for column, codes in meta.variable_value_labels.items()
    }
    return RawTable(
        file,
        format_,
        cells,
        labels={name: label for name, label in meta.column_names_to_labels.items() if label},
        value_labels=labels,
        missing_codes=_missing_codes(cells, meta, labels),
        encoding=meta.file_encoding or "",
        title=meta.file_label or "",
    )


def code_text(value: object) -> str:
    """One value as text: whole numbers without decimals, dates as ISO, blank for missing."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NaT:
        return ""
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()


def as_text(values: pd.Series) -> np.ndarray:
    """A column as text; each distinct value is written once."""
    codes, distinct = pd.factorize(values.to_numpy(dtype="object"), use_na_sentinel=True)
    words = np.array([*(code_text(value) for value in distinct), ""], dtype="object")
    return words[codes]


def _missing_codes(
    cells: pd.DataFrame, meta: Any, labels: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Codes that occur and that the file declares missing, with the label or else the code as reason."""
    found: dict[str, dict[str, str]] = {}
    for column, ranges in (meta.missing_ranges or {}).items():
        occurring = [word for word in cells[column].unique() if word and _declared(word, ranges)]
        found[column] = {word: labels.get(column, {}).get(word, word) for word in occurring}
    for column, codes in (meta.missing_user_values or {}).items():
        words = [code_text(code) for code in codes]
        found[column] = {word: labels.get(column, {}).get(word, f".{word}") for word in words}
    return {column: codes for column, codes in found.items() if codes}


def _declared(word: str, ranges: list[dict[str, Any]]) -> bool:
    """Whether a value lies in one of the ranges of user-missing values."""
    for limits in ranges:
        low, high = limits["lo"], limits["hi"]
        if isinstance(low, str):
            if word == low.strip():
                return True
            continue
        try:
            if low <= float(word) <= high:
                return True
        except ValueError:
            continue
    return False


def unreadable(file: str, name: str) -> InputError:
    """The error for a file that carries the mark of a format but cannot be read."""
    message = f"this {name} file cannot be read; it may be damaged or cut off"
    return InputError([Finding("error", "unreadable_format", message, file, advice="export the data again")])
