"""Zip files with the same bytes on every run."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip file can hold, of every entry."""


def zip_bytes(parts: Mapping[str, bytes], first: tuple[str, ...] = ()) -> bytes:
    """A zip file of some parts.

    Parameters
    ----------
    parts : mapping of str to bytes
        Names with forward slashes, and contents.
    first : tuple of str
        Names that stand first, in this order; all others follow by name.
    """
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name in [*first, *sorted(name for name in parts if name not in first)]:
            entry = ZipInfo(name, date_time=EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, parts[name])
    return stream.getvalue()


def unzip(content: bytes) -> dict[str, bytes]:
    """Parts of a zip file by name, folders left out."""
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
