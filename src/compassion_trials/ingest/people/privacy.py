"""Columns that may identify a person: found by name, by content or by what the file says, and dropped after reading."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import pairwise

import pandas as pd

from compassion_trials.ingest.readers.table import RawTable
from compassion_trials.ingest.values import is_blank

NAME_WORDS: Mapping[str, frozenset[str]] = {
    "name of a person": frozenset(
        [
            "name",
            "firstname",
            "lastname",
            "surname",
            "forename",
            "givenname",
            "familyname",
            "fullname",
            "vorname",
            "nachname",
            "initials",
            "kin",
            "therapistname",
        ]
    ),
    "e-mail address": frozenset(["email", "mail", "emailaddress"]),
    "phone number": frozenset(["phone", "telephone", "mobile", "tel", "telefon", "handy", "cellphone", "phonenumber"]),
    "network address": frozenset(["ip", "ipaddress", "ipaddr", "ipadresse"]),
    "postal address": frozenset(["address", "street", "adresse", "strasse", "addr", "city", "town"]),
    "postcode": frozenset(["postcode", "zip", "zipcode", "postal", "plz", "postnummer"]),
    "date of birth": frozenset(["dob", "birthdate", "birthday", "birth", "dateofbirth", "geburtsdatum", "born"]),
    "personal number": frozenset(["ssn", "iban", "nhs", "mrn", "passport", "cpr", "personnummer", "matrikel"]),
    "place on a map": frozenset(["latitude", "longitude", "gps"]),
    "comment or free text": frozenset(
        ["comment", "comments", "remark", "remarks", "feedback", "freetext", "kommentar", "anmerkung", "bemerkung"]
    ),
    "signature or upload": frozenset(["signature", "upload", "photo", "audio", "video"]),
}
"""Words that, as a whole part of a column name, make it identifying."""

HARMLESS = frozenset(["birthweight", "countryofbirth", "monthofbirth", "drugname", "medicationname", "groupname"])
"""Joined names that hold such a word and say nothing about the person."""

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
IP = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
PHONE = re.compile(r"\+?\(?\d[\d ()/.-]{7,}\d")
DATE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

LONG_TEXT = 40
"""Characters from which an answer counts as long."""
MANY_WORDS = 5
"""Words from which an answer counts as a sentence."""

HIDDEN = "(not shown)"
"""Stands in messages for what a participant may have written."""
_CODE = re.compile(r"[-+]?\d{1,6}([.,]\d{1,6})?|\d{1,2}( ?[;,|] ?\d{1,2})+|#[A-Z]{1,5}(/[0A])?[!?]?")
"""A short number, several ticks, or an error that a spreadsheet shows."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A column that was dropped, and the rule that says so."""

    file: str
    column: str
    rule: str


def identifying(
    table: RawTable, *, drop: Collection[str] = (), keep: Collection[str] = (), needed: Collection[str] = ()
) -> dict[str, str]:
    """Columns to drop and the rule for each.

    Parameters
    ----------
    table : RawTable
    drop, keep : collections of str
        Patterns of the plan's ``privacy`` part; ``drop`` wins over ``keep``.
    needed : collection of str
        Columns that the plan uses for ids, arms, visits or answers; only ``drop`` can drop them.
    """
    found: dict[str, str] = {}
    for column in table.frame.columns:
        if _any(column, drop):
            found[column] = "named in privacy.drop"
        elif column in needed or _any(column, keep):
            continue
        elif rule := table.identifying.get(column) or by_name(column) or by_content(table.frame[column]):
            found[column] = rule
    return found


def drop_columns(table: RawTable, columns: Mapping[str, str]) -> tuple[RawTable, list[Dropped]]:
    """The table without some columns, and the account of it."""
    kept = replace(table, frame=table.frame.drop(columns=list(columns)))
    return kept, [Dropped(table.file, column, rule) for column, rule in columns.items()]


def by_name(column: str) -> str:
    """The rule by which a column's name is identifying; empty when it is not.

    A word counts as a whole part of the name (``first_name``, ``FirstName``, ``e-mail``), never inside another word.
    """
    parts = [part.lower() for part in _PARTS.findall(column)]
    joined = "".join(parts)
    if joined in HARMLESS or len(column) > LONG_TEXT:  # a question text as header: its words say nothing
        return ""
    pairs = {a + b for a, b in pairwise(parts)}
    for rule, words in NAME_WORDS.items():
        if words & (set(parts) | pairs | {joined}):
            return f"looks like: {rule}"
    return ""


def by_content(cells: pd.Series) -> str:
    """The rule by which a column's content is identifying; empty when it is not."""
    filled = cells[~is_blank(cells)].unique()
    if not len(filled):
        return ""
    words = pd.Series(filled, dtype="object")
    if words.map(lambda word: bool(EMAIL.search(word))).any():
        return "holds e-mail addresses"
    if words.map(lambda word: bool(IP.search(word))).any():
        return "holds network addresses"
    if words.map(lambda word: bool(DATE.fullmatch(word))).mean() > 0.5:
        return "holds dates"
    if words.map(_is_phone).mean() > 0.5:
        return "holds phone numbers"
    return "holds free text" if free_text(words) else ""


def free_text(distinct: pd.Series) -> bool:
    """Whether distinct answers are sentences: at least three, most of them long or of many words."""
    texts = distinct.map(is_sentence)
    return int(texts.sum()) >= 3 and float(texts.mean()) > 0.3 and len(distinct) > 5


def is_sentence(word: str) -> bool:
    """Whether an answer is long or of many words."""
    return len(word) >= LONG_TEXT or len(word.split()) >= MANY_WORDS


def _is_phone(word: str) -> bool:
    """Whether a text is a phone number: 9 to 15 digits, with a plus, a leading zero or separators."""
    digits = re.sub(r"\D", "", word)
    marked = word.startswith(("+", "0", "(")) or any(sign in word for sign in " ()/-")
    return 9 <= len(digits) <= 15 and bool(PHONE.fullmatch(word)) and marked and not DATE.fullmatch(word)


def shown(word: str, codes: Collection[str] = ()) -> str:
    """A value as a message may show it: a short number or a code of the plan, never a word of a participant.

    Parameters
    ----------
    word : str
    codes : collection of str
        Words that the plan itself holds.
    """
    return word if word in codes or _CODE.fullmatch(word) else HIDDEN


def _any(column: str, patterns: Collection[str]) -> bool:
    """Whether a column name fits one of some patterns; * stands for anything."""
    return any(column == pattern or fnmatchcase(column, pattern) for pattern in patterns)
