"""Participant flow: who was assessed at which visit, when, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from compassion_trials.core.columns import FLOW
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.columns.blocks import item_numbers, planned_visits
from compassion_trials.ingest.columns.patterns import by_visit
from compassion_trials.ingest.people.withdrawal import STOPPED, reasons
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.values import IMPUTED, IMPUTED_BLANK, NOT_NUMERIC, OUT_OF_RANGE, SEVERAL, is_blank, number
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.plan.study_plan import StudyPlan

WEEKS_PER_DAY = 1 / 7


def answered(cells: pd.DataFrame) -> pd.DataFrame:
    """Number of answers per participant and visit, among cells of all files.

    An answer out of range or in words is still an answer. Where a flag says that values were imputed at a visit, stored
    totals there do not make the participant assessed (a total carried forward is not an answer).

    Returns
    -------
    pandas.DataFrame
        Columns participant, visit, n_answered; only pairs with an answer.
    """
    given = cells["value"].notna() | cells["missing_reason"].isin([NOT_NUMERIC, OUT_OF_RANGE, SEVERAL])
    imputed = cells.loc[
        cells["missing_reason"].isin([IMPUTED, IMPUTED_BLANK]), ["participant", "visit"]
    ].drop_duplicates()
    if len(imputed):
        flagged = pd.MultiIndex.from_frame(cells[["participant", "visit"]]).isin(pd.MultiIndex.from_frame(imputed))
        given &= ~(flagged & (cells["scale"] != ""))
    return cells[given].groupby(["participant", "visit"], sort=False).size().rename("n_answered").reset_index()


def expected(plan: StudyPlan, known: Mapping[str, Instrument]) -> dict[str, int]:
    """Number of items and stored totals that the plan expects at each visit; checks of scores do not count."""
    counts = dict.fromkeys(plan.design.visits, 0)
    for key, measure in plan.measures.items():
        for visit in planned_visits(plan, key):
            counts[visit] += 1 if measure.instrument is None else len(item_numbers(measure, known))
    return counts


def table(
    plan: StudyPlan,
    known: Mapping[str, Instrument],
    sources: Sequence[SourceFile],
    people: pd.DataFrame,
    cells: pd.DataFrame,
) -> tuple[pd.DataFrame, list[Finding]]:
    """The flow table: one row per participant and planned visit.

    Parameters
    ----------
    plan : StudyPlan
    known : mapping of str to Instrument
    sources : sequence of SourceFile
    people : pandas.DataFrame
        The participants table.
    cells : pandas.DataFrame
        Cells of all files.

    Returns
    -------
    table : pandas.DataFrame
        Columns `core.columns.FLOW`; ``reason`` is blank for assessed visits and where nothing is known.
    findings : list of Finding
    """
    arms = dict(zip(people["participant"], people["arm"], strict=True))
    checks = {(key, scale) for key, measure in plan.measures.items() for scale in measure.stored}
    checked = [pair in checks for pair in zip(cells["measure"], cells["scale"], strict=True)]
    own = cells[~np.array(checked, dtype=bool)]  # an array: a list without cells would choose no columns
    grid = pd.MultiIndex.from_product([list(arms), list(plan.design.visits)], names=["participant", "visit"]).to_frame(
        index=False
    )
    flow = grid.merge(answered(own), on=["participant", "visit"], how="left")
    flow["n_answered"] = flow["n_answered"].fillna(0).astype("int64")
    flow["assessed"] = flow["n_answered"] > 0
    flow["n_expected"] = flow["visit"].map(expected(plan, known)).astype("int64")
    flow["arm"] = flow["participant"].map(arms)
    why, findings = reasons(sources)
    gone = _after_stopping(plan, people, flow)
    given = [why.get(p, STOPPED if g else "") for p, g in zip(flow["participant"], gone, strict=True)]
    flow["reason"] = np.where(flow["assessed"], "", given)
    findings += _gone_yet_seen(plan, people, flow)
    weeks, more = real_weeks(plan, sources)
    flow["week"] = [weeks.get(pair, np.nan) for pair in zip(flow["participant"], flow["visit"], strict=True)]
    words = dict.fromkeys(("participant", "arm", "visit", "reason"), "str")
    return flow[list(FLOW)].astype({**words, "week": "float64"}), [*findings, *more]


def _gone_yet_seen(plan: StudyPlan, people: pd.DataFrame, flow: pd.DataFrame) -> list[Finding]:
    """A warning for participants who withdrew and were assessed at the last visit all the same."""
    last = list(plan.design.visits)[-1]
    if "withdrawn" not in people or len(plan.design.visits) < 2:
        return []
    gone = people.loc[people["withdrawn"], "participant"]
    seen = flow.loc[(flow["visit"] == last) & flow["assessed"], "participant"]
    count = int(gone.isin(seen).sum())
    if not count:
        return []
    message = f"{count} of {len(gone)} participants who withdrew have answers at the last visit, {last}"
    advice = "see whether the codes mean what the plan says: withdrawn: {column: ..., values: {1: yes, 2: no}}"
    return [Finding("warning", "withdrawn_seen", message, column="flow.withdrawn", advice=advice)]


def _after_stopping(plan: StudyPlan, people: pd.DataFrame, flow: pd.DataFrame) -> list[bool]:
    """Whether a participant had stopped the treatment by the visit, one per row of the flow table."""
    if "stopped" not in people:
        return [False] * len(flow)
    order = {visit: i for i, visit in enumerate(plan.design.visits)}
    first = dict(zip(people["participant"], people["stopped"].map(order), strict=True))
    return [order[v] >= first[p] for p, v in zip(flow["participant"], flow["visit"], strict=True)]


def real_weeks(plan: StudyPlan, sources: Sequence[SourceFile]) -> tuple[dict[tuple[str, str], float], list[Finding]]:
    """Real time of each assessment in weeks since baseline, by participant and visit."""
    found: dict[tuple[str, str], float] = {}
    findings: list[Finding] = []
    for source in sources:
        column = source.raw.week or source.raw.day
        if column is None:
            continue
        scale = 1.0 if source.raw.week is not None else WEEKS_PER_DAY
        wrong = 0
        for name, visits in _time_columns(column, plan, source):
            cells = source.table.frame[name]
            values = cells.map(lambda word, decimal=source.table.decimal: number(word, decimal))
            wrong += int((values.isna() & ~is_blank(cells)).sum())
            for row in values.index[values.notna()]:
                found[(source.participant[row], visits[row])] = float(values[row]) * scale
        message = "the real time of the rows is kept in the flow table only; the models use the weeks of design.visits"
        findings.append(Finding("note", "times_unused", message, source.table.file, None, column))
        if wrong:
            message = f"{wrong} cells with the time of the visit are not numbers and count as unknown"
            findings.append(Finding("warning", "not_numeric", message, source.table.file, None, column))
    return found, findings


def _time_columns(column: str, plan: StudyPlan, source: SourceFile) -> list[tuple[str, pd.Series]]:
    """Columns of the time, and the visit of each row in them."""
    frame = source.table.frame
    if "{visit}" in column:
        names = by_visit(column, plan.design.visits, source.raw.visit.values if source.raw.visit is not None else {})
        return [(name, pd.Series(visit, index=frame.index)) for name, visit in names.items() if name in frame]
    return [(column, source.visit)] if source.visit is not None and column in frame else []
