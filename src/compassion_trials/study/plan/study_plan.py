"""The study plan as a whole."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from compassion_trials.study.plan.analysis import AnalysisPlan, AnalysisSet
from compassion_trials.study.plan.base import Key, Part
from compassion_trials.study.plan.data import RawFile
from compassion_trials.study.plan.design import Design
from compassion_trials.study.plan.dose import Harms
from compassion_trials.study.plan.measures import Measure
from compassion_trials.study.plan.pilot import Criterion
from compassion_trials.study.plan.printed import PrintedNumbers
from compassion_trials.study.plan.renamed import RENAMED

ChecklistName = Literal["consort2025", "spi2018", "pilot2016", "trend2004", "jars_quant", "tidier"]
"""Reporting checklists by name."""


class Registration(Part):
    """Where the trial is registered."""

    registry: str = Field(description="Registry, such as ClinicalTrials.gov.")
    id: str = Field(description="Number in the registry.")
    date: datetime.date | None = Field(None, description="Date of registration.")
    url: str | None = Field(None, description="Address of the entry.")


class Privacy(Part):
    """Protection of participants, beyond what is always done."""

    drop: tuple[str, ...] = Field((), description="More columns to drop at ingest; * stands for anything.")
    keep: tuple[str, ...] = Field((), description="Columns to keep although their name looks identifying.")
    individual_plots: bool = Field(True, description="Whether figures may show individual participants (without ids).")
    k: int = Field(
        5,
        ge=2,
        description="Smallest number of people in the shared data who look alike in what others may know.",
    )
    quasi_identifiers: tuple[str, ...] = Field(
        (), description="Baseline variables that others may know, and no others; default every baseline variable."
    )
    unknown_to_others: tuple[str, ...] = Field(
        (), description="Baseline variables that others cannot know, such as scores; shared as they stand."
    )
    shared_plots: Literal["hide", "show"] = Field(
        "hide",
        description="Whether figures and report of the zip show single participants; individual_plots: false shows "
        "them nowhere.",
    )
    small_cells: Literal["hide", "show"] = Field(
        "hide",
        description="Whether baseline counts of 1 to k - 1 are hidden in the tables, results and report of the zip.",
    )


class Screening(Part):
    """Counts before allocation, which the raw files usually do not hold."""

    screened: int | None = Field(None, ge=0, description="People assessed for eligibility.")
    excluded: dict[str, int] = Field({}, description="Reason and number of people excluded before allocation.")


class ReportMeta(Part):
    """What only the authors know and the title page prints."""

    authors: tuple[str, ...] = Field((), description="Authors in order.")
    affiliation: str | None = Field(None, description="Institution.")
    citation: str | None = Field(None, description="Paper or data set to cite.")
    ethics: str | None = Field(None, description="Committee and approval number.")
    funding: str | None = Field(None, description="Funding and role of the funder.")
    data_source: str | None = Field(None, description="Where the data come from and their licence.")
    blind: bool | None = Field(
        None,
        description="true masks the arms in every output (blinded); false unmasks them once the plan is frozen.",
    )
    checklists: Literal["auto"] | tuple[ChecklistName, ...] = Field(
        "auto", description="auto: by design; or a list of checklists by name."
    )
    strict: bool = Field(
        False, description="true: a report that misses an item of its checklists is written, and the run ends in error."
    )


class StudyPlan(Part):
    """The one file a researcher writes."""

    renamed: ClassVar[Mapping[str, str]] = RENAMED

    title: str = Field(description="Title of the report.", min_length=1)
    design: Design = Field(description="Arms, visits, clusters.")
    data_root: str | None = Field(
        None, description="Folder of the raw files, relative to the project; default data/<study>/raw."
    )
    data: tuple[RawFile, ...] = Field(description="Raw files, one or more.", min_length=1)
    measures: dict[Key, Measure] = Field(description="Questionnaires and stored totals, by a short key.", min_length=1)
    covariates: tuple[str, ...] = Field((), description="Baseline variables that every model adjusts for.")
    analysis_sets: dict[Key, AnalysisSet] = Field({}, description="Sets of participants by name, beside 'all'.")
    analysis: AnalysisPlan = Field(default_factory=AnalysisPlan, description="Analyses by name.")
    screening: Screening | None = Field(None, description="Counts before allocation.")
    progression: dict[Key, Criterion] = Field({}, description="What a pilot must show for the trial to go on, by name.")
    harms: Harms | None = Field(None, description="Unwanted events by arm, which questionnaires do not hold.")
    registration: Registration | None = Field(None, description="Trial registration.")
    privacy: Privacy = Field(default_factory=Privacy, description="Protection of participants.")
    printed: tuple[PrintedNumbers, ...] = Field(
        (), description="Numbers that a paper prints about this trial; `compassion-trials reproduce` compares them."
    )
    report: ReportMeta = Field(default_factory=ReportMeta, description="What the title page prints.")

    @field_validator("data", mode="before")
    @classmethod
    def _one_file(cls, value: object) -> object:
        """Let a single raw file stand without a list."""
        return [value] if isinstance(value, dict) else value
