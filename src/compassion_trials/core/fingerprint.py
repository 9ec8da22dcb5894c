"""Fingerprints of code: a stage is rerun when its own sources, those it imports, or the locked libraries change."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
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
        for path in sources(package / folder):
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    if lock.is_file():
        digest.update(lock.read_bytes())
    return digest.hexdigest()[:16]


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
    """Folders of the package that the modules of one folder import."""
    root = folder.parent.name
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            parts = [name.split(".") for name in names if name.startswith(f"{root}.")]
            found |= {part[1] for part in parts if (folder.parent / part[1]).is_dir()}
    return frozenset(found - {folder.name})
