"""Stata files (.dta): value labels and extended missing values (.a to .z) are kept."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.ingest.readers.labelled import to_table, unreadable
from compassion_trials.ingest.table import RawTable, Reading


def read(path: Path, reading: Reading) -> RawTable:
    """Read a Stata file.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    import pyreadstat

    for encoding in dict.fromkeys((reading.encoding, None, "WINDOWS-1252")):
        try:
            frame, meta = pyreadstat.read_dta(str(path), user_missing=True, encoding=encoding)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError, OverflowError):
            continue
        return to_table(frame, meta, path.name, "stata")
    raise unreadable(path.name, "Stata")
