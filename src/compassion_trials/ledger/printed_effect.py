"""A printed line of effects with the printed cells that it can be recomputed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compassion_trials.core.texttable import TextLine
from compassion_trials.ledger.checks.counts import allocated
from compassion_trials.ledger.reading.cells import Cell, Cells, all_cells, cells
from compassion_trials.ledger.reading.model import NUMBERS, Published, Table
from compassion_trials.ledger.reading.printed import Printed, printed
from compassion_trials.ledger.sizes import ArmPair


@dataclass(frozen=True, slots=True)
class PrintedEffect:
    """A printed line of effects with what is needed to recompute it.

    Attributes
    ----------
    study : Published
    table : Table
    line : TextLine
    numbers : mapping of str to Printed
    pair : ArmPair or None
        Cells of the two arms, when both are printed.
    change : tuple of Cell or None
        After and before of one arm.
    group : tuple of Cell
        All arms at the visit, in the order of the study.
    everywhere : mapping of (str, str, str) to Cell
        All cells of the publication.
    moved : bool
        Whether a cell of this line stands where the check of shifted rows puts it.
    """

    study: Published
    table: Table
    line: TextLine
    numbers: Mapping[str, Printed]
    pair: ArmPair | None
    change: tuple[Cell, Cell] | None
    group: tuple[Cell, ...]
    everywhere: Cells
    moved: bool

    @property
    def ns(self) -> tuple[int, int] | None:
        """n of the two arms: of the visit, else as allocated."""
        if self.pair is not None and self.pair.a.n and self.pair.b.n:
            return self.pair.a.n, self.pair.b.n
        counts = allocated(self.study)
        arm, versus = self.line.cells.get("arm"), self.line.cells.get("versus")
        return (counts[arm], counts[versus]) if arm in counts and versus in counts else None

    @property
    def words(self) -> str:
        """Measure, arms and visits."""
        study, get = self.study, self.line.cells.get
        arms = " − ".join(study.arms[a] for a in (get("arm"), get("versus")) if a)
        visits = study.visits.get(get("visit", ""), "")
        if first := get("from"):
            visits += f" from {study.visits[first]}"
        return ", ".join(part for part in (study.measures[get("measure", "")].label, arms, visits.strip()) if part)


def effects(study: Published, table: Table, moved: Cells | None = None) -> list[PrintedEffect]:
    """Printed effects of a table with their cells."""
    own = next((t for t in study.tables if t.name == table.repeats), table)
    here = cells(own)
    others = {place: cell for place, cell in all_cells(study).items() if place not in here}
    found = {**others, **(here if moved is None else moved)}
    return [_effect(study, table, line, found, {**others, **here}) for line in table.effect_lines]


def _effect(study: Published, table: Table, line: TextLine, found: Cells, as_printed: Cells) -> PrintedEffect:
    """One line with its cells."""
    get = line.cells.get
    measure, arm, versus, visit, first = get("measure", ""), get("arm"), get("versus"), get("visit", ""), get("from")
    here = {a: found.get((measure, a, visit)) for a in study.arms}
    there = {a: found.get((measure, a, first)) if first else None for a in study.arms}
    pair, change = None, None
    now, before = (here[arm], there[arm]) if arm else (None, None)
    if versus and now and (other := here[versus]):
        pair = ArmPair(now, other, before, there[versus])
    elif not versus and now and before:
        change = (now, before)
    places = [(measure, a, v) for a in study.arms for v in (visit, first or "")]
    return PrintedEffect(
        study=study,
        table=table,
        line=line,
        numbers={name: printed(line.cells[name]) for name in NUMBERS if name in line.cells},
        pair=pair,
        change=change,
        group=tuple(cell for cell in here.values() if cell is not None),
        everywhere=found,
        moved=any(found.get(place) is not as_printed.get(place) for place in places),
    )
