"""Measures of a trial: questionnaires scored from items, or totals that the raw file holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from compassion_trials.instruments.fields import OutcomeField
from compassion_trials.study.plan.base import Key, Part, text_keys

Role = Literal["primary", "secondary", "mediator", "moderator", "covariate"]
"""What a measure is for; exactly one measure is primary unless the plan names the primary outcome."""

Better = Literal["higher", "lower"]
"""Direction of benefit."""

Columns = Annotated[str | dict[Key, str | tuple[str, ...]], BeforeValidator(text_keys)]
"""A pattern such as ``scs_{visit}_{item}``, or per visit a pattern or the list of columns in item order."""


class Coding(Part):
    """Coding of the answers in the raw file, when it is not the questionnaire's own."""

    min: float = Field(description="Lowest answer in the raw file.")
    max: float = Field(description="Highest answer in the raw file.")
    reversed_items: tuple[int, ...] = Field((), description="Items that the raw file already holds reversed.")


class Measure(Part):
    """One questionnaire or stored total."""

    instrument: str | None = Field(
        None, description="Questionnaire by its short name (see: compassion-trials instruments)."
    )
    total: Columns | None = Field(
        None, description="Column of a stored total, a pattern with {visit}, or one per visit."
    )
    name: str | None = Field(None, description="Name in the report; the questionnaire's own when left out.")
    short: str | None = Field(None, description="Short name for tables; the questionnaire's own when left out.")
    range: tuple[float, float] | None = Field(None, description="Possible range of a stored total.")
    better: Better | None = Field(None, description="Direction of benefit of a stored total: higher or lower.")
    unit: str | None = Field(None, description="Unit of a stored total; points when left out.")
    field: OutcomeField | None = Field(
        None,
        description="Field of a stored total in the evidence across trials; of a questionnaire its file says it.",
    )
    role: Role = Field("secondary", description="primary | secondary | mediator | moderator | covariate.")
    scales: tuple[Key, ...] = Field(
        (), description="Scales to analyse; default: the total, or all scales if it has none."
    )
    variant: str | None = Field(None, description="A variant of the scoring that the questionnaire file names.")
    coding: Coding | None = Field(None, description="Coding in the raw file when it differs: {min: 1, max: 4}.")
    answers: Annotated[dict[str, str], BeforeValidator(text_keys)] = Field(
        {}, description="Words in place of numbers in the raw file, and their numbers: {Never: 0, Sometimes: 1}."
    )
    item_order: tuple[int, ...] = Field(
        (), description="Questionnaire's item number of each raw item, when the order differs."
    )
    items: Columns | None = Field(
        None, description="Item columns of this measure when they differ from the file's pattern."
    )
    stored: dict[Key, Columns] = Field(
        {}, description="Totals stored in the raw file, by scale, to check the scoring against."
    )
    visits: tuple[Key, ...] = Field((), description="Visits at which it was given; all when left out.")
    imputed: dict[Key, str] = Field(
        {},
        description="Per visit the raw column that is 1 (yes, true) where the file holds an imputed value; such values "
        "are set missing.",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Measure:
        if (self.instrument is None) == (self.total is None):
            raise ValueError("give either instrument (scored from items) or total (a stored total), not both or none")
        if self.total is not None:
            for key in ("name", "range", "better"):
                if getattr(self, key) is None:
                    raise ValueError(f"{key} is missing: a stored total needs name, range and better")
            for key in ("scales", "variant", "coding", "answers", "item_order", "items", "stored"):
                if getattr(self, key):
                    raise ValueError(f"{key} belongs to a questionnaire; a stored total has no items")
            if self.range is not None and self.range[0] >= self.range[1]:
                raise ValueError(f"range must be [lowest, highest]; found [{self.range[0]:g}, {self.range[1]:g}]")
        elif self.field is not None:
            raise ValueError("field belongs to a stored total; that of a questionnaire stands in its file")
        else:
            for key in ("range", "better"):
                if getattr(self, key) is not None:
                    raise ValueError(f"{key} belongs to a stored total; a questionnaire has its own, delete the key")
        if self.coding is not None and self.coding.min >= self.coding.max:
            raise ValueError(f"coding.min must be below coding.max; found {self.coding.min:g} and {self.coding.max:g}")
        return self
