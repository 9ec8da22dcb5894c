"""Families of columns: names that differ only in an item number, and the questionnaire and visit they may belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from compassion_trials.instruments.model import Instrument

FEWEST = 4
"""Items from which numbered columns count as a questionnaire."""

VISIT_WORDS = re.compile(
    r"(pre|post|pretest|posttest|baseline|base|bl|t\d|fu\d*[mw]?|follow_?up\d*|f\d|m\d{1,2}|\d{1,2}m|w\d{1,2}|\d{1,2}w|"
    r"week\d{1,2}|month\d{1,2}|wave\d|time\d|visit\d|screening|mid|end|pp)",
    re.IGNORECASE,
)
"""Words inside column names that name a visit."""

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ColumnFamily:
    """Numbered columns.

    Attributes
    ----------
    prefix, suffix : str
        What stands before and after the item number.
    padded : int
        Digits of the item number when padded with zeros, else 0.
    columns : tuple of str
        In item order, items 1 to n.
    word : str
        The part of the name that stands for the questionnaire.
    visit : str
        The part that stands for the visit; empty without one.
    instrument : str
        Short name of the questionnaire that fits by name and number of items; empty when none does.
    """

    prefix: str
    suffix: str
    padded: int
    columns: tuple[str, ...]
    word: str
    visit: str
    instrument: str

    @property
    def pattern(self) -> str:
        """Column pattern as the plan writes it."""
        item = f"{{item:0{self.padded}}}" if self.padded else "{item}"
        return _general(self.prefix, self.word, self.visit) + item + _general(self.suffix, self.word, self.visit)


def families(names: Sequence[str], known: Mapping[str, Instrument]) -> list[ColumnFamily]:
    """Numbered columns of a file, longest families first; each column belongs to one.

    Parameters
    ----------
    names : sequence of str
    known : mapping of str to Instrument
    """
    found: dict[tuple[str, str, int], dict[int, str]] = {}
    for name in names:
        for run in re.finditer(r"\d+", name):
            digits = run.group()
            padded = len(digits) if digits.startswith("0") else 0
            found.setdefault((name[: run.start()], name[run.end() :], padded), {})[int(digits)] = name
    _join_padded(found)
    result: list[ColumnFamily] = []
    taken: set[str] = set()
    for (prefix, suffix, padded), members in sorted(found.items(), key=lambda pair: -len(pair[1])):
        count = len(members)
        if count < FEWEST or set(members) != set(range(1, count + 1)) or taken & set(members.values()):
            continue
        word, visit = _words(prefix, suffix)
        columns = tuple(members[item] for item in range(1, count + 1))
        result.append(
            ColumnFamily(
                prefix=prefix,
                suffix=suffix,
                padded=padded,
                columns=columns,
                word=word,
                visit=visit,
                instrument=_instrument(word, count, known),
            )
        )
        taken |= set(columns)
    return sorted(result, key=lambda family: list(names).index(family.columns[0]))


def _join_padded(found: dict[tuple[str, str, int], dict[int, str]]) -> None:
    """Items 01 to 09 and 10 onwards of one family belong together, in place."""
    for prefix, suffix, padded in [key for key in found if key[2]]:
        plain = found.get((prefix, suffix, 0), {})
        found[(prefix, suffix, padded)] |= {item: name for item, name in plain.items() if len(str(item)) == padded}
        if plain and len(found[(prefix, suffix, padded)]) > len(plain):
            found.pop((prefix, suffix, 0))


def _words(prefix: str, suffix: str) -> tuple[str, str]:
    """Questionnaire and visit parts of a name without its item number."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", f"{prefix} {suffix}") if part]
    visit = next((part for part in reversed(parts) if VISIT_WORDS.fullmatch(part)), "")
    rest = [part for part in parts if part != visit]
    return (rest[0] if rest else ""), visit


def _instrument(word: str, count: int, known: Mapping[str, Instrument]) -> str:
    """Questionnaire whose short name begins like a word and that has this number of items."""
    plain = _plain(word)
    if not plain:
        return ""
    fits = [one for one in known.values() if one.enabled and one.items == count]
    for one in fits:
        if plain in (_plain(one.id), _plain(one.short)):
            return one.id
    for one in fits:
        if len(plain) >= 3 and (_plain(one.id).startswith(plain) or plain.startswith(_plain(one.id))):
            return one.id
    return ""


def _plain(word: str) -> str:
    """Small letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


def _general(part: str, word: str, visit: str) -> str:
    """A part of a name with the questionnaire and the visit replaced by their place holders."""
    for text, holder in ((word, "{instrument}"), (visit, "{visit}")):
        if text:
            part = re.sub(rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])", holder, part)
    return part


def totals(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Columns that differ only in the name of a visit: pattern with ``{visit}``, then visit and column.

    Only patterns with at least two visits.
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        parts = re.split(r"([^A-Za-z0-9]+)", name)
        places = [i for i, part in enumerate(parts) if VISIT_WORDS.fullmatch(part)]
        if places and len(parts) > 1:
            place = places[-1]
            pattern = "".join([*parts[:place], "{visit}", *parts[place + 1 :]])
            found.setdefault(pattern, {})[parts[place]] = name
    return {pattern: visits for pattern, visits in found.items() if len(visits) > 1}
