"""Family ``codings``: whole columns or questionnaires whose answers are coded in another way."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.hostile.kinds import ANSWERS, SAME, Truth, either, kind, told
from tests.hostile.trial import Trial


def recode(trial: Trial, columns: list[str], rows: list[int], way: Callable[[int], object]) -> None:
    """Answers of some columns and rows through a function."""
    for column in columns:
        at = trial.place(column)
        for row in set(rows) & set(trial.filled(column)):
            trial.rows[row][at] = str(way(int(trial.rows[row][at])))


def measure_of(trial: Trial, rng: random.Random) -> tuple[str, list[str], list[int]]:
    """A questionnaire, its columns and all rows."""
    measure = rng.choice(list(trial.roles.items))
    return measure, trial.roles.items[measure], list(range(trial.heads, len(trial.rows)))


@kind("codings", *ANSWERS)
def coded_from_zero(trial: Trial, rng: random.Random) -> Truth:
    """A scale from 1 stored from 0, or one from 0 stored from -1."""
    measure, columns, rows = measure_of(trial, rng)
    recode(trial, columns, rows, lambda value: value - 1)
    return told(measure)


@kind("codings", *ANSWERS)
def coded_one_higher(trial: Trial, rng: random.Random) -> Truth:
    measure, columns, rows = measure_of(trial, rng)
    recode(trial, columns, rows, lambda value: value + 1)
    return told(measure)


@kind("codings", *ANSWERS)
def coded_in_tens(trial: Trial, rng: random.Random) -> Truth:
    """10, 20, 30 or percent of the maximum."""
    measure, columns, rows = measure_of(trial, rng)
    factor = rng.choice([10, 25, 100])
    recode(trial, columns, rows, lambda value: factor * value)
    return told(measure)


@kind("codings", *ANSWERS)
def coded_differently_by_rows(trial: Trial, rng: random.Random) -> Truth:
    """The second half of the file was exported from another form, with all answers one lower."""
    measure, columns, rows = measure_of(trial, rng)
    recode(trial, columns, rows[len(rows) // 2 :], lambda value: value - 1)
    return told(measure, columns[0])


@kind("codings", *ANSWERS)
def item_coded_differently(trial: Trial, rng: random.Random) -> Truth:
    """One item stored one higher or lower: some answers then lie outside."""
    measure, columns, rows = measure_of(trial, rng)
    low, high = trial.roles.range[measure]
    column = rng.choice(columns)
    at = trial.place(column)
    row = rng.choice(trial.filled(column))
    up = rng.random() < 0.5
    trial.rows[row][at] = str(high if up else low)
    recode(trial, [column], rows, lambda value: value + (1 if up else -1))
    return told(measure, column)


@kind("codings", *ANSWERS)
def item_as_words(trial: Trial, rng: random.Random) -> Truth:
    measure, columns, rows = measure_of(trial, rng)
    words = ["never", "rarely", "sometimes", "often", "mostly", "always", "ever", "daily"]
    recode(trial, [rng.choice(columns)], rows, lambda value: words[value])
    return told(measure)


@kind("codings", *ANSWERS)
def all_as_words(trial: Trial, rng: random.Random) -> Truth:
    """Labels or number and label in place of codes."""
    measure, columns, rows = measure_of(trial, rng)
    words = ["never", "rarely", "sometimes", "often", "mostly", "always", "ever", "daily"]
    way = rng.choice(["{word}", "{value} = {word}", "{value} - {word}", "{value} ({word})"])
    recode(trial, columns, rows, lambda value: way.format(value=value, word=words[value]))
    return told(measure)


@kind("codings", *ANSWERS)
def some_as_words(trial: Trial, rng: random.Random) -> Truth:
    """Some respondents' answers came as labels."""
    measure, columns, rows = measure_of(trial, rng)
    recode(trial, columns, rng.sample(rows, 3), lambda value: f"answer {value}")
    return told(measure, *columns)


@kind("codings", *ANSWERS)
def missing_as_code(trial: Trial, rng: random.Random) -> Truth:
    """A code for "no answer" of which the plan knows nothing, for a twentieth of the answers."""
    measure, columns, rows = measure_of(trial, rng)
    code = rng.choice([9, 99, 88, -1, -8, 999, 0 if trial.roles.range[measure][0] > 0 else 9])
    recode(trial, columns, rows, lambda value: code if rng.random() < 0.05 else value)
    return told(measure, *columns)


@kind("codings", *ANSWERS)
def answers_all_commas(trial: Trial, rng: random.Random) -> Truth:
    """3 as 3,0 in a file with semicolons."""
    measure, columns, rows = measure_of(trial, rng)
    trial.writing.delimiter = ";"
    recode(trial, columns, rows, lambda value: f"{value},0")
    return either(measure) if trial.host == "wide" else SAME


@kind("codings", *ANSWERS)
def item_never_filled(trial: Trial, rng: random.Random) -> Truth:
    """An item lost its answers."""
    measure, columns, rows = measure_of(trial, rng)
    column = rng.choice(columns)
    for row in rows:
        trial.rows[row][trial.place(column)] = ""
    return told(measure, column)


@kind("codings", *ANSWERS)
def item_filled_down(trial: Trial, rng: random.Random) -> Truth:
    """An item was filled down with one answer."""
    measure, columns, rows = measure_of(trial, rng)
    column = rng.choice(columns)
    recode(trial, [column], rows, lambda value: 2)
    return told(measure, column)
