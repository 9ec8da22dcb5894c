"""The numbers of a paper's table, each with what it is and where it stands; what is not understood is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from compassion_trials.ledger.papers.cell_statistics import (
    CENTRES,
    effect_among,
    impossible,
    named_statistics,
    row_or_effect,
)
from compassion_trials.ledger.papers.grid import PaperTable
from compassion_trials.ledger.papers.layout import (
    TableLayout,
    compared_arms,
    find_layout,
    merged_number,
    split_change,
    split_comparison,
    why_nothing,
)
from compassion_trials.ledger.papers.levels import KnownLabels, LabelLevel, heads_of, levels_of
from compassion_trials.ledger.papers.numbers import cell_numbers, is_nothing, plain
from compassion_trials.ledger.papers.words import HeadWords, folded, statistics_of, visit_strength

COMPARED: Final = "the head compares two arms; whether at a visit or in the change is to be seen"
UNCERTAIN: Final = "which arms and visit it compares is not printed beside it"


@dataclass(frozen=True, slots=True)
class NumberRead:
    """One number of a table.

    Attributes
    ----------
    table, row, column : int
        Where it stands, from 1.
    measure, arm, versus, visit, first : str
        Labels as printed; empty where the table does not name them.
    kind : str
        ``row`` or ``effect``.
    statistic, printed : str
    doubt : str
        What could not be told; empty as a rule.
    """

    table: int
    row: int
    column: int
    measure: str
    arm: str
    versus: str
    visit: str
    first: str
    kind: str
    statistic: str
    printed: str
    doubt: str = ""

    @property
    def what(self) -> tuple[str, ...]:
        """Everything that tells it from other numbers."""
        labels = (self.measure, self.arm, self.versus, self.visit, self.first)
        return (*map(folded, labels), self.kind, self.statistic)


@dataclass(frozen=True, slots=True)
class CellUnread:
    """A cell that was not understood.

    Attributes
    ----------
    table, row, column : int
    text, reason : str
    """

    table: int
    row: int
    column: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class TableRead:
    """What was read of one table.

    Attributes
    ----------
    table : PaperTable
    numbers : tuple of NumberRead
    unread : tuple of CellUnread
    refused : str
        Why nothing was read of it; empty as a rule.
    doubts : tuple of str
        What was guessed about its levels.
    levels : tuple of LabelLevel
    """

    table: PaperTable
    numbers: tuple[NumberRead, ...] = ()
    unread: tuple[CellUnread, ...] = ()
    refused: str = ""
    doubts: tuple[str, ...] = ()
    levels: tuple[LabelLevel, ...] = field(default=())


def read_tables(tables: Sequence[PaperTable]) -> list[TableRead]:
    """Read all tables of a document; labels that one of them names surely help with the others."""
    first = [read_table(table, KnownLabels()) for table in tables]
    labels: dict[str, set[str]] = {}
    for found in first:
        for level in found.levels:
            if not level.guessed:
                labels.setdefault(level.kind, set()).update(map(folded, level.labels.values()))
            if level.kind == "comparison":
                sides = [side for text in level.labels.values() for side in split_comparison(text) or ()]
                labels.setdefault("arm", set()).update(map(folded, sides))
    return [read_table(table, KnownLabels(labels)) for table in tables]


def read_table(table: PaperTable, known: KnownLabels) -> TableRead:
    """Read one table."""
    layout = find_layout(table)
    if layout is None:
        return TableRead(table, refused=why_nothing(table))
    if merged := merged_number(table, layout):
        return TableRead(table, refused=merged)
    levels = levels_of(table, layout, known)
    if not any(level.kind == "measure" for level in levels) and not table.caption:
        return TableRead(table, refused="no head or first column names the outcomes")
    numbers: list[NumberRead] = []
    unread: list[CellUnread] = []
    heads = heads_of(table, layout)
    only = _only_centre(levels, heads)
    for i in layout.data:
        done: list[tuple[int, str]] = []
        for j in layout.columns:
            text = plain(table.cells[i][j].text)
            if not is_nothing(text):
                for found in _of_cell(table, layout, levels, heads, i, j, done, only):
                    (numbers if isinstance(found, NumberRead) else unread).append(found)  # type: ignore[arg-type]
    numbers, unread = _apart(_printed_once(numbers, table), unread)
    if not numbers:
        return TableRead(table, refused="its layout is not known: no number has a statistic, an outcome and a place")
    doubts = (*_doubts(levels), *_absent(levels, numbers))
    return TableRead(
        table=table,
        numbers=tuple(numbers),
        unread=tuple(unread),
        refused="",
        doubts=doubts,
        levels=tuple(levels),
    )


def _doubts(levels: Sequence[LabelLevel]) -> tuple[str, ...]:
    """Levels whose kind was guessed."""
    out = []
    for level in levels:
        shown = ", ".join(list(dict.fromkeys(level.labels.values()))[:4])
        if level.guessed:
            out.append(f"taken as {level.kind}s: {shown}")
        elif level.kind == "unknown":
            out.append(f"not used, as it is not clear what it names: {shown}")
    return tuple(out)


def _absent(levels: Sequence[LabelLevel], numbers: Sequence[NumberRead]) -> Iterator[str]:
    """What no label of a table names, although its numbers belong to one."""
    kinds = {level.kind for level in levels}
    if "visit" not in kinds and not any(n.visit for n in numbers):
        yield "no label says at which visit these numbers were taken"
    if not kinds & {"arm", "comparison", "versus"}:
        yield "no label names the arms of these numbers"


Found = NumberRead | CellUnread


def _of_cell(
    table: PaperTable,
    layout: TableLayout,
    levels: Sequence[LabelLevel],
    heads: dict[int, list[HeadWords]],
    i: int,
    j: int,
    done: list[tuple[int, str]],
    only: list[tuple[int, str]],
) -> Iterator[Found]:
    """Numbers of one cell."""
    text = plain(table.cells[i][j].text)
    unread = CellUnread(table.number, i + 1, j + 1, text, "")
    numbers = cell_numbers(text)
    labels = _labels(levels, i, j)
    if labels.get("note"):
        return
    if numbers is None:
        yield replace(unread, reason="words among numbers")
        return
    named, guess = named_statistics(
        numbers, heads[j], labels.get("statistic", ""), f"{table.caption} {layout.notes} {table.note}"
    )
    if not named:
        yield replace(unread, reason="the head does not say which statistic it is")
        return
    beside = [plain(cell.text) for k, cell in enumerate(table.cells[i]) if k not in layout.columns]
    if not labels.get("statistic") and (effect := effect_among(beside)):
        yield replace(unread, reason=f"the line names an effect ({effect}), and no head says what it compares")
        return
    place, compared = _place(labels, table), compared_arms(labels.get("arm", ""))
    if not place["measure"]:
        yield replace(unread, reason="no label says which outcome it is")
        return
    for name, value in zip(named, numbers.values, strict=True):
        if name == "percent":
            continue
        kind, statistic = row_or_effect(name, done if any(s in CENTRES for _, s in done) else only)
        if statistic:
            done.append((j, statistic))
        reason = impossible(statistic, value) if kind else "it is not clear what these limits or this error belong to"
        if kind == "row" and compared:
            reason = "it stands under a comparison of two arms, and is of one"
        if reason:
            yield replace(unread, reason=reason)
            continue
        spot = {**place, "versus": "", "first": ""} if kind == "row" else place
        yield NumberRead(
            table.number,
            i + 1,
            j + 1,
            kind=kind,
            statistic=statistic,
            printed=value,
            doubt=guess or (COMPARED if compared else ""),
            **spot,
        )
    size = next((head.size for head in heads[j] if head.size), labels.get("size", ""))
    if size and not any(s == "n" for _, s in done) and ("mean", j) in [(s, c) for c, s in done]:
        spot = {**place, "versus": "", "first": ""}
        doubt = "n stands in the head and is taken for every visit"
        yield NumberRead(table.number, i + 1, j + 1, kind="row", statistic="n", printed=size, doubt=doubt, **spot)
        done.remove((j, "mean"))  # the next visit in this row has the same n


def _only_centre(levels: Sequence[LabelLevel], heads: dict[int, list[HeadWords]]) -> list[tuple[int, str]]:
    """The one statistic of a table that may have limits, where they stand in rows of their own; empty otherwise."""
    rows = {s for level in levels if level.kind == "statistic" for x in level.labels.values() for s in statistics_of(x)}
    found = rows | {s for parts in heads.values() for head in parts for s in head.statistics}
    centres = [s for s in CENTRES if s in found]
    return [(-1, centres[0])] if rows and len(centres) == 1 else []


def _labels(levels: Sequence[LabelLevel], i: int, j: int) -> dict[str, str]:
    """Labels of a cell by kind; of two levels of a kind the nearer one, outcomes below outcomes joined."""
    found: dict[str, str] = {}
    for level in levels:
        label = level.labels.get(j if level.axis == "column" else i)
        if label and level.kind != "unknown":
            if level.kind in found and level.place == "section":
                continue  # the column of labels is nearer
            found[level.kind] = label
            if level.axis == "row" and level.sizes.get(i):
                found["size"] = level.sizes[i]
    return found


def _place(labels: dict[str, str], table: PaperTable) -> dict[str, str]:
    """Measure, arms and visits of a cell."""
    arm, versus = labels.get("arm", ""), labels.get("versus", "")
    if sides := split_comparison(labels.get("comparison", "")) or compared_arms(arm):
        arm, versus = sides
    elif labels.get("comparison"):
        arm = labels["comparison"]
    visit, first = labels.get("visit", ""), labels.get("from", "")
    if not first and (change := split_change(visit)):
        visit, first = change
    if not visit:
        visit = next((w for w in table.caption.replace(":", ",").split(",") if visit_strength(w) == 2), "").strip(" .")
    measure = labels.get("measure", "")
    return {"measure": measure, "arm": arm, "versus": versus, "visit": visit, "first": first}


def _printed_once(numbers: Sequence[NumberRead], table: PaperTable) -> list[NumberRead]:
    """Tests that stand in the line of one arm only, beside means, compare arms that the table does not name there."""
    means = {(folded(n.measure), folded(n.arm)) for n in numbers if n.statistic == "mean"}
    out = []
    for n in numbers:
        beside = n.kind == "effect" and not n.versus and (folded(n.measure), folded(n.arm)) in means
        if beside and any(n.row == m.row and m.statistic == "mean" for m in numbers):
            out.append(replace(n, arm="" if n.arm else n.arm, doubt=n.doubt or UNCERTAIN))
        else:
            out.append(n)
    return out


def _apart(numbers: Sequence[NumberRead], unread: Sequence[CellUnread]) -> tuple[list[NumberRead], list[CellUnread]]:
    """Numbers that would be the same thing are all told: something of the layout is not understood there."""
    seen: dict[tuple[str, ...], list[NumberRead]] = {}
    for n in numbers:
        seen.setdefault(n.what, []).append(n)
    kept, told = [], list(unread)
    for same in seen.values():
        if len({n.printed for n in same}) == 1 and (len(same) == 1 or same[0].statistic == "n"):
            kept.append(same[0])
        else:
            reason = f"{len(same)} cells would be the same number"
            told += [CellUnread(n.table, n.row, n.column, n.printed, reason) for n in same]
    return sorted(kept, key=lambda n: (n.row, n.column)), told
