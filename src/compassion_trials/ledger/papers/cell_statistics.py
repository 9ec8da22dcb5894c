"""Which statistic each number of a cell is, and whether it can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from compassion_trials.ledger.papers.numbers import CellNumbers
from compassion_trials.ledger.papers.words import HeadWords, statistics_of
from compassion_trials.ledger.reading.printed import printed

ROW: Final = ("n", "mean", "sd")
"""Statistics of one arm at one visit."""

EFFECT: Final = ("estimate", "t", "F", "df", "df2", "chi2", "p", "d", "d_lower", "d_upper", "g", "g_se", "eta2")
"""Statistics of effects and tests."""

CENTRES: Final = ("mean", "estimate", "d", "g")
"""Statistics that may have limits or a standard error."""


def named_statistics(
    numbers: CellNumbers, heads: Sequence[HeadWords], row: str, around: str
) -> tuple[tuple[str, ...], str]:
    """The statistic of each number of a cell, and what was guessed; empty where unclear."""
    if numbers.names:
        return numbers.names, ""
    given = statistics_of(row) or next((head.statistics for head in reversed(heads) if head.statistics), ())
    several = len(numbers.values)
    if len(given) == several and "ci" not in given:
        return given, ""
    if numbers.shape in ("interval", "pair") and given == ("ci",):
        return ("lower", "upper"), ""
    if numbers.shape == "pair" and given[:1] == ("df",):
        return ("df", "df2"), ""
    if numbers.shape == "with_interval" and len(given) == 2 and given[1] == "ci":
        return (given[0], "lower", "upper"), ""
    if numbers.shape in ("bracketed", "plus_minus") and given in ((), ("mean",)):
        said = around.casefold().replace(".", "")
        if " sd" in f" {said}" or "(sd)" in said or "standard dev" in said:
            return ("mean", "sd"), ""
        return ("mean", "sd"), "what stands in brackets or after ± is taken as SD"
    return (), ""


def effect_among(labels: Sequence[str]) -> str:
    """The label of a line that names an effect (``Hedges’ g (SE)``), which is then no mean; empty as a rule."""
    return next((label for label in labels if set(statistics_of(label)) & set(EFFECT)), "")


def row_or_effect(name: str, done: Sequence[tuple[int, str]]) -> tuple[str, str]:
    """Row or effect, and the ledger's name; limits and errors go with what stands before them in the row."""
    if name in ROW or name == "r":
        return "row", name
    if name in EFFECT:
        return "effect", name
    centre = next((s for _, s in reversed(done) if s in CENTRES), "")
    if centre in ("mean", "estimate"):
        return ("row" if centre == "mean" else "effect"), name
    if centre == "d" and name in ("lower", "upper"):
        return "effect", f"d_{name}"
    if centre == "g" and name == "se":
        return "effect", "g_se"
    return "", ""


def impossible(statistic: str, value: str) -> str:
    """Why a number cannot be what its head says; empty as a rule."""
    try:
        number = printed(value)
    except ValueError:
        return "no number of the ledger"
    if statistic == "n" and not (number.value >= 1 and number.value == int(number.value)):
        return "n must be a whole number"
    if statistic in ("sd", "se", "g_se") and not number.range.upper > 0:
        return "an SD or SE is above zero"
    if statistic == "p" and not (number.range.lower < 1 and number.range.upper >= 0):
        return "p lies between 0 and 1"
    if statistic in ("F", "chi2", "df", "df2", "eta2") and number.value < 0:
        return "it cannot be below zero"
    return ""
