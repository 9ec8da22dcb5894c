"""Seals: hashes of all that a stage read and wrote, so that results are never taken for those of other data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import PART, read_json, sha256, write_json


@dataclass(frozen=True, slots=True)
class Seal:
    """What one run of a stage was made of.

    Attributes
    ----------
    stage : str
        Its verb.
    plan : str
        SHA-256 of what it goes by of plan and questionnaires.
    reads, writes : dict of str to str
        SHA-256 of files by their name; of a folder (see `hash_of`).
    """

    stage: str
    plan: str
    reads: dict[str, str] = field(default_factory=dict)
    writes: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the seal as JSON."""
        write_json(asdict(self), path)

    @classmethod
    def read(cls, path: Path) -> Seal | None:
        """Read a seal; None when there is none, or something else."""
        try:
            return cls(**read_json(path))
        except (OSError, TypeError, InputError):
            return None


def hash_of(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files with their names; empty when it is not there.

    Of a folder, hidden files and those being written do not count.
    """
    if path.is_file():
        return sha256(path)
    if not path.is_dir():
        return ""
    digest = hashlib.sha256()
    for file in sorted(path.iterdir()):
        if file.is_file() and not file.name.startswith(".") and file.suffix != PART:
            digest.update(f"{file.name}\0{sha256(file)}\n".encode())
    return digest.hexdigest()


def hashes(files: Mapping[str, Path]) -> dict[str, str]:
    """Hashes by name (see `hash_of`)."""
    return {name: hash_of(path) for name, path in files.items()}


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> Iterable[str]:
    """Names with another hash, by name."""
    return [name for name in sorted({*before, *now}) if before.get(name, "") != now.get(name, "")]
