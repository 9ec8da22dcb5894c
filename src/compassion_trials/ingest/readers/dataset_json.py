"""CDISC Dataset-JSON 1.1: one data set with its columns' labels and types, as regulators and ADaM tools exchange it.

Source: CDISC, Dataset-JSON v1.1, Specification (2024), sections on attributes, columns and rows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.grid import require_records
from compassion_trials.ingest.readers.labelled import code_text
from compassion_trials.ingest.readers.table import RawTable, Reading

VERSION: Final = "1.1"


def read(path: Path, reading: Reading) -> RawTable:
    """Read a Dataset-JSON file.

    Parameters
    ----------
    path : Path
    reading : Reading
        Nothing of it applies; the format is UTF-8 by its specification.

    Raises
    ------
    InputError
        Not JSON, another version, rows that do not fit the columns or their stated number, or no records.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version, columns, rows = content["datasetJSONVersion"], content["columns"], content.get("rows", [])
        names = [column["name"] for column in columns]
        width = {len(row) for row in rows}
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise _refused(path.name, "this Dataset-JSON file cannot be read; it may be damaged or cut off") from error
    if not str(version).startswith(VERSION):
        raise _refused(path.name, f"this is Dataset-JSON {version}, and version {VERSION} is read")
    if width - {len(names)}:
        raise _refused(path.name, f"rows have {max(width - {len(names)})} values, and there are {len(names)} columns")
    if content.get("records", len(rows)) != len(rows):
        raise _refused(path.name, f"the file says {content['records']} records and holds {len(rows)}")
    index = pd.RangeIndex(1, len(rows) + 1, name="row")
    frame = pd.DataFrame([[_text(value) for value in row] for row in rows], index, names, dtype="object")
    require_records(frame, path.name)
    labels = {column["name"]: column.get("label", "") for column in columns}
    return RawTable(
        path.name,
        "dataset_json",
        frame,
        labels={name: label for name, label in labels.items() if label},
        encoding="utf-8",
        title=str(content.get("label", "")),
    )


def _text(value: Any) -> str:
    """One value: true and false in lower case, decimals (which are strings) as they stand."""
    return str(value).lower() if isinstance(value, bool) else code_text(value)


def _refused(file: str, message: str) -> InputError:
    """An error about the whole file."""
    return InputError([Finding("error", "unreadable_format", message, file, advice="export the data again, or as CSV")])
