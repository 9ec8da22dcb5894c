"""Unwanted events of each participant, counted from raw columns; what happened is not kept, only how often."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from compassion_trials.core.errors import nearest
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.columns.patterns import by_visit
from compassion_trials.ingest.people.privacy import DATE, shown
from compassion_trials.ingest.people.withdrawal import NO, YES, codes_unclear, filled, one_or_two
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.values import number, recode
from compassion_trials.study.plan.data import HarmColumn
from compassion_trials.study.plan.dose import AFTER_CONTROL, harm_column
from compassion_trials.study.plan.study_plan import StudyPlan


def events(
    plan: StudyPlan, sources: Sequence[SourceFile], arm: pd.Series
) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Number of events of each kind and participant.

    A number counts as often as it says, yes and a date once. Where a column says 0 or no for somebody, a participant
    with blank cells only is unknown; where it never does, blank means none. Visits at which the control arm is no
    control any more count apart (`AFTER_CONTROL`), for the treated arms only.

    Parameters
    ----------
    plan : StudyPlan
    sources : sequence of SourceFile
    arm : Series of str
        By participant.

    Returns
    -------
    columns : dict of str to Series of float
        By `harm_column`; NaN where unknown.
    findings : list of Finding
    """
    found: dict[str, pd.Series] = {}
    findings: list[Finding] = []
    later = set(plan.design.visits) - set(plan.design.controlled_visits)
    for source in sources:
        for event, part in source.raw.harms.items():
            cells, more = _cells(event, part, source, plan)
            findings += [*more, *_of_nobody(event, part, source, cells, arm)]
            after = cells["visit"].isin(later)
            parts = {harm_column(event): (cells[~after], arm.index)}
            if after.any():
                treated = arm.index[arm != plan.design.control]
                parts[harm_column(event + AFTER_CONTROL)] = (cells[after], treated)
            for name, (here, people) in parts.items():
                counts = _per_person(here, people).reindex(arm.index)
                found[name] = found[name].add(counts, fill_value=0) if name in found else counts
    return found, findings


def _per_person(cells: pd.DataFrame, people: pd.Index) -> pd.Series:
    """Sum of each participant's cells; who has none is unknown where 0 is ever written, else 0."""
    counts = cells.groupby("participant")["count"].sum().reindex(people)
    return counts if (cells["count"] == 0).any() else counts.fillna(0.0)


def _of_nobody(event: str, part: HarmColumn, source: SourceFile, cells: pd.DataFrame, arm: pd.Series) -> list[Finding]:
    """A warning for events of people who are not in the trial."""
    outside = cells.loc[~cells["participant"].isin(arm.index), "count"].sum()
    if not outside:
        return []
    message = f"harms.{event}: {outside:g} events of people who are in no arm do not count"
    return [Finding("warning", "harm_nobody", message, source.table.file, None, part.column)]


def _cells(event: str, part: HarmColumn, source: SourceFile, plan: StudyPlan) -> tuple[pd.DataFrame, list[Finding]]:
    """Filled cells of an event in one file: participant, visit, word, raw, count."""
    columns = _columns(part.column, source, plan)
    if not columns:
        message = f"harms.{event} names columns that the file does not have"
        advice = nearest(part.column, list(source.table.frame.columns))
        lacking = Finding("error", "column_missing", message, source.table.file, None, part.column, advice=advice)
        return pd.DataFrame(columns=["participant", "visit", "word", "raw", "count"]), [lacking]
    parts = []
    for name, visit in columns.items():
        raw = filled(source, name, part.values)
        word = recode(raw, part.values, {}).astype("object")
        at = pd.Series(visit, index=raw.index) if visit or source.visit is None else source.visit.loc[raw.index]
        parts.append(
            pd.DataFrame({"participant": source.participant.loc[raw.index], "visit": at, "word": word, "raw": raw})
        )
    cells = pd.concat(parts)
    cells["count"] = cells["word"].map(lambda word: _count(word, source.table.decimal)).astype("float64")
    return cells, _understood(event, part, source, cells)


def _columns(column: str, source: SourceFile, plan: StudyPlan) -> dict[str, str]:
    """Columns of an event and the visit of each, empty where the rows say it."""
    values = source.raw.visit.values if source.raw.visit is not None else {}
    names = by_visit(column, plan.design.visits, values) if "{visit}" in column else {column: ""}
    return {name: visit for name, visit in names.items() if name in source.table.frame}


def _count(word: object, decimal: str) -> float:
    """Events that a cell stands for: NaN when it is not a count; other words than yes and no are one event."""
    text = str(word).strip().lower()
    if word is None or text == "":
        return 0.0 if text == "" else np.nan
    if text in NO or text in YES or DATE.fullmatch(text):
        return 0.0 if text in NO else 1.0
    value = number(text, decimal)
    return 1.0 if np.isnan(value) else value if value >= 0 and value.is_integer() else np.nan


def _understood(event: str, part: HarmColumn, source: SourceFile, cells: pd.DataFrame) -> list[Finding]:
    """Errors for cells that are not counts, a warning for words that count as one event each."""
    findings = []
    place = source.table.file
    everybody = set(source.participant) <= set(cells["participant"])
    if not part.values and everybody and one_or_two(cells["raw"]):
        return [codes_unclear(f"harms.{event}", place, int(cells.index[0]), part.column)]
    wrong = cells[cells["count"].isna()]
    for word in wrong["raw"].unique():
        row = int(wrong.index[wrong["raw"] == word][0])
        message = f"harms.{event}: neither a number of events, yes, no nor a date"
        expected = f"one of {', '.join(part.values)}" if part.values else "0, 1, 2, ..., yes, no, a date or blank"
        findings.append(
            Finding("error", "harm_count", message, place, row, part.column, value=shown(word), expected=expected)
        )
    odd = [_is_words(word, source.table.decimal) for word in cells["word"]]
    if any(odd):
        message = f"harms.{event}: {sum(odd)} cells hold words; each counts as one event, the words are not kept"
        advice = "write no or 0 where nothing happened, or say what the words mean: {column: ..., values: {...}}"
        row = int(cells.index[odd][0])
        findings.append(Finding("warning", "harm_words", message, place, row, part.column, advice=advice))
    return findings


def _is_words(word: object, decimal: str) -> bool:
    """Whether a cell is neither yes, no, date, number nor blank."""
    text = str(word or "").strip().lower()
    return bool(text) and text not in NO | YES and not DATE.fullmatch(text) and np.isnan(number(text, decimal))


def disagreements(plan: StudyPlan, people: pd.DataFrame) -> list[Finding]:
    """Errors for events that the plan counts in one way and the raw files in another."""
    findings = []
    for event, said in (plan.harms.events if plan.harms is not None else {}).items():
        name = harm_column(event)
        for arm, n in said.items() if name in people else ():
            counted = int((people.loc[people["arm"] == arm, name] > 0).sum())
            if counted != n:
                message = f"the plan counts {n} participants of {arm} with this event, the raw file {counted}"
                advice = "correct the one that is wrong, or leave the event out of harms.events: the file is counted"
                where = f"harms.events.{event}"
                findings.append(
                    Finding(
                        "error",
                        "harms_disagree",
                        message,
                        "",
                        None,
                        where,
                        value=f"{n}",
                        expected=f"{counted}",
                        advice=advice,
                    )
                )
    return findings
