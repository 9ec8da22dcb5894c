"""Factor structure and measurement invariance of a questionnaire, for reviewers who ask."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from compassion_trials.study.plan.base import Key, Part

InvariantStructure = Literal["subscales", "composites", "one"]
"""Model whose invariance is examined: one factor per subscale, per composite of subscales, or one for all items."""


class Factors(Part):
    """Factor models of questionnaires whose file tells their subscales, and invariance over visits and arms."""

    measures: tuple[Key, ...] = Field(
        (), description="Questionnaires whose subscales share out the items of their total; default the primary one."
    )
    visits: tuple[Key, ...] = Field(
        (),
        description="Visits between which invariance is examined; default the baseline and that of the planned "
        "comparison.",
    )
    invariance: InvariantStructure = Field(
        "subscales", description="Model whose invariance is examined: subscales, composites or one."
    )
    bootstrap: int = Field(500, ge=200, le=10000, description="Resamples for the intervals of omega.")
    prespecified: bool = Field(True, description="false marks it as post hoc everywhere.")
