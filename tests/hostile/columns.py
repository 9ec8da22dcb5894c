"""Family ``columns``: headers and the columns below them."""

from __future__ import annotations

import random

from tests.hostile.kinds import FILES, SAME, Truth, either, kind, told
from tests.hostile.trial import Trial


def used(trial: Trial) -> list[str]:
    """Columns that the plan uses."""
    roles = trial.roles
    items = [name for names in roles.items.values() for name in names]
    named = [roles.id, roles.visit, roles.arm, *roles.numbers, *roles.words, *roles.totals]
    return [*(name for name in named if name), *items]


def pick(trial: Trial, rng: random.Random) -> str:
    """A used column, each role as likely as any other."""
    roles = trial.roles
    groups = [[roles.id], [roles.visit], [roles.arm], roles.numbers, roles.words, roles.totals, *roles.items.values()]
    return rng.choice(rng.choice([[name for name in group if name] for group in groups if any(group)]))


def about(trial: Trial, column: str) -> Truth:
    """Must be told by the column or its measure."""
    return told(column, *(key for key, names in trial.roles.items.items() if column in names), "qoli", "column")


@kind("columns", *FILES)
def columns_shuffled(trial: Trial, rng: random.Random) -> Truth:
    order = list(range(len(trial.header)))
    rng.shuffle(order)
    if trial.host == "redcap":  # REDCap's id is the first column
        order.remove(0)
        order.insert(0, 0)
    trial.rows = [[row[n] for n in order] for row in trial.rows]
    return SAME


@kind("columns", *FILES)
def column_missing(trial: Trial, rng: random.Random) -> Truth:
    column = pick(trial, rng)
    at = trial.place(column)
    trial.rows = [row[:at] + row[at + 1 :] for row in trial.rows]
    return about(trial, column)


@kind("columns", *FILES)
def column_renamed(trial: Trial, rng: random.Random) -> Truth:
    column = pick(trial, rng)
    way = rng.choice(["{}_x", "x{}", "{} ", "Q_{}", "{}.1", "my {}"])
    trial.rows[0][trial.place(column)] = way.format(column)
    return SAME if way == "{} " else about(trial, column)


@kind("columns", *FILES)
def column_other_case(trial: Trial, rng: random.Random) -> Truth:
    column = pick(trial, rng)
    trial.rows[0][trial.place(column)] = column.upper() if column != column.upper() else column.lower()
    return Truth("either", about(trial, column).names)


@kind("columns", *FILES)
def columns_differ_by_case(trial: Trial, rng: random.Random) -> Truth:
    """A second column with the name in other case and other content: the named one counts."""
    column = pick(trial, rng)
    for n, row in enumerate(trial.rows):
        row.append(column.swapcase() if n == 0 else "" if n < trial.heads else rng.choice(["1", "2", "7"]))
    return SAME


@kind("columns", *FILES)
def column_twice(trial: Trial, rng: random.Random) -> Truth:
    """The same name twice, with the same or other content."""
    column = pick(trial, rng)
    at, same = trial.place(column), rng.random() < 0.5
    for n, row in enumerate(trial.rows):
        row.append(row[at] if same or n < trial.heads else rng.choice(["1", "2"]))
    return about(trial, column)


@kind("columns", *FILES)
def column_empty(trial: Trial, rng: random.Random) -> Truth:
    """A used column without a single value."""
    column = pick(trial, rng)
    for row in trial.rows[trial.heads :]:
        row[trial.place(column)] = ""
    names = [key for part in trial.plan["data"] for key in part.get("baseline", {})]
    return told(column, "answers", "visit", "arm", *names, *trial.roles.items)


@kind("columns", *FILES)
def unused_renamed(trial: Trial, rng: random.Random) -> Truth:
    """Columns that the plan does not use carry other names and words."""
    for n, column in enumerate(rng.sample(trial.roles.unused, min(2, len(trial.roles.unused)))):
        if column in ("Status", "Finished", "workshop", "withdrawal_date", "withdrawal_reason"):
            continue
        at = trial.place(column)
        trial.rows[0][at] = rng.choice([f"spare {n}", f"größe{n}", f"x.{n}", f"Was it ok? {n}"])
        if trial.host != "qualtrics":
            for row in trial.rows[trial.heads :]:
                row[at] = rng.choice(["", "a", "17", "ß"])
    return SAME


