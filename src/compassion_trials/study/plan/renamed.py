"""Words of earlier versions of the plan, each with what to write now. A change that renames a word adds its line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RENAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "analysis.mediation.*.label": "delete it: a mediation has the names of its measures",
    }
)
"""What to do, by place: the key with dots, ``*`` for a name or a position; ``place=word`` where not the key
but a word that stood there was renamed."""
