"""What a cell of a paper's table holds: a number, a number with another in brackets, an interval, a test in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from compassion_trials.core.numbers import MINUS

Shape = Literal["one", "bracketed", "plus_minus", "interval", "with_interval", "pair", "test"]
"""How the numbers of a cell stand to each other."""

NOTHING: Final = frozenset({"", "-", "–", "—", "―", "na", "n/a", "nr", ".", "..", "…", "/"})
"""Cells without a value."""

_NUMBER = r"[-+]?(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+\.\d*|\.\d+|\d+)"
_BOUND = rf"(?:[<>≤≥=]\s*)?{_NUMBER}"
_MARKS = r"(?:\s*[*†‡§¶#]+|(?<=\d)[a-e](?:,\s*[a-e])*)?"
_ONE = re.compile(rf"({_BOUND}|n\.?\s?s\.?){_MARKS}%?", re.IGNORECASE)
_BRACKETED = re.compile(rf"({_NUMBER}){_MARKS}\s*\(\s*({_BOUND})\s*%?\s*\){_MARKS}")
_PLUS_MINUS = re.compile(rf"({_NUMBER})\s*(?:±|\+/-|\+-)\s*({_NUMBER}){_MARKS}")
_TO = r"\s*(?:,|;|\bto\b|–|—|\s-\s)\s*"
_INTERVAL = re.compile(rf"[\[(]?\s*({_NUMBER}){_TO}({_NUMBER})\s*[\])]?{_MARKS}")
_WITH = re.compile(rf"({_NUMBER}){_MARKS}\s*[\[(]\s*(?:95\s*%\s*CI:?\s*)?({_NUMBER}){_TO}({_NUMBER})\s*[\])]{_MARKS}")
_PIECE = re.compile(
    rf"(?P<name>F|t|z|χ2|χ²|X2|chi2|d|g|p|n|N|M|SD|SE|b|r|η2|η²|ηp2|ηp²|ηp\s?2|df)\s*"
    rf"(?:\[\s*(?P<b1>{_NUMBER})\s*(?:,\s*(?P<b2>{_NUMBER})\s*)?\]|\(\s*(?P<d1>{_NUMBER})\s*(?:,\s*(?P<d2>{_NUMBER})\s*)?\))?"
    rf"\s*(?P<sign>[=<>≤≥])\s*(?P<value>{_NUMBER}){_MARKS}"
)
_NAMES: Final = {
    "F": "F",
    "t": "t",
    "χ2": "chi2",
    "χ²": "chi2",
    "X2": "chi2",
    "chi2": "chi2",
    "d": "d",
    "g": "g",
    "p": "p",
    "n": "n",
    "N": "n",
    "M": "mean",
    "SD": "sd",
    "SE": "se",
    "b": "estimate",
    "η2": "eta2",
    "η²": "eta2",
    "ηp2": "eta2",
    "ηp²": "eta2",
    "df": "df",
}


@dataclass(frozen=True, slots=True)
class CellNumbers:
    """Numbers of a cell.

    Attributes
    ----------
    shape : Shape
    values : tuple of str
        Digits as printed, with a plain minus, without marks of significance.
    names : tuple of str
        The statistic of each value where the cell names it; empty otherwise.
    """

    shape: Shape
    values: tuple[str, ...]
    names: tuple[str, ...] = ()


def plain(text: str) -> str:
    """A text with plain blanks, minus signs and no soft hyphens."""
    for old, new in ((MINUS, "-"), ("\u2011", "-"), ("\u00ad", ""), ("\u200b", ""), ("\ufeff", "")):
        text = text.replace(old, new)
    text = " ".join(text.split())
    return re.sub(r"^[–—]\s?(?=[\d.])", "-", text)


def is_nothing(text: str) -> bool:
    """Whether a cell holds no value."""
    return plain(text).lower() in NOTHING


def cell_numbers(text: str) -> CellNumbers | None:
    """Numbers of a cell; None for words.

    Parameters
    ----------
    text : str
        For example ``23.11 (4.93)``, ``0.49 [0.26, 0.72]``, ``<.001``, ``F(1, 53) = 4.00, p = .015``.
    """
    text = plain(text)
    shapes: tuple[tuple[Shape, re.Pattern[str]], ...] = (
        ("one", _ONE),
        ("plus_minus", _PLUS_MINUS),
        ("bracketed", _BRACKETED),
        ("with_interval", _WITH),
    )
    for shape, pattern in shapes:
        if found := pattern.fullmatch(text):
            return CellNumbers(shape, tuple(_clean(v) for v in found.groups()))
    if found := _INTERVAL.fullmatch(text):
        shape = "interval" if text[0] in "[(" or " to " in text else "pair"
        return CellNumbers(shape, tuple(_clean(v) for v in found.groups()))
    return _test(text)


def _clean(value: str) -> str:
    """Digits as the ledger writes them."""
    value = value.replace(" ", "").replace("≤", "<").replace("≥", ">").lstrip("+=")
    return "ns" if value.lower().startswith("n") else value


def _test(text: str) -> CellNumbers | None:
    """A test in words: names, degrees of freedom and values, with commas or semicolons between them."""
    values: list[str] = []
    names: list[str] = []
    position = 0
    for piece in _PIECE.finditer(text):
        if text[position : piece.start()].strip(" ,;()[]"):
            return None
        name = _NAMES.get(piece["name"].replace(" ", ""))
        if name is None:
            return None
        first, second = piece["d1"] or piece["b1"], piece["d2"] or piece["b2"]
        for statistic, value in (("df", first), ("df2", second)):
            if value:
                names.append(statistic)
                values.append(_clean(value))
        names.append(name)
        values.append(_clean(("" if piece["sign"] == "=" else piece["sign"]) + piece["value"]))
        position = piece.end()
    if not values or text[position:].strip(" ,;()[]"):
        return None
    return CellNumbers("test", tuple(values), tuple(names))
