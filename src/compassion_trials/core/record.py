"""What a stage leaves behind about itself: method sentences, inputs, counts. The report is assembled from these."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from compassion_trials.core.files import damaged, read_json, write_json


@dataclass(frozen=True, slots=True)
class Record:
    """A stage's account of what it did.

    Attributes
    ----------
    stage : str
        ``ingest``, ``score``, ``describe``, ``fit``, ``effects``, ...
    methods : tuple of str
        Sentences for the Methods section of the report, in past tense, about what was really done.
    facts : dict
        Anything else later stages print, JSON-able: input hashes, dropped columns, row counts, synthetic mark.
    """

    stage: str
    methods: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the record as JSON."""
        write_json(asdict(self), path)

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record that `write` wrote.

        Raises
        ------
        InputError
            It is damaged or cut off.
        """
        content = read_json(path)
        try:
            return cls(stage=content["stage"], methods=tuple(content["methods"]), facts=content["facts"])
        except (KeyError, TypeError):
            raise damaged(path) from None
