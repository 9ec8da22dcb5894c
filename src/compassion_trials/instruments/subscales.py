"""What a questionnaire's file tells of its structure: subscales that share out the items of the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from compassion_trials.instruments.model import Instrument

TOTAL = "total"
FEWEST_ITEMS = 2
"""A factor of one item is no factor."""


@dataclass(frozen=True, slots=True)
class Subscales:
    """How the items of a total are shared out.

    Attributes
    ----------
    items : tuple of int
        Items of the total, in its order.
    parts : dict of str to tuple of int
        Subscales and their items; each item of the total stands in one.
    composites : dict of str to tuple of int
        Composites of subscales that share out the items among themselves, such as the two halves of the SCS; empty when
        the file tells none.
    """

    items: tuple[int, ...]
    parts: dict[str, tuple[int, ...]]
    composites: dict[str, tuple[int, ...]]


def subscales(instrument: Instrument) -> Subscales | None:
    """Subscales and composites of a questionnaire.

    Parameters
    ----------
    instrument : Instrument
        As the plan's variant scores it.

    Returns
    -------
    Subscales or None
        None when the file has no total, or no two or more subscales that share out all its items without overlap.
    """
    if TOTAL not in instrument.scales:
        return None
    items = instrument.items_of(TOTAL)
    inside = {
        key: instrument.items_of(key)
        for key in instrument.scales
        if key != TOTAL and set(instrument.items_of(key)) < set(items)
    }
    parts = {key: own for key, own in inside.items() if not instrument.scales[key].composite}
    if not _shared_out(list(parts.values()), items):
        return None
    composites = {key: own for key, own in inside.items() if key not in parts}
    return Subscales(items, parts, composites if _shared_out(list(composites.values()), items) else {})


def _shared_out(parts: Sequence[tuple[int, ...]], items: tuple[int, ...]) -> bool:
    """Whether two or more parts hold every item once."""
    return (
        len(parts) > 1
        and all(len(part) >= FEWEST_ITEMS for part in parts)
        and not any(set(a) & set(b) for a, b in combinations(parts, 2))
        and set().union(*parts) == set(items)
    )
