"""Questionnaires found by what they measure, or by what an export shows of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.instruments.model import Instrument, Response

BY_NAME = "by its name"

Answers = tuple[int, int]
"""Lowest and highest answer in an export."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A questionnaire that fits, and why.

    Attributes
    ----------
    instrument : Instrument
    why : str
        What fits, in words.
    nearness : int
        0 fits as it is, 1 with shifted answers, 2 when some answers were never ticked.
    """

    instrument: Instrument
    why: str
    nearness: int


def find(
    library: Mapping[str, Instrument], words: str = "", items: int | None = None, answers: Answers | None = None
) -> list[Hit]:
    """Questionnaires that fit all that is given, the nearest first.

    Parameters
    ----------
    library : mapping of str to Instrument
    words : str
        What it measures, such as ``self-compassion``; each word must begin a word of its name, scales or constructs.
    items : int, optional
        Number of item columns in the export.
    answers : tuple of int, optional
        Lowest and highest answer in the export.

    Raises
    ------
    InputError
        None fits; the nearest words or numbers are named.
    """
    hits = [hit for one in library.values() if (hit := _fits(one, words, items, answers)) is not None]
    if not hits:
        raise InputError([_none(library, words, items, answers)])
    nearest = min(hit.nearness for hit in hits)
    kept = [hit for hit in hits if hit.nearness < 2 or nearest == 2]
    return sorted(kept, key=_order)


def _order(hit: Hit) -> tuple[int, bool, bool, str]:
    """Nearest first, usable before disabled, by name before by scale."""
    return hit.nearness, not hit.instrument.enabled, not hit.why.startswith(BY_NAME), hit.instrument.id


def _fits(one: Instrument, words: str, items: int | None, answers: Answers | None) -> Hit | None:
    """One questionnaire against all that is given."""
    reasons, nearness = [], 0
    if words:
        named = _about(one, words)
        if named is None:
            return None
        reasons.append(named)
    if items is not None:
        if one.items != items:
            return None
        reasons.append(f"{items} items")
    if answers is not None:
        found = _coded(one, answers)
        if found is None:
            return None
        nearness, said = found
        reasons.append(said)
    return Hit(one, "; ".join(reasons), nearness)


def _about(one: Instrument, words: str) -> str | None:
    """The name, scale or construct that holds the words; None when none does."""
    asked = _parts(words)
    labels = [scale.label for scale in one.scales.values()]
    for text in (one.id, one.short, one.name, *labels, *one.constructs):
        parts = _parts(text)
        if asked and all(any(part.startswith(word) for part in parts) for word in asked):
            return f"about {text}" if text not in (one.id, one.short, one.name) else BY_NAME
    return None


def _coded(one: Instrument, answers: Answers) -> tuple[int, str] | None:
    """How the answers of an export fit: as they are, in a variant's coding, shifted, or not all ticked."""
    own = [("", one.response)]
    own += [(f" (variant {key})", variant.response) for key, variant in one.variants.items() if variant.response]
    for note, response in own:
        if answers == (response.min, response.max):
            return 0, f"answers {_ends(response)}{note}"
    response = one.response
    if answers[1] - answers[0] == response.max - response.min:
        return 1, f"answers {_ends(response)}: write coding: {{min: {answers[0]}, max: {answers[1]}}}"
    if response.min <= answers[0] and answers[1] <= response.max:
        return 2, f"answers {_ends(response)}, not all of them ticked"
    return None


def _ends(response: Response) -> str:
    """``1 to 5``."""
    return f"{response.min} to {response.max}"


def _parts(text: str) -> list[str]:
    """Words of a text in small letters; hyphens join, so that self-compassion and self compassion are two words."""
    return re.findall(r"[^\W_]+", text.lower())


def _none(library: Mapping[str, Instrument], words: str, items: int | None, answers: Answers | None) -> Finding:
    """The finding when nothing fits."""
    asked = [words] if words else []
    asked += [f"{items} items"] if items is not None else []
    asked += [f"answers {answers[0]} to {answers[1]}"] if answers is not None else []
    known = sorted({text.lower() for one in library.values() for text in _vocabulary(one)})
    close = get_close_matches(words.lower(), known, n=3)
    advice = f"nearest: {', '.join(close)}" if close else "compassion-trials instruments lists all"
    return Finding("error", "no_instrument_fits", "no questionnaire fits", value=", ".join(asked), advice=advice)


def _vocabulary(one: Instrument) -> Iterable[str]:
    """Every term by which a questionnaire is found."""
    yield from (one.name, *(scale.label for scale in one.scales.values()), *one.constructs)
