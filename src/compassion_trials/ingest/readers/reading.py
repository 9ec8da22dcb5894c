"""Reading a raw file: the right reader for its format, then the rows the plan keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.people.privacy import shown
from compassion_trials.ingest.readers import (
    csv,
    dataset_json,
    excel,
    formats,
    jamovi,
    jasp,
    limesurvey,
    parquet,
    qualtrics,
    redcap,
    sas,
    spss,
    stata,
)
from compassion_trials.ingest.readers.grid import Grid
from compassion_trials.ingest.readers.table import RawTable, Reading
from compassion_trials.ingest.values import canonical
from compassion_trials.study.plan.data import Format

MANY = 5
"""Values of a column up to which a message names them."""

READERS: Final[Mapping[str, Callable[[Path, Reading], RawTable]]] = {
    "spss": spss.read,
    "stata": stata.read,
    "sas": sas.read,
    "sas_transport": sas.read_transport,
    "jamovi": jamovi.read,
    "jasp": jasp.read,
    "parquet": parquet.read,
    "dataset_json": dataset_json.read,
}
"""Readers of files that hold one table and say what it is; the others are grids of cells."""

BINARY: Final = ("excel", *READERS)
"""Formats whose bytes say what they are."""


def read_raw(path: Path, reading: Reading | None = None) -> RawTable:
    """Read one raw file.

    Parameters
    ----------
    path : Path
    reading : Reading, optional
        How to read it; what is left out is guessed.

    Returns
    -------
    RawTable

    Raises
    ------
    InputError
        The file is missing, empty, damaged, of another format than the plan says, or without records; or ``keep_if``
        names a column it does not have.
    """
    reading = reading or Reading()
    kind = formats.kind(path)
    _agree(path, kind, reading.format)
    if (read := READERS.get(kind)) is not None:
        table = read(path, reading)
    else:
        grid = excel.read_grid(path, reading) if kind == "excel" else csv.read_grid(path, reading)
        table = _from_grid(grid, reading, kind)
        if kind == "excel" and reading.sheet is not None:  # two sheets of one workbook must be told apart
            table = replace(table, file=f"{path.name} [{reading.sheet}]")
    return keep(table, reading.keep_if)


def _agree(path: Path, kind: formats.Kind, wanted: Format | None) -> None:
    """Refuse a format that the bytes of the file contradict.

    Raises
    ------
    InputError
    """
    tool = wanted in ("qualtrics", "redcap", "limesurvey")
    bytes_of = wanted if wanted in BINARY else "text"
    if wanted is None or bytes_of == kind or (tool and kind == "excel"):
        return
    right = "csv" if kind == "text" else kind
    message = f"the plan says format: {wanted}, but the file is {'text' if kind == 'text' else kind.title()}"
    advice = f"leave out the key format, or write format: {right}"
    raise InputError(
        [
            Finding(
                "error", "wrong_format", message, path.name, None, "format", value=wanted, expected=right, advice=advice
            )
        ]
    )


def _from_grid(grid: Grid, reading: Reading, kind: formats.Kind) -> RawTable:
    """A table from cells, by the tool that wrote them."""
    tool = formats.survey_tool(grid.rows)
    wanted = reading.format
    if wanted in ("csv", "excel") and tool == "qualtrics":
        count = 3 if formats.is_qualtrics(grid.rows) else 2
        message = f"the plan says format: {wanted}, but this is a Qualtrics export with {count} header rows"
        advice = "leave out the key format, or write format: qualtrics"
        raise InputError(
            [
                Finding(
                    "error",
                    "wrong_format",
                    message,
                    grid.file,
                    1,
                    "format",
                    value=wanted,
                    expected="qualtrics",
                    advice=advice,
                )
            ]
        )
    chosen = wanted or tool or ("excel" if kind == "excel" else "csv")
    if chosen == "qualtrics":
        return qualtrics.from_grid(grid, reading)
    if chosen == "redcap":
        return redcap.from_grid(grid, reading)
    if chosen == "limesurvey":
        return limesurvey.from_grid(grid, reading)
    return csv.from_grid(grid, reading, chosen)


def keep(table: RawTable, keep_if: Mapping[str, tuple[str, ...]]) -> RawTable:
    """Rows whose columns have one of the values that the plan names; codes and their labels both count.

    Raises
    ------
    InputError
        A column that the file does not have, or no rows left.
    """
    columns = list(table.frame.columns)
    wrong = [name for name in keep_if if name not in columns]
    if wrong:
        raise InputError([_unknown_column(name, columns, table.file) for name in wrong])
    frame, removed, told = table.frame, list(table.removed), list(table.findings)
    for column, values in keep_if.items():
        chosen = _chosen(frame[column], set(values), table.value_labels.get(column, {}))
        if not chosen.all():
            removed.append((f"{column} not {' or '.join(values)}", int((~chosen).sum())))
            told.append(_left_out(frame.loc[~chosen, column], values, table.file))
            frame = frame.loc[chosen]
    if frame.empty and len(table.frame):
        words = sorted(table.frame[next(iter(keep_if))].unique())
        found = ", ".join(shown(word) for word in words) if len(words) <= MANY else f"{len(words)} other values"
        message = "keep_if leaves no rows"
        raise InputError(
            [
                Finding(
                    "error",
                    "keep_none",
                    message,
                    table.file,
                    None,
                    next(iter(keep_if)),
                    value=found,
                    expected="one of the values in keep_if",
                )
            ]
        )
    return replace(table, frame=frame, removed=tuple(removed), findings=tuple(told))


def _left_out(cells: pd.Series, values: tuple[str, ...], file: str) -> Finding:
    """A note on rows that the plan does not keep: a torn row would vanish among them."""
    count = len(cells)
    message = f"{count} rows are left out by keep_if" if count > 1 else "1 row is left out by keep_if"
    found = ", ".join(dict.fromkeys(shown(word) for word in cells))
    row, expected = int(str(cells.index[0])), " or ".join(values)
    return Finding("note", "keep_if", message, file, row, str(cells.name), value=found, expected=expected)


def _chosen(cells: pd.Series, values: set[str], labels: Mapping[str, str]) -> pd.Series:
    """Which cells have one of the values, as code or as label."""
    lower = {canonical(value).lower() for value in values}
    by_label = {code for code, label in labels.items() if canonical(label).lower() in lower}
    words = cells.unique()
    return cells.isin([word for word in words if canonical(word).lower() in lower or canonical(word) in by_label])


def _unknown_column(name: str, columns: list[str], file: str) -> Finding:
    """A finding for a column that is not in the file."""
    message = "keep_if names a column that the file does not have"
    return Finding("error", "column_missing", message, file, None, name, advice=nearest(name, columns))
