"""The estimand of the primary question in the words of ICH E9(R1)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from compassion_trials.study.plan.base import Part

Strategy = Literal["treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum"]
"""What is done about an intercurrent event (ICH E9(R1), 2019, A.3.2)."""


class Estimand(Part):
    """What the primary analysis is to estimate, beyond what the design says already."""

    population: str | None = Field(None, description="Whom the answer is about.")
    intercurrent: dict[str, Strategy] = Field(
        {}, description="Event after allocation and how it is dealt with: {stopped attending: treatment policy}."
    )
    summary: str | None = Field(None, description="Population-level summary; default the difference in means.")
