"""What a change is: a function that alters a trial in place and says what must come of it; a list of all by family."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.hostile.trial import Trial

Asked = Literal["same", "told", "either"]
"""same: nothing has changed, so the results are those of before. told: something is wrong or lost, so the run is
refused or a finding names it. either: a person cannot see the difference or nothing is lost by it, both are right."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What must come of a change.

    Attributes
    ----------
    asked : str
    names : tuple of str
        Words of which one stands in the error or finding: file, column or key.
    """

    asked: Asked
    names: tuple[str, ...] = ()


SAME = Truth("same")


def told(*names: str) -> Truth:
    """Must be refused or told, with one of these words."""
    return Truth("told", names)


def either(*names: str) -> Truth:
    """The results of before, or refused or told with one of these words."""
    return Truth("either", names)


Change = Callable[[Trial, random.Random], Truth]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change.

    Attributes
    ----------
    name, family : str
    hosts : tuple of str
        Trials to which it may be done.
    change : callable
    """

    name: str
    family: str
    hosts: tuple[str, ...]
    change: Change


FILES = ("qualtrics", "list", "long", "redcap", "wide")
ANSWERS = ("qualtrics", "long", "redcap", "wide")
PLANS = ("yadavaia2014", "frostadottir2019", "raab2015")

KINDS: dict[str, Kind] = {}


def kind(family: str, *hosts: str) -> Callable[[Change], Change]:
    """Enter a function into the list; it may leave a trial alone by raising `Unfit`, and another is drawn."""

    def enter(change: Change) -> Change:
        name = change.__name__
        assert name not in KINDS, name
        KINDS[name] = Kind(name, family, hosts, change)
        return change

    return enter


class Unfit(Exception):
    """This trial has no place for the change."""
