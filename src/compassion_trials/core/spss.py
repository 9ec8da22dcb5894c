"""SPSS .sav files with the same bytes on every run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DATE_OFFSET: Final = 92
"""Byte of the creation date in the header: 4 + 60 + 5 * 4 + 8 bytes before it (PSPP developers' guide, file header)."""

FIXED_DATE: Final = b"01 Jan 00" + b"00:00:00"
"""Date (nine bytes) and time (eight), put in place of the moment of writing."""


def fix_date(path: Path) -> None:
    """Replace the moment of writing in the header of a .sav file by a fixed one."""
    content = bytearray(path.read_bytes())
    content[DATE_OFFSET : DATE_OFFSET + len(FIXED_DATE)] = FIXED_DATE
    path.write_bytes(bytes(content))
