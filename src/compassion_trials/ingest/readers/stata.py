"""Stata files (.dta): value labels and extended missing values (.a to .z) are kept."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.ingest.readers.labelled import read_labelled
from compassion_trials.ingest.readers.table import RawTable, Reading


def read(path: Path, reading: Reading) -> RawTable:
    """Read a Stata file.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    import pyreadstat

    return read_labelled(pyreadstat.read_dta, path, reading, "Stata")