@kind("columns", *FILES)
def unused_added(trial: Trial, rng: random.Random) -> Truth:
    """More columns that the plan does not use, some blank."""
    name, at = rng.choice(["spare", "score sum", "Total", "v1", "größe"]), rng.randrange(1, len(trial.header) + 1)
    filled = rng.random() < 0.5
    for n, row in enumerate(trial.rows):
        row.insert(at, name if n == 0 else rng.choice(["", "5", "x"]) if filled and n >= trial.heads else "")
    return SAME


@kind("columns", *FILES)
def blank_columns(trial: Trial, rng: random.Random) -> Truth:
    """Blank columns without a name, in the middle and at the end."""
    at = rng.randrange(1, len(trial.header) + 1)
    for row in trial.rows:
        row[at:at] = [""] * rng.choice([1])
        row.extend([""] * 2)
    return SAME


@kind("columns", *FILES)
def header_padded(trial: Trial, rng: random.Random) -> Truth:
    """Blanks, no-break blanks and line breaks around names."""
    way = rng.choice([" {}", "{} ", "{}\u00a0", "\u200b{}", "{}\n"])
    trial.rows[0] = [way.format(name) if rng.random() < 0.5 else name for name in trial.header]
    return SAME


@kind("columns", *FILES)
def headers_swapped(trial: Trial, rng: random.Random) -> Truth:
    """The names of two columns with different content are swapped."""
    roles = trial.roles
    item = rng.choice([name for names in roles.items.values() for name in names] or roles.numbers)
    other = rng.choice([name for name in (roles.id, roles.visit, *roles.words, *roles.totals[:0]) if name])
    a, b = trial.place(item), trial.place(other)
    trial.rows[0][a], trial.rows[0][b] = other, item
    return told(item, other, "id", "visit", "answers", *roles.items)


@kind("columns", *FILES)
def header_shifted(trial: Trial, rng: random.Random) -> Truth:
    """The header stands one column to the right or left of its data."""
    left = rng.random() < 0.5
    trial.rows[0] = [*trial.header[1:], "extra"] if left else ["row", *trial.header[:-1]]
    return told(trial.file, "column", "answers", "measures")


@kind("columns", *FILES)
def header_missing(trial: Trial, rng: random.Random) -> Truth:
    """The first row is a record."""
    del rng
    del trial.rows[: trial.heads]
    return told(trial.file)


@kind("columns", "qualtrics", "long", "redcap", "wide")
def items_zero_padded(trial: Trial, rng: random.Random) -> Truth:
    """scs_01 for scs_1."""
    measure = rng.choice(list(trial.roles.items))
    for name in trial.roles.items[measure]:
        stem, number = name.rsplit("_", 1)
        trial.rows[0][trial.place(name)] = f"{stem}_{int(number):02}"
    return told(measure)


@kind("columns", "qualtrics", "long", "redcap", "wide")
def items_of_another_version(trial: Trial, rng: random.Random) -> Truth:
    """Items of a longer or shorter version: the last one is missing, or the columns are numbered from 0."""
    measure = rng.choice(list(trial.roles.items))
    names = trial.roles.items[measure]
    if rng.random() < 0.5:
        at = trial.place(names[-1])
        trial.rows = [row[:at] + row[at + 1 :] for row in trial.rows]
    else:
        for name in names:
            stem, number = name.rsplit("_", 1)
            trial.rows[0][trial.place(name)] = f"{stem}_{int(number) - 1}"
    return told(measure)


@kind("columns", "list", "long", "wide")
def header_of_two_rows(trial: Trial, rng: random.Random) -> Truth:
    """A row of titles above the header, as merged cells leave it."""
    row = [""] * len(trial.header)
    for at in rng.sample(range(len(row)), 3):
        row[at] = rng.choice(["Baseline", "Part A", "Questionnaire"])
    trial.rows.insert(0, row)
    return told(trial.file, trial.roles.id)


@kind("columns", "list", "long", "wide")
def header_twice(trial: Trial, rng: random.Random) -> Truth:
    """The header a second time directly below, as it is or as question texts."""
    second = list(trial.header) if rng.random() < 0.5 else [f"Question about {name}" for name in trial.header]
    trial.rows.insert(1, second)
    return either(trial.file, trial.roles.id, "row 2")


@kind("columns", "list", "long", "wide")
def unit_row(trial: Trial, rng: random.Random) -> Truth:
    """A row of units or types below the header."""
    unit = rng.choice(["years", "numeric", "1-5", "int", "[score]"])
    trial.rows.insert(1, ["" if name == trial.roles.id else unit for name in trial.header])
    return either(trial.file, trial.roles.id, "row 2")
