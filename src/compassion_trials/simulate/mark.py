"""The mark of synthetic files, and the promise never to overwrite anything else."""

from __future__ import annotations

import csv
from pathlib import Path

from compassion_trials.core.findings import Finding

MARK = "SYNTHETIC"
"""Name and value of the marking column, and first word of a file label."""


def is_synthetic(path: Path) -> bool:
    """Whether a raw file says that it is synthetic: a column named SYNTHETIC, or an SPSS file label beginning so.

    Parameters
    ----------
    path : Path
        An existing CSV or .sav file.
    """
    if path.suffix.lower() == ".sav":
        import pyreadstat

        try:
            _, meta = pyreadstat.read_sav(path, metadataonly=True)
        except Exception:  # whatever it is, it was not written by us
            return False
        return (meta.file_label or "").startswith(MARK) and MARK in meta.column_names
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        first = stream.readline()
    return any(MARK in next(csv.reader([first], delimiter=delimiter), []) for delimiter in ",;\t")


def refusal(path: Path) -> Finding | None:
    """A finding when writing the file would destroy data that are not synthetic."""
    if not path.exists() or is_synthetic(path):
        return None
    return Finding(
        "error",
        "raw_file_not_synthetic",
        "a raw file of this name exists and is not synthetic; it is never overwritten",
        path.name,
        advice="move your data elsewhere, or give the study plan another name or data_root",
    )
