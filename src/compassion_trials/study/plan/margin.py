"""Equivalence and non-inferiority of active arms: the margin is part of the plan, never of the data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from compassion_trials.study.plan.base import Key, Part


class Margin(Part):
    """One comparison against a margin."""

    outcome: str = Field(description="Outcome such as scs.total.")
    type: Literal["equivalence", "noninferiority"] = Field("equivalence", description="equivalence | noninferiority.")
    margin: float | tuple[float, float] | None = Field(
        None, description="Largest difference that does not matter; [lower, upper] when not symmetric."
    )
    unit: Literal["points", "sd"] = Field(
        "points", description="points of the scale, or standard deviations at baseline."
    )
    between: tuple[Key, Key] | None = Field(None, description="[arm, compared with]; default the two treated arms.")
    visit: Key | None = Field(None, description="Visit; default that of the planned comparison.")
    alpha: float | None = Field(
        None, gt=0, lt=0.5, description="One-sided level; default .05 for equivalence, .025 for non-inferiority."
    )
    reason: str | None = Field(None, description="Why this margin, for the report.")
    prespecified: bool = Field(True, description="false marks it as post hoc everywhere.")
