"""Reading and writing what stages hand on: the same input gives the same bytes, and no file is ever half written."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

PART: Final = ".part"
"""Ending of a file that is being written. Always the same name: what a killed run left is replaced by the next one."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to in place of ``path``, which takes its place in one step when the block ends well.

    Whoever reads ``path`` finds the old file or the new one, never a part. The folder is made when missing.

    Yields
    ------
    Path
        ``<path>.part``; gone after the block, also when the block fails.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + PART)
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file in one step (see `replacing`)."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_table(table: pd.DataFrame, path: Path, *, csv: bool = True) -> None:
    """Write a table as parquet, and as CSV beside it for people.

    Parameters
    ----------
    table : pandas.DataFrame
    path : Path
        Ends in ``.parquet``; the folder is made when missing.
    csv : bool
        Whether to write ``<path>.csv`` beside it (UTF-8, full precision, ``\\n`` line ends).
    """
    with replacing(path) as part:
        table.to_parquet(part, index=False)
    if csv:
        write_csv(table, path.with_suffix(".csv"))


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV with ``\\n`` line ends on every system, formulas guarded (`core.cells.guarded`)."""
    from compassion_trials.core.cells import guarded_table

    with replacing(path) as part:
        guarded_table(table).to_csv(part, index=False, encoding="utf-8", lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """Read a parquet table that an earlier stage wrote.

    Raises
    ------
    InputError
        It is damaged or cut off.
    """
    import pandas as pd
    from pyarrow.lib import ArrowException

    try:
        return pd.read_parquet(path)
    except FileNotFoundError:  # pyarrow gives no number
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path.as_posix()) from None
    except (ArrowException, ValueError, OSError):
        raise damaged(path) from None


def read_results(path: Path) -> pd.DataFrame:
    """Read a results table with its text as Python objects: filtering, done hundreds of times, takes half as long."""
    table = read_table(path)
    return table.astype(dict.fromkeys(table.columns[table.dtypes == "str"], "object")).copy()


def write_json(content: Any, path: Path) -> None:
    """Write JSON with sorted keys, readable, ending in a line feed."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(text.encode("utf-8"), path)


def read_json(path: Path) -> Any:
    """Read JSON that an earlier stage wrote.

    Raises
    ------
    InputError
        It is damaged or cut off.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # no JSON, or no UTF-8
        raise damaged(path) from None


def damaged(path: Path) -> InputError:
    """The error for a file of an earlier stage that cannot be read."""
    advice = "delete it and run the stages again: compassion-trials run"
    message = "this file of an earlier stage is damaged or cut off"
    return InputError([Finding("error", "damaged", message, path.as_posix(), advice=advice)])


def sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
