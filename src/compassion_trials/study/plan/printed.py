"""Numbers that a paper prints about the trial of a plan; the ledger compares the trial's own rerun with them."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from compassion_trials.core.texttable import TextLine, read_text_table
from compassion_trials.study.plan.base import Key, Part

COLUMNS = ("analysis", "model", "outcome", "population", "term", "level", "arm", "visit", "statistic", "value", "note")
"""Columns of printed numbers: keys of the results table, the statistic, and the number as printed."""


class Rerun(Part):
    """A model that the plan's analyses do not offer and that the ledger fits for the comparison alone."""

    kind: Literal["linear_time", "arm_by_visit"] = Field(
        description="linear_time: random intercept, baseline, arm and a line over time, ML. "
        "arm_by_visit: likelihood-ratio test of arm by visit in a random-intercept model, ML."
    )
    outcome: str = Field(description="Outcome such as bdi.total.")
    times: dict[Key, float] = Field({}, description="linear_time: visit and its time.")
    covariates: tuple[str, ...] = Field((), description="Baseline variables.")


class PrintedNumbers(Part):
    """Numbers of one table or paragraph of the paper."""

    source: str = Field(description="Where they stand: paper, table or page.")
    status: Literal["read", "secondary", "not read"] = Field(
        "read",
        description="Whether they were read in the paper, on a page about it, or not at all (then never compared).",
    )
    sign: Literal["same", "reversed"] = Field(
        "same",
        description="reversed: the paper counts differences the other way round, so that signs and limits are turned.",
    )
    rerun: Rerun | None = Field(None, description="Model fitted for the comparison; default the results table.")
    numbers: str = Field(
        description="Table as text: a line of column names (analysis outcome term arm visit statistic "
        "value), then rows; "
        "texts with blanks in quotes, - for an empty cell."
    )

    @cached_property
    def lines(self) -> list[TextLine]:
        """The numbers as cells."""
        return read_text_table(self.numbers, COLUMNS, ("statistic", "value"))

    @model_validator(mode="after")
    def _readable(self) -> PrintedNumbers:
        """The table can be read, and every value is a number."""
        for line in self.lines:
            text = line.cells.get("value", "").lstrip("<>= ").replace("\u2212", "-").replace(",", "")
            try:
                float(text)
            except ValueError:
                raise ValueError(
                    f'line {line.row}: the value "{line.cells.get("value", "")}" is not a number'
                ) from None
        return self
