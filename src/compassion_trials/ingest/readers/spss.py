"""SPSS files (.sav, .zsav): value labels and user-missing values are kept."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.ingest.readers.labelled import read_labelled
from compassion_trials.ingest.readers.table import RawTable, Reading


def read(path: Path, reading: Reading) -> RawTable:
    """Read an SPSS file.

    Old files do not say their encoding; Windows-1252 is tried when UTF-8 does not fit.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    import pyreadstat

    return read_labelled(pyreadstat.read_sav, path, reading, "SPSS")
