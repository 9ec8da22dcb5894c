"""Sensitivity analyses of the primary outcome: other people, other models, other assumptions about what is missing."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from compassion_trials.study.plan.base import Key, Part

Method = Literal[
    "completers",
    "per_protocol",
    "statsmodels_lmm",
    "multiple_imputation",
    "jump_to_reference",
    "copy_reference",
    "copy_increments",
    "tipping_point",
    "locf",
]
"""Sensitivity analyses by name."""

METHODS: tuple[str, ...] = get_args(Method)
REFERENCE_BASED: tuple[str, ...] = ("jump_to_reference", "copy_reference", "copy_increments")
IMPUTING: tuple[str, ...] = ("multiple_imputation", *REFERENCE_BASED, "tipping_point")


class SensitivityAnalysis(Part):
    """One sensitivity analysis; a name alone stands for its defaults."""

    method: Method = Field(description="Which analysis, by name.")
    outcomes: tuple[str, ...] = Field((), description="Outcomes such as scs.total; default the primary outcome.")
    imputations: int = Field(
        200, ge=10, le=5000, description="Imputations of multiple imputation and what builds on it."
    )
    reference: Key | None = Field(
        None, description="Arm whose participants those who stopped come to resemble; default the control."
    )
    deltas: tuple[float, ...] = Field(
        (), description="tipping_point: shifts in points to report beside the tipping point itself."
    )
    prespecified: bool = Field(True, description="false marks a post-hoc analysis everywhere.")

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        """Let ``completers`` stand for ``{method: completers}``, and ``{tipping_point: {...}}`` for its options."""
        if isinstance(value, str):
            return {"method": value}
        if isinstance(value, dict) and len(value) == 1 and "method" not in value:
            ((name, options),) = value.items()
            if name not in cls.model_fields and (options is None or isinstance(options, dict)):
                return {"method": name, **(options or {})}
        return value
