"""How and for whom a treatment works: mediation over time and moderation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from compassion_trials.study.plan.base import Key, Part


class Mediation(Part):
    """One mediation model: arm -> change of the mediator -> later outcome."""

    mediator: tuple[str, ...] = Field(
        description="Outcome such as aaq.total, or a list of them for parallel mediators.", min_length=1
    )
    mediator_visit: Key = Field(description="Visit at which the mediator is taken; before outcome_visit.")
    outcome: str = Field(description="Outcome such as scs.total.")
    outcome_visit: Key = Field(description="Visit at which the outcome is taken.")
    between: tuple[Key, Key] | None = Field(
        None, description="[treated arm, comparison arm]; default each arm against control."
    )
    covariates: tuple[str, ...] = Field(
        (),
        description="Baseline variables beside the baselines of mediator and outcome, which are always adjusted for.",
    )
    population: str = Field("all", description="Analysis set by name; all when left out.")
    replicates: int = Field(5000, ge=500, le=100_000, description="Bootstrap samples, drawn within arms.")
    interval: Literal["percentile", "bca"] = Field("percentile", description="Bootstrap interval.")
    prespecified: bool = Field(True, description="false marks a post-hoc analysis everywhere.")

    @field_validator("mediator", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        """Let ``mediator: aaq.total`` stand for a list of one."""
        return [value] if isinstance(value, str) else value


class Moderation(Part):
    """One moderator: for whom does the treatment work?"""

    moderator: str = Field(
        description="Baseline variable such as trauma or gender, or an outcome such as rrs.total, taken at baseline."
    )
    outcomes: tuple[str, ...] = Field((), description="Outcomes such as scs.total; default the primary outcome.")
    visit: Key | None = Field(None, description="Visit of the main result; default that of the primary comparison.")
    population: str = Field("all", description="Analysis set by name; all when left out.")
    prespecified: bool = Field(True, description="false marks a post-hoc analysis everywhere.")
    label: str | None = Field(None, description="Name in the report.")
