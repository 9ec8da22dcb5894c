"""What a raw file looks like: columns with counts and ranges, without any participant's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from compassion_trials.ingest.people import privacy
from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.table import RawTable, Reading
from compassion_trials.ingest.values import is_blank, number
from compassion_trials.study.plan.data import Format


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """One column of a raw file.

    Attributes
    ----------
    name, label : str
    n : int
        Filled cells.
    distinct : int
        Different values among them.
    numeric : bool
        Whether all filled cells are numbers.
    low, high : float
        Smallest and largest number; NaN without numbers, and for identifying columns.
    labels : mapping of str to str
        Value labels of the file.
    identifying : str
        Rule by which the column would be dropped; empty when it would not.
    """

    name: str
    label: str
    n: int
    distinct: int
    numeric: bool
    low: float
    high: float
    labels: Mapping[str, str]
    identifying: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A raw file at a glance.

    Attributes
    ----------
    file : str
    format : str
    encoding, decimal : str
    rows : int
    columns : tuple of ColumnSummary
    """

    file: str
    format: Format
    encoding: str
    decimal: str
    rows: int
    columns: tuple[ColumnSummary, ...]


def preview(path: Path, reading: Reading | None = None) -> Preview:
    """Read a raw file and summarise its columns.

    Raises
    ------
    InputError
        As `reading.read_raw`.
    """
    return summarise(read_raw(path, reading))


def summarise(table: RawTable) -> Preview:
    """Columns of a table that is already read."""
    rules = privacy.identifying(table)
    columns = tuple(_column(table, name, rules.get(name, "")) for name in table.frame.columns)
    return Preview(
        file=table.file,
        format=table.format,
        encoding=table.encoding,
        decimal=table.decimal,
        rows=len(table.frame),
        columns=columns,
    )


def _column(table: RawTable, name: str, rule: str) -> ColumnSummary:
    """One column."""
    cells = table.frame[name]
    filled = cells[~is_blank(cells)]
    distinct = pd.unique(filled)
    values = np.array([number(word, table.decimal) for word in distinct], dtype="float64")
    known = values[~np.isnan(values)]
    shown = len(known) > 0 and not rule
    return ColumnSummary(
        name=name,
        label=table.labels.get(name, ""),
        n=len(filled),
        distinct=len(distinct),
        numeric=len(known) == len(distinct) > 0,
        low=float(known.min()) if shown else float("nan"),
        high=float(known.max()) if shown else float("nan"),
        labels=table.value_labels.get(name, {}),
        identifying=rule,
    )
