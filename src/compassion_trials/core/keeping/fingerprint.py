"""Fingerprints of code: a stage is rerun when its own sources, those it imports, or the locked libraries change."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
LOCK = "requirements.txt"


def fingerprint(stage: str, package: Path = PACKAGE, lock: Path = Path(LOCK)) -> str:
    """Fingerprint of everything that decides what a stage computes, except its data.

    Parameters
    ----------
    stage : str
        Folder below the package, such as ``scoring``.
    package : Path
        The package folder.
    lock : Path
        The lock of the libraries; left out of the fingerprint when it does not exist.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for folder in sorted(folders(stage, package)):
        digest.update(_content(package / folder))
    if lock.is_file():
        digest.update(lock.read_bytes())
    return digest.hexdigest()[:16]


def _content(folder: Path) -> bytes:
    """Hash of names and bytes of a folder's files."""
    digest = hashlib.sha256()
    for path in sources(folder):
        digest.update(path.relative_to(folder.parent).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.digest()


def folders(stage: str, package: Path = PACKAGE) -> set[str]:
    """A stage's folder and all folders of the package that it imports, directly or through others."""
    found: set[str] = set()
    waiting = [stage]
    while waiting:
        folder = waiting.pop()
        if folder not in found:
            found.add(folder)
            waiting.extend(_imported_folders(package / folder))
    return found


def sources(folder: Path) -> Iterable[Path]:
    """Files of a package folder that decide what it computes: Python, YAML, JSON and templates."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".pyc")


@cache
def _imported_folders(folder: Path) -> frozenset[str]:
    """Folders of the package that the modules of one folder import.

    Read by pattern, not parsed: parsing every module would cost more than the rest of a dry run.
    """
    root = folder.parent.name.encode()
    pattern = re.compile(rb"^[ \t]*(?:from|import)[ \t]+" + re.escape(root) + rb"\.(\w+)", re.MULTILINE)
    found = {name.decode() for path in folder.rglob("*.py") for name in pattern.findall(path.read_bytes())}
    return frozenset(name for name in found - {folder.name} if (folder.parent / name).is_dir())
