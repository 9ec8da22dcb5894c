"""SAS files: transport (.xpt, versions 5 and 8) and data sets (.sas7bdat); special missing values are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from compassion_trials.ingest.readers.labelled import read_labelled
from compassion_trials.ingest.readers.table import RawTable, Reading


def read(path: Path, reading: Reading) -> RawTable:
    """Read a SAS data set.

    Formats (value labels) are in a catalogue of their own, which a data set does not hold.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    import pyreadstat

    return read_labelled(pyreadstat.read_sas7bdat, path, reading, "SAS")


def read_transport(path: Path, reading: Reading) -> RawTable:
    """Read a SAS transport file; of several data sets in one the first.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    return read_labelled(_transport, path, reading, "SAS transport")


def _transport(path: str, user_missing: bool, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    """The reader of transport files, which knows no missing values with a reason."""
    import pyreadstat

    return pyreadstat.read_xport(path, encoding=encoding)
