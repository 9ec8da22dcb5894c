"""The abstract against the tables: does a number printed in both stand there with the same digits?"""

from __future__ import annotations

from collections.abc import Iterator

from compassion_trials.core.findings import Finding
from compassion_trials.core.texttable import TextLine
from compassion_trials.ledger.reading.cells import Place, cells
from compassion_trials.ledger.reading.model import NUMBERS, Published, Table
from compassion_trials.ledger.reading.printed import Printed, printed

ABSTRACT = "abstract"
"""How the source of a table begins whose numbers stand in the abstract."""

Key = tuple[str, ...]
"""Measure, arm, other arm, visit, first visit, and the statistic."""


def abstract_differs(name: str, study: Published) -> Iterator[Finding]:
    """Numbers of the abstract that the paper's tables print too, but nowhere so that both can round the same value.

    Several tables may hold other analyses of the same outcome, so that one of them is enough.
    """
    read = [t for t in study.tables if t.status != "not read"]
    inside: dict[Key, list[tuple[Table, Printed]]] = {}
    for table in (t for t in read if not _of_abstract(t)):
        for key, number in _numbers(table):
            inside.setdefault(key, []).append((table, number))
    for table in (t for t in read if _of_abstract(t)):
        for key, number in _numbers(table):
            others = inside.get(key, [])
            if others and not any(other.range.meets(number.range) for _, other in others):
                yield Finding(
                    "warning",
                    "abstract_differs",
                    f"{_words(study, key)}: the abstract prints another {key[-1]} than the tables",
                    file=name,
                    column=table.name,
                    value=number.text,
                    expected="; ".join(f"{other.text} ({t.source})" for t, other in others),
                    advice="the abstract may be of another analysis set, or a digit may be wrong in one of them",
                )


def _of_abstract(table: Table) -> bool:
    """Whether the numbers of a table stand in the abstract."""
    return table.source.lower().startswith(ABSTRACT)


def _numbers(table: Table) -> Iterator[tuple[Key, Printed]]:
    """Every printed number of a table by what it is."""
    for line in table.effect_lines:
        for statistic in NUMBERS:
            if statistic in line.cells:
                yield (*_compared(line), statistic), printed(line.cells[statistic])
    for place, cell in cells(table).items():
        yield (*_row(place), "mean"), cell.mean
        if cell.sd_printed is not None:
            yield (*_row(place), "sd"), cell.sd_printed


def _compared(line: TextLine) -> Key:
    """What a line of effects is about."""
    return tuple(line.cells.get(column, "") for column in ("measure", "arm", "versus", "visit", "from"))


def _row(place: Place) -> Key:
    """What a row is about, in the columns of a line of effects."""
    measure, arm, visit = place
    return measure, arm, "", visit, ""


def _words(study: Published, key: Key) -> str:
    """Measure, arms and visit in words."""
    measure, arm, versus, visit = key[:4]
    arms = " − ".join(study.arms[a] for a in (arm, versus) if a)
    return ", ".join(x for x in (study.measures[measure].label, arms, study.visits.get(visit, "")) if x)
