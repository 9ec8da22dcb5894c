"""Rules between the keys of a questionnaire file that a type cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose

from compassion_trials.core.errors import nearest
from compassion_trials.instruments.attainable import attainable
from compassion_trials.instruments.model import Instrument, Scale

Problem = tuple[str, str]
"""Dotted key and what is wrong there."""


def problems(instrument: Instrument) -> list[Problem]:
    """Everything in a questionnaire file that contradicts itself; empty when all is well."""
    found = list(_general(instrument))
    if instrument.enabled:
        found += _scored(instrument, "")
        for name in instrument.variants:
            found += _variant(instrument, name)
    return found


def _general(instrument: Instrument) -> Iterator[Problem]:
    """Rules for every file, usable or not."""
    if instrument.response.min >= instrument.response.max:
        yield "response.max", f"must be above response.min ({instrument.response.min}); found {instrument.response.max}"
    if not instrument.enabled and not instrument.disabled_reason:
        yield "disabled_reason", "is missing: say why the questionnaire cannot be used"
    if instrument.enabled and not instrument.scales:
        yield "scales", "is missing: a questionnaire needs at least one scale"
    yield from _known_items("risk_items", instrument.risk_items, instrument.items)
    yield from _known_items("open_items", instrument.open_items, instrument.items)
    for key, scored in instrument.scales.items():
        for item in sorted(set(scored.items) & set(instrument.open_items)):
            yield f"scales.{key}.items", f"item {item} stands in open_items and cannot be scored"
    for key in ("reliability", "norms", "rci"):
        for entry in getattr(instrument, key):
            if instrument.enabled and entry.scale not in instrument.scales:
                yield f"{key}.scale", f'"{entry.scale}" is not a scale; {nearest(entry.scale, list(instrument.scales))}'
    for scale in instrument.analyse:
        if scale not in instrument.scales:
            yield "analyse", f'"{scale}" is not a scale; {nearest(scale, list(instrument.scales))}'


def _variant(instrument: Instrument, name: str) -> list[Problem]:
    """Rules for the questionnaire as one of its variants scores it."""
    new = {key: patch for key, patch in instrument.variants[name].scales.items() if key not in instrument.scales}
    missing = [
        (f"variants.{name}.scales.{key}", f'"{key}" is a new scale and needs label, range and better')
        for key, patch in new.items()
        if patch is None or not (patch.label and patch.range and patch.better)
    ]
    return missing or list(_scored(instrument.with_variant(name), f"variants.{name}."))


def _scored(instrument: Instrument, place: str) -> Iterator[Problem]:
    """Rules for the scales, in the order of the file."""
    for key, scale in instrument.scales.items():
        structural = [(f"{place}scales.{key}.{where}", what) for where, what in _structure(instrument, key, scale)]
        yield from structural
        if not structural and not _incomplete(instrument, scale):
            yield from ((f"{place}scales.{key}.{where}", what) for where, what in _numbers(instrument, key, scale))


def _incomplete(instrument: Instrument, scale: Scale) -> bool:
    """Whether a composite rests on parts that have problems of their own."""
    return any(list(_structure(instrument, part, instrument.scales[part])) for part in scale.of)


def _structure(instrument: Instrument, key: str, scale: Scale) -> Iterator[Problem]:
    """Items and parts exist, and the reversed ones are among them."""
    if bool(scale.items) == bool(scale.of):
        yield "items", "give either items or of (part scales), not both or none"
        return
    yield from _known_items("items", scale.items, instrument.items)
    for item in scale.reverse:
        if item not in scale.items:
            yield "reverse", f"item {item} is not an item of this scale"
    for part in (*scale.of, *scale.reverse_of):
        if part not in instrument.scales:
            yield "of", f'"{part}" is not a scale; {nearest(part, [k for k in instrument.scales if k != key])}'
        elif part == key or instrument.scales[part].composite:
            yield "of", f'"{part}" is itself a composite; name the scales it is made of'
    for part in scale.reverse_of:
        if part not in scale.of:
            yield "reverse_of", f'"{part}" is not among the part scales in of'
    answers = set(range(instrument.response.min, instrument.response.max + 1))
    for recode in scale.recode:
        if set(recode.points) != answers:
            yield "recode.points", f"must name every answer from {min(answers)} to {max(answers)} and no other"


def _numbers(instrument: Instrument, key: str, scale: Scale) -> Iterator[Problem]:
    """Range, bands, conversion table and missing rule agree with the key."""
    low, high = attainable(instrument, key)
    if not (isclose(scale.range[0], low) and isclose(scale.range[1], high)):
        stated = f"[{scale.range[0]:g}, {scale.range[1]:g}]"
        yield "range", f"{stated} is not what the key gives, [{low:g}, {high:g}]"
    if scale.lookup:
        sums = set(range(instrument.response.min * len(scale.items), instrument.response.max * len(scale.items) + 1))
        if scale.method != "sum" or set(scale.lookup) != sums:
            yield "lookup", f"must give a score for every sum from {min(sums)} to {max(sums)}"
        if instrument.min_answered(key) < len(scale.items):
            yield "min_answered", "a conversion table needs all items answered"
    if scale.min_answered and scale.min_answered > len(scale.items) > 0:
        yield "min_answered", f"{scale.min_answered} is more than the {len(scale.items)} items of the scale"
    for bands in scale.bands:
        ends = [end for level in bands.levels.values() for end in level]
        if ends != sorted(ends) or ends[0] < scale.range[0] or ends[-1] > scale.range[1]:
            yield "bands.levels", f"must ascend without overlap within [{scale.range[0]:g}, {scale.range[1]:g}]"


def _known_items(key: str, items: tuple[int, ...], count: int) -> Iterator[Problem]:
    """Each item exists and stands once."""
    for item in sorted({i for i in items if not 1 <= i <= count}):
        yield key, f"item {item} does not exist; the questionnaire has items 1 to {count}"
    for item in sorted({i for i in items if items.count(i) > 1}):
        yield key, f"item {item} appears twice"
