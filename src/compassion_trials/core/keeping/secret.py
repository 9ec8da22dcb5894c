"""Secrets that stay beside the raw data: keys of pseudonyms, of shared numbers and of blinded letters."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding

VARIABLE: Final = "COMPASSION_TRIALS_KEY"
"""Environment variable that takes the place of any key file."""

SHARING: Final = "sharing.key"
"""Key file beside the raw data, of which shared numbers and blinded letters are made."""

SHORTEST: Final = 16
"""Fewest characters of a key; with fewer, keys could be tried out."""

_MAKE: Final = 'python -c "import secrets; print(secrets.token_hex(32))"'


def read_secret(path: Path, purpose: str, environment: Mapping[str, str] = os.environ) -> bytes | None:
    """The secret of the environment variable, else of a key file; None when there is neither.

    Parameters
    ----------
    path : Path
        The key file.
    purpose : str
        What the key is for, such as "pseudonyms"; a word of messages.
    environment : mapping
        Where `VARIABLE` is looked up first.

    Raises
    ------
    InputError
        A key that is too short, or a key file that git keeps.
    """
    secret = environment.get(VARIABLE, "").strip()
    if not secret and path.is_file():
        if _in_git(path):
            message = f"the key for {purpose} is kept by git; whoever has the repository could undo them"
            git = f"git rm --cached {path.name}, delete the file, then make a new key: {_MAKE}"
            raise InputError([Finding("error", "key_tracked", message, path.name, advice=git)])
        secret = path.read_text(encoding="utf-8").strip()
        if not secret:
            message = f"the key for {purpose} is an empty file"
            raise InputError([Finding("error", "key_short", message, path.name, advice=f"make one with: {_MAKE}")])
    if not secret:
        return None
    if len(secret) < SHORTEST:
        message = f"the key for {purpose} has fewer than {SHORTEST} characters"
        raise InputError([Finding("error", "key_short", message, path.name, advice=f"make one with: {_MAKE}")])
    return secret.encode("utf-8")


def sharing_secret(folder: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """The secret of shared numbers and blinded letters; a key file is made on first need, readable by its owner only.

    Parameters
    ----------
    folder : Path
        Folder of the raw files.
    environment : mapping
        See `read_secret`.

    Raises
    ------
    InputError
        See `read_secret`; or there is no key and none can be written.
    """
    path = folder / SHARING
    purpose = "shared numbers and blinded letters"
    known = read_secret(path, purpose, environment)
    if known is not None:
        return known
    fresh = secrets.token_hex(32)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
            stream.write(f"{fresh}\n")
    except OSError as error:
        if path.is_file():  # another run made it in the meantime
            return sharing_secret(folder, environment)
        message = f"there is no key for {purpose}, and none can be written beside the raw data"
        advice = (
            f"make one with: {_MAKE}, and keep it in the environment variable {VARIABLE}; with another key the numbers "
            "and letters become others"
        )
        raise InputError([Finding("error", "key_unwritable", message, SHARING, advice=advice)]) from error
    return fresh.encode("utf-8")


def derived(secret: bytes, context: str) -> bytes:
    """A key of its own for one use, so that two uses of one secret have nothing in common (HMAC-SHA-256, RFC 2104).

    Parameters
    ----------
    secret : bytes
    context : str
        The use, such as ``share/<study>``.
    """
    return hmac.new(secret, f"compassion-trials/{context}".encode(), hashlib.sha256).digest()


def shuffled(words: Iterable[str], key: bytes) -> list[str]:
    """Words in the order of their HMAC-SHA-256: without the key this order says nothing of the words."""
    return sorted(words, key=lambda word: hmac.new(key, word.encode("utf-8"), hashlib.sha256).digest())


def _in_git(path: Path) -> bool:
    """Whether git tracks a file; False without git."""
    try:
        command = ["git", "-C", str(path.parent), "ls-files", "--error-unmatch", path.name]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
