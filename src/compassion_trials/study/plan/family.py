"""Families of outcomes whose p values are corrected together, tested in an order when the plan says so."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from compassion_trials.study.plan.base import Key, Part

FamilyCorrection = Literal["none", "bonferroni", "holm", "hochberg", "hommel", "bh", "fixed-sequence"]
"""Correction within a family; fixed-sequence tests the outcomes in the order written."""


class Family(Part):
    """Outcomes that answer one question."""

    outcomes: tuple[str, ...] = Field(description="Outcomes such as dass.depression.", min_length=1)
    correction: FamilyCorrection = Field(
        "holm", description="holm, hochberg, hommel, bonferroni, bh, fixed-sequence, none."
    )
    visit: Key | None = Field(None, description="Visit; default that of each outcome's planned comparison.")
    between: tuple[Key, Key] | None = Field(
        None, description="[treated, comparison]; default all planned comparisons, which then count together."
    )
    after: Key | None = Field(
        None, description="Gatekeeper: primary, or a family that must be rejected as a whole before this one is tested."
    )
    label: str | None = Field(None, description="Name in the report.")
    prespecified: bool = Field(True, description="false marks it as post hoc everywhere.")
