"""Small helpers for the words of sentences."""

from __future__ import annotations

import re

from compassion_trials.core.numbers import MINUS
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Inline, line
from compassion_trials.tables.text import Run

_SYMBOL = re.compile(
    r"\b(?P<n>n)(?= = \d)|\b(?P<p>[pP])(?= values?\b)|(?<=\()(?P<size>[gd])(?=\))"
    r"|\b(?P<sub>[dg])_(?P<index>av|z|ppc2|rm)\b"
    r"|(?<=[Hh]edges’ )(?P<hedges>g)\b|(?<=Cohen’s )(?P<cohen>d)\b"
)
"""Statistical symbols inside a sentence that a stage wrote."""


def told(sentence: str, origin: str) -> Inline:
    """A sentence that a stage wrote about itself: symbols in italics, apostrophes as print has them.

    Parameters
    ----------
    sentence : str
    origin : str
        Source, such as ``record:fit``.
    """
    shown = stopped(sentence).replace("'", "’")
    parts: list[Inline] = []
    end = 0
    for match in _SYMBOL.finditer(shown):
        symbol = next(match[name] for name in ("n", "p", "size", "sub", "hedges", "cohen") if match[name])
        parts.append(line(cited(shown[end : match.start()], origin), Run(symbol, "italic")))
        if match["index"]:
            parts.append(line(cited(match["index"], origin, style="subscript")))
        end = match.end()
    return line(*parts, cited(shown[end:], origin))


def stopped(sentence: str) -> str:
    """A sentence that ends in a full stop."""
    sentence = sentence.strip()
    return sentence if sentence.endswith((".", "!", "?", ":")) else f"{sentence}."


def within(label: str) -> str:
    """A label inside a sentence: its capital letter goes, unless it begins an acronym."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def scale_end(value: float) -> str:
    """An end of a scale, without needless decimals."""
    return f"{value:g}".replace("-", MINUS)
