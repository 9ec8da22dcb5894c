"""Calls of the pandoc that pypandoc_binary ships; never a system's own.

Tables and figures reach pandoc as raw blocks, which it hands through. They are most of a report, so they are set aside
and put back behind it: pandoc then reads the prose alone, in half the time.
"""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from typing import Final

EPOCH: Final = "315532800"
"""1980-01-01, the earliest date a zip file can hold: reports carry no date of their own making."""

_BLOCK: Final = re.compile(r"^(`{3,})\{=(\w+)\}\n(.*?)\n\1\n", re.MULTILINE | re.DOTALL)
_TOKENS: Final = {"html": "<!--block:{}-->", "typst": "/*block:{}*/", "openxml": "<w:block{}/>"}
_FOUND: Final = {"html": r"<!--block:(\d+)-->", "typst": r"/\*block:(\d+)\*/", "openxml": r"<w:block(\d+) ?/>"}


def set_aside(markdown: str) -> tuple[str, list[str]]:
    """The Markdown with a token in every raw block, and what the blocks held (`put_back`)."""
    kept: list[str] = []

    def token(block: re.Match[str]) -> str:
        kept.append(block[3])
        return f"{block[1]}{{={block[2]}}}\n{_TOKENS[block[2]].format(len(kept) - 1)}\n{block[1]}\n"

    return _BLOCK.sub(token, markdown), kept


def put_back(text: str, kept: list[str], kind: str) -> str:
    """What pandoc wrote, with the blocks in the places of their tokens.

    A token of its own format is markup, so that no text of a person, which is escaped, can look like one.
    """
    return re.sub(_FOUND[kind], lambda found: kept[int(found[1])], text)


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
