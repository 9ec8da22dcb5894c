"""jamovi files (.omv): columns as stored, labels, missing values by rule; a filter is told and is no data.

Written from files of jamovi 2.0 to 2.6 and from what the program shows of them; the format has no public description.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding, Severity
from compassion_trials.ingest.readers.container import damaged, member
from compassion_trials.ingest.readers.grid import require_records
from compassion_trials.ingest.readers.labelled import as_text, code_text
from compassion_trials.ingest.readers.table import RawTable, Reading

WIDTH: Final[Mapping[str, np.dtype[Any]]] = {
    "integer": np.dtype("<i4"),
    "number": np.dtype("<f8"),
    "string": np.dtype("<i4"),
}
"""How each type of column is stored."""

MISSING: Final = -(2**31)
"""What stands for a missing whole number."""

_RULE: Final = re.compile(r"\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*")
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip


def read(path: Path, reading: Reading) -> RawTable:
    """Read a jamovi file.

    Parameters
    ----------
    path : Path
    reading : Reading
        Nothing of it applies.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    try:
        content = json.loads(member(path, "metadata.json"))["dataSet"]
        labels = json.loads(member(path, "xdata.json") or "{}")
        n, fields = int(content["rowCount"]), [field for field in content["fields"] if field["columnType"] != "None"]
        columns = dict(zip((f["name"] for f in fields), _columns(member(path, "data.bin"), fields, n), strict=True))
        data = [field for field in fields if field["columnType"] != "Filter"]
        levels, strings = {name: _levels(found) for name, found in labels.items()}, member(path, "strings.bin")
        cells = {f["name"]: _cells(columns[f["name"]], f, levels.get(f["name"], {}), strings) for f in data}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(path.name) from error
    frame = pd.DataFrame(cells, index=pd.RangeIndex(1, n + 1, name="row"), dtype="object")
    require_records(frame, path.name)
    coded = {f["name"]: levels[f["name"]] for f in data if f["dataType"] != "Text" and f["name"] in levels}
    return RawTable(
        path.name,
        "jamovi",
        frame,
        labels={f["name"]: f["description"] for f in data if f.get("description")},
        value_labels={name: found for name, found in coded.items() if any(c != label for c, label in found.items())},
        missing_codes={f["name"]: found for f in data if (found := _missing(frame[f["name"]], f))},
        findings=tuple(_filters(fields, columns, path.name)),
        encoding="utf-8",
    )


def _columns(content: bytes, fields: Sequence[Mapping[str, Any]], n: int) -> Iterator[np.ndarray]:
    """Columns one after the other, as they are stored."""
    at = 0
    for field in fields:
        kind = WIDTH[field["type"]]
        yield np.frombuffer(content, kind, n, at)
        at += n * kind.itemsize
    if at != len(content):
        raise ValueError("columns and stored bytes differ")


def _levels(found: Mapping[str, Any]) -> dict[str, str]:
    """Codes of a column and what the program shows for them."""
    return {code_text(level[0]): str(level[1]).strip() for level in found.get("labels", [])}


def _cells(values: np.ndarray, field: Mapping[str, Any], levels: Mapping[str, str], strings: bytes) -> np.ndarray:
    """A column as text: numbers as they are; of text columns the texts, since their codes are the program's own."""
    if field["type"] == "number":
        return as_text(pd.Series(values))
    present = [value for value in np.unique(values).tolist() if value != MISSING]
    if field["type"] == "string":
        words = {value: _string(strings, value) for value in present}
    else:
        words = {value: levels[str(value)] if field["dataType"] == "Text" else str(value) for value in present}
    return np.array([words.get(value, "") for value in values.tolist()], dtype="object")


def _string(strings: bytes, start: int) -> str:
    """The text that begins at a byte and ends before the next zero."""
    return strings[start : strings.index(b"\0", start)].decode("utf-8").strip()


def _missing(cells: pd.Series, field: Mapping[str, Any]) -> dict[str, str]:
    """Values that occur and that a rule of the column (``== 99``) calls missing; the rule is the reason."""
    rules = [found for rule in field.get("missingValues") or () if (found := _RULE.fullmatch(str(rule)))]
    words = [word for word in cells.unique() if word]
    return {word: f"{rule[1]} {rule[2]}" for word in words for rule in rules if _holds(word, rule[1], rule[2])}


def _holds(word: str, sign: str, limit: str) -> bool:
    """Whether a value meets a rule; texts are compared by == and != only."""
    try:
        return _COMPARE[sign](float(word), float(limit))
    except ValueError:
        same = word == limit.strip("\"'")
        return same if sign == "==" else sign == "!=" and not same


def _filters(fields: Sequence[Mapping[str, Any]], columns: Mapping[str, np.ndarray], file: str) -> Iterator[Finding]:
    """Filters leave out rows in jamovi; here all rows are read, and it is told."""
    for field in fields:
        if field["columnType"] == "Filter":
            out, on = int((columns[field["name"]] != 1).sum()), field.get("active", True)
            leaves = "leaves" if on else "is switched off and would leave"
            message = f"a filter of jamovi {leaves} out {out} rows; all rows are read"
            advice = "to leave them out, keep the rows with keep_if or an analysis set" if out and on else ""
            severity: Severity = "warning" if out and on else "note"
            yield Finding(severity, "filter", message, file, None, field["name"], advice=advice)
