"""Calls of the pandoc that pypandoc_binary ships; never a system's own."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from typing import Final

EPOCH: Final = "315532800"
"""1980-01-01, the earliest date a zip file can hold: reports carry no date of their own making."""


def convert(markdown: str, to: str, reader: str, *options: str, folder: str | None = None) -> bytes:
    """Turn Markdown into another format.

    Parameters
    ----------
    markdown : str
    to : str
        Pandoc's name of the format.
    reader : str
        Pandoc's name of the Markdown dialect.
    *options : str
        Further options.
    folder : str, optional
        Folder to which file names in the Markdown are relative.

    Returns
    -------
    bytes
        What pandoc wrote.

    Raises
    ------
    RuntimeError
        Pandoc failed: a programming error, its message is passed on.
    """
    command = [_program(), "--from", reader, "--to", to, *options]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, input=markdown.encode("utf-8"), capture_output=True, cwd=folder, env=environment, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"pandoc: {done.stderr.decode('utf-8', 'replace')}")
    return done.stdout


def data_file(name: str) -> bytes:
    """A file that comes with pandoc, such as its reference document."""
    return subprocess.run([_program(), "--print-default-data-file", name], capture_output=True, check=True).stdout


@cache
def _program() -> str:
    """Path of the shipped program."""
    import pypandoc

    return str(pypandoc.get_pandoc_path())
