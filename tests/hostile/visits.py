"""Family ``visits``: which assessment a row or a column belongs to."""

from __future__ import annotations

import random

from tests.hostile.kinds import SAME, Truth, either, kind, told
from tests.hostile.trial import Trial

LONG = ("qualtrics", "long", "redcap")


def places(trial: Trial) -> tuple[int, list[int], list[str]]:
    """Position of the visit column, rows of records, words in it in order."""
    at = trial.place(trial.roles.visit)
    rows = list(range(trial.heads, len(trial.rows)))
    return at, rows, list(dict.fromkeys(trial.rows[row][at] for row in rows))


def one(trial: Trial, rng: random.Random, *words: str) -> Truth:
    """One row says another word."""
    at, rows, _ = places(trial)
    row = rng.choice(rows)
    trial.rows[row][at] = rng.choice(words).format(trial.rows[row][at])
    return told(trial.roles.visit, "visit")


@kind("visits", *LONG)
def visit_unknown(trial: Trial, rng: random.Random) -> Truth:
    return one(trial, rng, "T9", "follow-up", "9", "{}x", "{}_2", "?", "unscheduled", "T1/T2")


@kind("visits", *LONG)
def visit_blank(trial: Trial, rng: random.Random) -> Truth:
    return one(trial, rng, "", "NA", " ", ".", "NULL")


@kind("visits", *LONG)
def visit_date(trial: Trial, rng: random.Random) -> Truth:
    return one(trial, rng, "2020-01-05", "43835", "5.1.2020", "Jan-05")


@kind("visits", *LONG)
def visits_in_other_form(trial: Trial, rng: random.Random) -> Truth:
    """Other case, blanks around, no-break blanks, invisible signs."""
    at, rows, _ = places(trial)
    way, lower = rng.choice(["{}", " {}", "{} ", "{}\u00a0", "{}\u200b"]), rng.random() < 0.5
    for row in rows:
        word = way.format(trial.rows[row][at])
        trial.rows[row][at] = word.lower() if lower else word
    return SAME


@kind("visits", *LONG)
def visits_renamed(trial: Trial, rng: random.Random) -> Truth:
    """All visits carry words that the plan does not list."""
    at, rows, words = places(trial)
    new = rng.choice([["0", "1", "2"], ["before", "after", "later"], ["T 1", "T 2", "T 3"], ["T-1", "T-2", "T-3"]])
    for row in rows:
        trial.rows[row][at] = new[words.index(trial.rows[row][at])]
    return told(trial.roles.visit)


@kind("visits", *LONG)
def visit_of_another(trial: Trial, rng: random.Random) -> Truth:
    """A later row is said to be the baseline: two rows of one person at one visit."""
    at, rows, words = places(trial)
    row = rng.choice([row for row in rows if trial.rows[row][at] != words[0]])
    trial.rows[row][at] = words[0]
    return told(trial.file)


@kind("visits", *LONG)
def visits_all_one(trial: Trial, rng: random.Random) -> Truth:
    at, rows, words = places(trial)
    word = rng.choice(words)
    for row in rows:
        trial.rows[row][at] = word
    return told(trial.file, "after the baseline only")


@kind("visits", *LONG)
def visit_missing_altogether(trial: Trial, rng: random.Random) -> Truth:
    """All rows of a visit are gone."""
    at, rows, words = places(trial)
    word = rng.choice(words)
    trial.rows = [row for n, row in enumerate(trial.rows) if n not in rows or row[at] != word]
    return told("visit", "id that occurs after the baseline", trial.file)


@kind("visits", "qualtrics", "long")
def visit_missing_in_an_arm(trial: Trial, rng: random.Random) -> Truth:
    """An arm has no rows at the last visits: nobody to compare with."""
    arm = {line.split(",")[2]: line.split(",")[3] for line in trial.others["randomization.csv"].decode().splitlines()}
    at, rows, words = places(trial)
    word, gone = words[-1], rng.choice("AB")
    mine = trial.place(trial.roles.id)
    trial.rows = [row for n, row in enumerate(trial.rows) if n not in rows or row[at] != word or arm[row[mine]] != gone]
    return told("arm", "visit")


@kind("visits", *LONG)
def visit_copied(trial: Trial, rng: random.Random) -> Truth:
    """The rows of one visit were pasted over those of another."""
    at, rows, words = places(trial)
    source, target = rng.sample(words, 2)
    who = trial.place(trial.roles.id)
    by_person = {trial.rows[row][who]: row for row in rows if trial.rows[row][at] == source}
    columns = [trial.place(name) for names in trial.roles.items.values() for name in names]
    for row in rows:
        if trial.rows[row][at] == target and trial.rows[row][who] in by_person:
            for column in columns:
                trial.rows[row][column] = trial.rows[by_person[trial.rows[row][who]]][column]
    return told("measures", "same answers", *trial.roles.items)


@kind("visits", "wide")
def visit_columns_gone(trial: Trial, rng: random.Random) -> Truth:
    """No column of one visit is in the file."""
    visit = rng.choice(["pre", "post"])
    keep = [n for n, name in enumerate(trial.header) if f"_{visit}" not in name]
    trial.rows = [[row[n] for n in keep] for row in trial.rows]
    return told("scs", "qoli")


@kind("visits", "wide")
def visit_in_names_renamed(trial: Trial, rng: random.Random) -> Truth:
    visit, word = rng.choice(["pre", "post"]), rng.choice(["t1", "before", "1", "PRE"])
    trial.rows[0] = [name.replace(f"_{visit}", f"_{word}") for name in trial.header]
    return told("scs", "qoli")


@kind("visits", "wide")
def visit_columns_copied(trial: Trial, rng: random.Random) -> Truth:
    """The answers after were pasted from those before."""
    del rng
    for name in trial.roles.items["scs"]:
        if "_pre_" in name:
            a, b = trial.place(name), trial.place(name.replace("_pre_", "_post_"))
            for row in trial.rows[trial.heads :]:
                row[b] = row[a]
    return told("scs")


@kind("visits", "redcap")
def event_name_by_label(trial: Trial, rng: random.Random) -> Truth:
    """The export with labels: names of events as words."""
    at, rows, words = places(trial)
    names = dict(zip(words, ["Baseline (Arm 1: Arm 1)", "Post-treatment", "1-month follow-up"], strict=True))
    for row in rows:
        trial.rows[row][at] = names[trial.rows[row][at]]
    del rng
    return either(trial.roles.visit)
