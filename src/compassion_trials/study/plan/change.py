"""Change that a person notices: reliable, clinically significant, minimal important; and who counts as responder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from compassion_trials.study.plan.base import Key, Part

Cutoff = Literal["a", "b", "midpoint"]
"""Criteria of Jacobson & Truax (1991): two SD from the trial's baseline, within two SD of the norm, their midpoint."""

Responder = Literal["reliable", "recovered", "mid", "percent"]
"""Who responded: reliable improvement, recovery, or improvement by the minimal important difference or a percentage."""


class Population(Part):
    """Mean and standard deviation of people without the problem."""

    mean: float = Field(description="Mean.")
    sd: float = Field(gt=0, description="Standard deviation.")
    source: str | None = Field(None, description="Whose numbers they are.")


class Change(Part):
    """How change of one outcome is judged."""

    reliability: Literal["sample", "instrument"] | float = Field(
        "sample",
        description="sample: Cronbach's alpha of this trial at baseline; instrument: the questionnaire's; or a number.",
    )
    sd: float | None = Field(
        None, gt=0, description="Standard deviation; default the trial's at baseline, pooled within arms."
    )
    cutoff: Cutoff | float | None = Field(
        None,
        description="Cut-off for recovery: a, b, midpoint (Jacobson & Truax; b and midpoint need norm) or a score.",
    )
    norm: Population | None = Field(None, description="People without the problem: {mean, sd, source}.")
    mid: float | None = Field(None, gt=0, description="Minimal important difference, in points of the scale.")
    responder: Responder = Field("reliable", description="reliable | recovered | mid | percent.")
    percent: float = Field(50, gt=0, le=100, description="Improvement from baseline in percent that makes a responder.")
    missing: Literal["observed", "non_responder"] = Field(
        "observed", description="non_responder counts people without the later score as not having responded."
    )
    visits: tuple[Key, ...] = Field((), description="Visits; default all after baseline.")
    population: str = Field("all", description="Analysis set by name.")
    prespecified: bool = Field(True, description="false marks it as post hoc everywhere.")
