"""Two results tables against each other: numbers added, gone, changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from compassion_trials.core.columns import RESULTS
from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE: Final = 1e-9
"""Largest relative difference of two numbers that count as the same: the last digits vary between machines."""

FLOOR: Final = 1e-12
"""Numbers closer than this are the same, whatever their size: a zero that rounding moved."""

WORDS: Final = ("text", "unit", "df_method", "convergence", "prespecified", "note")
"""Columns beside the number that are compared, too."""

TABLES: Final = ("effects/results.parquet", "effects/results.csv")
"""Where a results folder of a study holds its table."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One result that differs.

    Attributes
    ----------
    id : str
        Keys of the result, joined.
    column : str
        ``value``, ``n`` or a column of words.
    old, new : str
        Contents; numbers with all their digits.
    """

    id: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What two results tables do not share.

    Attributes
    ----------
    added, gone : tuple of str
        Keys of results that only the new, only the old table has.
    changed : tuple of Changed
    shared : int
        Results that both have.
    sources : bool
        Whether both were computed from the same scores.
    """

    added: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[Changed, ...]
    shared: int
    sources: bool

    @property
    def none(self) -> bool:
        """Whether the tables hold the same results."""
        return not (self.added or self.gone or self.changed)

    def in_words(self, most: int) -> list[str]:
        """The counts, and at most ``most`` lines of each kind."""
        changed = [f"{one.id}: {one.column} {one.old or '(empty)'} -> {one.new or '(empty)'}" for one in self.changed]
        kinds = {"gone": self.gone, "added": self.added, "changed": changed}
        said = [f"{self.shared} results in both; " + ", ".join(f"{len(ids)} {kind}" for kind, ids in kinds.items())]
        if not self.sources:
            said.append("the scores behind the two tables differ")
        for kind, ids in kinds.items():
            said += [f"{kind}: {line}" for line in ids[:most]]
            if len(ids) > most:
                said.append(f"{kind}: and {len(ids) - most} more (--most)")
        return said


def differences(old: pd.DataFrame, new: pd.DataFrame, tolerance: float = TOLERANCE) -> Differences:
    """Compare two results tables by the keys of their rows, in whatever order these stand.

    Parameters
    ----------
    old, new : pandas.DataFrame
        `core.columns.RESULTS`.
    tolerance : float
        Two numbers are the same if they differ by at most ``tolerance`` times the larger, or by `FLOOR`.

    Returns
    -------
    Differences
        In the order of the tables.
    """
    mine, theirs = old.set_index("id"), new.set_index("id")
    shared = mine.index[mine.index.isin(theirs.index)]
    left, right = mine.loc[shared], theirs.loc[shared]
    changed = [
        found
        for column in ("value", "n", *WORDS)
        for found in _changed(left[column], right[column], None if column in WORDS else tolerance)
    ]
    return Differences(
        added=tuple(theirs.index[~theirs.index.isin(mine.index)]),
        gone=tuple(mine.index[~mine.index.isin(theirs.index)]),
        changed=tuple(changed),
        shared=len(shared),
        sources=set(old["source"]) == set(new["source"]),
    )


def _changed(left: pd.Series, right: pd.Series, tolerance: float | None) -> Iterator[Changed]:
    """Rows of one column that differ: numbers beyond the tolerance, words at all."""
    if tolerance is None:
        a, b = left.fillna("").astype("str").to_numpy(), right.fillna("").astype("str").to_numpy()
        differ = a != b
    else:
        a, b = left.to_numpy(dtype="float64"), right.to_numpy(dtype="float64")
        with np.errstate(invalid="ignore"):
            near = np.abs(a - b) <= np.maximum(tolerance * np.maximum(np.abs(a), np.abs(b)), FLOOR)
        differ = ~(near | (a == b) | (np.isnan(a) & np.isnan(b)))
    for place in np.flatnonzero(differ).tolist():
        yield Changed(str(left.index[place]), str(left.name), str(a[place]), str(b[place]))


def read_results_table(path: Path) -> pd.DataFrame:
    """A results table from its file (parquet or CSV), or from the results folder of a study.

    Raises
    ------
    InputError
        There is no such file, or it is not a results table.
    """
    import pandas as pd

    file = next((path / name for name in TABLES if (path / name).is_file()), path) if path.is_dir() else path
    if not file.is_file():
        raise InputError([_problem("results_missing", "there is no results table", file)])
    try:
        words = dict.fromkeys([c for c in RESULTS if c not in ("value", "n")], "str")
        table = (
            pd.read_parquet(file)
            if file.suffix == ".parquet"
            else pd.read_csv(file, dtype=words, keep_default_na=False, na_values={"value": [""], "n": [""]})
        )
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise InputError(
            [_problem("results_unreadable", "the file cannot be read as a results table", file)]
        ) from error
    missing = [name for name in RESULTS if name not in table]
    if missing:
        raise InputError([_problem("results_columns", f"columns are missing: {', '.join(missing)}", file)])
    return table


def _problem(code: str, message: str, file: Path) -> Finding:
    """One reason why a table cannot be compared."""
    advice = "give results.parquet or results.csv of the stage effects, or the results folder of a study"
    return Finding("error", code, message, file.as_posix(), advice=advice)
