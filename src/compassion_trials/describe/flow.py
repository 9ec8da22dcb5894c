"""Participant flow as result rows: screened, excluded, allocated, assessed, missing by reason, stopped, withdrawn."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.rows import Row, rows
from compassion_trials.trial.trial import Trial


def flow_rows(trial: Trial) -> list[Row]:
    """Counts by arm and visit.

    Returns
    -------
    list of dict
        ``term`` screened | excluded | allocated | assessed | missing | stopped (the treatment) | withdrawn; ``level``
        the reason of an exclusion, a missing visit, a stop or a withdrawal (empty for the total).
    """
    return [*_before_allocation(trial), *_allocated(trial), *_visits(trial)]


def _count(trial: Trial, term: str, n: int, arm: str = "", visit: str = "", level: str = "") -> list[Row]:
    keys = trial.keys | {"analysis": "flow", "term": term, "arm": arm, "visit": visit, "level": level}
    return rows(keys, {"n": n})


def _before_allocation(trial: Trial) -> list[Row]:
    """Screening counts of the plan."""
    screening = trial.context.plan.screening
    if screening is None:
        return []
    found = [] if screening.screened is None else _count(trial, "screened", screening.screened)
    if screening.excluded:
        found += _count(trial, "excluded", sum(screening.excluded.values()))
    for reason, n in screening.excluded.items():
        found += _count(trial, "excluded", n, level=reason)
    return found


def _allocated(trial: Trial) -> list[Row]:
    """People per arm, and those of them who withdrew."""
    found = _count(trial, "allocated", len(trial.participants))
    reasons = trial.flow.loc[trial.flow["reason"].fillna("") != ""].groupby("participant")["reason"].first()
    for arm in trial.context.plan.design.arms:
        people = trial.participants.loc[trial.in_arm(arm)]
        found += _count(trial, "allocated", len(people), arm)
        if "stopped" in people:
            why = people.loc[people["stopped"].notna(), "stop_reason"].fillna("")
            found += _count(trial, "stopped", len(why), arm)
            for reason, n in why[why != ""].value_counts().sort_index().items():
                found += _count(trial, "stopped", int(n), arm, level=str(reason))
        if "withdrawn" not in people:
            continue
        gone = people.loc[people["withdrawn"].fillna(False).astype(bool)]
        found += _count(trial, "withdrawn", len(gone), arm)
        for reason, n in reasons.reindex(gone.index).dropna().value_counts().sort_index().items():
            found += _count(trial, "withdrawn", int(n), arm, level=str(reason))
    return found


def _visits(trial: Trial) -> list[Row]:
    """Assessed and missing people per arm and planned visit; reasons where the data give them."""
    design, found = trial.context.plan.design, []
    flow = trial.flow.assign(assessed=trial.flow["assessed"].astype(bool), reason=trial.flow["reason"].fillna(""))
    for arm in design.arms:
        allocated = int(trial.in_arm(arm).sum())
        for visit in design.visits:
            if not trial.expected(arm, visit):
                continue
            here = flow.loc[(flow["arm"] == arm) & (flow["visit"] == visit)]
            assessed = int(here["assessed"].sum())
            found += _count(trial, "assessed", assessed, arm, visit)
            found += _count(trial, "missing", allocated - assessed, arm, visit)
            found += _reasons(trial, here.loc[~here["assessed"], "reason"], arm, visit)
    return found


def _reasons(trial: Trial, reasons: pd.Series, arm: str, visit: str) -> list[Row]:
    """One row per reason given for a missing visit."""
    given = reasons[reasons != ""].value_counts().sort_index()
    return [row for reason, n in given.items() for row in _count(trial, "missing", int(n), arm, visit, str(reason))]
