"""Participants as they may be shared: new numbers, bands in place of ages, nobody who stands out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compassion_trials.deliver.coarsen import BLANK, bands, class_sizes, coarsen
from compassion_trials.deliver.variables import SharedVariable, arm_variable
from compassion_trials.study.context import Context
from compassion_trials.study.plan.data import BaselineColumn

YEARS = "years"
"""Unit of numbers that are shared as ten-year bands."""


@dataclass(frozen=True, slots=True)
class SharedPeople:
    """De-identified participants.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per participant in the order of the new numbers; the columns are ``variables``.
    variables : tuple of SharedVariable
        The first is ``participant``.
    numbers : dict of str to str
        New number by the id of the restricted files. Never written.
    known : tuple of str
        Columns that others may know: the arm and the quasi-identifiers.
    before, after : numpy.ndarray
        Participants with the same values of ``known``, for each participant, before and after coarsening.
    """

    table: pd.DataFrame
    variables: tuple[SharedVariable, ...]
    numbers: dict[str, str]
    known: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray


def share(context: Context, participants: pd.DataFrame) -> SharedPeople:
    """De-identify the participants of a study.

    Clusters are left out: members of a small therapy group know each other. Numbers in years become ten-year bands, and
    with all other quasi-identifiers they are blanked where fewer than ``privacy.k`` participants of the arm share them.
    """
    ids = _numbers(context, participants["participant"])
    table = participants.assign(participant=participants["participant"].map(ids)).sort_values("participant")
    table = table.reset_index(drop=True)
    columns = {name: part for raw in context.plan.data for name, part in raw.baseline.items() if name in table}
    hidden = _quasi(context, table, columns)
    arm = arm_variable(context)
    coded = np.column_stack([_codes(table["arm"], list(arm.values)), *[_codes(w, lv) for w, lv in hidden.values()]])
    shared = coarsen(coded, context.plan.privacy.k)
    found: dict[str, pd.Series] = {"participant": table["participant"], "arm": table["arm"]}
    variables = [SharedVariable("participant", "Number in these files, unrelated to the id in the study", "text"), arm]
    for position, (name, (_, levels)) in enumerate(hidden.items(), start=1):
        words = [levels[code] if code != BLANK else "" for code in shared[:, position]]
        found[name] = pd.Series(words, dtype="str")
        variables.append(_hidden_variable(name, columns[name], levels, context.plan.privacy.k))
    for name in [*columns, "sessions", "withdrawn"]:
        if name in table and name not in found:
            found[name], variable = _open_column(name, table[name], columns.get(name))
            variables.append(variable)
    known = ("arm", *hidden)
    return SharedPeople(
        table=pd.DataFrame(found),
        variables=tuple(variables),
        numbers=ids,
        known=known,
        before=class_sizes(coded),
        after=class_sizes(shared),
    )


def _numbers(context: Context, ids: pd.Series) -> dict[str, str]:
    """New numbers in an order that says nothing of the old ones."""
    seed = f"{context.plan.analysis.seed}/share/{context.study.name}"
    mixed = sorted(ids, key=lambda word: hashlib.sha256(f"{seed}/{word}".encode()).digest())
    width = len(str(len(mixed)))
    return {word: f"P{number:0{width}}" for number, word in enumerate(mixed, start=1)}


def _quasi(
    context: Context, table: pd.DataFrame, columns: dict[str, BaselineColumn]
) -> dict[str, tuple[pd.Series, list[str]]]:
    """Quasi-identifiers as words with their levels: those of the plan, or every category and every number in years."""
    asked = context.plan.privacy.quasi_identifiers
    found = {}
    for name, part in columns.items():
        number = pd.api.types.is_numeric_dtype(table[name])
        years = name.lower() == "age" or part.unit == YEARS
        if name not in asked if asked else number and not years:
            continue
        words = pd.Series(bands(table[name].tolist()) if number else table[name].fillna("").astype("str"), dtype="str")
        levels = sorted(set(words) - {""}, key=_order)
        found[name] = (words, levels)
    return found


def _order(level: str) -> tuple[int, str]:
    """Bands in order of years, words by letter."""
    head = level.rstrip("+").partition("-")[0]
    return (int(head), level) if head.isdigit() else (0, level)


def _codes(words: pd.Series, levels: list[str]) -> np.ndarray:
    """Positions of words among levels; blank is `BLANK`."""
    known = {level: code for code, level in enumerate(levels)}
    return np.array([known.get(word, BLANK) for word in words], dtype=np.int64)


def _hidden_variable(name: str, part: BaselineColumn, levels: list[str], k: int) -> SharedVariable:
    """A quasi-identifier."""
    banded = "ten-year bands; " if levels and all(level[:1].isdigit() for level in levels) else ""
    rule = f"{banded}blank where fewer than {k} participants of the arm would share the combination"
    same = {level: level for level in levels}
    return SharedVariable(name, part.label or name, "category", same, unit=part.unit or "", rule=rule)


def _open_column(name: str, values: pd.Series, part: BaselineColumn | None) -> tuple[pd.Series, SharedVariable]:
    """A column that tells nobody who somebody is, as it stands."""
    fixed = {"sessions": "Sessions attended", "withdrawn": "Withdrew from the study"}
    label = fixed.get(name) or (part.label if part is not None and part.label else name)
    if name == "withdrawn":
        words = values.map({True: "yes", False: "no"}).astype("str")
        return words, SharedVariable(name, label, "category", {"no": "no", "yes": "yes"})
    if pd.api.types.is_numeric_dtype(values):
        return values.astype("float64"), SharedVariable(name, label, "number", unit=part.unit or "" if part else "")
    words = values.fillna("").astype("str")
    return words, SharedVariable(name, label, "category", {word: word for word in sorted(set(words) - {""})})
