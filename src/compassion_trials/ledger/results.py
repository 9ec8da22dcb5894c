"""The trial's own results by the keys that a printed number names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from compassion_trials.core.files import read_table

KEYS: Final = ("analysis", "outcome", "term", "level", "arm", "visit", "statistic")
"""Keys of the results table that a printed number names; those it leaves out are empty."""

ANY: Final = ("model", "population")
"""Keys that may be left out and then match anything."""


class Result(NamedTuple):
    """A row of the results table.

    Attributes
    ----------
    model, population : str
    id : str
    value : float
    """

    model: str
    population: str
    id: str
    value: float


@dataclass(frozen=True, slots=True)
class Results:
    """The results table of a study, indexed once.

    Attributes
    ----------
    by_keys : dict of tuple of str to list of Result
    by_id : dict of str to float
    statistics : dict of str to set of str
        Names of the statistics of each outcome.
    """

    by_keys: dict[tuple[str, ...], list[Result]]
    by_id: dict[str, float]
    statistics: dict[str, set[str]]

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read the table of a study."""
        table = read_table(path)
        keys = zip(*(table[key].tolist() for key in KEYS), strict=True)
        rows = zip(*(table[key].tolist() for key in (*ANY, "id", "value")), strict=True)
        found = cls({}, {}, {})
        for key, row in zip(keys, map(Result._make, rows), strict=True):
            found.by_keys.setdefault(key, []).append(row)
            found.by_id[row.id] = row.value
            found.statistics.setdefault(key[KEYS.index("outcome")], set()).add(key[KEYS.index("statistic")])
        return found

    def find(self, wanted: Mapping[str, str]) -> list[Result]:
        """Rows with the keys that are named; `ANY` of those that are not."""
        rows = self.by_keys.get(tuple(wanted.get(key, "") for key in KEYS), [])
        return [row for row in rows if all(wanted.get(key, getattr(row, key)) == getattr(row, key) for key in ANY)]

    def only(self, wanted: Mapping[str, str]) -> Result | None:
        """The one row with these keys; None when there is none, or more than one."""
        rows = self.find(wanted)
        return rows[0] if len(rows) == 1 else None
