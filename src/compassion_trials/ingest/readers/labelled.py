"""What SPSS, Stata and SAS files share: values as text, value labels, user-missing codes with their reasons."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.grid import require_records
from compassion_trials.ingest.readers.moments import Kind, kind_of, moment
from compassion_trials.ingest.readers.table import RawTable, Reading
from compassion_trials.study.plan.data import Format

FORMATS: dict[str, Format] = {"SPSS": "spss", "Stata": "stata", "SAS": "sas", "SAS transport": "sas_transport"}
"""Format of each program's files."""

FALLBACK_ENCODING = "WINDOWS-1252"
"""Old files do not say their encoding; this one is tried when UTF-8 does not fit."""


def read_labelled(read: Callable[..., tuple[pd.DataFrame, Any]], path: Path, reading: Reading, name: str) -> RawTable:
    """Read a file with a reader of pyreadstat, in the plan's encoding, the file's own or the fallback.

    Parameters
    ----------
    read : callable
        ``pyreadstat.read_sav`` or a like one.
    path : Path
    reading : Reading
    name : str
        Program, for messages; a key of `FORMATS`.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    from pyreadstat import PyreadstatError, ReadstatError

    for encoding in dict.fromkeys((reading.encoding, None, FALLBACK_ENCODING)):
        try:
            options = {"disable_datetime_conversion": True} if name == "SPSS" else {}
            frame, meta = read(str(path), user_missing=True, encoding=encoding, **options)
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
    formats = meta.original_variable_types if format_ == "spss" else {}
    kinds = {str(name): kind for name in frame if (kind := kind_of(formats.get(name, ""), frame[name]))}
    index = pd.RangeIndex(1, len(frame) + 1, name="row")
    cells = pd.DataFrame({name: as_text(frame[name], kinds.get(name)) for name in frame.columns}, index=index)
    labels = {
        column: {code_text(_seen(code, kinds.get(column))): str(label).strip() for code, label in codes.items()}
        for column, codes in meta.variable_value_labels.items()
    }
    return RawTable(
        file,
        format_,
        cells,
        labels={name: label for name, label in meta.column_names_to_labels.items() if label},
        value_labels=labels,
        missing_codes=_missing_codes(frame, kinds, meta, labels),
        findings=tuple(_told(kinds, file)),
        encoding=meta.file_encoding or "",
        title=meta.file_label or "",
    )


def _told(kinds: Mapping[str, Kind], file: str) -> Iterator[Finding]:
    """Notes on columns whose numbers are not those that the program shows."""
    for kind, words in (("duration", "durations, which are read as seconds"), ("month", "months, read as 2024-01")):
        columns = [column for column, one in kinds.items() if one == kind]
        if columns:
            yield Finding("note", f"{kind}s", f"{len(columns)} columns hold {words}", file, None, columns[0])


def _seen(value: object, kind: Kind | None) -> object:
    """A value as a person sees it."""
    return value if kind is None else moment(value, kind)


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


def as_text(values: pd.Series, kind: Kind | None = None) -> np.ndarray:
    """A column as text; each distinct value is written once."""
    codes, distinct = pd.factorize(values.to_numpy(dtype="object"), use_na_sentinel=True)
    words = np.array([*(code_text(_seen(value, kind)) for value in distinct), ""], dtype="object")
    return words[codes]


def _missing_codes(
    frame: pd.DataFrame, kinds: Mapping[str, Kind], meta: Any, labels: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Codes that occur and that the file declares missing, with the label or else the code as reason."""
    found: dict[str, dict[str, str]] = {}
    for column, ranges in (meta.missing_ranges or {}).items():
        occurring = [value for value in frame[column].dropna().unique() if _declared(value, ranges)]
        words = [code_text(_seen(value, kinds.get(column))) for value in occurring]
        found[column] = {word: labels.get(column, {}).get(word, word) for word in words if word}
    for column, codes in (meta.missing_user_values or {}).items():
        words = [code_text(code) for code in codes]
        found[column] = {word: labels.get(column, {}).get(word, f".{word}") for word in words}
    return {column: codes for column, codes in found.items() if codes}


def _declared(value: object, ranges: list[dict[str, Any]]) -> bool:
    """Whether a value lies in one of the ranges of user-missing values."""
    for limits in ranges:
        low, high = limits["lo"], limits["hi"]
        if isinstance(low, str) or isinstance(value, str):
            if str(value).strip() == str(low).strip():
                return True
        elif low <= value <= high:
            return True
    return False


def unreadable(file: str, name: str) -> InputError:
    """The error for a file that carries the mark of a format but cannot be read."""
    message = f"this {name} file cannot be read; it may be damaged or cut off"
    return InputError([Finding("error", "unreadable_format", message, file, advice="export the data again")])
