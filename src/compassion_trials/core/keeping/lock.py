"""A lock as a file: two runs must not write the same folder at once. Works on every system and on shared drives."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding

WHOLE: Final = "run"
"""Name of the lock that stands for all others of a folder."""

PATIENCE: Final = 1.0
"""Seconds after which a lock that names nobody was left by a process that ended while taking it."""

_MINE: Final[set[str]] = set()
"""Tokens of the locks that this process holds."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock: process, computer, and a word that no other lock has."""

    pid: int
    host: str
    token: str

    @property
    def alive(self) -> bool:
        """Whether the process may still be at work; on another computer this cannot be known."""
        if self.host != socket.gethostname():
            return True
        if self.pid == os.getpid():
            return self.token in _MINE
        return running(self.pid)


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold a lock of a folder during a block.

    Locks of different names do not hinder each other, except `WHOLE`: it is held alone. What a process that has ended
    left behind is taken over.

    Parameters
    ----------
    folder : Path
        Made when missing.
    name : str
        The lock is the file ``.<name>.lock``.

    Raises
    ------
    InputError
        Somebody else is at work; says who, and what to do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{name}.lock"
    mine = Owner(os.getpid(), socket.gethostname(), uuid4().hex)
    _take(path, mine)
    _MINE.add(mine.token)
    try:
        others = sorted(set(folder.glob(".*.lock")) - {path}) if name == WHOLE else [folder / f".{WHOLE}.lock"]
        for other in others:  # both look after having taken their own: at least one of two sees the other
            if (owner := _owner(other)) and owner.alive:
                raise _busy(other, owner)
        yield
    finally:
        _MINE.discard(mine.token)
        path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()  # when nothing was written


def running(pid: int) -> bool:
    """Whether a process of this computer is there."""
    if sys.platform == "win32":
        import ctypes

        query = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION; os.kill would end the process on Windows
        handle = ctypes.windll.kernel32.OpenProcess(query, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's process
        return True
    return True


def _take(path: Path, mine: Owner) -> None:
    """Make the lock file, after one that nobody holds any more was put away."""
    owner = None
    for _ in range(3):  # another process may take over the same one in between
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as stream:
            json.dump({"pid": mine.pid, "host": mine.host, "token": mine.token}, stream)
            return
        owner = _owner(path)
        if owner is not None and owner.alive:
            break
        _put_away(path, owner)
    raise _busy(path, owner)


def _put_away(path: Path, judged: Owner | None) -> None:
    """Take away a lock that was found to be nobody's, and only this one: renaming succeeds for one process."""
    aside = path.with_name(f"{path.name}.{uuid4().hex}")
    with suppress(FileNotFoundError):
        path.rename(aside)
        if _read(aside) != judged:  # somebody had taken over in between: it is theirs
            aside.rename(path)
        aside.unlink(missing_ok=True)


def _owner(path: Path) -> Owner | None:
    """Who holds a lock; None when it is not there, or holds no name for longer than taking a lock can last."""
    end = time.monotonic() + PATIENCE
    while True:
        found = _read(path)
        if found is not None or not path.exists() or time.monotonic() > end:
            return found
        time.sleep(PATIENCE / 20)


def _read(path: Path) -> Owner | None:
    """The owner in a lock file; None when there is none yet."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Owner(int(content["pid"]), str(content["host"]), str(content["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _busy(path: Path, owner: Owner | None) -> InputError:
    """The refusal of the second one."""
    who = f" (process {owner.pid} on {owner.host})" if owner else ""
    message = f"another run of this study is under way{who}"
    advice = f"wait until it has ended; if there is none any more, delete {path.as_posix()}"
    return InputError([Finding("error", "busy", message, path.parent.name, advice=advice)])
