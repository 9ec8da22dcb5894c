"""Where the heads, the first columns and the numbers of a table are, and what each level of heads names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from compassion_trials.ledger.papers.grid import PaperTable
from compassion_trials.ledger.papers.numbers import CellNumbers, cell_numbers, is_nothing, plain
from compassion_trials.ledger.papers.words import (
    COLUMN_KIND,
    arm_strength,
    folded,
    head_words,
    measure_strength,
    statistics_of,
    visit_strength,
)

Kind = Literal["measure", "arm", "visit", "comparison", "versus", "from", "statistic", "note", "unknown"]
"""What the labels of a level name."""

_VERSUS = r"vs\.?|versus|against|compared (?:with|to)"
_COMPARED: Final = re.compile(rf"\s+(?:{_VERSUS}|minus|[-–—])\s+")
_IN_WORDS: Final = re.compile(rf"\s+(?:{_VERSUS})\s+", re.IGNORECASE)

MOST_WORDS: Final = 0.5
"""Share of words among the cells of a column from which it holds labels, and of a table from which it holds none."""


@dataclass(frozen=True, slots=True)
class TableLayout:
    """The parts of a table.

    Attributes
    ----------
    heads : tuple of int
        Rows of heads.
    stubs : tuple of int
        Columns of labels.
    sections : dict of int to str
        Rows that hold one label for the rows below.
    data : tuple of int
        Rows with numbers.
    columns : tuple of int
        Columns with numbers.
    notes : str
        Text below the numbers.
    """

    heads: tuple[int, ...]
    stubs: tuple[int, ...]
    sections: dict[int, str]
    data: tuple[int, ...]
    columns: tuple[int, ...]
    notes: str


def is_number(text: str) -> bool:
    """Whether a cell holds numbers of a table's body, not the n of a head."""
    found = cell_numbers(text)
    return found is not None and not _size_only(found)


def _size_only(found: CellNumbers) -> bool:
    """Whether a cell says nothing but n."""
    return found.shape == "test" and set(found.names) == {"n"}


def find_layout(table: PaperTable) -> TableLayout | None:
    """Parts of a table; None where no row has heads above and a label before its numbers."""
    texts = [[plain(cell.text) for cell in row] for row in table.cells]
    if not texts or table.width < 2:
        return None
    stubs = _stubs(texts)
    with_numbers = [i for i, row in enumerate(texts) if any(is_number(x) for x in row[max(stubs, 1) :])]
    if not with_numbers or not stubs:
        return None
    first = with_numbers[0]
    while first > 0 and _lone(table, first - 1) and any(not _lone(table, k) for k in range(first - 1)):
        first -= 1
    heads = tuple(i for i in range(first) if any(texts[i]) and not _lone(table, i))
    if not heads:
        return None
    last = with_numbers[-1]
    sections = {i: _lone(table, i) for i in range(first, last) if i not in with_numbers and _lone(table, i)}
    notes = " ".join(_lone(table, i) or " ".join(texts[i]) for i in range(last + 1, len(texts)))
    columns = tuple(j for j in range(stubs, table.width) if any(not is_nothing(texts[i][j]) for i in with_numbers))
    return TableLayout(
        heads=heads,
        stubs=tuple(range(stubs)),
        sections=sections,
        data=tuple(with_numbers),
        columns=columns,
        notes=plain(notes),
    )


def _stubs(texts: Sequence[Sequence[str]]) -> int:
    """How many columns at the left hold labels."""
    body = [row for row in texts if any(is_number(x) for x in row[1:])]
    count = 0
    for j in range(len(texts[0])):
        cells = [row[j] for row in body if not is_nothing(row[j])]
        if cells and sum(map(is_number, cells)) >= MOST_WORDS * len(cells):
            break
        if not cells and j:
            named = [row[j] for row in texts if not is_nothing(row[j])]
            if not (named and COLUMN_KIND.get(folded(named[-1]))):
                break
        count += 1
    return count


