"""What a guess is: what was found in a raw file, and the words that finding and writing share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from compassion_trials.ingest.first_plan.families import ColumnFamily
from compassion_trials.ingest.first_plan.preview import ColumnSummary, Preview
from compassion_trials.ingest.readers.table import RawTable
from compassion_trials.instruments.model import Instrument

ID_NAMES = (
    "participant",
    "participantid",
    "participantcode",
    "subject",
    "subjectid",
    "subjid",
    "patient",
    "patientid",
    "recordid",
    "studyid",
    "pid",
    "id",
    "code",
    "token",
    "numid",
    "responseid",
    "rownames",
)
CONTROL_WORDS = re.compile(r"control|wait|wl\b|usual|tau\b|placebo|no treatment", re.IGNORECASE)


@dataclass(slots=True)
class Guess:
    """What was found in the file, piece by piece."""

    table: RawTable
    seen: Preview
    known: Mapping[str, Instrument]
    id: str = ""
    arm: str = ""
    arms: dict[str, tuple[str, str]] = field(default_factory=dict)  # raw value: key, label
    dictionary: str = ""
    visit: str = ""
    visits: dict[str, str] = field(default_factory=dict)  # raw value or name: key
    families: list[ColumnFamily] = field(default_factory=list)
    totals: dict[str, dict[str, str]] = field(default_factory=dict)
    baseline: list[ColumnSummary] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plain(name: str) -> str:
    """Small letters and digits of a name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def key_of(word: str, prefix: str) -> str:
    """A short key made of a word; with a prefix where it would begin with a digit."""
    short = re.sub(r"[^a-z0-9]+", "_", word.lower().encode("ascii", "ignore").decode()).strip("_")[:20].strip("_")
    return short if short[:1].isalpha() else f"{prefix}{short or '1'}"


def unique(keys: Sequence[str]) -> list[str]:
    """Keys made different by a number where they are the same."""
    return [key if key not in keys[:i] else f"{key}_{keys[:i].count(key) + 1}" for i, key in enumerate(keys)]
