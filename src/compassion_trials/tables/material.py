"""What the builders of tables read: the plan, the results table, and what the stages recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from compassion_trials.core.cells import unguarded
from compassion_trials.core.record import Record
from compassion_trials.core.results import Results
from compassion_trials.study.context import Context
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.study_plan import StudyPlan

STAGES = ("ingest", "score", "describe", "fit", "effects")
"""Stages whose records and findings the tables show."""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a table can be made of.

    Attributes
    ----------
    plan : StudyPlan
    outcomes : mapping of str to Outcome
        By key, in the order of the plan.
    results : Results
        The results table, indexed.
    records : mapping of str to Record
        By stage.
    findings : pandas.DataFrame
        Findings of all stages (`core.findings.FINDING_COLUMNS`).
    """

    plan: StudyPlan
    outcomes: Mapping[str, Outcome]
    results: Results
    records: Mapping[str, Record] = field(default_factory=dict)
    findings: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def synthetic(self) -> bool:
        """Whether the data are made up."""
        return bool(self.fact("ingest", "synthetic", False))

    @property
    def single_arm(self) -> bool:
        """Whether there is no comparison: then tables speak of change."""
        return self.plan.design.type == "single_arm"

    def fact(self, stage: str, name: str, default: object) -> object:
        """What a stage recorded under a name."""
        return self.records[stage].facts.get(name, default) if stage in self.records else default

    def arm(self, key: str) -> str:
        """Name of an arm; "All" for the empty key."""
        return self.plan.design.arms.get(key, key) if key else "All"

    def visit(self, key: str) -> str:
        """Name of a visit."""
        return self.plan.design.visit_label(key) if key in self.plan.design.visits else key

    def label(self, key: str) -> str:
        """Name of an outcome, a cluster or a baseline variable, with the unit of the latter."""
        if key in self.outcomes:
            return self.outcomes[key].label
        for data in self.plan.data:
            if key in data.baseline:
                variable = data.baseline[key]
                name = variable.label or words(key)
                return f"{name} ({variable.unit})" if variable.unit else name
        cluster = self.plan.design.clusters.get(key)
        return cluster.label if cluster and cluster.label else words(key)

    def short(self, key: str) -> str:
        """Short name of an outcome."""
        return self.outcomes[key].short if key in self.outcomes else self.label(key)

    def in_order(self, keys: Iterable[str], analysed: bool | None = None) -> list[str]:
        """Outcomes among the keys in the order of the plan; only those the analyses cover, or only the others."""
        present = set(keys)
        found = [key for key in self.outcomes if key in present]
        if analysed is None:
            return found
        copies = self.copies()
        return [key for key in found if (self.outcomes[key].analysed and key not in copies) == analysed]

    def copies(self) -> set[str]:
        """Outcomes that only additional analyses use, such as a score with its last observation carried forward."""
        by_analysis = self.results.table[["analysis", "outcome"]].drop_duplicates()
        planned = set(by_analysis.loc[by_analysis["analysis"].isin(["primary", "secondary"]), "outcome"])
        further = set(by_analysis.loc[by_analysis["analysis"].isin(list(self.plan.analysis.additional)), "outcome"])
        return further - planned if planned else set()

    def decimals(self, key: str) -> int:
        """Decimals of values of an outcome: none on scales of thousands."""
        if key not in self.outcomes:
            return 2
        low, high = self.outcomes[key].range
        return 2 if high - low < 1000 else 0

    def analysis(self, name: str) -> str:
        """Name of an analysis."""
        if name in ("primary", "secondary"):
            part = getattr(self.plan.analysis, name)
            return part.label if part and part.label else f"{name.capitalize()} analysis"
        part = self.plan.analysis.additional.get(name)
        return part.label if part and part.label else words(name)

    def population(self, name: str) -> str:
        """Name of an analysis set."""
        if name in ("", "all"):
            return "all participants"
        part = self.plan.analysis_sets.get(name)
        return part.label if part and part.label else words(name).lower()


def gather(context: Context) -> Material:
    """Read what the earlier stages of a study wrote."""
    paths = context.results
    records = {stage: Record.read(paths.record(stage)) for stage in STAGES if paths.record(stage).is_file()}
    found = [_findings(paths.findings(stage)) for stage in STAGES if paths.findings(stage).is_file()]
    return Material(
        plan=context.plan,
        outcomes=context.outcomes,
        results=Results.read(paths.results),
        records=records,
        findings=pd.concat(found, ignore_index=True) if found else pd.DataFrame(),
    )


def words(key: str) -> str:
    """A key as words: ``two_year`` becomes "Two year"."""
    spaced = " ".join(key.replace("_", " ").replace(".", " ").split())
    return spaced[:1].upper() + spaced[1:]


def ordered(found: pd.Series, known: Mapping[str, object] | tuple[str, ...] = ()) -> list[str]:
    """Values of a column, those of ``known`` in its order, then the others as they appear."""
    present = list(dict.fromkeys(found))
    first = [key for key in known if key in present]
    return first + [key for key in present if key not in first]


def _findings(path: Path) -> pd.DataFrame:
    """An issues file as text, without the marks that keep spreadsheets from calculating."""
    return pd.read_csv(path, dtype="str", keep_default_na=False).map(unguarded)
