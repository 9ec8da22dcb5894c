"""Questionnaires in words, for the verb ``instruments``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.instruments.doubts import doubts
from compassion_trials.instruments.model import Instrument, Scale

BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": "no direction"}
"""Direction of benefit in words."""


def numbers(items: Iterable[int]) -> str:
    """Item numbers in words, runs of three and more drawn together: ``1 to 5, 7``."""
    runs: list[list[int]] = []
    for item in items:
        if runs and item == runs[-1][-1] + 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    said = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(said)


def overview(library: Mapping[str, Instrument]) -> str:
    """One line per questionnaire: short name, items, answers, name."""
    width = max(len(key) for key in library)
    return "\n".join(f"{key:<{width}}  {_line(instrument)}" for key, instrument in library.items())


def _line(instrument: Instrument) -> str:
    """One questionnaire in a line."""
    answers = f"{instrument.response.min}-{instrument.response.max}"
    return f"{instrument.items:>2} items {answers}  {instrument.name}{'' if instrument.enabled else '  (disabled)'}"


def describe(library: Mapping[str, Instrument], name: str) -> str:
    """Everything a user of one questionnaire should know.

    Raises
    ------
    InputError
        No questionnaire of that name; the nearest is named.
    """
    if name not in library:
        raise InputError(
            [
                Finding(
                    "error",
                    "unknown_instrument",
                    "there is no such questionnaire",
                    value=name,
                    advice=nearest(name, list(library)),
                )
            ]
        )
    found = library[name]
    lines = [f"{found.name} ({found.short})", found.references[0] + (f" doi:{found.doi}" if found.doi else "")]
    lines += found.references[1:]
    if not found.enabled:
        lines.append(f"Disabled: {found.disabled_reason}")
    lines.append(f"{found.items} items, answers {found.response.min} to {found.response.max}: {found.response.anchors}")
    lines.append(f"Unanswered items: {found.missing.rule} ({found.missing.source}; {found.missing.status})")
    lines += ["", "Scales", *[_scale(key, scale, key in found.default_scales) for key, scale in found.scales.items()]]
    lines += _section("Variants", [f"{key}: {variant.label}" for key, variant in found.variants.items()])
    lines += _section("Pitfalls", found.pitfalls)
    lines += _section("Notes", found.notes)
    lines += _section("What it is taken for", found.confused_with)
    lines += _section("Without a second source", doubts(found))
    lines += _section("Licence", [found.licence] if found.licence else [])
    lines += ["", f"How sure: key {found.confidence.key}; numbers {found.confidence.numbers}"]
    return "\n".join(lines)


def _scale(key: str, scale: Scale, analysed: bool) -> str:
    """One scale in a line."""
    parts = ", ".join(scale.of) if scale.composite else f"items {', '.join(str(item) for item in scale.items)}"
    reverse = [*map(str, scale.reverse), *scale.reverse_of]
    times = f" x {scale.factor:g}" if scale.factor != 1 else ""
    times += f" {scale.offset:+g}" if scale.offset else ""
    turned = f"; reversed: {', '.join(reverse)}" if reverse else ""
    low, high = scale.range
    mark = "*" if analysed else " "
    ends = f"{low:g} to {high:g}, {BETTER[scale.better]}"
    return f"{mark} {key}: {scale.label}, {scale.method} of {parts}{times}{turned}; {ends}"


def _section(title: str, lines: object) -> list[str]:
    """A titled list, or nothing."""
    entries = [f"- {line}" for line in lines] if isinstance(lines, list | tuple) else []
    return ["", title, *entries] if entries else []
