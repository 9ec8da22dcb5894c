"""Follow every number of a report's prose to where it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from compassion_trials.core.record import Record
from compassion_trials.report.checklist import library as checklists
from compassion_trials.report.model import Bullets, Cited, Document, Inline, Paragraph
from compassion_trials.report.references import library
from compassion_trials.report.source import Source
from compassion_trials.tables.text import Run

NUMBER = re.compile(r"−?(?:\d[\d,]*\.?\d*|\.\d+)")
"""A number as the report prints it."""

SLACK = 1e-9
"""Floating-point error of a rounding that `core.numbers` does in decimal arithmetic."""


def untraced(document: Document, source: Source) -> list[str]:
    """Pieces of prose whose digits have no source, or another value than their source."""
    known = _names(source)
    return [
        f"{section.key}: {problem}"
        for section in document.walk()
        for content in _prose(section.blocks)
        for problem in _problems(content, source, known)
    ]


def _prose(blocks: tuple[Any, ...]) -> Iterator[Inline]:
    """Paragraphs and items of lists."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.content
        elif isinstance(block, Bullets):
            yield from block.items


def _problems(content: Inline, source: Source, known: list[str]) -> Iterator[str]:
    """What is wrong in one text."""
    for piece in content:
        if isinstance(piece, Run):
            rest = piece.text.replace("\u00a0", " ")
            for name in known:
                rest = rest.replace(name, "")
            if re.search(r"\d", rest):
                yield f"typed by hand: {rest.strip()!r}"
        elif isinstance(piece, Cited) and re.search(r"\d", piece.text):
            yield from _wrong(piece, source)


def _wrong(piece: Cited, source: Source) -> Iterator[str]:
    """Whether the sources of a piece exist and say the same."""
    if not piece.sources:
        yield f"no source: {piece.text!r}"
        return
    kinds = {origin.partition(":")[0] for origin in piece.sources}
    if kinds == {"row"}:
        yield from _differs(piece, source)
        return
    for origin in piece.sources:
        kind, _, place = origin.partition(":")
        if not EXISTS[kind](source, place, piece.text):
            yield f"{origin} does not say {piece.text!r}"


def _differs(piece: Cited, source: Source) -> Iterator[str]:
    """Numbers of a piece that no row of its sources gives: value, n, their sum or how many rows there are."""
    table = source.results.table
    rows = [table.iloc[int(origin.removeprefix("row:")) - 1] for origin in piece.sources]
    values = [float(row[name]) for row in rows for name in ("value", "n") if row[name] == row[name]]
    values += [float(said) for row in rows for said in re.findall(r"\d+\.?\d*", row["text"])]
    sums = [sum(float(row["value"]) for row in rows), float(len(rows))]
    shares = [100 * float(row["value"]) for row in rows]
    for shown in NUMBER.findall(piece.text):
        digits = shown.replace(",", "").replace("−", "-").rstrip(".")
        step = 10.0 ** -len(digits.partition(".")[2])
        bound = piece.text.strip()[0] in "<>"
        candidates = [*values, *(-v for v in values), *sums, *shares]
        close = any(abs(float(digits) - value) <= step / 2 + SLACK for value in candidates)
        if not close and not (bound and any(value < 0.001 or value > 0.99 for value in values)):
            yield f"{shown} in {piece.text!r} is not in {piece.sources}"


def _plan(source: Source, place: str, text: str) -> bool:
    """A key of the plan."""
    part: Any = source.context.plan
    for name in place.split("."):
        if name == "name":
            return source.context.study.name in text
        part = part[name] if isinstance(part, dict) else getattr(part, name, None)
    return part is not None


def _record(source: Source, place: str, text: str) -> bool:
    """What a stage wrote about itself: its words, or a count of its facts."""
    record: Record = source.material.records[place]
    said = json.dumps([record.methods, record.facts], ensure_ascii=False, default=str).replace("'", "’")
    plain = text.strip().rstrip(".").replace("'", "’")
    return plain in said or all(part in said for part in re.findall(r"\w{8,}", plain)) or plain.isdigit()


EXISTS = {
    "plan": _plan,
    "record": _record,
    "text": lambda source, place, text: all(
        part in " ".join(source.text.get(place).split()) for part in re.findall(r"\d+", text)
    ),
    "reference": lambda source, place, _: place in source.context.instruments or place in {e.key for e in library()},
    "checklist": lambda source, place, _: place in checklists(),
    "software": lambda source, place, text: bool(re.fullmatch(r"[\w.+-]+", text)),
    "file": lambda source, place, _: place in ("results", "plan", "frozen"),
    "findings": lambda source, place, text: text == str((source.material.findings["severity"] == place).sum()),
}
"""How a source of each kind is looked up."""


def _names(source: Source) -> list[str]:
    """Words of the plan and of the questionnaires, which may hold digits: longest first."""
    found: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                found.add(str(key))
                found.add(str(key).replace("_", " "))
                walk(value)
        elif isinstance(part, list | tuple):
            for value in part:
                walk(value)
        elif isinstance(part, str):
            found.add(" ".join(part.split()))

    walk(source.context.plan.model_dump(mode="json"))
    for outcome in source.context.outcomes.values():
        found |= {outcome.label, outcome.short}
    for instrument in source.context.instruments.values():
        found |= {instrument.name, instrument.short}
    found |= {name[:1].lower() + name[1:] for name in found} | {name[:1].upper() + name[1:] for name in found}
    return sorted((name for name in found if re.search(r"\d", name) and not name.isdigit()), key=len, reverse=True)