def _lone(table: PaperTable, i: int) -> str:
    """The text of a row that holds one label only: in its first cell, or in a cell over the whole row."""
    cells = table.cells[i]
    filled = {id(cell): plain(cell.text) for cell in cells if plain(cell.text)}
    if len(filled) != 1:
        return ""
    text = next(iter(filled.values()))
    first = plain(cells[0].text)
    alone = bool(first) and (
        cells[0].columns >= len(cells) or not any(plain(c.text) for c in cells[cells[0].columns :])
    )
    return text if alone and not is_number(text) else ""


def kind_of_head(text: str) -> Kind | None:
    """What a column holds by its head; None where the head does not say."""
    found = COLUMN_KIND.get(folded(text))
    return found  # type: ignore[return-value]  # the values of the table are kinds


def kind_of_labels(labels: Iterable[str]) -> Kind:
    """What the labels of a level name: visits, arms, questionnaires, comparisons, statistics; unknown where unclear."""
    found = [label for label in dict.fromkeys(map(plain, labels)) if label]
    if not found:
        return "unknown"
    if all(statistics_of(x) for x in found):
        return "statistic"
    visits = [visit_strength(x) for x in found]
    if min(visits) > 0 and sum(v == 2 for v in visits) >= len(found) / 2:
        return "visit"
    if all(split_comparison(x) for x in found):
        return "comparison"
    arms = [arm_strength(x) for x in found]
    measures = sum(map(measure_strength, found))
    if max(arms) == 2 and len(found) <= 6 and measures <= len(found) / 2:
        return "arm"
    if measures >= len(found) / 2 and measures >= sum(a > 0 for a in arms):
        return "measure"
    return "unknown"


def why_nothing(table: PaperTable) -> str:
    """Why a grid has no layout."""
    filled = {id(c): c.text for row in table.cells for c in row if not is_nothing(c.text)}.values()
    if sum(map(is_number, filled)) < 0.2 * len(filled):
        return "it holds words, no numbers of outcomes"
    return "its layout is not known: heads above the numbers and labels before them are expected"


def merged_number(table: PaperTable, layout: TableLayout) -> str:
    """Tell a number that stands in merged cells: it cannot be said to which of them it belongs."""
    for i in layout.data:
        for j in layout.columns:
            cell = table.cells[i][j]
            if (cell.rows > 1 or cell.columns > 1) and is_number(cell.text):
                return f"row {i + 1}, column {j + 1} is merged with others, so that {plain(cell.text)} has no one place"
    return ""


def split_comparison(text: str) -> tuple[str, str] | None:
    """The two sides of a comparison of arms, such as ``App vs. Wait-list`` or ``App - Wait-list``."""
    parts = _COMPARED.split(plain(text))
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def compared_arms(text: str) -> tuple[str, str] | None:
    """Two arms in a label of arms that is a comparison by its words: ``MBCT vs. Wait-list, change from Before``."""
    parts = _IN_WORDS.split(plain(text))
    return (parts[0], parts[1].partition(",")[0]) if len(parts) == 2 and all(parts) else None


def split_change(text: str) -> tuple[str, str] | None:
    """Visit and first visit of a change, such as ``After from Before``, ``Before to After``."""
    text = plain(text)
    if found := re.fullmatch(
        r"(?:change (?:to|at) )?(.+?)[,]?\s+(?:from|since|vs\.?|minus)\s+(.+)", text, re.IGNORECASE
    ):
        return found.group(1), found.group(2)
    if found := re.fullmatch(r"(.+?)\s*(?:→|->|\s-\s|\bto\b|–)\s*(.+)", text):
        first, visit = found.groups()
        if visit_strength(first) == visit_strength(visit) == 2 and not folded(first).endswith(" up"):
            return visit, first
    return None


def rest_of(text: str) -> str:
    """A head without its statistics and n."""
    return head_words(text).rest
