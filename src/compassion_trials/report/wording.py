"""Small helpers for the words of sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from compassion_trials.core.numbers import MINUS
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Figure, Inline, NumberedBlock, Reference, line
from compassion_trials.tables.text import Run

_SYMBOL = re.compile(
    r"\b(?P<n>n)(?= = \d)|\b(?P<p>[pP])(?= values?\b)|(?<=\()(?P<size>[gd])(?=\))"
    r"|\b(?P<test>[tF])(?= tests?\b| distribution)|\b(?P<sample>n)(?P<group>[12])\b"
    r"|\b(?P<sub>[dg])_(?P<index>av|z|ppc2|rm)\b"
    r"|(?<=[Hh]edges’ )(?P<hedges>g)\b|(?<=Cohen’s )(?P<cohen>d)\b"
)
"""Statistical symbols inside a sentence that a stage wrote."""

_NEGATIVE = re.compile(r"(?<=[\s(\[])-(?=[\d.])")
"""The hyphen that stands for a minus sign."""


def told(sentence: str, origin: str) -> Inline:
    """A sentence that a stage wrote about itself: symbols in italics, apostrophes as print has them.

    Parameters
    ----------
    sentence : str
    origin : str
        Source, such as ``record:fit``.
    """
    shown = _NEGATIVE.sub(MINUS, stopped(sentence).replace("'", "’"))
    parts: list[Inline] = []
    end = 0
    for match in _SYMBOL.finditer(shown):
        names = ("n", "p", "size", "test", "sample", "sub", "hedges", "cohen")
        symbol = next(match[name] for name in names if match[name])
        parts.append(line(cited(shown[end : match.start()], origin), Run(symbol, "italic")))
        if index := match["index"] or match["group"]:
            parts.append(line(cited(index, origin, style="subscript")))
        end = match.end()
    return line(*parts, cited(shown[end:], origin))


def series(parts: Sequence[Inline]) -> Inline:
    """Parts of a sentence in a row: "a and b", "a, b, and c"."""
    joints = ["", *[", "] * (len(parts) - 2), " and " if len(parts) == 2 else ", and "]
    return line(*(piece for joint, part in zip(joints, parts, strict=False) for piece in (joint, part)))


def stopped(sentence: str) -> str:
    """A sentence that ends in a full stop."""
    sentence = sentence.strip()
    return sentence if sentence.endswith((".", "!", "?", ":")) else f"{sentence}."


def within(label: str) -> str:
    """A label inside a sentence: its capital letter goes, unless it begins an acronym."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def scale_end(value: float) -> str:
    """An end of a scale, without needless decimals."""
    return f"{value:,.10g}".replace("-", MINUS)


def see(*blocks: NumberedBlock) -> Inline:
    """References to blocks: "Table 1 and Figure 2"."""
    found = [_reference(block) for block in blocks]
    parts: list[Inline] = []
    for i, reference in enumerate(found):
        joint = "" if i == 0 else (" and " if i == len(found) - 1 else ", ")
        parts.append(line(joint, reference))
    return line(*parts)


def _reference(block: NumberedBlock) -> Reference:
    """A reference to a table or figure."""
    return Reference("figure" if isinstance(block, Figure) else "table", block.name)
