"""What every part of a study plan shares."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""A short name used inside the plan: letters, digits and underscores, beginning with a letter."""


class Part(BaseModel):
    """A part of the plan: frozen, and every unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True, allow_inf_nan=False
    )


def text_keys(value: object) -> object:
    """Keys of a mapping as text, so that ``1: course`` and ``"1": course`` mean the same; other values unchanged."""
    return {_plain(key): item for key, item in value.items()} if isinstance(value, dict) else value


def _plain(key: object) -> str:
    """A YAML key as a person wrote it: 1.0 is "1", true is "true"."""
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, float) and key.is_integer():
        return str(int(key))
    return str(key)
