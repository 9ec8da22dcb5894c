"""Effects of single trials in a field: from published rows, from meta-analyses that print them, from a CSV.

Positive effects favour the treatment: the direction of the outcome is applied here, before anything is pooled.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Literal

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.effects.sizes.size import oriented
from compassion_trials.instruments.fields import FIELDS
from compassion_trials.ledger.evidence.measures import standardized
from compassion_trials.ledger.evidence.pooled import trials_of
from compassion_trials.ledger.reading.cells import Cell, cells
from compassion_trials.ledger.reading.model import PrintedMeasure, Published, Table

Origin = Literal["published rows", "published effects", "csv", "our analysis"]
"""Where an effect comes from."""

_YEAR = re.compile(r"\b(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class TrialEffect:
    """One effect in a field.

    Attributes
    ----------
    field : str
    trial, outcome : str
        Label of the trial (and arm); outcome in words.
    estimate, variance : float
        Hedges' g, positive = benefit.
    origin : Origin
    source : str
        File, or results row.
    group : str
        Randomized, not randomized, or a column of a CSV.
    cluster : str
        Trial whose arms or outcomes are not independent of each other; the label when empty.
    year : int or None
        Of publication, where the label or a column says it.
    """

    field: str
    trial: str
    outcome: str
    estimate: float
    variance: float
    origin: Origin
    source: str
    group: str = ""
    cluster: str = ""
    year: int | None = None

    @property
    def own(self) -> bool:
        """Whether it is a trial that we analysed; drawn beside the evidence, never pooled with it."""
        return self.origin == "our analysis"


def published_effects(
    studies: Mapping[str, Published], moved: Mapping[str, Mapping[str, object]]
) -> Iterator[TrialEffect]:
    """Effects of printed rows at the visit that each table names, and printed effects of single trials.

    Parameters
    ----------
    studies : mapping of str to Published
    moved : mapping of str to mapping
        By study and table: rows found to be shifted; these tables are left out.
    """
    for name, study in studies.items():
        for table in study.tables:
            if table.pooled_at is not None and table.status != "not read" and table.name not in moved.get(name, {}):
                yield from _of_rows(name, study, table)
        if study.trials is not None and study.trials.field is not None:
            yield from _of_trials(name, study)


def _of_rows(name: str, study: Published, table: Table) -> Iterator[TrialEffect]:
    """Effects of one table: every outcome with a field, every arm against control."""
    here = cells(table)
    for key, measure in study.measures.items():
        if measure.field is None:
            continue
        for arm in study.arms:
            a, b = (here.get((key, x, table.pooled_at or "")) for x in (arm, study.control or ""))
            if arm != study.control and a is not None and b is not None and _complete(a) and _complete(b):
                yield _of_pair(f"{name}.yaml, {table.name}", study, measure, arm, (a, b))


def _complete(cell: Cell) -> bool:
    return bool(cell.n and cell.sd)


def _of_pair(source: str, study: Published, measure: PrintedMeasure, arm: str, pair: tuple[Cell, Cell]) -> TrialEffect:
    """Hedges' g of two printed cells."""
    a, b = (cell.summary(cell.mean.value, cell.sd.value) for cell in pair if cell.sd is not None)
    found = standardized(a, b)
    trial = measure.trial or study.label + (f", {study.arms[arm]}" if len(study.arms) > 2 else "")
    return TrialEffect(
        field=str(measure.field),
        trial=trial,
        outcome=measure.label.removeprefix(measure.trial).lstrip(": "),
        estimate=oriented(found.estimate, measure.better),
        variance=found.variance,
        origin="published rows",
        source=source,
        group={True: "randomized", False: "not randomized", None: ""}[study.randomized],
        cluster=measure.trial or study.label,
        year=year_of(measure.trial or study.label),
    )


def _of_trials(name: str, study: Published) -> Iterator[TrialEffect]:
    """Effects of single trials as a meta-analysis prints them."""
    assert study.trials is not None
    given = trials_of(study)
    years = given.columns.get("year", given.names)
    for trial, y, v, year in zip(given.names, given.y, given.v, years, strict=True):
        source = f"{name}.yaml, trials"
        yield TrialEffect(
            field=str(study.trials.field),
            trial=trial,
            outcome="",
            estimate=float(y),
            variance=float(v),
            origin="published effects",
            source=source,
            year=year_of(year),
        )


def year_of(words: str) -> int | None:
    """The first year that stands in a label."""
    found = _YEAR.search(words)
    return int(found.group()) if found else None


def csv_effects(path: Path) -> list[TrialEffect]:
    """Effects of a CSV with the columns field, trial, estimate, se (positive = benefit), and outcome, group if wished.

    Raises
    ------
    InputError
        Missing columns, unknown fields, values that are not numbers, standard errors that are not above zero.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        rows, head = list(reader), list(reader.fieldnames or [])
    problems = [
        Finding(
            "error",
            "missing_column",
            "the file lacks a column",
            file=path.name,
            column=name,
            advice=nearest(name, head),
        )
        for name in ("field", "trial", "estimate", "se")
        if name not in head
    ]
    if problems:
        raise InputError(problems)
    problems = [p for number, row in enumerate(rows, start=2) for p in _row_problems(path.name, number, row)]
    if problems:
        raise InputError(problems)
    return [_of_row(path.name, row) for row in rows]


def _row_problems(file: str, number: int, row: dict[str, str]) -> Iterator[Finding]:
    """What is wrong in one row."""
    if row["field"] not in FIELDS:
        yield Finding(
            "error",
            "unknown_field",
            "there is no such field",
            file=file,
            row=number,
            column="field",
            value=row["field"],
            advice=nearest(row["field"], list(FIELDS)),
        )
    try:
        estimate, se = float(row["estimate"]), float(row["se"])
    except (ValueError, TypeError):
        yield Finding("error", "not_a_number", "estimate and se must be numbers", file, number)
        return
    if not (se > 0 and isfinite(se) and isfinite(estimate)):
        yield Finding(
            "error", "bad_se", "a standard error is above zero", file=file, row=number, column="se", value=row["se"]
        )


def _of_row(file: str, row: dict[str, str]) -> TrialEffect:
    """One row of a CSV; names that only look different (spaces at the ends, decomposed letters) are one trial."""
    trial, outcome, group = (_name(row.get(key) or "") for key in ("trial", "outcome", "group"))
    return TrialEffect(
        field=row["field"],
        trial=trial,
        outcome=outcome,
        estimate=float(row["estimate"]),
        variance=float(row["se"]) ** 2,
        origin="csv",
        source=file,
        group=group,
        year=year_of(trial),
    )


def _name(word: str) -> str:
    """A name as it is compared: composed letters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", word).split())
