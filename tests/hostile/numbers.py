"""Family ``numbers``: baseline numbers, recoded variables and totals that the file holds."""

from __future__ import annotations

import random

from tests.hostile.kinds import SAME, Truth, Unfit, either, kind, told
from tests.hostile.trial import Trial

PEOPLE = ("list", "redcap", "wide")
"""Hosts with baseline variables."""


def cell(trial: Trial, rng: random.Random, columns: list[str]) -> tuple[str, int, int]:
    """A column, one filled row of it, and its position."""
    column = rng.choice(columns)
    return column, rng.choice(trial.filled(column)), trial.place(column)


def put(trial: Trial, rng: random.Random, *texts: str) -> Truth:
    """One baseline number becomes another text."""
    column, row, at = cell(trial, rng, trial.roles.numbers)
    trial.rows[row][at] = rng.choice(texts).format(trial.rows[row][at])
    return told(column, *(name for name in trial.raw["baseline"] if trial.raw["baseline"][name]["column"] == column))


def all_of(trial: Trial, rng: random.Random, columns: list[str], *ways: str) -> str:
    """Every filled cell of a column is written in another way."""
    column, way = rng.choice(columns), rng.choice(ways)
    at = trial.place(column)
    for row in trial.filled(column):
        trial.rows[row][at] = way.format(trial.rows[row][at])
    return column


@kind("numbers", *PEOPLE)
def number_with_unit(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "{0} years", "{0}y", "{0} J.", "{}+", "> {}", "{0}-{0}", "ca. {}")


@kind("numbers", *PEOPLE)
def number_999(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "999", "9999", "-99", "-999", "998")


@kind("numbers", *PEOPLE)
def number_as_year(trial: Trial, rng: random.Random) -> Truth:
    """A year of birth in place of an age."""
    return put(trial, rng, "1978", "1985", "1999", "2001")


@kind("numbers", *PEOPLE)
def number_as_date(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "2020-03-14", "14.03.1980", "3/14/80", "14-Mar", "1980-03-14 00:00:00")


@kind("numbers", *PEOPLE)
def number_word(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "twenty", "unknown", "refused", "?", "-", "TRUE", "x")


@kind("numbers", *PEOPLE)
def number_broken(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "1e400", "inf", "4 2", "4..2", "4.2.1", "1,2,3", "0x2a", "#REF!", "--3", "1e")


@kind("numbers", *PEOPLE)
def number_all_floats(trial: Trial, rng: random.Random) -> Truth:
    all_of(trial, rng, trial.roles.numbers, "{}.0", "{}.00", " {} ", "+{}", "{}\u00a0", "0{}")
    return SAME


@kind("numbers", *PEOPLE)
def number_all_units(trial: Trial, rng: random.Random) -> Truth:
    column = all_of(trial, rng, trial.roles.numbers, "{} years", "{}y", "age {}")
    return told(column)


@kind("numbers", *PEOPLE)
def number_half_words(trial: Trial, rng: random.Random) -> Truth:
    """Every third number is written in words."""
    column = rng.choice(trial.roles.numbers)
    at = trial.place(column)
    for row in trial.filled(column)[::3]:
        trial.rows[row][at] = rng.choice(["many", "few", "forty", "over 50"])
    return told(column)


@kind("numbers", "list", "redcap")
def category_unknown(trial: Trial, rng: random.Random) -> Truth:
    column, row, at = cell(trial, rng, trial.roles.words)
    trial.rows[row][at] = rng.choice(["9", "other", "0", "-1", "1;2", "7.5", "1*", "m", "?"])
    return told(column)


@kind("numbers", "list", "redcap")
def category_all_floats(trial: Trial, rng: random.Random) -> Truth:
    all_of(trial, rng, trial.roles.words, "{}.0", " {}", "{}.00", "{}\u00a0")
    return SAME


@kind("numbers", "list", "redcap")
def category_as_words(trial: Trial, rng: random.Random) -> Truth:
    """The meanings in place of the codes, all or some: not what the plan lists."""
    column, share = "gender", rng.choice([0.3, 1.0])
    at, word = trial.place(column), {"1": "female", "2": "male"}
    for row in trial.filled(column):
        if rng.random() <= share:
            trial.rows[row][at] = word[trial.rows[row][at]]
    return either(column)


@kind("numbers", "wide")
def total_outside(trial: Trial, rng: random.Random) -> Truth:
    column, row, at = cell(trial, rng, trial.roles.totals)
    trial.rows[row][at] = rng.choice(["99", "7", "-6.5", "6.01", "-999", "650", "1e3"])
    return told(column, "qoli")


@kind("numbers", "wide")
def total_text(trial: Trial, rng: random.Random) -> Truth:
    column, row, at = cell(trial, rng, trial.roles.totals)
    trial.rows[row][at] = rng.choice(["{}*", "{} (2 missing)", "high", "1.2.3", "2020-01-02", "#DIV/0!", "{}%"]).format(
        trial.rows[row][at]
    )
    return told(column, "qoli")


@kind("numbers", "wide")
def total_all_commas(trial: Trial, rng: random.Random) -> Truth:
    """Decimal commas in all decimal numbers of the file, between semicolons as such files have them."""
    del rng
    trial.writing.delimiter = ";"
    for column in trial.roles.totals:
        at = trial.place(column)
        for row in trial.rows[trial.heads :]:
            row[at] = row[at].replace(".", ",")
    return SAME


@kind("numbers", "wide")
def total_one_comma(trial: Trial, rng: random.Random) -> Truth:
    """One decimal comma among points: the same number, or told."""
    column, row, at = cell(trial, rng, trial.roles.totals)
    trial.rows[row][at] = trial.rows[row][at].replace(".", ",")
    return either(column, "qoli", trial.file)


@kind("numbers", "wide")
def total_lost_point(trial: Trial, rng: random.Random) -> Truth:
    """1.94 as 194, in one cell or in all, as a wrong import leaves it."""
    column, row, at = cell(trial, rng, trial.roles.totals)
    rows = [row] if rng.random() < 0.5 else trial.filled(column)
    for row in rows:
        trial.rows[row][at] = f"{round(100 * float(trial.rows[row][at])) or 650}"
    return told(column, "qoli")


@kind("numbers", "wide")
def total_scientific(trial: Trial, rng: random.Random) -> Truth:
    """1.94 as 1.94e0 or 19.4E-1."""
    column = rng.choice(trial.roles.totals)
    at = trial.place(column)
    for row in trial.filled(column):
        trial.rows[row][at] += rng.choice(["e0", "E+00", "e-0"])
    return SAME


@kind("numbers", "wide")
def total_minus_signs(trial: Trial, rng: random.Random) -> Truth:
    """Typographic minus, or the bookkeepers' brackets, for negative totals."""
    column, sign = rng.choice(trial.roles.totals), rng.choice(["−{}", "({})", "{}-", "–{}"])
    at = trial.place(column)
    negative = [row for row in trial.filled(column) if trial.rows[row][at].startswith("-")]
    if not negative:
        raise Unfit
    for row in negative:
        trial.rows[row][at] = sign.format(trial.rows[row][at][1:])
    return either(column, "qoli")
