"""Raw files of a trial: format, and how participant, arm, visit and items are found in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from compassion_trials.study.plan.base import Key, Part, text_keys

Format = Literal[
    "csv", "excel", "spss", "stata", "sas", "sas_transport", "jamovi", "jasp", "parquet", "dataset_json",
    "qualtrics", "redcap", "limesurvey",
]  # fmt: skip
"""Raw file formats; guessed from the file when left out."""

DuplicateRule = Literal["error", "first", "last", "most_complete"]
"""What to do when a participant has two rows for one visit."""

Recode = Annotated[dict[str, str], BeforeValidator(text_keys)]
"""Raw value -> value to use, both as text."""


class Column(Part):
    """A column, with recoding of its values."""

    column: str | None = Field(None, description="Column in the raw file.")
    values: Recode = Field(
        {},
        description="Raw value (code or label): meaning. All raw values must be listed when any is; for arm and visit "
        "the meaning 'exclude' leaves such rows out.",
    )


class IdColumn(Part):
    """The column that identifies a participant."""

    column: str = Field(description="Column in the raw file.")
    pseudonymize: bool = Field(
        False,
        description="Replace ids by a keyed hash (HMAC-SHA-256, key in the environment variable COMPASSION_TRIALS_KEY "
        "or in data_root/pseudonym.key, never in the project).",
    )


class ArmColumn(Column):
    """How the arm is found: a column with recoding, or the same arm for the whole file."""

    value: Key | None = Field(None, description="The arm of every row of this file (one file per arm).")


class VisitColumn(Column):
    """How the visit is found: a column (long file), names used inside column names (wide file), or one for the file."""

    value: Key | None = Field(None, description="The visit of every row of this file (one file per visit).")


class BaselineColumn(Column):
    """A baseline variable: age, gender, education, a moderator, a stratum."""

    label: str | None = Field(None, description="Name in tables; the key when left out.")
    type: Literal["number", "category"] | None = Field(None, description="Guessed from the values when left out.")
    unit: str | None = Field(None, description="Unit for tables, such as years.")

    @model_validator(mode="after")
    def _has_column(self) -> BaselineColumn:
        if self.column is None:
            raise ValueError("column is missing: name the raw column of this baseline variable")
        return self


class HarmColumn(Column):
    """A column that counts unwanted events: numbers, yes and no, or dates; rows and columns add up per participant."""

    column: str = Field(description="Column in the raw file; {visit} in a wide file.")


STAYED = "stayed"
"""Meaning of a raw value for participants who did not stop."""


class StopColumn(Column):
    """When a participant stopped the treatment, whether assessed later or not (an intercurrent event)."""

    column: str = Field(description="Column in the raw file; blank for those who did not stop.")
    unit: Literal["visit", "week", "day", "date"] = Field(
        "visit",
        description="visit: the first visit after stopping (values: raw value to visit, or to 'stayed'); week, day: "
        "time since baseline; date: a date, counted from start.",
    )
    start: str | None = Field(None, description="unit date: column with the date of the baseline.")

    @model_validator(mode="after")
    def _dates_need_a_start(self) -> StopColumn:
        if (self.unit == "date") != (self.start is not None):
            raise ValueError("unit: date and start (the column with the date of the baseline) belong together")
        return self


class WithdrawnColumn(Column):
    """A column that says who withdrew, and what its codes mean."""

    column: str = Field(description="Column in the raw file; blank for those who stayed.")
    values: Annotated[dict[str, Literal["yes", "no"]], BeforeValidator(text_keys)] = Field(  # type: ignore[assignment]  # two words only
        {}, description="Raw value (code or label): yes or no, such as {1: yes, 2: no}. All must be listed when any is."
    )


class FlowColumns(Part):
    """Columns about withdrawal, stopping and attendance."""

    withdrawn: str | WithdrawnColumn | None = Field(
        None,
        description="Column that is filled (date, 1, yes) when a participant withdrew; {column, values: {1: yes, 2: "
        "no}} for other codes.",
    )
    reason: str | None = Field(None, description="Column with the reason, a short category; free text is not kept.")
    sessions: str | None = Field(None, description="Column with the number of sessions attended.")
    stopped: StopColumn | None = Field(
        None,
        description="Column that says when the treatment was stopped; reference-based imputation, the estimand and the "
        "flow use it.",
    )

    @field_validator("stopped", mode="before")
    @classmethod
    def _stopped_alone(cls, value: object) -> object:
        """Let ``stopped: last_visit`` stand for ``stopped: {column: last_visit}``."""
        return {"column": value} if isinstance(value, str) else value

    @property
    def leaving(self) -> WithdrawnColumn | None:
        """The column of withdrawal in its full form."""
        return WithdrawnColumn(column=self.withdrawn) if isinstance(self.withdrawn, str) else self.withdrawn

    @property
    def columns(self) -> dict[str, str]:
        """Raw columns by the key that names them."""
        stopped = self.stopped
        found = {
            "withdrawn": self.leaving.column if self.leaving else None,
            "reason": self.reason,
            "sessions": self.sessions,
        }
        found |= {} if stopped is None else {"stopped": stopped.column, "stopped.start": stopped.start}
        return {key: column for key, column in found.items() if column is not None}


class RawFile(Part):
    """One raw file and how it is read."""

    file: str = Field(description="File name under data_root.")
    format: Format | None = Field(
        None,
        description="csv | excel | spss | stata | sas | sas_transport | jamovi | jasp | parquet | dataset_json | "
        "qualtrics | redcap | limesurvey; guessed.",
    )
    sheet: str | int | None = Field(None, description="Excel sheet by name or number (first is 1); default the first.")
    header_rows: int = Field(1, ge=1, le=3, description="Header rows of a CSV or Excel file; two are joined by '_'.")
    delimiter: str | None = Field(None, description="CSV delimiter; guessed when left out.")
    decimal: Literal[".", ","] | None = Field(None, description="Decimal sign; guessed when left out.")
    encoding: str | None = Field(
        None, description="CSV encoding; UTF-8 (with or without BOM), else cp1252, when left out."
    )
    dictionary: str | None = Field(None, description="REDCap data dictionary (CSV), for identifier flags and choices.")
    keep_if: dict[str, tuple[str, ...]] = Field({}, description="Keep rows whose column has one of these values.")
    missing_values: tuple[str, ...] = Field((), description="Codes that mean missing, such as -99.")
    id: IdColumn = Field(description="Column that identifies the participant, or {column, pseudonymize}.")
    arm: ArmColumn | None = Field(
        None, description="Column of the arm with values, or {value: arm} for the whole file."
    )
    visit: VisitColumn | None = Field(
        None, description="Column of the visit with values; names in columns; or {value: visit}."
    )
    items: str | None = Field(
        None,
        description="Pattern of item columns with {instrument} (key of the measure), {item}, {visit}; {item:02} pads; "
        "* stands for anything.",
    )
    duplicates: DuplicateRule = Field("error", description="error | first | last | most_complete (tie: the first).")
    baseline: dict[Key, BaselineColumn] = Field({}, description="Baseline variables: name and column.")
    clusters: dict[Key, str] = Field({}, description="Cluster name and the column with the cluster of a participant.")
    flow: FlowColumns | None = Field(None, description="Columns about withdrawal, stopping and attendance.")
    harms: dict[str, HarmColumn] = Field(
        {},
        description="Unwanted event and the column that counts it: {adverse event: ae_count}. A file with nothing else "
        "may have one row per event.",
    )
    week: str | None = Field(None, description="Column with the real time of a row in weeks since baseline.")
    day: str | None = Field(None, description="Column with the real time of a row in days since baseline.")

    @field_validator("id", mode="before")
    @classmethod
    def _id_alone(cls, value: object) -> object:
        """Let ``id: code`` stand for ``id: {column: code}``."""
        return {"column": value} if isinstance(value, str) else value

    @field_validator("arm", "visit", mode="before")
    @classmethod
    def _column_alone(cls, value: object) -> object:
        """Let ``arm: group`` stand for ``arm: {column: group}``."""
        return {"column": value} if isinstance(value, str) else value

    @field_validator("baseline", mode="before")
    @classmethod
    def _baseline_alone(cls, value: object) -> object:
        """Let ``age: Age`` stand for ``age: {column: Age}``."""
        if not isinstance(value, dict):
            return value
        return {k: v if isinstance(v, dict) else {"column": v} for k, v in value.items()}

    @field_validator("harms", mode="before")
    @classmethod
    def _harm_alone(cls, value: object) -> object:
        """Let ``adverse event: ae_count`` stand for ``adverse event: {column: ae_count}``."""
        if not isinstance(value, dict):
            return value
        return {k: v if isinstance(v, dict) else {"column": v} for k, v in value.items()}

    @field_validator("file", "delimiter", "encoding", "dictionary", "items", "week", "day", mode="after")
    @classmethod
    def _not_blank(cls, value: str | None) -> str | None:
        """Blank text is no value, and would be read as if the key were left out."""
        if value == "":
            raise ValueError("the key has no value: write one, or delete the key")
        return value

    @field_validator("keep_if", mode="before")
    @classmethod
    def _value_alone(cls, value: object) -> object:
        """Let ``Finished: 1`` stand for ``Finished: [1]``."""
        if not isinstance(value, dict):
            return value
        return {k: [_word(x) for x in v] if isinstance(v, list | tuple) else [_word(v)] for k, v in value.items()}

    @model_validator(mode="after")
    def _one_way_to_an_arm(self) -> RawFile:
        for name, part in (("arm", self.arm), ("visit", self.visit)):
            if part is not None and part.value is not None and part.column is not None:
                raise ValueError(f"{name} has both column and value; keep one of them")
        if self.arm is not None and self.arm.column is None and self.arm.value is None:
            raise ValueError("arm has neither column nor value: name the raw column of the arm, arm: {column: ...}")
        if self.week is not None and self.day is not None:
            raise ValueError("week and day both given; keep one of them")
        return self


def _word(value: object) -> object:
    """YAML turns true and 1.0 into other things than a person wrote; give them back as words."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else value
