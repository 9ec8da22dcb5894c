"""Follow every number of a report's prose to where it comes from."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from compassion_trials.core.record import Record
from compassion_trials.report.checklists.checklist import library as checklists
from compassion_trials.report.model import Bullets, Cited, Document, Figure, Inline, Paragraph
from compassion_trials.report.sections.references import library
from compassion_trials.report.source import Source
from compassion_trials.tables.spec import TableSpec, note_paragraphs
from compassion_trials.tables.text import Run, plain

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


FROM_SCORES: Final = {
    "cdf_change": "medians of the changes that the curves show",
    "residuals": "spread and correlation of the residuals that the plots show",
    "power": "drop-out and number of simulated trials, which `compassion-trials power` was asked for",
}
"""Tables and figures whose words give numbers that no row of the results table holds, and which these are."""

CONSTANTS: Final = {
    0.05: "star of a correlation table",
    0.01: "star of a correlation table",
    0.001: "star of a correlation table",
    500: "sample size below which a ratio of effects is called unstable",
    16: "digits of a hash that a table shows",
}
"""Numbers in words about tables and figures that are constants of the package."""


def untraced_words(document: Document, source: Source) -> list[str]:
    """Numbers in titles, heads, notes and alternative texts that come from nowhere.

    Each must be in a row of an analysis that the table or figure names (as printed, as a percentage, without its sign,
    summed over arms or inside the row's text), or be structural: a number of the plan or of its questionnaires (weeks,
    items, ranges, cut-offs), all participants, the level of the intervals, a declared constant. Names of the plan are
    taken out before.
    """
    known = _names(source)
    fixed = _structural(source)
    found = []
    for block in document.blocks():
        if isinstance(block, TableSpec | Figure) and block.name.partition(".")[0] not in FROM_SCORES:
            values = _values(source, block.analyses)
            found += [
                f"{block.name}: {shown} in {text!r}"
                for text in _words(block, known)
                for shown in NUMBER.findall(text)
                if not _traced(shown, values, fixed)
            ]
    return found


def _words(block: TableSpec | Figure, known: list[str]) -> Iterator[str]:
    """All words of a table but its cells, or of a figure, names of the plan and of checklists taken out."""
    if isinstance(block, Figure):
        texts = [block.title, block.note, block.alt]
    else:
        heads = [plain(column.header) for column in block.columns]
        texts = [plain(block.title), *heads, *map(plain, note_paragraphs(block.notes))]
    names = [
        *known,
        *(checklist.title for checklist in checklists().values()),
        *(c.status for c in checklists().values()),
    ]
    for text in texts:
        rest = text.replace("\u00a0", " ")
        for name in [*names, "ICH E9(R1)", "SHA-256", "d_ppc2", "dppc2"]:
            rest = rest.replace(name.replace("\u00a0", " "), "")
        yield rest


def _structural(source: Source) -> set[float]:
    """Numbers of the plan and its questionnaires, participants allocated, the level of the intervals, constants."""
    plan = source.context.plan
    models = [plan, *source.context.instruments.values()]
    found = {number for model in models for number in _numbers(model.model_dump(mode="json"))}
    allocated = [float(source.allocated(arm) or 0) for arm in plan.design.arms]
    return found | {100 * (1 - plan.analysis.alpha), *allocated, sum(allocated)} | set(CONSTANTS)


def _numbers(part: Any) -> Iterator[float]:
    """All numbers in nested plain data."""
    if isinstance(part, dict | list | tuple):
        for value in part.values() if isinstance(part, dict) else part:
            yield from _numbers(value)
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield float(part)


def _values(source: Source, analyses: tuple[str, ...]) -> np.ndarray:
    """Sizes of all numbers that rows of some analyses hold."""
    rows = source.results.table
    rows = rows[rows["analysis"].isin(analyses)]
    value, n = (rows[name].to_numpy(float) for name in ("value", "n"))
    counts = rows[rows["statistic"] == "n"]
    sums = (
        counts.groupby(["analysis", "outcome", "term", "level", "visit"], dropna=False)["value"].sum().to_numpy(float)
    )
    said = [float(number) for text in rows["text"] for number in re.findall(r"\d+\.?\d*", text)]
    pool = np.abs(np.concatenate([value, n, 100 * value, sums, np.array(said, dtype=float)]))
    return pool[np.isfinite(pool)]


def _traced(shown: str, values: np.ndarray, fixed: set[float]) -> bool:
    """Whether a printed number is one of these values, rounded, or a structural number."""
    digits = shown.replace(",", "").lstrip("−").rstrip(".")
    step = 10.0 ** -len(digits.partition(".")[2])
    number = float(digits)
    return number in fixed or bool(len(values) and np.min(np.abs(values - number)) <= step / 2 + SLACK)


def untraced_checklists(document: Document) -> list[str]:
    """Entries of checklists that are not those of the data file, or that name a table or figure that is not there."""
    items = {(item.id, item.report) for checklist in checklists().values() for item in checklist.items}
    labels = {f"{target.capitalize()} {number}" for (target, _), number in document.numbers.items()}
    found = []
    for block in document.blocks():
        if isinstance(block, TableSpec) and block.name.startswith("checklist."):
            for row in block.rows:
                name, report, _, place = (plain(cell).replace("\u00a0", " ") for cell in row.cells)
                wrong = [label for label in re.findall(r"(?:Table|Figure) \d+", place) if label not in labels]
                rest = re.sub(r"(?:Table|Figure) \d+|text\.yaml", "", place)
                if (name, report) not in items or wrong or re.search(r"\d", rest):
                    found.append(f"{block.name} {name}: {report}, {place}")
    return found


def typed_digits(folder: Path, patterns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """File and text of every string in source code that says a number in words a reader sees.

    Docstrings, format specifications, markup and names of files do not count.
    """
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        hidden = {id(part) for part in _not_shown(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in hidden:
                text = re.sub(r"\{\d\}", "", node.value)
                if re.search(r"\d", text) and re.search(r"[A-Za-z]{3,}", text) and not MARKUP.search(text):
                    yield path.relative_to(folder).as_posix(), text


MARKUP: Final = re.compile(
    r'[<>\\]|="|http|w:|rgb|#[0-9a-f]{6}|#set|#block|stroke|inset|solid|size=|--'
    r"|\.(?:j2|csv|yaml)|^[\w.-]+$|: \d[\w.]*(?:pt|em|px)\b"
)
"""What tells code and markup from words."""


def _not_shown(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings and format specifications."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr):
                yield statement.value
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            yield from ast.walk(node.format_spec)


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
