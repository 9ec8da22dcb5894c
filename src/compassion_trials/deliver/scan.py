"""Looking for what must never leave: addresses, phone numbers, places on a map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_BYTE: Final = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_INTERNATIONAL: Final = r"\+\d{1,3}[ /-]?(?:\(0\))?[ /-]?\d{2,4}(?:[ /-]?\d{2,4}){2,4}"
_NATIONAL: Final = r"0\d{2,4}[ /]\d{5,8}"

PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "e-mail address": re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}\.[A-Za-z]"),
    "network address": re.compile(rf"(?<![\d.])(?:{_BYTE}\.){{3}}{_BYTE}(?![\d.])"),
    "phone number": re.compile(rf"(?<![\w.+])(?:{_INTERNATIONAL}|{_NATIONAL})(?![\w.])"),
    "place on a map": re.compile(r"(?i)\b(?:latitude|longitude|gps)\b\W{0,3}-?\d"),
    "moment in time": re.compile(r"(?<![\w-])(?!1980-01-01)(?:19|20)\d\d-\d\d-\d\d[ T]\d\d:\d\d"),
}
"""What identifies a person, as it looks in text; 1980-01-01 is the date that our own packages bear."""


def identifying(text: str) -> tuple[str, ...]:
    """Kinds of identifying text that occur; never the text itself."""
    return tuple(kind for kind, pattern in PATTERNS.items() if pattern.search(text))
