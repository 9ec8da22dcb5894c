"""Printed numbers of all publications of the ledger, one by one, and tables that a document can hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compassion_trials.ledger.reading.loader import load_published
from compassion_trials.ledger.reading.model import NUMBERS, ROWS

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Record:
    """One printed number: what it is, in the words of its publication, and its digits.

    Attributes
    ----------
    measure, arm, versus, visit, first : str
        Labels; empty where the number has none. `versus` is the arm that `arm` is compared with, `first` the visit that
        a change counts from.
    kind : str
        ``row`` (n, mean, sd, se, lower, upper, r of one arm at one visit) or ``effect`` (a test or an effect).
    statistic : str
        Name of the ledger (docs/reproduce.md): n mean sd se lower upper r; estimate se lower upper t F df df2 chi2 p d
        d_lower d_upper g g_se eta2.
    printed : str
        Digits.
    """

    measure: str
    arm: str
    versus: str
    visit: str
    first: str
    kind: str
    statistic: str
    printed: str


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell of a drawn table.

    Attributes
    ----------
    text : str
    columns, rows : int
        How many it spans; a CSV file shows the text in the first of them only.
    head : bool
    """

    text: str
    columns: int = 1
    rows: int = 1
    head: bool = False


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """A table as a layout draws it, with the records that stand in it.

    Attributes
    ----------
    caption : str
    rows : list of list of DrawnCell
        As HTML lists them: a cell that spans rows stands in the first of them only.
    records : tuple of Record
        Exactly those whose digits stand in the table.
    note : str
        Text below it.
    """

    caption: str
    rows: list[list[DrawnCell]]
    records: tuple[Record, ...]
    note: str = ""


Layout = Callable[[str, Sequence[Record]], list[DrawnTable]]
"""From the caption and the records of one published table to one or more drawn tables."""


def published_records() -> dict[tuple[str, str], list[Record]]:
    """Records of every published table by study and name of the table."""
    found: dict[tuple[str, str], list[Record]] = {}
    for name, study in load_published(ROOT / "data" / "published").items():
        for table in study.tables:
            records = []
            for kind, lines, columns in (("row", table.row_lines, ROWS), ("effect", table.effect_lines, NUMBERS)):
                for line in lines:
                    get = line.cells.get
                    labels = {
                        "measure": study.measures[get("measure", "")].label,
                        "arm": study.arms.get(get("arm", ""), ""),
                        "versus": study.arms.get(get("versus", ""), ""),
                        "visit": study.visits.get(get("visit", ""), ""),
                        "first": study.visits.get(get("from", ""), ""),
                    }
                    if not labels["arm"] and len(study.arms) == 1:
                        labels["arm"] = next(iter(study.arms.values()))
                    records += [
                        Record(kind=kind, statistic=s, printed=line.cells[s], **labels)
                        for s in columns
                        if s in line.cells and s not in ("measure", "arm", "visit")
                    ]
            if records:
                found[name, table.name] = records
    return found
