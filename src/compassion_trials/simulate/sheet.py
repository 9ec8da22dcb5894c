"""A raw file as rows and columns, before a writer gives it the look of a survey tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from compassion_trials.ingest.columns.patterns import by_visit
from compassion_trials.instruments.model import Instrument
from compassion_trials.simulate.random import generator
from compassion_trials.simulate.recipe import Recipe
from compassion_trials.simulate.trial import SyntheticTrial
from compassion_trials.study.plan.data import RawFile
from compassion_trials.study.plan.measures import Columns
from compassion_trials.study.plan.study_plan import StudyPlan

Kind = Literal["real", "duplicate", "blank", "unfinished", "preview"]
"""What a row is: an answer, or planted trouble."""

Form = Literal["identity", "design", "item", "total", "flow"]
"""What a column holds."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Attributes
    ----------
    name : str
    label : str
        No item wording.
    form : Form
    group : str
        Measure, or ``participant``.
    choices : dict of str to str
        Code and meaning, for value labels; empty for numbers and text.
    """

    name: str
    label: str
    form: Form
    group: str = "participant"
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row.

    Attributes
    ----------
    person : int
        Number of the participant from 1; 0 for a preview.
    visit : str
        Visit of a long file; empty in a wide one.
    kind : Kind
    cells : dict of str to str
        Text by column; missing columns are blank.
    """

    person: int
    visit: str
    kind: Kind
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One raw file.

    Attributes
    ----------
    fields : tuple of Field
    rows : tuple of SheetRow
    """

    fields: tuple[Field, ...]
    rows: tuple[SheetRow, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """Names of the item columns."""
        return tuple(f.name for f in self.fields if f.form == "item")


def number(value: float) -> str:
    """A number as people write it into a file: no trailing zeros, blank when missing."""
    return "" if np.isnan(value) else f"{value:g}" if abs(value) < 1e6 else repr(float(value))


def participant_code(person: int, plan: StudyPlan) -> str:
    """Id of a participant: a plain number where REDCap gives one, else ``S001``."""
    return str(person) if any(raw.format == "redcap" for raw in plan.data) else f"S{person:03}"


def build(
    raw: RawFile, plan: StudyPlan, recipe: Recipe, trial: SyntheticTrial, instruments: Mapping[str, Instrument]
) -> Sheet:
    """One raw file of the plan with all its rows, planted trouble included.

    Parameters
    ----------
    raw : RawFile
        The file as the plan describes it: its columns are made as the plan expects them.
    plan, recipe, trial, instruments
        The study and its synthetic participants.

    Returns
    -------
    Sheet
    """
    long = raw.visit is not None and raw.visit.column is not None
    visits = list(plan.design.visits)
    fixed = raw.visit.value if raw.visit is not None else None
    item_fields = {v: tuple(_answer_fields(raw, plan, v, instruments)) for v in ([fixed] if fixed else visits)}
    answers: dict[str, Field] = {f.name: f for v in item_fields for f, _ in item_fields[v]}
    fields = (*_person_fields(raw, plan), *answers.values())
    rows: list[SheetRow] = []
    for i in range(len(trial.arm)):
        if not long:
            cells = _person_cells(i, raw, plan, trial) | _harm_cells(i, raw, plan, trial)
            for visit, pairs in item_fields.items():
                cells |= _answer_cells(i, visits.index(visit), pairs, trial)
            rows.append(SheetRow(i + 1, "", "real", cells))
            continue
        for t, visit in enumerate(visits):
            if trial.assessed[i, t]:
                cells = _person_cells(i, raw, plan, trial, visit) | _answer_cells(i, t, item_fields[visit], trial)
                cells |= _harm_cells(i, raw, plan, trial, visit)
                rows.append(SheetRow(i + 1, visit, "real", cells))
    sheet = Sheet(fields, tuple(rows))
    return _plant(sheet, raw, plan, recipe, trial) if answers else sheet


def _person_fields(raw: RawFile, plan: StudyPlan) -> Iterator[Field]:
    """Columns that describe the participant, in the order of the plan."""
    yield Field(raw.id.column, "Participant", "design")
    if raw.visit is not None and raw.visit.column is not None:
        names = {code: plan.design.visit_label(v) for code, v in raw.visit.values.items() if v in plan.design.visits}
        yield Field(raw.visit.column, "Visit", "design", choices=names)
    if raw.arm is not None and raw.arm.column is not None:
        names = {code: plan.design.arms[a] for code, a in raw.arm.values.items() if a in plan.design.arms}
        yield Field(raw.arm.column, "Arm", "design", choices=names)
    for key, variable in raw.baseline.items():
        yield Field(variable.column or key, variable.label or key, "design", choices=dict(variable.values))
    for key, column in raw.clusters.items():
        yield Field(column, plan.design.clusters[key].label or key, "design")
    if raw.flow is not None:
        for name, column in raw.flow.columns.items():
            yield Field(column, f"Participant flow: {name}", "flow")
    for column, event, _ in _harm_columns(raw, plan):
        yield Field(column, f"Number of events since the last visit: {event}", "flow")


def _answer_fields(
    raw: RawFile, plan: StudyPlan, visit: str, instruments: Mapping[str, Instrument]
) -> Iterator[tuple[Field, tuple[str, int]]]:
    """Columns of one visit, each with its measure and item position (-1 for a stored total)."""
    wide_name = raw.visit.values.get(visit, visit) if raw.visit is not None and raw.visit.column is None else visit
    for name, measure in plan.measures.items():
        if measure.visits and visit not in measure.visits:
            continue
        pattern = _pattern(measure.total if measure.instrument is None else measure.items or raw.items, visit)
        if pattern is None or (raw.items is None and raw is not plan.data[0]):
            continue
        if measure.instrument is None:
            column = pattern if isinstance(pattern, str) else pattern[0]
            column = column.format(instrument=name, visit=wide_name)
            yield Field(column, f"{measure.short or measure.name} total", "total", name), (name, -1)
            continue
        instrument = instruments[measure.instrument]
        lowest = int(measure.coding.min if measure.coding else instrument.response.min)
        codes = [str(lowest + k) for k in range(instrument.response.max - instrument.response.min + 1)]
        choices = dict(zip(codes, codes, strict=True))
        for j in range(instrument.items):
            if isinstance(pattern, str):
                column = pattern.format(instrument=name, item=j + 1, visit=wide_name)
            else:
                column = pattern[j]
            yield Field(column.replace("*", "x"), f"{instrument.short} item {j + 1}", "item", name, choices), (name, j)


def _pattern(columns: Columns | None, visit: str) -> str | Sequence[str] | None:
    """The pattern or list of columns for a visit."""
    return columns.get(visit) if isinstance(columns, dict) else columns


def _person_cells(i: int, raw: RawFile, plan: StudyPlan, trial: SyntheticTrial, visit: str = "") -> dict[str, str]:
    """Cells that describe a participant; in a long REDCap file they stand in the baseline event only."""
    cells = {raw.id.column: participant_code(i + 1, plan)}
    if visit and raw.visit is not None and raw.visit.column is not None:
        cells[raw.visit.column] = _code(raw.visit.values, visit)
    if visit and raw.format == "redcap" and visit != plan.design.baseline:
        return cells
    if raw.arm is not None and raw.arm.column is not None:
        cells[raw.arm.column] = _code(raw.arm.values, list(plan.design.arms)[trial.arm[i]])
    for key, variable in raw.baseline.items():
        value = trial.baseline[key][i] if key in trial.baseline else ""
        text = value if isinstance(value, str) else number(float(value))
        cells[variable.column or key] = _code(variable.values, str(text))
    for key, column in raw.clusters.items():
        group = trial.clusters[key][i] if key in trial.clusters else -1
        cells[column] = str(group + 1) if group >= 0 else ""
    if raw.flow is not None:
        day = f"2020-{i % 12 + 1:02}-{i % 28 + 1:02}" if trial.reason[i] else ""  # an invented date
        values = {"withdrawn": day, "reason": trial.reason[i], "sessions": number(trial.sessions[i])}
        values |= {"stopped": _stop(raw, plan, float(trial.stop_week[i]))}
        cells |= {column: values[key] for key, column in raw.flow.columns.items() if key in values}
    return cells


def _stop(raw: RawFile, plan: StudyPlan, week: float) -> str:
    """When a participant stopped, as the plan reads it: a visit, a week or a day."""
    part = raw.flow.stopped if raw.flow is not None else None
    if part is None or np.isnan(week):
        return ""
    if part.unit in ("week", "day"):
        return number(week if part.unit == "week" else 7 * week)
    after = [visit for visit, planned in plan.design.visits.items() if planned.week > week]
    return _code(part.values, after[0]) if after else ""


def _code(values: Mapping[str, str], meaning: str) -> str:
    """Raw code of a meaning; the meaning itself where the plan recodes nothing."""
    return next((code for code, found in values.items() if found == meaning), meaning)


def _answer_cells(
    i: int, t: int, pairs: Sequence[tuple[Field, tuple[str, int]]], trial: SyntheticTrial
) -> dict[str, str]:
    """Answers of one participant at one visit; blank when not assessed."""
    if not trial.assessed[i, t]:
        return {}
    return {
        f.name: number(trial.totals[measure][i, t] if j < 0 else trial.answers[measure][i, t, j])
        for f, (measure, j) in pairs
    }


def _harm_columns(raw: RawFile, plan: StudyPlan) -> Iterator[tuple[str, str, str]]:
    """Column, event and visit (empty where the rows say it) of unwanted events."""
    values = raw.visit.values if raw.visit is not None else {}
    for event, part in raw.harms.items():
        wide = "{visit}" in part.column
        names = by_visit(part.column, list(plan.design.visits)[1:], values) if wide else {part.column: ""}
        for column, visit in names.items():
            yield column, event, visit


def _harm_cells(i: int, raw: RawFile, plan: StudyPlan, trial: SyntheticTrial, visit: str = "") -> dict[str, str]:
    """Unwanted events of one participant: of a visit in a long file, of all visits in a wide one."""
    visits = list(plan.design.visits)
    cells = {}
    for column, event, own in _harm_columns(raw, plan):
        at = visits.index(own or visit or visits[-1])
        if at > 0 and trial.assessed[i, at] and event in trial.harms:
            cells[column] = str(trial.harms[event][i, at])
    return cells


def _plant(sheet: Sheet, raw: RawFile, plan: StudyPlan, recipe: Recipe, trial: SyntheticTrial) -> Sheet:
    """Add duplicates, blank rows, broken-off answers and previews, each beside the row it belongs to."""
    rng = generator(recipe.seed, "plant", raw.file)
    rows = list(sheet.rows)
    chosen = rng.permutation(len(rows))
    again = set(chosen[: recipe.plant.duplicates].tolist())
    qualtrics = raw.format == "qualtrics"
    broken = set(chosen[recipe.plant.duplicates :][: recipe.plant.unfinished].tolist()) if qualtrics else set()
    planted: list[SheetRow] = []
    for position, row in enumerate(rows):
        if position in broken:
            kept = set(sheet.items[: len(sheet.items) // 3])
            cells = {c: v for c, v in row.cells.items() if c in kept or c not in sheet.items}
            planted.append(replace(row, kind="unfinished", cells=cells))
        planted.append(row)
        if position in again:
            planted.append(replace(row, kind="duplicate", cells=_entered_again(row, sheet, rng)))
    if raw.format == "redcap":
        planted = _with_blank_rows(planted, raw, plan, recipe.plant.blank_rows, trial)
    previews = [_preview(k, sheet, raw) for k in range(recipe.plant.previews)] if qualtrics else []
    return Sheet(sheet.fields, (*previews, *planted))


def _entered_again(row: SheetRow, sheet: Sheet, rng: np.random.Generator) -> dict[str, str]:
    """The same row entered a second time: a few answers differ, a few are missing."""
    answered = [name for name in sheet.items if row.cells.get(name)]
    chosen = rng.permutation(answered)
    changed = {str(name): "" for name in chosen[:4]}
    fields = {f.name: f for f in sheet.fields}
    for name in chosen[4:7]:
        codes = list(fields[str(name)].choices)
        changed[str(name)] = codes[(codes.index(row.cells[str(name)]) + 1) % len(codes)]
    return row.cells | changed


def _with_blank_rows(
    rows: list[SheetRow], raw: RawFile, plan: StudyPlan, n: int, trial: SyntheticTrial
) -> list[SheetRow]:
    """Rows of missed visits that exist without an answer, after the participant's last row."""
    missed = np.argwhere(~trial.assessed)[:n]
    visits = list(plan.design.visits)
    for i, t in missed:
        cells = _person_cells(int(i), raw, plan, trial, visits[t])
        last = max(k for k, row in enumerate(rows) if row.person == i + 1)
        rows.insert(last + 1, SheetRow(int(i) + 1, visits[t], "blank", cells))
    return rows


def _preview(k: int, sheet: Sheet, raw: RawFile) -> SheetRow:
    """A preview by the researchers: the middle answer everywhere."""
    cells = {f.name: list(f.choices)[len(f.choices) // 2] for f in sheet.fields if f.form == "item"}
    cells[raw.id.column] = "test"
    if raw.visit is not None and raw.visit.column is not None:
        cells[raw.visit.column] = next(iter(raw.visit.values))
    return SheetRow(0, "", "preview", cells)
