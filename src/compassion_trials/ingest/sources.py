"""A raw file with its participants, arms and visits known, and what was wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from compassion_trials.core.errors import nearest
from compassion_trials.core.findings import Finding
from compassion_trials.ingest import formulas
from compassion_trials.ingest.columns.blocks import ColumnBlock
from compassion_trials.ingest.duplicates import combine, resolve
from compassion_trials.ingest.people import identity
from compassion_trials.ingest.people.privacy import shown
from compassion_trials.ingest.readers.table import RawTable
from compassion_trials.ingest.values import is_blank, recode
from compassion_trials.study.plan.data import Column, RawFile
from compassion_trials.study.plan.study_plan import StudyPlan

EXCLUDE = "exclude"
"""Word in ``values`` of an arm or visit that takes such rows out."""

MANY = 10
"""Unknown values from which the column itself is in doubt and its values are not shown."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One raw file, row by row.

    Attributes
    ----------
    raw : RawFile
        Its part of the plan.
    table : RawTable
        Cells; only rows with an id, repeated rows resolved.
    participant : pandas.Series
        Id of each row, index as in the table.
    arm : pandas.Series or None
        Arm of each row, blank where the row says none; None when the file says nothing about arms.
    visit : pandas.Series or None
        Visit of each row, blank where the row belongs to none; None in a wide file.
    blocks : tuple of ColumnBlock
        Columns of the measures.
    removed : tuple of (str, int)
        Reason and number of rows taken out.
    excluded : frozenset of str
        Participants whose arm the plan excludes.
    drop_without_arm : bool
        Whether the plan excludes participants without an arm.
    findings : tuple of Finding
    """

    raw: RawFile
    table: RawTable
    participant: pd.Series
    arm: pd.Series | None
    visit: pd.Series | None
    blocks: tuple[ColumnBlock, ...] = ()
    removed: tuple[tuple[str, int], ...] = ()
    excluded: frozenset[str] = frozenset()
    drop_without_arm: bool = False
    findings: tuple[Finding, ...] = field(default=())

    def rows(self, keep: pd.Series) -> SourceFile:
        """The same file with the rows for which ``keep`` is true."""
        index = keep.index[keep]
        table = replace(self.table, frame=self.table.frame.loc[index])
        arm = None if self.arm is None else self.arm.loc[index]
        visit = None if self.visit is None else self.visit.loc[index]
        return replace(self, table=table, participant=self.participant.loc[index], arm=arm, visit=visit)


def named_columns(raw: RawFile, plan: StudyPlan) -> dict[str, str]:
    """Columns that the plan names for one file, by the key that names them; patterns of items are not among them."""
    found = {"id": raw.id.column}
    for key, part in (("arm", raw.arm), ("visit", raw.visit)):
        if part is not None and part.column is not None:
            found[key] = part.column
    found |= {f"baseline.{name}": column.column or "" for name, column in raw.baseline.items()}
    found |= {f"clusters.{name}": column for name, column in raw.clusters.items()}
    if raw.flow is not None:
        found |= {f"flow.{key}": column for key, column in raw.flow.columns.items()}
    found |= {f"harms.{event}": part.column for event, part in raw.harms.items() if "{visit}" not in part.column}
    for key, column in (("week", raw.week), ("day", raw.day)):
        if column is not None and "{visit}" not in column:
            found[key] = column
    return found


def missing_columns(raw: RawFile, plan: StudyPlan, table: RawTable, dropped: Mapping[str, str]) -> list[Finding]:
    """Errors for columns that the plan names and the file does not have, or that were dropped as identifying."""
    columns = [*table.frame.columns, *dropped]
    findings = []
    for key, column in named_columns(raw, plan).items():
        if column in dropped:
            message = f"{key} uses a column that is dropped because it {dropped[column]}"
            advice = "if it identifies nobody, list it under privacy.keep"
            findings.append(Finding("error", "column_identifying", message, table.file, None, column, advice=advice))
        elif column not in columns:
            message = f"{key} names a column that the file does not have"
            findings.append(
                Finding(
                    "error",
                    "column_missing",
                    message,
                    table.file,
                    None,
                    column,
                    advice=nearest(column, list(table.frame.columns)),
                )
            )
    return findings


def prepare(raw: RawFile, plan: StudyPlan, table: RawTable, blocks: Sequence[ColumnBlock]) -> SourceFile:
    """Participants, arms and visits of one file; repeated rows resolved.

    Parameters
    ----------
    raw : RawFile
    plan : StudyPlan
    table : RawTable
        With all columns that the plan names.
    blocks : sequence of ColumnBlock
        Columns of measures in this file.
    """
    answers = list(dict.fromkeys(column for block in blocks for column in block.columns))
    participant = identity.clean(table.frame[raw.id.column])
    findings, removed = _without_id(participant, table, answers, raw.id.column)
    findings += formulas.in_columns(named_columns(raw, plan).values(), table)
    arm, arm_findings = _arm(raw, plan, table)
    visit, visit_findings = _visit(raw, plan, table, answers)
    source = SourceFile(raw=raw, table=table, participant=participant, arm=arm, visit=visit, blocks=tuple(blocks))
    source = source.rows(participant != "")
    source, gone = _exclude(source)
    source = replace(source, removed=(*removed, *gone))
    one_row = _events_twice if one_row_per_event(source) else _one_row_each
    source, repeated = one_row(source, plan, answers)
    return replace(source, findings=(*findings, *arm_findings, *visit_findings, *repeated))


def _without_id(
    participant: pd.Series, table: RawTable, answers: list[str], column: str
) -> tuple[list[Finding], list[tuple[str, int]]]:
    """Rows without an id: an error when they hold answers, else counted."""
    rows = participant.index[participant == ""]
    if not len(rows):
        return [], []
    filled = ~table.frame.loc[rows, answers].apply(is_blank).all(axis=1) if answers else pd.Series(False, index=rows)
    findings = []
    if filled.any():
        message = f"{int(filled.sum())} rows hold answers but no id"
        advice = "fill in the id, or delete the row"
        findings.append(
            Finding("error", "id_blank", message, table.file, int(filled.index[filled][0]), column, advice=advice)
        )
    empty = len(rows) - int(filled.sum())
    if empty:
        message = f"{empty} rows without id and answers were left out"
        first = int(filled.index[~filled][0])
        findings.append(Finding("warning", "blank_row", message, table.file, first, column))
    return findings, [("row without id and answers", empty)] if empty else []


def _arm(raw: RawFile, plan: StudyPlan, table: RawTable) -> tuple[pd.Series | None, list[Finding]]:
    """Arm of each row."""
    if raw.arm is None:
        return None, []
    if raw.arm.value is not None:
        return pd.Series(raw.arm.value, index=table.frame.index, dtype="object"), []
    return _translate(raw.arm, "arm", plan.design.arms, table)


def _visit(
    raw: RawFile, plan: StudyPlan, table: RawTable, answers: list[str]
) -> tuple[pd.Series | None, list[Finding]]:
    """Visit of each row; a row without one may hold no answers."""
    if raw.visit is None or (raw.visit.value is None and raw.visit.column is None):
        return None, []
    if raw.visit.value is not None:
        return pd.Series(raw.visit.value, index=table.frame.index, dtype="object"), []
    labels = {key: plan.design.visit_label(key) for key in plan.design.visits}
    visit, findings = _translate(raw.visit, "visit", labels, table)
    blank = (visit == "") & is_blank(table.frame[raw.visit.column or ""])  # unknown words have been told
    lost = visit.index[blank & ~table.frame[answers].apply(is_blank).all(axis=1)] if answers else visit.index[:0]
    if len(lost):
        message = f"{len(lost)} rows hold answers but no visit"
        advice = 'fill it in, or leave them out with values: {"": exclude}'
        findings.append(
            Finding("error", "visit_blank", message, table.file, int(lost[0]), raw.visit.column or "", advice=advice)
        )
    return visit, findings


def _translate(part: Column, what: str, valid: Mapping[str, str], table: RawTable) -> tuple[pd.Series, list[Finding]]:
    """A column as keys of the plan (or `EXCLUDE`); unknown values are errors and become blank."""
    column = part.column or ""
    cells, labels = table.frame[column], table.value_labels.get(column, {})
    own = {key: key for key in valid} | {label: key for key, label in valid.items()}
    keys = recode(cells, part.values or own, labels).astype("object")
    unknown = cells[keys.isna()]
    return keys.where(keys.notna(), ""), _unknown(unknown, part, what, list(valid), table)


def _unknown(cells: pd.Series, part: Column, what: str, valid: list[str], table: RawTable) -> list[Finding]:
    """One error per unknown value, or one for the column when there are many."""
    distinct = cells.unique()
    column = part.column or ""
    if len(distinct) > MANY:
        message = (
            f"the column of the {what} has {len(distinct)} values that the plan does not know; is it the right column?"
        )
        return [
            Finding(
                "error",
                f"unknown_{what}",
                message,
                table.file,
                int(cells.index[0]),
                column,
                expected=f"one of {', '.join(valid)}",
            )
        ]
    findings = []
    for word in distinct:
        rows = cells.index[cells == word]
        many = f"{len(rows)} rows have" if len(rows) > 1 else "1 row has"
        message = f"{many} a value that the plan knows as no {what}"
        advice = (
            f"write it under {what}.values, as one of {', '.join(valid)} or as {EXCLUDE}"
            if part.values
            else nearest(word, valid)
        )
        text = shown(word)
        findings.append(
            Finding("error", f"unknown_{what}", message, table.file, int(rows[0]), column, value=text, advice=advice)
        )
    return findings


def _exclude(source: SourceFile) -> tuple[SourceFile, list[tuple[str, int]]]:
    """Take out rows whose arm or visit the plan excludes; remember the participants of an excluded arm."""
    removed: list[tuple[str, int]] = []
    if source.visit is not None and (source.visit == EXCLUDE).any():
        removed.append(("visit excluded by the plan", int((source.visit == EXCLUDE).sum())))
        source = source.rows(source.visit != EXCLUDE)
    if source.arm is None:
        return source, removed
    values = source.raw.arm.values if source.raw.arm is not None else {}
    blank_rule = any(is_blank(pd.Series([raw])).item() and meaning == EXCLUDE for raw, meaning in values.items())
    explicit = (
        ~is_blank(source.table.frame[source.raw.arm.column]) if source.raw.arm and source.raw.arm.column else True
    )
    out = (source.arm == EXCLUDE) & explicit
    excluded = frozenset(source.participant[out])
    if blank_rule:
        arm = source.arm.where(source.arm != EXCLUDE, "").where(~out, EXCLUDE)
        source = replace(source, arm=arm, drop_without_arm=True)
    if excluded:
        gone = source.participant.isin(excluded)
        removed.append(("arm excluded by the plan", int(gone.sum())))
        source = replace(source.rows(~gone), excluded=excluded)
    return source, removed


def _one_row_each(source: SourceFile, plan: StudyPlan, answers: list[str]) -> tuple[SourceFile, list[Finding]]:
    """One row per participant and visit, by the rule of the plan."""
    raw, frame = source.raw, source.table.frame
    keys = pd.DataFrame({"participant": source.participant})
    if source.visit is not None:
        keys["visit"] = source.visit
    extra = [column for key, column in named_columns(raw, plan).items() if key not in ("id", "visit")]
    used = [column for column in dict.fromkeys([*answers, *extra]) if column in frame]
    cells = frame[used].mask(frame[used].apply(is_blank), "") if used else frame[[raw.id.column]]
    if source.table.format == "redcap" and keys.duplicated().any():
        merged = combine(keys, cells)
        frame = frame.loc[merged.index].assign(**{column: merged[column] for column in merged.columns})
        source = replace(source, table=replace(source.table, frame=frame)).rows(pd.Series(True, index=merged.index))
        keys, cells = keys.loc[merged.index], merged
    resolved = resolve(keys, cells, raw.duplicates, source.table.file)
    dropped = int((~resolved.keep).sum())
    if not dropped:
        return source, []
    kept = source.rows(pd.Series(resolved.keep, index=keys.index))
    if _read_by_visit_elsewhere(raw, plan) and all(finding.code == "duplicate_same" for finding in resolved.findings):
        return kept, []
    return replace(kept, removed=(*source.removed, ("repeated row of the same participant and visit", dropped))), list(
        resolved.findings
    )


def one_row_per_event(source: SourceFile) -> bool:
    """Whether a file holds nothing but unwanted events: then a participant has as many rows as events."""
    raw = source.raw
    return bool(raw.harms) and not (source.blocks or raw.baseline or raw.clusters or raw.flow)


def _events_twice(source: SourceFile, plan: StudyPlan, answers: list[str]) -> tuple[SourceFile, list[Finding]]:
    """A warning for equal rows of a file of events, all of which count."""
    del plan, answers
    again = source.table.frame.assign(person=source.participant).duplicated()
    if not again.any():
        return source, []
    message = f"{int(again.sum())} rows of events are the same as another row; each counts as an event of its own"
    place = (source.table.file, int(again.index[again][0]), source.raw.id.column)
    return source, [Finding("warning", "event_twice", message, *place, advice="delete what was entered twice")]


def _read_by_visit_elsewhere(raw: RawFile, plan: StudyPlan) -> bool:
    """Whether the rows of this file are visits, which another part of the plan reads, and only a constant is read here.

    Then equal rows of one participant are not repetitions.
    """
    others = [other for other in plan.data if (other.file, other.sheet) == (raw.file, raw.sheet) and other is not raw]
    by_row = [other.visit is not None and other.visit.column is not None for other in (raw, *others)]
    return not by_row[0] and any(by_row[1:])
