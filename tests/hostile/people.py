"""Family ``people``: ids and arms."""

from __future__ import annotations

import random

from tests.hostile.kinds import SAME, Truth, Unfit, either, kind, told
from tests.hostile.trial import Trial

EVERY = ("qualtrics", "list", "long", "redcap", "wide")


def ids(trial: Trial) -> tuple[int, list[int]]:
    """Position of the id column, and the rows of records."""
    return trial.place(trial.roles.id), list(range(trial.heads, len(trial.rows)))


def with_arm(trial: Trial) -> list[int]:
    """Rows that say an arm."""
    return trial.filled(trial.roles.arm)


@kind("people", *EVERY)
def id_blank(trial: Trial, rng: random.Random) -> Truth:
    at, rows = ids(trial)
    trial.rows[rng.choice(rows)][at] = rng.choice(["", " ", "NA", "-", "."]) if trial.host != "redcap" else ""
    return told(trial.roles.id, trial.file, "answers")


@kind("people", *EVERY)
def ids_padded(trial: Trial, rng: random.Random) -> Truth:
    at, rows = ids(trial)
    way = rng.choice([" {}", "{}\u00a0", "{}\t", "{} ", "\u200b{}"])
    for row in rng.sample(rows, len(rows) // 2):
        trial.rows[row][at] = way.format(trial.rows[row][at])
    return SAME


@kind("people", "redcap")
def ids_as_floats(trial: Trial, rng: random.Random) -> Truth:
    at, rows = ids(trial)
    way = rng.choice(["{}.0", "{}.00"])
    for row in rows:
        trial.rows[row][at] = way.format(trial.rows[row][at])
    return SAME


@kind("people", "qualtrics", "long", "list")
def id_other_case(trial: Trial, rng: random.Random) -> Truth:
    """s012 for S012: joined, or told."""
    at, rows = ids(trial)
    row = rng.choice(rows)
    trial.rows[row][at] = trial.rows[row][at].lower()
    return either("ids", trial.roles.id)


@kind("people", "qualtrics", "long", "list")
def id_lost_zeros(trial: Trial, rng: random.Random) -> Truth:
    """S7 for S007, for one or for all, while the other file has the zeros."""
    at, rows = ids(trial)
    for row in rows if rng.random() < 0.5 else [rng.choice(rows)]:
        trial.rows[row][at] = f"S{int(trial.rows[row][at][1:])}"
    return told("ids", "arm", trial.roles.id)


@kind("people", "qualtrics", "long", "list", "redcap")
def id_mistyped(trial: Trial, rng: random.Random) -> Truth:
    """An id that nobody else has: one digit more, O for 0, letters turned."""
    at, rows = ids(trial)
    row = rng.choice(rows)
    word = trial.rows[row][at]
    trial.rows[row][at] = rng.choice([word + "1", word + "9", word.replace("0", "O", 1) + "O", f"X{word}", f"{word}?"])
    return told(trial.file, "id", "arm")


@kind("people", *EVERY)
def id_as_mail(trial: Trial, rng: random.Random) -> Truth:
    at, rows = ids(trial)
    names = {trial.rows[row][at] for row in rows}
    for row in rows:
        trial.rows[row][at] = f"person.{trial.rows[row][at]}@example.org"
    assert names
    return told(trial.roles.id, "arm", rng.choice(["id"]))


@kind("people", "qualtrics", "long", "redcap", "wide")
def row_twice_other_answers(trial: Trial, rng: random.Random) -> Truth:
    """Two rows of one person at one visit that disagree."""
    _, rows = ids(trial)
    row = list(trial.rows[rng.choice(rows)])
    column = rng.choice([name for columns in trial.roles.items.values() for name in columns])
    row[trial.place(column)] = "1" if row[trial.place(column)] != "1" else "2"
    trial.rows.insert(rng.choice(rows), row)
    return told(trial.file)


@kind("people", *EVERY)
def row_twice(trial: Trial, rng: random.Random) -> Truth:
    """The same row twice: nothing is lost, and it is told."""
    _, rows = ids(trial)
    trial.rows.insert(rng.choice(rows), list(trial.rows[rng.choice(rows)]))
    return either(trial.file) if trial.host == "redcap" else told(trial.file)  # equal rows are REDCap's habit


@kind("people", "list")
def person_in_two_arms(trial: Trial, rng: random.Random) -> Truth:
    _, rows = ids(trial)
    row = list(trial.rows[rng.choice(rows)])
    at = trial.place("condition")
    row[at] = "A" if row[at] == "B" else "B"
    trial.rows.append(row)
    return told(trial.file)


@kind("people", "list")
def person_not_listed(trial: Trial, rng: random.Random) -> Truth:
    _, rows = ids(trial)
    del trial.rows[rng.choice(rows)]
    return told("arm")


@kind("people", "list", "redcap")
def arm_unknown(trial: Trial, rng: random.Random) -> Truth:
    row = rng.choice(with_arm(trial))
    trial.rows[row][trial.place(trial.roles.arm)] = rng.choice(
        ["C", "9", "0", "A/B", "act?", "1;2", "4", "control arm"]
    )
    return told(trial.roles.arm)


@kind("people", "list", "redcap")
def arm_blank(trial: Trial, rng: random.Random) -> Truth:
    row = rng.choice(with_arm(trial))
    trial.rows[row][trial.place(trial.roles.arm)] = rng.choice(["", "NA", " ", "."])
    return told("arm", trial.roles.arm)


@kind("people", "list", "redcap")
def arms_in_other_form(trial: Trial, rng: random.Random) -> Truth:
    """Arm words in other case and with blanks around, codes as floats."""
    at = trial.place(trial.roles.arm)
    ways = ["{}.0", " {}", "{} "] if trial.host == "redcap" else ["{} ", " {}", "{}\u00a0"]
    way, lower = rng.choice(ways), rng.random() < 0.5
    for row in with_arm(trial):
        word = way.format(trial.rows[row][at])
        trial.rows[row][at] = word.lower() if lower else word
    return SAME


@kind("people", "list", "redcap")
def arms_all_one(trial: Trial, rng: random.Random) -> Truth:
    at = trial.place(trial.roles.arm)
    word = trial.rows[rng.choice(with_arm(trial))][at]
    for row in with_arm(trial):
        trial.rows[row][at] = word
    return told("arm")


@kind("people", "list")
def arms_as_labels(trial: Trial, rng: random.Random) -> Truth:
    """Names of the arms in place of the letters that the plan lists."""
    at, names = trial.place("condition"), rng.choice([("ACT workshop", "Wait-list"), ("act", "waitlist"), ("1", "2")])
    for row in with_arm(trial):
        trial.rows[row][at] = names["AB".index(trial.rows[row][at])]
    return either("condition", "arm")


@kind("people", "redcap")
def arm_changes_later(trial: Trial, rng: random.Random) -> Truth:
    """A later row of a person says another arm."""
    at, rows = ids(trial)
    later = [row for row in rows if trial.rows[row][trial.place(trial.roles.arm)] == ""]
    if not later:
        raise Unfit
    row = rng.choice(later)
    mine = next(r for r in with_arm(trial) if trial.rows[r][at] == trial.rows[row][at])
    place = trial.place(trial.roles.arm)
    trial.rows[row][place] = "2" if trial.rows[mine][place] != "2" else "3"
    return told(trial.file)


@kind("people", "qualtrics", "long", "redcap", "wide")
def ids_row_numbers_cut(trial: Trial, rng: random.Random) -> Truth:
    """Ids cut to their first two letters: people fall together."""
    at, rows = ids(trial)
    for row in rows:
        trial.rows[row][at] = trial.rows[row][at][: 2 if trial.host != "redcap" else 1]
    del rng
    return told(trial.file, "arm", "id")
