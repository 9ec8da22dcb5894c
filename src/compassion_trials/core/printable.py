"""Text that every file format takes."""

from __future__ import annotations

import re
from typing import Final

_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Control characters (Unicode category Cc), separators of lines and paragraphs, surrogates, what is not a character."""


def printable(text: str) -> str:
    r"""A text with a space for each character that XML forbids or that breaks a line.

    Names in a plan and texts in raw data may hold them; neither Word, SVG nor HTML takes them.

    Examples
    --------
    >>> printable("a\x0bb\nc")
    'a b c'
    """
    return _UNPRINTABLE.sub(" ", text)
