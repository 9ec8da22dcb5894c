"""Questions of a user about questionnaires, answered in words: list, one in full, or those that fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.instruments.finder import Answers, find
from compassion_trials.instruments.library import load_instruments, shipped_file
from compassion_trials.instruments.model import Instrument
from compassion_trials.instruments.page import write_pages
from compassion_trials.instruments.words import describe, overview


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What was asked on the command line.

    Attributes
    ----------
    name : str or None
        One questionnaire in full.
    words : str
        What it measures.
    items : int or None
        Item columns of an export.
    answers : str
        Lowest and highest answer of an export, such as ``1-5``.
    """

    name: str | None = None
    words: str = ""
    items: int | None = None
    answers: str = ""


def respond(asked: Enquiry, own: Path, pages: Path | None) -> str:
    """The answer over shipped questionnaires and those of the folder ``own``; with ``pages``, the shipped ones' pages.

    Raises
    ------
    InputError
        As `reply`.
    """
    if pages is not None:
        return f"{len(write_pages(load_instruments(None), pages))} pages in {pages}"
    return reply(load_instruments(own), asked)


def reply(library: Mapping[str, Instrument], asked: Enquiry) -> str:
    """The answer as text.

    Raises
    ------
    InputError
        Nothing fits, no such questionnaire, or a range that is none.
    """
    if asked.name:
        said = describe(library, asked.name)
        place = shipped_file(asked.name)
        return said if place is None else f"{said}\nFile: {place}"
    if not (asked.words or asked.items is not None or asked.answers):
        return overview(library)
    hits = find(library, asked.words, asked.items, _ends(asked.answers) if asked.answers else None)
    width = max(len(hit.instrument.id) for hit in hits)
    lines = [
        f"{hit.instrument.id:<{width}}  {hit.instrument.name}{'' if hit.instrument.enabled else '  (disabled)'}"
        f"  ({hit.why})"
        for hit in hits
    ]
    return "\n".join([*lines, "", f"compassion-trials instruments {hits[0].instrument.id} shows its key and pitfalls."])


def _ends(text: str) -> Answers:
    """Lowest and highest answer of a text such as ``1-5``, ``1 to 5`` or ``-3..3``."""
    found = re.fullmatch(r"\s*(-?\d+)\s*(?:-|–|\.\.|:|to)\s*(-?\d+)\s*", text)
    if found is None or int(found[1]) >= int(found[2]):
        raise InputError(
            [
                Finding(
                    "error",
                    "answers_unreadable",
                    "this is not a range of answers",
                    column="--range",
                    value=text,
                    expected="lowest and highest answer, such as 1-5",
                )
            ]
        )
    return int(found[1]), int(found[2])
