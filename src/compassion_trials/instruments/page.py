"""One page per questionnaire for the documentation: key, rule, pitfalls, cut-offs, what it is confused with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from compassion_trials.core.files import write_bytes
from compassion_trials.instruments.doubts import doubts
from compassion_trials.instruments.model import Instrument, Scale, ScalePatch, Variant
from compassion_trials.instruments.words import BETTER, numbers

INDEX = "README.md"


def write_pages(library: Mapping[str, Instrument], folder: Path) -> list[Path]:
    """Write the index and a page per questionnaire; pages of questionnaires that are gone are removed.

    Parameters
    ----------
    library : mapping of str to Instrument
    folder : Path
        Made when missing. It should hold nothing else.

    Returns
    -------
    list of Path
        What was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = pages(library)
    for path in folder.glob("*.md"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        write_bytes(text.encode("utf-8"), folder / name)
    return [folder / name for name in texts]


def pages(library: Mapping[str, Instrument]) -> dict[str, str]:
    """Text of every page by its file name, the index first."""
    return {INDEX: _index(library)} | {f"{key}.md": page(one) for key, one in library.items()}


def page(one: Instrument) -> str:
    """The page of one questionnaire, Markdown."""
    lines = [f"# {one.short}: {one.name}", "", *_head(one)]
    for title, part in (
        ("Key", list(_key(one))),
        ("Variants", list(_variants(one))),
        ("Rule for unanswered items", [_missing(one)] if one.enabled else []),
        ("Cut-offs", list(_cutoffs(one))),
        ("Pitfalls", _bullets(one.pitfalls)),
        ("What it is taken for", _bullets(one.confused_with)),
        ("Notes", _bullets(one.notes)),
        ("Where the key was read", _bullets(one.sources)),
        ("Without a second source", _bullets(doubts(one))),
    ):
        if part:
            lines += ["", f"## {title}", "", *part]
    return "\n".join(lines) + "\n"


def _index(library: Mapping[str, Instrument]) -> str:
    """The list of all questionnaires."""
    lines = [
        "# Questionnaires",
        "",
        "Written by `compassion-trials instruments --pages docs/instruments`; edit the questionnaire files instead.",
        'Find one with `compassion-trials instruments --for "self-compassion"` or `--items 26 --range 1-5`.',
        "",
        "| Short name | Questionnaire | Items | Answers | Measures | Key |",
        "|---|---|---|---|---|---|",
    ]
    for key, one in library.items():
        labels = [scale.label for name, scale in one.scales.items() if name in one.default_scales]
        about = "; ".join(dict.fromkeys([*labels, *one.constructs]))
        sure = one.confidence.key if one.enabled else "disabled"
        ends = f"{one.response.min} to {one.response.max}"
        lines.append(f"| [{key}]({key}.md) | {one.name} | {one.items} | {ends} | {about} | {sure} |")
    return "\n".join(lines) + "\n"


def _head(one: Instrument) -> Iterator[str]:
    """Reference, form, licence; why it is disabled."""
    yield one.citation + (f" doi:{one.doi}" if one.doi else "")
    yield from (f"\n{reference}" for reference in one.also)
    yield ""
    if not one.enabled:
        yield f"**Disabled**: {one.disabled_reason}."
        yield ""
    yield f"- {one.items} items, answers {one.response.min} to {one.response.max}: {one.response.anchors}"
    if one.open_items:
        yield f"- items {numbers(one.open_items)} hold answers of another kind and enter no score"
    if one.risk_items:
        yield f"- items on self-harm, never published by row: {numbers(one.risk_items)}"
    if one.recall:
        yield f"- time asked about: {one.recall}"
    if one.subset_of is not None:
        yield f"- a selection of {one.subset_of.instrument}, its items {', '.join(map(str, one.subset_of.items))}"
    yield f"- licence: {one.licence}"


def _key(one: Instrument) -> Iterator[str]:
    """The scales as a table."""
    if not one.scales:
        return
    yield "| Scale | Measures | Rule | Reversed | Range | Better |"
    yield "|---|---|---|---|---|---|"
    for key, scale in one.scales.items():
        name = f"**{key}**" if key in one.default_scales else key
        turned = ", ".join([*([numbers(scale.reverse)] if scale.reverse else []), *scale.reverse_of]) or "none"
        low, high = scale.range
        yield f"| {name} | {scale.label} | {_rule(scale)} | {turned} | {low:g} to {high:g} | {BETTER[scale.better]} |"
    yield ""
    yield "Scales in bold are analysed unless the plan names others."


def _rule(scale: Scale) -> str:
    """How a score is made."""
    parts = f"scales {', '.join(scale.of)}" if scale.composite else f"items {numbers(scale.items)}"
    rule = f"{scale.method} of {parts}"
    for recode in scale.recode:
        where = f" of items {numbers(recode.items)}" if recode.items else ""
        rule += f"; answers{where} as points {', '.join(f'{a}: {p:g}' for a, p in recode.points.items())}"
    rule += f"; times {scale.factor:g}" if scale.factor != 1 else ""
    rule += f"; {'plus' if scale.offset > 0 else 'less'} {abs(scale.offset):g}" if scale.offset else ""
    return rule + ("; converted by table" if scale.lookup else "")


def _variants(one: Instrument) -> Iterator[str]:
    """Other ways of scoring."""
    for key, variant in one.variants.items():
        source = f"; {variant.source}" if variant.source else ""
        yield f"- `{key}`: {variant.label}{_changes(variant)} ({variant.status}{source})"


def _changes(variant: Variant) -> str:
    """Ranges that a variant changes."""
    ranges = [
        f"{key} {patch.range[0]:g} to {patch.range[1]:g}"
        for key, patch in variant.scales.items()
        if isinstance(patch, ScalePatch) and patch.range is not None
    ]
    return f"; {', '.join(ranges)}" if ranges else ""


def _missing(one: Instrument) -> str:
    """The rule for unanswered items."""
    return f"{one.missing.rule} ({one.missing.source}; {one.missing.status})"


def _cutoffs(one: Instrument) -> Iterator[str]:
    """Bands and cut-offs with who proposed them."""
    rows = [
        f"| {key} | {bands.name} | {_levels(bands.levels)} | {bands.source} | {bands.status} | "
        f"{'yes' if bands.applied else 'no'} |"
        for key, scale in one.scales.items()
        for bands in scale.bands
    ]
    if rows:
        yield "| Scale | Kind | Levels | Source | How sure | Applied |"
        yield "|---|---|---|---|---|---|"
        yield from rows
    elif one.enabled:
        yield "None shipped: the authors give none, or none could be read."
    yield from (f"- {rule}" for rule in one.change_rules)


def _levels(levels: Mapping[str, tuple[float, float]]) -> str:
    """``mild 5 to 9, moderate 10 to 14``."""
    return ", ".join(f"{label} {low:g} to {high:g}" for label, (low, high) in levels.items())


def _bullets(lines: tuple[str, ...]) -> list[str]:
    """A list."""
    return [f"- {line}" for line in lines]
