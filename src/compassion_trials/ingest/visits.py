"""What is wrong with the visits: nobody answered, nobody of an arm was seen, one visit is a copy of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import pandas as pd

from compassion_trials.core.findings import Finding, Severity
from compassion_trials.ingest.columns.blocks import planned_visits
from compassion_trials.study.plan.study_plan import StudyPlan

COPIED = 5
"""Participants seen at two visits from which it is not a chance that all their answers are the same."""
ENOUGH = 5
"""Participants of an arm, with an answer at any visit, of whom not all leave by chance before the same visit."""


def silent_visits(cells: pd.DataFrame, plan: StudyPlan) -> list[Finding]:
    """A warning for every measure without a single answer at a planned visit."""
    given = cells[cells["value"].notna()]
    found = set(zip(given["measure"], given["visit"], strict=True))
    lacking = {key: [v for v in planned_visits(plan, key) if (key, v) not in found] for key in plan.measures}
    return [
        Finding(
            "warning",
            "no_answers",
            f"no answers of {key} at visit {', '.join(visits)}",
            column=f"measures.{key}",
            advice="write visits: [...] when it was not given then",
        )
        for key, visits in lacking.items()
        if visits
    ]


def empty_arms(cells: pd.DataFrame, plan: StudyPlan, arms: Mapping[str, str]) -> list[Finding]:
    """Arms of which nobody answered a measure at a visit, where others did.

    At the visit of the primary comparison this is an error, for the comparison would vanish; elsewhere, and where an
    arm has so few participants that all may have left, a warning.

    Parameters
    ----------
    cells : pandas.DataFrame
        Cells at planned visits.
    plan : StudyPlan
    arms : mapping of str to str
        Arm by participant.
    """
    given = cells[cells["value"].notna()]
    arm = given["participant"].map(arms)
    seen = set(zip(given["measure"], given["visit"], arm, strict=True))
    sizes = given.groupby([given["measure"], arm])["participant"].nunique().to_dict()
    findings = []
    for key in plan.measures:
        asked, visit = _primary_comparison(plan, key)
        for at in planned_visits(plan, key):
            here = [one for one in plan.design.arms if (key, at, one) in seen]
            concurrent = [one for one in plan.design.arms if _concurrent(plan, one, at)]
            for one in [one for one in concurrent if here and one not in here]:
                vanishes = at == visit and one in asked and sizes.get((key, one), 0) >= ENOUGH
                findings.append(_nobody(plan, key, at, one, "error" if vanishes else "warning"))
    return findings


def _concurrent(plan: StudyPlan, arm: str, visit: str) -> bool:
    """Whether an arm is still compared with the others at a visit; a control that has crossed over is not."""
    return arm != plan.design.control or visit in plan.design.controlled_visits


def _primary_comparison(plan: StudyPlan, measure: str) -> tuple[tuple[str, ...], str]:
    """Arms and visit of the primary comparison; nothing where the measure is not the primary one."""
    primary = plan.analysis.primary
    chosen = primary.outcome.split(".")[0] if primary.outcome else ""
    if chosen != measure if chosen else plan.measures[measure].role != "primary":
        return (), ""
    at = [v for v in primary.visits or planned_visits(plan, measure) if v in plan.design.controlled_visits]
    visit = primary.contrast.visit or (at[-1] if at else "")
    return primary.contrast.between or primary.arms or tuple(plan.design.arms), visit


def _nobody(plan: StudyPlan, key: str, visit: str, arm: str, severity: Severity) -> Finding:
    """One arm of which nobody answered."""
    vanishes = ", the visit of the primary comparison" if severity == "error" else ""
    message = f"nobody of the arm {arm} has an answer of {key} at visit {visit}{vanishes}"
    if arm == plan.design.control:
        before = list(plan.design.visits)[: list(plan.design.visits).index(visit)]
        until = f"write control_until: {before[-1]}" if before else "see the file"
        advice = f"{until} if the control arm was no control any more then, or correct the file"
    else:
        advice = "see whether the file is complete, or name another visit: analysis.primary.contrast.visit"
    return Finding(severity, "arm_unseen", message, column=f"measures.{key}", value=visit, advice=advice)


def copies(cells: pd.DataFrame, plan: StudyPlan) -> Iterator[Finding]:
    """A warning for two visits of a measure at which every participant has the same answers."""
    for key in plan.measures:
        mine = cells[(cells["measure"] == key) & cells["value"].notna()]
        wide = mine.set_index(["participant", "visit", "scale", "item"])["value"].unstack(["visit", "scale", "item"])
        for first, second in combinations(planned_visits(plan, key), 2):
            if first not in wide.columns or second not in wide.columns:
                continue
            a, b = wide[first], wide[second]
            columns = a.columns.intersection(b.columns)
            a, b = a[columns].dropna(how="all"), b[columns].dropna(how="all")
            both = a.index.intersection(b.index)
            if len(both) >= COPIED and a.loc[both].equals(b.loc[both]) and a.loc[both].nunique().max() > 1:
                message = f"all {len(both)} participants have the same answers of {key} at {first} and {second}"
                advice = "see whether one visit was copied, or the last value carried forward, when the file was made"
                yield Finding("warning", "visits_identical", message, column=f"measures.{key}", advice=advice)
