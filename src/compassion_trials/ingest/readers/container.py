"""Files that are zip archives: what kind they are, and their members, read within bounds."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final, Literal

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding

Container = Literal["excel", "jamovi", "jasp"]

LARGEST: Final = 1 << 30
"""Bytes up to which a member is unpacked: far above any trial's data, and well below the memory of a laptop."""

_ZIP = b"PK\x03\x04"
_OTHERS: Final = (
    ("word/document.xml", "a Word document", "export the data as CSV"),
    ("ppt/presentation.xml", "a PowerPoint file", "export the data as CSV"),
    ("content.xml", "an OpenDocument file", "save the sheet as .xlsx or CSV"),
)


def container(path: Path, start: bytes) -> Container | None:
    """What a zip archive is by the names of its members; None when the file is no zip archive.

    Parameters
    ----------
    path : Path
    start : bytes
        The first bytes of the file.

    Raises
    ------
    InputError
        The archive holds no table that can be read.
    """
    if not start.startswith(_ZIP):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return "excel"  # whose reader says that it is damaged
    if "xl/workbook.xml" in names:
        return "excel"
    if {"metadata.json", "data.bin"} <= names:
        return "jamovi"
    if "internal.sqlite" in names:
        return "jasp"
    if {"manifest.json", "data.bin"} <= names:
        advice = "open it in a current JASP (0.18 or later) and save it again, or export the data as CSV"
        raise _refused(path.name, "the file is of an old JASP", advice)
    for name, what, advice in _OTHERS:
        if name in names:
            raise _refused(path.name, f"the file is {what}", advice)
    if any(name.startswith("xl/") for name in names):
        return "excel"
    raise _refused(path.name, "the file is a zip archive without a table", "unpack it and name the file inside it")


def member(path: Path, name: str) -> bytes:
    """One member of an archive; empty when it does not have it.

    Raises
    ------
    InputError
        A damaged archive, or a member that is larger than `LARGEST`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                return b""
            with archive.open(name) as stream:
                content = stream.read(LARGEST + 1)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(path.name) from error
    if len(content) > LARGEST:
        raise _refused(path.name, "the file unpacks to more than 1 GB", "export the data as CSV")
    return content


def damaged(file: str) -> InputError:
    """The error for an archive that cannot be read."""
    return _refused(file, "this file cannot be read; it may be damaged or cut off", "save it again, or export CSV")


def _refused(file: str, message: str, advice: str) -> InputError:
    """An error about the whole file."""
    return InputError([Finding("error", "unreadable_format", message, file, advice=advice)])
