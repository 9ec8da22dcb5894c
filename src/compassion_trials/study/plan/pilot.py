"""What a pilot must show for the trial to go on, and the sample size of the next one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from compassion_trials.study.plan.base import Key, Part, text_keys

Quantity = Literal["recruitment", "allocated", "retention", "completeness", "attendance", "deterioration"]
"""Feasibility quantities by name; all in percent but allocated, a number of participants."""


class Criterion(Part):
    """One progression criterion: green to go on, red to stop, amber between."""

    quantity: Quantity = Field(
        description="recruitment (of those screened) | allocated | retention | completeness (of items) | attendance | "
        "deterioration (reliable, of the primary outcome)."
    )
    green: float = Field(description="Green from here (percent, or participants for allocated).")
    red: float = Field(description="Red beyond here; above green when less is better.")
    visit: Key | None = Field(
        None, description="Visit, for retention, completeness and deterioration; default the last."
    )
    arm: Key | None = Field(None, description="One arm; all arms (attendance: all with sessions) when left out.")
    sessions: float | None = Field(None, description="attendance: smallest number of sessions that counts.")
    label: str | None = Field(None, description="Name in the report.")

    @model_validator(mode="after")
    def _two_limits(self) -> Criterion:
        if self.green == self.red:
            raise ValueError("green and red are the same; between them lies amber")
        if self.quantity == "attendance" and self.sessions is None:
            raise ValueError("sessions is missing: how many sessions count as having attended?")
        return self


class Power(Part):
    """Assumptions of the sample-size calculation."""

    effect: float = Field(
        0.5, gt=0, description="True difference at the visit of the primary comparison, in SD at baseline."
    )
    n: Annotated[dict[Key, int], BeforeValidator(text_keys)] = Field(
        {}, description="Planned participants by arm; default as many as there are."
    )
    dropout: float | None = Field(
        None, ge=0, lt=1, description="Share lost by the last visit, in equal steps; default as observed."
    )
    correlation: float | None = Field(
        None, gt=-1, lt=1, description="Correlation between visits; default the covariance of the primary model."
    )
    icc: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Intraclass correlation of therapy groups after the baseline; default as estimated from the data.",
    )
    group_size: float | None = Field(
        None, gt=1, description="Participants of a therapy group; default the mean of each arm's groups in the data."
    )
    target: float = Field(0.8, gt=0.5, lt=1, description="Power wanted, for the number of participants needed.")
    simulations: int = Field(1000, ge=100, le=100_000, description="Simulated trials per sample size.")
