"""JASP files (.jasp, since 0.18): a database in an archive; values by their labels, empty values, filtered rows told.

Written from files of JASP 0.95 and 0.97, whose tables differ under one archive version, so the table itself is asked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.container import damaged, member
from compassion_trials.ingest.readers.grid import require_records
from compassion_trials.ingest.readers.labelled import code_text
from compassion_trials.ingest.readers.table import RawTable, Reading

EMPTY: Final = ("", ".", "NA", "NaN", "nan")
"""Texts that count as missing where the file names none."""


def read(path: Path, reading: Reading) -> RawTable:
    """Read a JASP file.

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
        with closing(sqlite3.connect(":memory:")) as base:
            base.deserialize(member(path, "internal.sqlite"))
            return _table(base, path.name)
    except (sqlite3.Error, KeyError, TypeError, ValueError, IndexError) as error:
        raise damaged(path.name) from error


def _table(base: sqlite3.Connection, file: str) -> RawTable:
    """The one data set of a file."""
    base.row_factory = sqlite3.Row
    data_set = base.execute("select * from DataSets order by id").fetchone()
    rows = base.execute(f"select * from DataSet_{int(data_set['id'])} order by rowNumber").fetchall()
    columns = base.execute("select * from Columns where dataSet = ? order by colIdx", (data_set["id"],)).fetchall()
    empty = _empty(data_set["emptyValuesJson"])
    stored = set(rows[0].keys()) if rows else set()
    cells, labels = {}, {}
    for column in columns:
        levels = _levels(base, column["id"])
        own = empty | _empty(column["emptyValuesJson"]) if column["emptyValuesJson"] else empty
        paired = f"Column_{column['id']}_DBL" in stored
        words = [_cell(row, column, levels, paired) for row in rows]
        cells[column["name"]] = ["" if word in own else word for word in words]
        if column["columnType"] != "scale":  # whose labels are the numbers as they are shown: 1,948
            named = ((code, label) for code, label in levels.values() if code not in own)
            labels[column["name"]] = {code: label for code, label in named if code != label}
    frame = pd.DataFrame(cells, index=pd.RangeIndex(1, len(rows) + 1, name="row"), dtype="object")
    require_records(frame, file)
    titles = {column["name"]: (column["title"] or "").strip() for column in columns}
    return RawTable(
        file,
        "jasp",
        frame,
        labels={name: title for name, title in titles.items() if title and title != name},
        value_labels={name: found for name, found in labels.items() if found},
        findings=tuple(_filtered(rows, file)),
        encoding="utf-8",
    )


def _empty(content: str | None) -> set[str]:
    """Texts that count as missing."""
    strings = (json.loads(content) or {}).get("strings") if content else None
    return {"", *(EMPTY if strings is None else map(str, strings))}


def _levels(base: sqlite3.Connection, column: int) -> dict[int, tuple[str, str]]:
    """Value that stands in the table, then the original value as text and its label."""
    found = {}
    for row in base.execute("select * from Labels where columnId = ?", (column,)):
        original = json.loads(row["originalValueJson"]) if row["originalValueJson"] else row["label"]
        found[row["value"]] = (code_text(original), str(row["label"]).strip())
    return found


def _cell(row: sqlite3.Row, column: Mapping[str, Any], levels: Mapping[int, tuple[str, str]], paired: bool) -> str:
    """One cell as text.

    To 0.95 there is a pair of columns: the number, and the label for what is no number. Since 0.96 there is one, which
    holds the number, or the label's value where the variable has labels.
    """
    name = f"Column_{column['id']}"
    if paired:
        number, level = row[f"{name}_DBL"], row[f"{name}_INT"]
        if number is not None and number != "nan":
            return code_text(number)
        return levels[level][0] if level in levels else ""
    value = row[name]
    if column["hasLabels"]:
        return levels[value][0] if value in levels else ""
    return code_text(value)


def _filtered(rows: list[sqlite3.Row], file: str) -> Iterator[Finding]:
    """A filter leaves out rows in JASP; here all rows are read, and it is told."""
    names = rows[0].keys() if rows else []
    filters = [name for name in names if name.startswith("Filter_")]
    out = sum(not all(row[name] for name in filters) for row in rows)
    if out:
        message = f"a filter of JASP leaves out {out} rows; all rows are read"
        advice = "to leave them out, keep the rows with keep_if or an analysis set"
        yield Finding("warning", "filter", message, file, advice=advice)
