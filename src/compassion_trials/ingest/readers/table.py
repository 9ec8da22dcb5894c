"""A raw file as read: cells as text, everything the file says about its columns, and what was noticed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.study.plan.data import Format, RawFile


@dataclass(frozen=True, slots=True)
class Reading:
    """How a raw file is to be read; whatever is left out is guessed from the file.

    Attributes
    ----------
    format : str or None
        One of `study.plan.data.Format`.
    sheet : str, int or None
        Excel sheet by name or number (first is 1).
    header_rows : int
        Header rows of a CSV or Excel file, 1 to 3.
    delimiter, decimal, encoding : str or None
        Of a CSV file.
    dictionary : Path or None
        REDCap data dictionary.
    keep_if : mapping of str to tuple of str
        Rows to keep: column and its values.
    """

    format: Format | None = None
    sheet: str | int | None = None
    header_rows: int = 1
    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    dictionary: Path | None = None
    keep_if: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: RawFile, folder: Path) -> Reading:
        """Options of one raw file of a plan; ``folder`` is where its files lie."""
        dictionary = folder / raw.dictionary if raw.dictionary else None
        return cls(
            raw.format, raw.sheet, raw.header_rows, raw.delimiter, raw.decimal, raw.encoding, dictionary, raw.keep_if
        )


@dataclass(frozen=True, slots=True)
class RawTable:
    """One raw file, one row per record.

    Attributes
    ----------
    file : str
        File name, without its folder.
    format : str
        Format as which it was read.
    frame : pandas.DataFrame
        Cells as trimmed text, blank where empty; whole numbers without decimals. The index is the row number as a
        person sees it in the file.
    labels : mapping of str to str
        Column and its label (question text, variable label).
    value_labels : mapping of str to mapping
        Column, then code (as text) and its label.
    missing_codes : mapping of str to mapping
        Column, then code (as text) that the file itself declares missing, and the reason.
    identifying : mapping of str to str
        Columns that the format or its data dictionary marks as identifying, and the rule that says so.
    removed : tuple of (str, int)
        Reason and number of records already taken out (previews, unfinished responses, ``keep_if``).
    findings : tuple of Finding
        Warnings and notes from reading.
    encoding : str
        Encoding of text, empty where the format knows none.
    decimal : str
        ``"."``, ``","``, or ``".,"`` when columns differ.
    title : str
        Label of the whole file, if the format has one.
    """

    file: str
    format: Format
    frame: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing_codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identifying: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[tuple[str, int], ...] = ()
    findings: tuple[Finding, ...] = ()
    encoding: str = ""
    decimal: str = "."
    title: str = ""

    @property
    def synthetic(self) -> bool:
        """Whether the file says on its face that its data are made up."""
        return "SYNTHETIC" in self.frame.columns or "SYNTHETIC" in self.title
