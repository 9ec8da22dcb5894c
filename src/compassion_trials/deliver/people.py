"""Participants as they may be shared: new numbers, bands in place of numbers, nobody who stands out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compassion_trials.core.keeping.secret import shuffled
from compassion_trials.deliver.bands import bands, place
from compassion_trials.deliver.coarsen import BLANK, class_sizes, coarsen
from compassion_trials.deliver.variables import SharedVariable, arm_variable
from compassion_trials.study.context import Context
from compassion_trials.study.plan.data import BaselineColumn
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.sharing import sharing_key


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
        Participants with the same values of ``known``, for each participant: in the study's own data, and in ``table``.
    hidden : dict of str to frozenset of str
        Levels that the study has and the shared data have not, by quasi-identifier that is a category.
    """

    table: pd.DataFrame
    variables: tuple[SharedVariable, ...]
    numbers: dict[str, str]
    known: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    hidden: dict[str, frozenset[str]]


def share(context: Context, participants: pd.DataFrame) -> SharedPeople:
    """De-identify the participants of a study.

    Clusters are left out: members of a small therapy group know each other. What others may know is banded where it is
    a number, and blanked where fewer than ``privacy.k`` participants of the arm share it.

    Raises
    ------
    InputError
        No key for the new numbers (`study.sharing.sharing_key`).
    """
    ids = new_numbers(context, participants["participant"])
    table = participants.assign(participant=participants["participant"].map(ids)).sort_values("participant")
    table = table.reset_index(drop=True)
    columns = {name: part for raw in context.plan.data for name, part in raw.baseline.items() if name in table}
    quasi = _quasi(context, table, columns)
    arm = arm_variable(context)
    coded = [_codes(table["arm"], list(arm.values)), *[_codes(words, levels) for words, levels in quasi.values()]]
    shared = coarsen(np.column_stack(coded), context.plan.privacy.k)
    found: dict[str, pd.Series] = {"participant": table["participant"], "arm": table["arm"]}
    variables = [SharedVariable("participant", "Number in these files, unrelated to the id in the study", "text"), arm]
    hidden = {}
    for position, (name, (_, levels)) in enumerate(quasi.items(), start=1):
        kept = [levels[code] if code != BLANK else "" for code in shared[:, position]]
        found[name] = pd.Series(kept, dtype="str")
        remaining = [level for level in levels if level in set(kept)]
        banded = pd.api.types.is_numeric_dtype(table[name])
        variables.append(_hidden_variable(name, columns[name], remaining, context.plan.privacy.k, banded=banded))
        hidden[name] = frozenset() if banded else frozenset(levels) - frozenset(remaining)
    for name in [*columns, "sessions", "withdrawn"]:
        if name in table and name not in found:
            found[name], variable = _open_column(name, table[name], columns.get(name))
            variables.append(variable)
    known = ("arm", *quasi)
    people = pd.DataFrame(found)
    return SharedPeople(
        table=people,
        variables=tuple(variables),
        numbers=ids,
        known=known,
        before=class_sizes(_classes(table, known)),
        after=class_sizes(_classes(people, known)),
        hidden=hidden,
    )


def new_numbers(context: Context, ids: pd.Series) -> dict[str, str]:
    """New numbers in an order that nobody can repeat without the secret beside the raw data."""
    mixed = shuffled(ids, sharing_key(context.study, context.plan, "share"))
    width = len(str(len(mixed)))
    return {word: f"P{number:0{width}}" for number, word in enumerate(mixed, start=1)}


def quasi_identifiers(plan: StudyPlan, names: Iterable[str]) -> tuple[str, ...]:
    """Baseline variables that others may know: those of the plan, or all but those that the plan says they cannot."""
    asked, unknown = plan.privacy.quasi_identifiers, plan.privacy.unknown_to_others
    return tuple(name for name in names if (name in asked if asked else True) and name not in unknown)


def _quasi(
    context: Context, table: pd.DataFrame, columns: dict[str, BaselineColumn]
) -> dict[str, tuple[pd.Series, list[str]]]:
    """Quasi-identifiers as words with their levels, numbers as bands."""
    found = {}
    for name in quasi_identifiers(context.plan, columns):
        if pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(table[name]):
            words = pd.Series(bands(table[name].astype("float64").tolist()), dtype="str")
            levels = sorted(set(words) - {""}, key=place)
        else:
            words = table[name].fillna("").astype("str")
            levels = sorted(set(words) - {""})
        found[name] = (words, levels)
    return found


def _codes(words: pd.Series, levels: list[str]) -> np.ndarray:
    """Positions of words among levels; blank is `BLANK`."""
    known = {level: code for code, level in enumerate(levels)}
    return np.array([known.get(word, BLANK) for word in words], dtype=np.int64)


def _classes(table: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Codes of the values that really stand in a table, blank a value of its own."""
    return np.column_stack([pd.factorize(table[name].astype("object"), use_na_sentinel=True)[0] for name in columns])


def _hidden_variable(name: str, part: BaselineColumn, levels: list[str], k: int, *, banded: bool) -> SharedVariable:
    """A quasi-identifier."""
    lead = "bands in place of numbers; " if banded else ""
    rule = f"{lead}blank where fewer than {k} participants of the arm would share the combination"
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
