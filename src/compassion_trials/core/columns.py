"""Columns of the tables that stages hand to each other. The only place where their names stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

RESPONSES: Final = ("participant", "arm", "visit", "measure", "item", "value", "missing_reason")
"""One row per participant, visit, measure and item of a questionnaire that the plan expects.

``measure`` is the key in the study plan (one questionnaire may be used twice, self- and other-rated); ``item`` the
item number of the questionnaire as text; ``value`` the answer in the coding of the raw file (float, missing = NaN).
"""

STORED: Final = ("participant", "arm", "visit", "measure", "scale", "value")
"""Totals that the raw file already holds: the only score of a ``total`` measure, a check for the others."""

SCORES: Final = (
    "participant",
    "arm",
    "visit",
    "measure",
    "scale",
    "score",
    "n_items",
    "n_missing",
    "prorated",
    "band",
    "flag",
)
"""One row per participant, visit and scale; ``score`` is NaN where the missing-item rule forbids one."""

FLOW: Final = ("participant", "arm", "visit", "assessed", "n_answered", "n_expected", "reason", "week")
"""One row per participant and planned visit: whether any answer exists, reason if none, real time in weeks if known."""

RESULTS: Final = (
    "id",
    "study",
    "analysis",
    "model",
    "design",
    "outcome",
    "population",
    "arm",
    "term",
    "level",
    "visit",
    "statistic",
    "value",
    "text",
    "unit",
    "n",
    "df_method",
    "convergence",
    "prespecified",
    "note",
    "source",
)
"""The analysis-results table: one row per number, in full precision, after CDISC ARS and the R package ``cards``.

``analysis`` groups what belongs together (``flow``, ``baseline``, ``observed``, ``primary``, ...); ``term`` names the
contrast, the coefficient or the compared category; ``statistic`` is ``estimate``, ``se``, ``df``, ``lower``,
``upper``, ``p``, ``mean``, ``sd``, ``n``, ...; ``text`` holds the few results that are words; ``source`` is the hash
of the scores.
"""

N_HIDDEN: Final = "n_hidden"
"""Statistic of a count that is hidden in shared results, because few people stand behind it."""

RESULT_KEYS: Final = (
    "study",
    "analysis",
    "model",
    "outcome",
    "population",
    "arm",
    "term",
    "level",
    "visit",
    "statistic",
)
"""Columns that identify one number; ``id`` joins them."""


class ResultLine(Protocol):
    """A row of the results table with typed cells, `RESULTS` as attributes; see `result_lines`."""

    id: str
    study: str
    analysis: str
    model: str
    design: str
    outcome: str
    population: str
    arm: str
    term: str
    level: str
    visit: str
    statistic: str
    value: float
    text: str
    unit: str
    n: float
    df_method: str
    convergence: str
    prespecified: str
    note: str
    source: str


def result_lines(table: pd.DataFrame) -> Iterator[ResultLine]:
    """Rows of the results table, or of a part of it, one after the other."""
    return cast("Iterator[ResultLine]", table.itertuples(index=False))


def results_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of the results table from dictionaries; missing text is empty, ``id`` is made from the keys.

    Parameters
    ----------
    rows : list of dict
        Keys are names in `RESULTS`; ``value`` is a number or None.

    Returns
    -------
    pandas.DataFrame
        Columns `RESULTS` in order, ``value`` and ``n`` float, all others ``str``.

    Raises
    ------
    ValueError
        A key that is not a column, or two rows with the same identity: a programming error.
    """
    import pandas as pd

    unknown = {key for row in rows for key in row} - set(RESULTS)
    if unknown:
        raise ValueError(f"not a column of the results table: {sorted(unknown)}")
    table = pd.DataFrame(rows, columns=list(RESULTS))
    numeric = ["value", "n"]
    words = [c for c in RESULTS if c not in numeric]
    table[numeric] = table[numeric].astype("float64")
    table[words] = table[words].astype("object").where(table[words].notna(), "").astype("str")
    table["id"] = ["|".join(parts) for parts in table[list(RESULT_KEYS)].itertuples(index=False)]
    table["id"] = table["id"].astype("str")
    repeated = table.loc[table["id"].duplicated(), "id"]
    if len(repeated):
        raise ValueError(f"results with the same identity: {sorted(repeated)[:3]}")
    return table
