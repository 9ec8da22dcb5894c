"""Texts that look the same compare the same: one Unicode form, plain spaces, straight quotation marks."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Soft hyphen, zero-width signs, direction marks, byte-order mark: nobody sees them."""

_QUOTES: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4\u0060", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
)
"""Typographic quotation marks, apostrophes, primes and accents standing alone, to the straight marks of a keyboard."""


def fold(text: str) -> str:
    """A text in the form in which it is compared.

    Canonical composition (Unicode Standard Annex 15, NFC), signs that nobody sees taken out, every run of white space
    (line breaks, no-break and thin spaces too) one blank, trimmed, typographic quotation marks straight.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        The same object when it is plain already.
    """
    if text.isascii() and text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text if "`" not in text else text.translate(_QUOTES)
    composed = unicodedata.normalize("NFC", text)
    return " ".join(_INVISIBLE.sub("", composed).split()).translate(_QUOTES)


def one_line(text: str) -> str:
    """A name on one line: as `fold`, with its quotation marks left as they are."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())
