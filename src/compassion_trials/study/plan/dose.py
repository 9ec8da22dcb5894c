"""Dose received and harm done."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from compassion_trials.study.plan.base import Key, Part, text_keys


class Dose(Part):
    """Attendance or practice against change: what went together, not what caused what."""

    variable: str = Field(
        "sessions", description="sessions (flow.sessions), or a baseline variable such as minutes_practised."
    )
    outcomes: tuple[str, ...] = Field((), description="Outcomes; default the primary one.")
    visit: Key | None = Field(
        None, description="Change from baseline to this visit; default that of the planned comparison."
    )
    arms: tuple[Key, ...] = Field((), description="Arms that could get a dose; default the treated ones.")
    adequate: float | None = Field(None, description="Smallest dose that counts as adequate, for its share.")
    label: str | None = Field(None, description="Name of the dose in the report, such as 'sessions attended'.")
    prespecified: bool = Field(True, description="false marks it as post hoc everywhere.")


Counts = Annotated[dict[Key, int], BeforeValidator(text_keys)]
"""Participants by arm."""


class Harms(Part):
    """Unwanted events, which questionnaires do not hold."""

    assessed: str | None = Field(None, description="How harms were defined and asked for, for the report.")
    events: dict[str, Counts] = Field(
        {},
        description="Event and participants affected by arm: {serious adverse event: {act: 0, waitlist: 1}}; left out "
        "where a raw file counts the event (data.harms).",
    )


AFTER_CONTROL = ", after the control period"
"""What follows the name of an event that a treated participant had when the control arm was no control any more."""


def harm_column(event: str) -> str:
    """Column of the participants table with everybody's number of events of a kind, NaN where unknown."""
    return f"harms.{event}"
