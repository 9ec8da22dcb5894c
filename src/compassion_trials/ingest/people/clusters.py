"""Therapy groups, courses or sites of participants, told apart by arm where the plan says that they are of one arm."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.people import identity
from compassion_trials.ingest.people.privacy import by_content, by_name
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.study.plan.study_plan import StudyPlan


def cluster_column(
    plan: StudyPlan, name: str, words: pd.Series, arm: pd.Series, source: SourceFile
) -> tuple[pd.Series, list[Finding]]:
    """Cluster of each participant, missing where there is none.

    People of arms that did not meet in this cluster have none. A label that occurs in two arms is one cluster only
    where the plan says ``nested: false``; with ``nested: true`` labels are made unique by arm.

    Parameters
    ----------
    plan : StudyPlan
    name : str
        Key of ``design.clusters``.
    words : Series of str
        Label by participant, empty without one.
    arm : Series of str
        Arm by participant.
    source : SourceFile
        Where the labels stand.
    """
    cluster, column, file = plan.design.clusters[name], source.raw.clusters[name], source.table.file
    arm, findings = arm.reindex(words.index), []
    elsewhere = (words != "") & ~arm.isin(list(cluster.arms or plan.design.arms))
    if elsewhere.any():
        message = f"{int(elsewhere.sum())} participants of arms that did not meet in {name} have a label of it"
        advice = f"the labels are not used; name these arms in design.clusters.{name}.arms if they met, too"
        findings.append(Finding("warning", "cluster_elsewhere", message, file, None, column, advice=advice))
    words = _coded(words.where(~elsewhere, ""), column)
    own = words[words != ""]
    shared = arm[own.index].groupby(own).nunique().gt(1).sum()
    if shared and cluster.nested is None:
        message = f"{int(shared)} labels of {name} occur in more than one arm: one cluster, or one in each arm?"
        advice = (
            f"write nested: true in design.clusters.{name} if they are groups of one arm (numbered anew in each arm), "
            "nested: false if the same site, school or therapist has people in several arms"
        )
        findings.append(Finding("error", "cluster_in_two_arms", message, file, None, column, advice=advice))
    if shared and cluster.nested:
        words = words.where(words == "", arm + " " + words)
    return words.where(words != "", None).astype("str"), findings


def _coded(words: pd.Series, column: str) -> pd.Series:
    """Labels; coded 1, 2, ... when the column may hold names of people."""
    if not (by_name(column) or by_content(words)):
        return words
    code = {word: str(i) for i, word in enumerate(identity.in_order(word for word in words if word), start=1)}
    return words.map(code | {"": ""})
