"""When participants stopped the treatment, as the first visit afterwards; dates are not kept."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.people.privacy import shown
from compassion_trials.ingest.people.withdrawal import NO, filled
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.values import number, recode
from compassion_trials.study.plan.data import STAYED, StopColumn
from compassion_trials.study.plan.study_plan import StudyPlan

DAYS_PER_WEEK = 7
"""Days are counted in weeks."""


def stopped(plan: StudyPlan, source: SourceFile, part: StopColumn) -> tuple[dict[str, str], list[Finding]]:
    """First visit after stopping, of each participant who stopped before the last visit.

    Stopping at or before the baseline leads to the first later visit. Rows of one participant that disagree: the
    earliest counts.

    Parameters
    ----------
    plan : StudyPlan
    source : SourceFile
    part : StopColumn
        The plan's ``flow.stopped``.

    Returns
    -------
    visits : dict of str to str
        By participant.
    findings : list of Finding
        Errors for cells that are not visits, times or dates.
    """
    cells = filled(source, part.column, part.values)
    visits = list(plan.design.visits)
    place = _visits(part, plan, cells) if part.unit == "visit" else _after(_weeks(source, part, cells), plan)
    found: dict[str, int] = {}
    for row in cells.index[place.notna() & (place != STAYED)]:
        person, first = source.participant[row], max(visits.index(place[row]), 1)
        found[person] = min(first, found.get(person, first))
    return {person: visits[first] for person, first in found.items()}, _unknown(part, source, cells[place.isna()])


def _visits(part: StopColumn, plan: StudyPlan, cells: pd.Series) -> pd.Series:
    """Visits that cells name, or `STAYED`; None where a cell names neither."""
    own = {plan.design.visit_label(visit): visit for visit in plan.design.visits}
    own |= {visit: visit for visit in plan.design.visits} | dict.fromkeys((*NO, STAYED), STAYED)
    meant = recode(cells, part.values or own, {}).astype("object")
    return meant.where(meant.isin([*plan.design.visits, STAYED]), None)


def _after(weeks: pd.Series, plan: StudyPlan) -> pd.Series:
    """First visit later than a time, `STAYED` where there is none; None where the time is unknown."""
    planned = {visit: part.week for visit, part in plan.design.visits.items()}

    def first(week: float) -> str | None:
        return None if np.isnan(week) else next((visit for visit, at in planned.items() if at > week), STAYED)

    return pd.Series([first(week) for week in weeks], index=weeks.index, dtype="object")


def _weeks(source: SourceFile, part: StopColumn, cells: pd.Series) -> pd.Series:
    """Time of stopping in weeks since baseline; NaN where a cell says none."""
    if part.unit != "date":
        times = cells.map(lambda word: number(word, source.table.decimal)).astype("float64")
        return times if part.unit == "week" else times / DAYS_PER_WEEK
    starts = filled(source, part.start or "").map(_day)
    start = dict(zip(source.participant[starts.index], starts, strict=True))
    days = [
        _day(word) - start.get(source.participant[row], np.nan) for row, word in zip(cells.index, cells, strict=True)
    ]
    return pd.Series(days, index=cells.index, dtype="float64") / DAYS_PER_WEEK


def _day(word: str) -> float:
    """A date as a number of days: 2020-01-31 or 31.1.2020; NaN for any other, as 1/2/2020 may be two days."""
    try:
        if "." in word.split(" ")[0]:
            day, month, year = (int(piece) for piece in word.split(" ")[0].split("."))
            return float(date(year, month, day).toordinal())
        return float(date.fromisoformat(word[:10]).toordinal())
    except ValueError:
        return float("nan")


def _unknown(part: StopColumn, source: SourceFile, cells: pd.Series) -> list[Finding]:
    """An error for cells that say nothing about when."""
    if not len(cells):
        return []
    wanted = {"visit": "a visit of the plan, no or blank", "week": "a number of weeks", "day": "a number of days"}
    expected = wanted.get(part.unit, "a date such as 2020-01-31, and one in the column start")
    message = f"flow.stopped: {len(cells)} cells do not say when the treatment was stopped"
    advice = f"write values: {{...: visit, ...: {STAYED}}}" if part.unit == "visit" else "correct the file"
    place = (source.table.file, int(cells.index[0]), part.column, shown(str(cells.iloc[0])), expected, advice)
    return [Finding("error", "stop_unknown", message, *place)]
