"""The caption of a figure as reStructuredText, which ``snakemake --report`` shows beside it."""

from __future__ import annotations

import re
import string
from typing import Final

_PUNCTUATION: Final = re.compile(f"([{re.escape(string.punctuation)}])")


def caption(title: str, note: str, analyses: tuple[str, ...]) -> str:
    """Title, note and the analyses behind a figure; no character of them is markup.

    Parameters
    ----------
    title, note : str
    analyses : tuple of str
        Values of the column ``analysis`` of the results table.
    """
    behind = f"Analyses: {', '.join(analyses)}." if analyses else ""
    return "\n\n".join([f"**{escape(title)}**", *(escape(part) for part in (note, behind) if part)]) + "\n"


def escape(characters: str) -> str:
    """Characters on one line, without a meaning in reStructuredText."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(characters.split()))
