"""The results table as it may leave: small baseline counts hidden, levels that nobody shares not named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from compassion_trials.core.columns import N_HIDDEN, RESULT_KEYS
from compassion_trials.deliver.suppression import suppressed

WORD: Final = "hidden"
"""Stands in the results table and in tables in place of a count."""

_SUMMARY: Final = ("mean", "sd", "median", "q1", "q3")
"""Statistics of a number that describe single people where there are few."""


def shared_results(
    results: pd.DataFrame, known: Sequence[str], levels: Mapping[str, frozenset[str]], arms: Sequence[str], k: int
) -> pd.DataFrame:
    """A results table without small baseline cells.

    Of each baseline category that others may know: counts of 1 to k - 1 and those from which they could be worked out
    become rows with the statistic ``n_hidden``. Their percentages, standardized differences of that variable, counts of
    its subgroups, and whole subgroups of fewer than k are taken out, and so are all rows that name a level that the
    shared data do not hold. Numbers of fewer than k people have no mean or quartiles. All other rows (flow, harms,
    outcomes) stay: outcomes could be counted from the shared scores anyway.

    Parameters
    ----------
    results : pandas.DataFrame
        `core.columns.RESULTS`.
    known : sequence of str
        Baseline variables that others may know.
    levels : mapping of str to frozenset of str
        Levels to leave out, by variable.
    arms : sequence of str
        Keys of the arms.
    k : int
        Smallest count that may be shown.

    Returns
    -------
    pandas.DataFrame
        The table itself when nothing had to be hidden.
    """
    gone = np.zeros(len(results), dtype=bool)
    small = np.zeros(len(results), dtype=bool)
    for name in known:
        mine = (results["analysis"] == "baseline") & (results["outcome"] == name)
        few = results["n"].between(1, k - 1)
        gone |= (mine & (results["level"] == "") & results["statistic"].isin(_SUMMARY) & few).to_numpy()
        counts = results[mine & (results["level"] != "") & (results["statistic"] == "n")]
        if counts.empty:
            continue
        cells = _hidden_cells(counts, [arm for arm in arms if arm in set(counts["arm"])], k)
        here = pd.Series(list(zip(results["level"], results["arm"], strict=True)), index=results.index).isin(cells)
        small |= (here & mine & (results["statistic"] == "n")).to_numpy()
        gone |= _small_subgroups(results, name, cells, k)
        gone |= (here & mine & (results["statistic"] == "percent")).to_numpy()
        if cells:
            gone |= (mine & (results["statistic"] == "smd")).to_numpy()
        gone |= _naming(results, name, levels.get(name, frozenset()))
    if not (gone | small).any():
        return results
    found = results.copy()
    found.loc[small, "statistic"] = N_HIDDEN
    found.loc[small, "value"] = np.nan
    found.loc[small, "text"] = WORD
    found.loc[small, "id"] = ["|".join(parts) for parts in found.loc[small, list(RESULT_KEYS)].itertuples(index=False)]
    return found[~gone].reset_index(drop=True)


def _hidden_cells(counts: pd.DataFrame, arms: list[str], k: int) -> set[tuple[str, str]]:
    """Level and arm of the counts to hide; the arm of a total is empty."""
    cross = counts.pivot(index="level", columns="arm", values="value").fillna(0).astype("int64")
    found: set[tuple[str, str]] = set()
    for columns in (arms, [""]):
        shown = [arm for arm in columns if arm in cross]
        hidden = suppressed(cross[shown].to_numpy(), k)
        found |= {(str(cross.index[i]), shown[j]) for i, j in zip(*np.nonzero(hidden), strict=True)}
    if len(arms) == 1:  # the only arm and all participants are the same people
        found |= {(level, other) for level, _ in found for other in (arms[0], "")}
    return found


def _small_subgroups(results: pd.DataFrame, name: str, cells: set[tuple[str, str]], k: int) -> np.ndarray:
    """Rows of subgroups by a variable that count few people, or give a hidden count of it away."""
    groups = (results["analysis"] == "moderation") & (results["model"] == name) & (results["level"] != "")
    counts = groups & (results["statistic"] == "n")
    small = bool(cells) or bool(results.loc[counts, "value"].between(1, k - 1).any())
    totals = {level for level, arm in cells if not arm}
    gone = groups & (results["n"].between(1, k - 1) | results["level"].isin(totals))
    return (gone | (counts & small)).to_numpy()


def _naming(results: pd.DataFrame, name: str, levels: frozenset[str]) -> np.ndarray:
    """Rows that name one of some levels of a variable: as a category, a subgroup or a coefficient."""
    about = (results[["outcome", "model", "term"]] == name).any(axis=1)
    found = (about & results["level"].isin(levels)).to_numpy()
    for level in levels:
        found = found | results["term"].str.contains(f"{name}[{level}]", regex=False).to_numpy()
    return found
