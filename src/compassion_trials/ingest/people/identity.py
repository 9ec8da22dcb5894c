"""Who is who: participant ids trimmed, and replaced by a keyed hash when the plan asks for it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.folding import fold
from compassion_trials.core.keeping.secret import VARIABLE, read_secret
from compassion_trials.ingest.values import nothing

KEY_FILE = "pseudonym.key"
"""Key file of pseudonyms, beside the raw data."""


def clean(cells: pd.Series) -> pd.Series:
    """Ids as text, in the form in which texts compare (`core.folding.fold`); blank where there is none.

    An id is a name and never a number (``1,000`` and ``1`` are two people); only the ending that programs give whole
    numbers (``12.0`` or ``12.00``) is taken off, unless other ids of the column have decimals. ``NA`` is an id where
    the other ids are two capital letters too, else nothing.

    Parameters
    ----------
    cells : pandas.Series of str
    """
    folded = {word: fold(word) for word in cells.unique()}
    filled = {word for word in folded.values() if not nothing(word)}
    shapes = {_shape(word) for word in filled} - {""}
    decimals = [word for word in filled if _DECIMAL.fullmatch(word)]
    whole = all(_WHOLE.fullmatch(word) for word in decimals)

    def plain(word: str) -> str:
        if nothing(word) and _shape(word) not in shapes:
            return ""
        return word.split(".")[0] if whole and _WHOLE.fullmatch(word) else word

    return cells.map({word: plain(one) for word, one in folded.items()}).astype("object")


_DECIMAL = re.compile(r"\d+\.\d+")
_WHOLE = re.compile(r"\d+\.0{1,2}")


def _shape(word: str) -> str:
    """The pattern of an id made of letters: A for a capital, a for a small letter; empty for any other."""
    return "".join("A" if sign.isupper() else "a" for sign in word) if word.isalpha() else ""


def in_order(ids: Iterable[str]) -> list[str]:
    """Distinct ids in the order of people: numbers inside them count as numbers."""

    def key(word: str) -> list[tuple[int, int, str]]:
        parts = re.findall(r"[0-9]+|[^0-9]+", word)
        return [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts]

    return sorted(set(ids), key=lambda word: (key(word), word))


def spelled(cells: pd.Series) -> int:
    """Number of ids that a column spells in several ways that look the same: composed and decomposed letters, quotes.

    Parameters
    ----------
    cells : pandas.Series of str
        Ids as the file has them, of one or several files together.
    """
    words = pd.Series([word for word in cells.unique() if word.strip()], dtype="object")
    looks = words.map(lambda word: " ".join(word.split()))
    return int((looks.groupby(words.map(fold)).nunique() > 1).sum())


def alike(ids: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of ids that differ only in case, spaces, punctuation or leading zeros."""
    groups: dict[str, list[str]] = {}
    for word in in_order(ids):
        plain = re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", word.casefold()))
        groups.setdefault(plain, []).append(word)
    return [tuple(words) for words in groups.values() if len(words) > 1]


def read_key(folder: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """The secret key for pseudonyms.

    Parameters
    ----------
    folder : Path
        Folder of the raw files, where ``pseudonym.key`` may lie.
    environment : mapping
        Where the variable ``COMPASSION_TRIALS_KEY`` is looked up first.

    Raises
    ------
    InputError
        No key, a key that is too short, or a key file that git keeps.
    """
    secret = read_secret(folder / KEY_FILE, "pseudonyms", environment)
    if secret is None:
        message = "pseudonymize is asked for, but there is no key"
        advice = (
            f'make one with: python -c "import secrets; print(secrets.token_hex(32))", and keep it in the environment '
            f"variable {VARIABLE} or in data_root/{KEY_FILE}; without it the pseudonyms cannot be made again"
        )
        raise InputError([Finding("error", "key_missing", message, "", None, "id.pseudonymize", advice=advice)])
    return secret


def pseudonym(word: str, key: bytes) -> str:
    """The pseudonym of an id: ``P`` and the first 12 hexadecimal digits of its HMAC-SHA-256 (RFC 2104)."""
    return "P" + hmac.new(key, word.encode("utf-8"), hashlib.sha256).hexdigest()[:12]


def pseudonyms(ids: Iterable[str], key: bytes) -> dict[str, str]:
    """Pseudonym of each id.

    Raises
    ------
    ValueError
        Two ids with one pseudonym (a chance of about 10^-9 for 1,000 ids).
    """
    known = {word: pseudonym(word, key) for word in sorted(set(ids))}
    if len(set(known.values())) != len(known):
        raise ValueError("two ids have the same pseudonym")
    return known
