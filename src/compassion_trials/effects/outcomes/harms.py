"""Harm as result rows: reliable deterioration, withdrawal and events by arm, compared between arms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.core.rows import Row, rows
from compassion_trials.effects.groups.clustered_risk import NOTE, compared_in_groups
from compassion_trials.effects.groups.few_clusters import NO_LIMITS, clusters_of
from compassion_trials.effects.outcomes.clinical import judge
from compassion_trials.effects.outcomes.proportion import exact
from compassion_trials.effects.outcomes.responders import compare
from compassion_trials.study.plan.dose import AFTER_CONTROL, harm_column
from compassion_trials.trial.trial import Trial

ANALYSIS = "harms"


def harm_rows(trial: Trial, found: pd.DataFrame, descriptives: pd.DataFrame) -> list[Row]:
    """Analysis ``harms``: term deterioration (by outcome and visit), withdrawal, event (level its name).

    Parameters
    ----------
    trial : Trial
    found : DataFrame
        Result rows so far, with those of the analysis ``change``.
    descriptives : DataFrame
        Result rows of the stage describe.
    """
    out: list[Row] = []
    worse = found[(found["analysis"] == "change") & (found["level"] == "deteriorated") & (found["statistic"] == "n")]
    for (outcome, visit), here in worse.groupby(["outcome", "visit"], sort=False):
        counts = {arm: (int(k), int(n)) for arm, k, n in zip(here["arm"], here["value"], here["n"], strict=True)}
        marked = {"outcome": str(outcome), "visit": str(visit), "prespecified": here["prespecified"].iloc[0]}
        yes = _worse(trial, str(outcome), str(visit), descriptives)
        out += _by_arm(trial, {"term": "deterioration", **marked}, counts, yes)
    known = events(trial)
    sizes = {arm: int(trial.in_arm(arm).sum()) for arm in trial.context.plan.design.arms}
    if "withdrawn" in trial.participants and (len(worse) or known or trial.context.plan.harms):
        gone = trial.participants["withdrawn"].fillna(False).to_numpy(bool)
        counts = {arm: (int((gone & trial.in_arm(arm)).sum()), n) for arm, n in sizes.items()}
        out += _by_arm(trial, {"term": "withdrawal"}, counts, gone.astype(float))
    harms = trial.context.plan.harms
    for event, people in (harms.events if harms else {}).items():
        if event not in known:
            counts = {arm: (people[arm], sizes[arm]) for arm in sizes if arm in people}
            out += _by_arm(trial, {"term": "event", "level": event}, counts)
    for event, number in known.items():
        out += _counted(trial, event, number)
    return out


def events(trial: Trial) -> dict[str, Array]:
    """Number of events of each participant (n,) by kind, NaN where unknown, as ingest counted them."""
    named = dict.fromkeys(event for raw in trial.context.plan.data for event in raw.harms)
    kinds = [kind for event in named for kind in (event, event + AFTER_CONTROL)]
    people = trial.participants
    return {kind: people[harm_column(kind)].to_numpy(float) for kind in kinds if harm_column(kind) in people}


def _counted(trial: Trial, event: str, number: Array) -> list[Row]:
    """Participants affected and events of one kind, by arm, among those of whom it is known."""
    out, counts, known = [], {}, ~np.isnan(number)
    for arm in trial.context.plan.design.arms:
        mine = number[trial.in_arm(arm) & known]
        if len(mine):
            counts[arm] = int((mine > 0).sum()), len(mine)
            keys = trial.keys | {"analysis": ANALYSIS, "term": "event", "level": event, "arm": arm, "n": len(mine)}
            out += rows(keys | {"note": "counted from the raw files"}, {"events": mine.sum()})
    yes = np.where(known, (np.nan_to_num(number) > 0).astype(float), np.nan)
    return [*out, *_by_arm(trial, {"term": "event", "level": event}, counts, yes)]


def _worse(trial: Trial, outcome: str, visit: str, descriptives: pd.DataFrame) -> Array:
    """1 for participants with reliable deterioration, 0 for others, NaN where a score is missing, shape (n,)."""
    judged = judge(trial, outcome, trial.context.plan.analysis.change[outcome], descriptives)
    category = judged.category[visit]
    return np.where(judged.inside & (category != ""), (category == "deteriorated").astype(float), np.nan)


def _by_arm(
    trial: Trial, what: Mapping[str, object], counts: Mapping[str, tuple[int, int]], yes: Array | None = None
) -> list[Row]:
    """Share of each arm with exact limits; risk difference of each pair of arms, from persons (n,) where known.

    Where people met in groups and only the counts of the arms are known, the difference has no limits.
    """
    keys = trial.keys | {"analysis": ANALYSIS, **what}
    out: list[Row] = []
    for arm, (k, n) in counts.items():
        share = exact(k, n, trial.alpha)
        out += rows(keys | {"arm": arm, "n": n, "note": "exact limits"}, {"n": k, **share.percent})
    for a, b in trial.context.plan.design.pairs_at(str(what.get("visit", ""))):
        if {a, b} <= counts.keys() and min(counts[a][1], counts[b][1]) > 0:
            rd, limits = compare(*counts[a], *counts[b], trial.alpha).risk_difference, "Newcombe's limits"
            values = {"risk_difference": rd.estimate, "lower": rd.lower, "upper": rd.upper}
            if clusters_of(trial, (a, b)) is not None:
                grouped = None if yes is None else compared_in_groups(trial, (a, b), yes)
                ends = grouped.risk_difference if grouped else None
                values |= {"lower": ends.lower if ends else np.nan, "upper": ends.upper if ends else np.nan}
                limits = NOTE if np.isfinite(values["lower"]) else NO_LIMITS
            note = f"{limits}; positive means more in the first arm"
            out += rows(keys | {"term": f"{what['term']}: {a} - {b}", "note": note}, values)
    return out
