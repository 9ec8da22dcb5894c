"""Text with the little markup that tables need: italic symbols, superscript note marks. Never HTML.

A `Text` is a tuple of runs. Data (labels, reasons, file names) enter it as plain strings and can carry no markup;
only literals of this package go through `rich`. Each writer escapes each run for its own format.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from compassion_trials.core.printable import printable

Style = Literal["plain", "italic", "bold", "superscript", "subscript"]
"""How a run is set."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style.

    Attributes
    ----------
    text : str
        Characters as they are printed; no markup, no escapes.
    style : {"plain", "italic", "bold", "superscript", "subscript"}
    """

    text: str
    style: Style = "plain"


Text = tuple[Run, ...]
"""Text of a cell, heading, title or note; the empty tuple is an empty cell."""

_MARK = re.compile(r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>.+?)\*|\^(?P<superscript>.+?)\^|~(?P<subscript>.+?)~")


def text(*parts: str | Run | Text) -> Text:
    """Join strings (plain), runs and texts to one text; neighbours of the same style become one run.

    Parameters
    ----------
    *parts : str, Run or Text
        Strings are taken as they are: no character in them is markup; what no format takes becomes a space.
    """
    joined: list[Run] = []
    for part in parts:
        for run in _runs(part):
            if not run.text:
                continue
            shown = printable(run.text)
            if joined and joined[-1].style == run.style:
                joined[-1] = Run(joined[-1].text + shown, run.style)
            else:
                joined.append(Run(shown, run.style))
    return tuple(joined)


def rich(markup: str) -> Text:
    """Text from a literal of this package: ``*italic*``, ``**bold**``, ``^superscript^``, ``~subscript~``.

    Parameters
    ----------
    markup : str
        Never a string that came from data or from a plan.
    """
    parts: list[Run] = []
    end = 0
    for match in _MARK.finditer(markup):
        style: Any = match.lastgroup
        parts += [Run(markup[end : match.start()]), Run(match[style], style)]
        end = match.end()
    return text(*parts, markup[end:])


def plain(content: Text) -> str:
    """The characters of a text without its styles."""
    return "".join(run.text for run in content)


def join(separator: str, parts: Sequence[str | Text]) -> Text:
    """Texts joined by a plain separator; empty ones are left out."""
    kept = [part for part in parts if part]
    return text(*(piece for i, part in enumerate(kept) for piece in ((separator, part) if i else (part,))))


def encode(content: Text) -> str | list[str | dict[str, str]]:
    """JSON form: a string when all is plain, else a list of strings and ``{style: text}``."""
    if all(run.style == "plain" for run in content):
        return plain(content)
    return [run.text if run.style == "plain" else {run.style: run.text} for run in content]


def decode(content: Any) -> Text:
    """Inverse of `encode`.

    Raises
    ------
    ValueError
        A style that does not exist.
    """
    if isinstance(content, str):
        return text(content)
    runs: list[str | Run] = []
    for part in content:
        if isinstance(part, str):
            runs.append(part)
            continue
        ((style, characters),) = part.items()
        if style not in get_args(Style):
            raise ValueError(f"no such text style: {style}")
        runs.append(Run(characters, style))
    return text(*runs)


def _runs(part: str | Run | Text) -> Text:
    """A part as runs."""
    if isinstance(part, str):
        return (Run(part),)
    return (part,) if isinstance(part, Run) else part
