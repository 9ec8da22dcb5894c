"""Small jamovi and JASP files, written as these programs write them."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

MISSING = -(2**31)

Field = Mapping[str, Any]


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    """A zip archive of these members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def jamovi(path: Path, fields: Sequence[Field], labels: Mapping[str, list[tuple[int, str]]], **members: bytes) -> Path:
    """A jamovi file; a field has ``name``, ``type``, ``dataType``, ``values`` and what else jamovi writes of it."""
    strings, data = b"", b""
    for field in fields:
        for value in field["values"]:
            if field["type"] == "string" and value is not None:
                value, strings = len(strings), strings + value.encode() + b"\0"
            data += struct.pack("<d", value) if field["type"] == "number" else struct.pack("<i", fill(value))
    described = [{"columnType": "Data", **{k: v for k, v in field.items() if k != "values"}} for field in fields]
    content = {"dataSet": {"rowCount": len(fields[0]["values"]), "fields": described}}
    xdata = {name: {"labels": [[code, text, text, False] for code, text in found]} for name, found in labels.items()}
    return zipped(
        path,
        {
            "metadata.json": json.dumps(content).encode(),
            "xdata.json": json.dumps(xdata).encode(),
            "data.bin": data,
            "strings.bin": strings,
            **members,
        },
    )


def fill(value: int | None) -> int:
    """A whole number as jamovi stores it."""
    return MISSING if value is None else value


def jasp(path: Path, columns: Sequence[Field], paired: bool, filtered: Sequence[int] = ()) -> Path:
    """A JASP file of one column a variable, or of two as until 0.95.

    A column has ``name``, ``kind`` (scale, nominal), ``values`` and perhaps ``labels`` by value; ``filtered`` are rows
    that a filter leaves out.
    """
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("create table DataSets (id integer primary key, emptyValuesJson text)")
        base.execute("insert into DataSets values (1, ?)", (json.dumps({"strings": ["NA", "."]}),))
        base.execute(
            "create table Columns (id integer primary key, dataSet int, name text, title text, columnType text, "
            "colIdx int, emptyValuesJson text, hasLabels int)"
        )
        base.execute(
            "create table Labels (id integer primary key, columnId int, value int, label text, originalValueJson text)"
        )
        kinds = [
            f"Column_{i}_DBL real, Column_{i}_INT int" if paired else f"Column_{i} num"
            for i in range(1, len(columns) + 1)
        ]
        base.execute(f"create table DataSet_1 (rowNumber integer primary key, Filter_1 int, {', '.join(kinds)})")
        levels = [_describe(base, number, column, paired) for number, column in enumerate(columns, start=1)]
        for row in range(len(columns[0]["values"])):
            cells: list[object] = [row + 1, int(row not in filtered)]
            for column, level in zip(columns, levels, strict=True):
                value = column["values"][row]
                number = value if isinstance(value, int | float) else "nan"
                index = level.get(value, MISSING)
                cells += [number, index] if paired else [index if column.get("labels") else value]
            base.execute(f"insert into DataSet_1 values ({', '.join('?' * len(cells))})", cells)
        base.commit()
        return zipped(path, {"manifest.json": b'{"jaspArchiveVersion": "5"}', "internal.sqlite": base.serialize()})


def _describe(base: sqlite3.Connection, number: int, column: Field, paired: bool) -> dict[object, int]:
    """A column and its labels; the label's number by value."""
    named = column.get("labels", {})
    base.execute(
        "insert into Columns values (?, 1, ?, ?, ?, ?, null, ?)",
        (number, column["name"], column.get("title", ""), column["kind"], number, int(bool(named))),
    )
    values = list(dict.fromkeys(value for value in column["values"] if value is not None))
    levels = dict(zip(values, range(len(values)), strict=True)) if named or paired else {}
    for value, level in levels.items():
        base.execute(
            "insert into Labels (columnId, value, label, originalValueJson) values (?, ?, ?, ?)",
            (number, level, named.get(value, str(value)), json.dumps(value)),
        )
    return levels
