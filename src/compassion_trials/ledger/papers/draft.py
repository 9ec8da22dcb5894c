"""A draft of published numbers from the tables of a paper: what could not be told is marked to be filled in."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compassion_trials.ledger.papers.reading import CellUnread, NumberRead, TableRead
from compassion_trials.ledger.papers.words import CONTROL, folded
from compassion_trials.ledger.reading.model import NUMBERS, ROWS
from compassion_trials.study.loader import FILL_IN

LONGEST_KEY = 32
"""Letters of a key; longer labels are cut."""


@dataclass(frozen=True, slots=True)
class LabelKeys:
    """Keys of the labels of one kind, in order of appearance.

    Attributes
    ----------
    by_label : dict of str to str
        Folded label and its key.
    labels : dict of str to str
        Key and label as printed.
    """

    by_label: dict[str, str]
    labels: dict[str, str]

    def key(self, label: str) -> str:
        """Key of a label; a dash for none."""
        return self.by_label[folded(label)] if label else "-"


def keys_of(labels: Iterable[str]) -> LabelKeys:
    """Keys for labels: their letters and digits, small, with underscores; numbered where two would be the same."""
    by_label: dict[str, str] = {}
    shown: dict[str, str] = {}
    for label in labels:
        if not label or folded(label) in by_label:
            continue
        stem = (
            re.sub(r"[^a-z0-9]+", "_", unicodedata.normalize("NFKD", label).lower().encode("ascii", "ignore").decode())
            .strip("_")[:LONGEST_KEY]
            .strip("_")
            or "x"
        )
        stem = stem if stem[0].isalpha() else f"at_{stem}"
        if stem in ("true", "false", "yes", "no", "on", "off", "null", "none", "y", "n"):
            stem += "_"
        key, number = stem, 2
        while key in shown:
            key, number = f"{stem}_{number}", number + 1
        by_label[folded(label)], shown[key] = key, label
    return LabelKeys(by_label, shown)


def paper_draft(file: str, found: Sequence[TableRead]) -> str:
    """The YAML of a document's tables.

    Parameters
    ----------
    file : str
        Name of the document.
    found : sequence of TableRead
        Tables that were read; others are told in a comment.
    """
    numbers = [n for one in found for n in one.numbers]
    measures = keys_of(n.measure for n in numbers)
    arms = keys_of(label for n in numbers for label in (n.arm, n.versus))
    visits = keys_of(label for n in numbers for label in (n.first, n.visit))
    lines = [*_head(file, arms, visits, measures)]
    for one in found:
        if one.numbers:
            lines += _table(file, one, measures, arms, visits)
        else:
            lines.append(f"  # table {one.table.number} was not read: {one.refused}")
    return "\n".join(lines) + "\n"


def _mark(line: str, what: str) -> str:
    """A line that waits for an answer."""
    return f"{line:<40}  {FILL_IN}: {what}"


def _text(words: str) -> str:
    """A text as YAML."""
    return json.dumps(words, ensure_ascii=False)


def _head(file: str, arms: LabelKeys, visits: LabelKeys, measures: LabelKeys) -> Iterator[str]:
    """What a publication says before its tables."""
    yield f"# Read from {file}. Lines marked FILL IN need an answer that the file does not hold; then delete the mark."
    yield _mark(f"label: {_text(file)}", "authors and year, such as Someone et al. (2020)")
    yield _mark(f"citation: {_text(file)}", "the reference; doi: 10... in a line of its own")
    yield "status: partly read"
    yield _mark("randomized: true", "true or false")
    if not arms.labels:
        yield _mark("arms: {group: The only arm}", "the arm; more where the tables have several")
    else:
        yield "arms:"
        yield from (f"  {key}: {_text(label)}" for key, label in arms.labels.items())
        if len(arms.labels) > 1:
            control = next(
                (k for k, label in arms.labels.items() if CONTROL.search(folded(label))), list(arms.labels)[-1]
            )
            yield _mark(f"control: {control}", "the arm that others are compared with")
    yield _mark("visits:", "in order of time")
    yield from (
        (f"  {key}: {_text(label)}" for key, label in visits.labels.items()) if visits.labels else ["  at: The visit"]
    )
    yield _mark("measures:", "better (higher, lower), range, step and field of each, as far as known")
    yield from (f"  {key}: {{label: {_text(label)}}}" for key, label in measures.labels.items())
    yield f"sources: [{_text(file)}]"
    yield "tables:"


def _table(file: str, one: TableRead, measures: LabelKeys, arms: LabelKeys, visits: LabelKeys) -> Iterator[str]:
    """One table: rows and effects, each line below the place of its cells."""
    number = one.table.number
    yield f"  - name: table_{number}"
    yield f"    label: {_text(one.table.caption or f'Table {number}')}"
    yield f"    source: {_text(f'table {number} of {file}')}"
    yield _mark("    model: other", "what the printed tests are; docs/reproduce.md lists the models")
    yield from (f"    {FILL_IN}: {doubt}" for doubt in one.doubts)
    rows, effects = _lines(one.numbers, "row"), _lines(one.numbers, "effect")
    without = [line for line in rows if not any(n.statistic == "mean" for n in line)]
    rows = [line for line in rows if line not in without]
    if rows:
        named = [name for name in ROWS if any(n.statistic == name for line in rows for n in line)]
        yield "    rows: |"
        yield "      " + " ".join(["measure", "arm", "visit", *named])
        only = next(iter(arms.labels), "group")
        for line in rows:
            n = line[0]
            arm = arms.key(n.arm) if n.arm or len(arms.labels) > 1 else only
            visit = visits.key(n.visit) if n.visit else next(iter(visits.labels), "at")
            asked = [] if n.arm or len(arms.labels) < 2 else ["which arm this is"]
            asked += [] if n.visit or len(visits.labels) < 2 else ["which visit this is"]
            yield from _line(line, [measures.key(n.measure), arm, visit], named, asked)
    if effects:
        named = [name for name in NUMBERS if any(n.statistic == name for line in effects for n in line)]
        yield "    effects: |"
        yield "      " + " ".join(["measure", "arm", "versus", "visit", "from", *named])
        for line in effects:
            n = line[0]
            keys = [
                measures.key(n.measure),
                arms.key(n.arm),
                arms.key(n.versus),
                visits.key(n.visit),
                visits.key(n.first),
            ]
            yield from _line(line, keys, named, [])
    for line in without:
        for n in line:
            reason = CellUnread(n.table, n.row, n.column, n.printed, "no mean stands beside it")
            yield f"    {FILL_IN}: {_told(reason)}"
    yield from (f"    {FILL_IN}: {_told(cell)}" for cell in one.unread)


def _told(cell: CellUnread) -> str:
    """A cell that was not understood, in words."""
    return f"row {cell.row}, column {cell.column} holds {_text(cell.text)}: {cell.reason}"


def _lines(numbers: Sequence[NumberRead], kind: str) -> list[list[NumberRead]]:
    """Numbers of one outcome, arm and visit together."""
    found: dict[tuple[str, ...], list[NumberRead]] = {}
    for n in numbers:
        if n.kind == kind:
            found.setdefault(n.what[:-1], []).append(n)
    return list(found.values())


def _line(line: Sequence[NumberRead], keys: Sequence[str], named: Sequence[str], asked: Sequence[str]) -> Iterator[str]:
    """A line of a text table below a comment that says where its cells stand."""
    places = sorted({(n.row, n.column) for n in line})
    spots = "; ".join(
        f"row {row}, column{'s' * (len(columns) > 1)} {' '.join(map(str, columns))}"
        for row in dict.fromkeys(r for r, _ in places)
        for columns in [[c for r, c in places if r == row]]
    )
    doubts = list(dict.fromkeys([*asked, *(n.doubt for n in line if n.doubt)]))
    yield f"      # {spots}" + (f"  {FILL_IN}: {'; '.join(doubts)}" if doubts else "")
    cells = {n.statistic: n.printed for n in line}
    yield "      " + " ".join([*keys, *(cells.get(name, "-") for name in named)])
