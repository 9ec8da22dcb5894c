"""A first study plan guessed from a raw file, with a comment beside each guess."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from compassion_trials.ingest.first_plan import families as names_of
from compassion_trials.ingest.first_plan.found import ID_NAMES, Guess, key_of, plain
from compassion_trials.ingest.first_plan.preview import ColumnSummary, summarise
from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.table import RawTable
from compassion_trials.ingest.values import is_blank
from compassion_trials.instruments.library import load_instruments

ARM_NAMES = (
    "arm",
    "group",
    "condition",
    "treatment",
    "intervention",
    "allocation",
    "randomization",
    "randomisation",
    "randomized",
    "trt",
    "studyarm",
    "therapy",
    "trtcontr",
    "grouprandomized",
)
VISIT_NAMES = (
    "visit",
    "wave",
    "time",
    "timepoint",
    "occasion",
    "assessment",
    "measurement",
    "phase",
    "session",
    "redcapeventname",
    "event",
    "month",
    "week",
)
BASELINE_NAMES = ("age", "sex", "gender", "education", "educ")
LONGEST_ARM = 60
"""Characters of the longest value that can name an arm."""
MANY_SCORES = 6
"""Different numbers a column must at least hold to be taken for a total."""


def guess(path: Path) -> Guess:
    """What a raw file seems to hold: ids, arms, visits, questionnaires, baseline variables.

    Parameters
    ----------
    path : Path
        Raw file.

    Returns
    -------
    Guess
        Its notes say what was guessed and what is left to do. No value of a participant, save the categories of arm
        and visit.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    table = read_raw(path)
    found = Guess(table, summarise(table), load_instruments())
    columns = {column.name: column for column in found.seen.columns}
    found.families = names_of.families(list(columns), found.known)
    if table.format == "redcap":
        found.dictionary = next((p.name for p in sorted(path.parent.glob("*ictionary*.csv"))), "")
    in_families = {name for family in found.families for name in family.columns}
    others = {name: column for name, column in columns.items() if name not in in_families}
    found.id = _find_id(table, others)
    _find_visits(found, others)
    _find_arms(found, others)
    found.totals = (
        {
            pattern: visits
            for pattern, visits in names_of.totals(others).items()
            if all(
                others[name].numeric and others[name].distinct > MANY_SCORES and not others[name].identifying
                for name in visits.values()
            )
        }
        if not found.visit
        else {}
    )
    if not found.visits and not found.visit:
        _visits_of(found, dict.fromkeys(visit for visits in found.totals.values() for visit in visits))
    found.baseline = [c for n, c in others.items() if plain(n) in BASELINE_NAMES and not c.identifying and c.n]
    found.notes.insert(0, f"{path.name}: read as {table.format}, {found.seen.rows} rows, {len(columns)} columns")
    return found


def _named(others: Mapping[str, ColumnSummary], words: Sequence[str]) -> list[str]:
    """Columns named like one of some words, best first."""
    short = {name: plain(name) for name in others}
    exact = [name for word in words for name in others if short[name] == word]
    begins = [name for word in words if len(word) > 3 for name in others if short[name].startswith(word)]
    return list(dict.fromkeys([*exact, *begins]))


def _find_id(table: RawTable, others: Mapping[str, ColumnSummary]) -> str:
    """The column most likely to identify participants: by name, else the one with the most distinct values."""
    named = [name for name in _named(others, ID_NAMES) if others[name].n]
    return (
        named[0] if named else max(table.frame.columns, key=lambda name: others[name].distinct if name in others else 0)
    )


def _find_visits(guess: Guess, others: Mapping[str, ColumnSummary]) -> None:
    """Visits from names inside item columns, else from a column of a file with several rows per participant."""
    wide = dict.fromkeys(family.visit for family in guess.families if family.visit)
    if len(wide) > 1:
        _visits_of(guess, wide)
        return
    ids = guess.table.frame[guess.id]
    if not ids.duplicated().any():
        return
    for name in _named(others, VISIT_NAMES):
        if 2 <= others[name].distinct <= 12 and not guess.table.frame.duplicated([guess.id, name]).mean() > 0.1:
            guess.visit = name
            cells = guess.table.frame[name]
            labels = others[name].labels
            values = sorted(
                cells[~is_blank(cells)].unique(), key=lambda word: (len(word), word) if word.isdigit() else (0, "")
            )
            guess.visits = {value: key_of(_event(labels.get(value, value), values), "t") for value in values}
            guess.notes.append(
                f"visits: from the column {name} ({', '.join(values)}); their order and weeks are to be checked"
            )
            return


def _event(word: str, words: Sequence[str]) -> str:
    """A REDCap event without its ``_arm_1``, when all events have the same."""
    arms = {match.group() for one in words if (match := re.search(r"_arm_\d+$", one))}
    return re.sub(r"_arm_\d+$", "", word) if len(arms) == 1 else word


def _visits_of(guess: Guess, words: Mapping[str, None]) -> None:
    """Visits named inside column names."""
    guess.visits = {word: key_of(word, "t") for word in words}
    if words:
        guess.notes.append(f"visits: from column names ({', '.join(words)}); their order and weeks are to be checked")


def _find_arms(guess: Guess, others: Mapping[str, ColumnSummary]) -> None:
    """Arms from a column named like one, with 2 to 6 values."""
    for name in _named(others, ARM_NAMES):
        column = others[name]
        cells = guess.table.frame[name]
        values = sorted(cells[~is_blank(cells)].unique())
        if 2 <= column.distinct <= 6 and not column.identifying and all(_is_category(v, cells) for v in values):
            guess.arm = name
            labels = {value: column.labels.get(value, value) for value in values}
            guess.arms = {value: (key_of(label, "arm"), label) for value, label in labels.items()}
            guess.notes.append(f"arms: from the column {name} ({', '.join(labels.values())})")
            return
    guess.notes.append(
        "no column of the arm was found, so the plan says single_arm; if another file holds the arms, add it under data"
    )


def _is_category(word: str, cells: pd.Series) -> bool:
    """Whether a value can be an arm: a whole number or a short text, in two rows or more."""
    return not re.fullmatch(r"-?\d*[.,]\d+", word) and len(word) <= LONGEST_ARM and int((cells == word).sum()) > 1
