"""Family ``rows``: rows that are no records, records that are torn."""

from __future__ import annotations

import random

from tests.hostile.kinds import FILES, SAME, Truth, either, kind, told
from tests.hostile.trial import Trial


def inside(trial: Trial, rng: random.Random) -> int:
    """A position among the records."""
    return rng.randrange(trial.heads + 1, len(trial.rows))


def line(trial: Trial, text: str, at: int = 0) -> list[str]:
    """A row with one filled cell."""
    return [text if n == at else "" for n in range(len(trial.header))]


@kind("rows", *FILES)
def rows_shuffled(trial: Trial, rng: random.Random) -> Truth:
    body = trial.rows[trial.heads :]
    rng.shuffle(body)
    trial.rows[trial.heads :] = body
    return SAME


@kind("rows", *FILES)
def rows_blank(trial: Trial, rng: random.Random) -> Truth:
    """Blank rows in the middle and at the end, with and without delimiters."""
    for _ in range(rng.choice([1, 3])):
        trial.rows.insert(inside(trial, rng), [""] * len(trial.header))
    trial.rows += [[""] * len(trial.header)] * rng.choice([0, 5])
    return SAME


@kind("rows", *FILES)
def header_repeated(trial: Trial, rng: random.Random) -> Truth:
    """The header again in the middle, as pasted exports have it."""
    at = inside(trial, rng)
    trial.rows[at:at] = [list(row) for row in trial.rows[: rng.choice([1, trial.heads])]]
    return either(trial.file, trial.roles.id)


@kind("rows", *FILES)
def total_row(trial: Trial, rng: random.Random) -> Truth:
    """Sums, means or counts of the columns below the last record."""
    word = rng.choice(["Total", "Sum", "Mean", "N", "Gesamt", ""])
    row = []
    for name in trial.header:
        values = [float(cell) for cell in trial.cells(name) if cell.replace(".", "", 1).isdigit()]
        row.append(f"{sum(values):g}" if values else "")
    row[trial.place(trial.roles.id)] = word
    trial.rows.append(row)
    return either(trial.file, trial.roles.id, "arm", "visit")


@kind("rows", *FILES)
def comment_above(trial: Trial, rng: random.Random) -> Truth:
    """A title or comment above the header."""
    text = rng.choice(["# exported 2020-01-01", "Study data, confidential", "// v2"])
    trial.rows.insert(0, [text] if rng.random() < 0.5 else line(trial, text))
    return either(trial.file)


@kind("rows", *FILES)
def comment_below(trial: Trial, rng: random.Random) -> Truth:
    """A note or source below the last record, in the first column, a middle one, or that of the ids."""
    text = rng.choice(["Source: survey tool", "* changed by hand", "n = 24", "--- end of file ---", "(c) 2020"])
    at = rng.choice([0, len(trial.header) // 2, trial.place(trial.roles.id)])
    trial.rows.append(line(trial, text, at))
    return either(trial.file, trial.roles.id, "id", "arm")


@kind("rows", *FILES)
def separator_row(trial: Trial, rng: random.Random) -> Truth:
    sign = rng.choice(["---", "===", "***", "..."])
    trial.rows.insert(inside(trial, rng), [sign] * len(trial.header))
    return either(trial.file, trial.roles.id, trial.roles.visit or "id", "arm", *trial.roles.items)


@kind("rows", *FILES)
def row_shifted_right(trial: Trial, rng: random.Random) -> Truth:
    """A record begins one cell too late; its last cell falls off or stands beyond the table."""
    row = trial.rows[inside(trial, rng)]
    row.insert(0, "")
    if rng.random() < 0.5:
        row.pop()
    return told(trial.file, trial.roles.id, "arm", "visit")


@kind("rows", *FILES)
def row_shifted_left(trial: Trial, rng: random.Random) -> Truth:
    row = trial.rows[inside(trial, rng)]
    del row[0]
    if rng.random() < 0.5:
        row.append("")
    return told(trial.file, trial.roles.id, "arm", "visit")


@kind("rows", "qualtrics", "long", "wide", "redcap")
def row_shifted_inside(trial: Trial, rng: random.Random) -> Truth:
    """A cell was put in among the answers of one person: all later answers stand one column too far."""
    names = rng.choice(list(trial.roles.items.values()))
    at = trial.place(rng.choice(names))
    trial.rows[inside(trial, rng)].insert(at, "3")
    return told(trial.file)


@kind("rows", *FILES)
def row_cut(trial: Trial, rng: random.Random) -> Truth:
    """A record ends too early, among the cells that are used."""
    row = trial.rows[inside(trial, rng)]
    last = max(n for n, name in enumerate(trial.header) if row[n] and name != "SYNTHETIC")
    del row[rng.randrange(1, last + 1) :]
    return told(trial.file, "arm")


@kind("rows", *FILES)
def row_too_long(trial: Trial, rng: random.Random) -> Truth:
    trial.rows[inside(trial, rng)] += ["3"] * rng.choice([1, 4])
    return told(trial.file)


@kind("rows", *FILES)
def file_cut_in_a_row(trial: Trial, rng: random.Random) -> Truth:
    """Half a file: the last row is torn in the middle of its cells."""
    last = trial.rows[-1]
    text = ",".join(last)
    cut = len(trial.encoded()) - len(text.encode()) - 1
    trial.content = trial.encoded()[: cut + rng.randrange(len(text) // 4, len(text) // 2)]
    return told(trial.file, trial.roles.id, "arm", "visit")


@kind("rows", *FILES)
def file_pasted_twice(trial: Trial, rng: random.Random) -> Truth:
    """All records twice, with or without the header between."""
    trial.rows += [list(row) for row in trial.rows[0 if rng.random() < 0.5 else trial.heads :]]
    return told(trial.file)


@kind("rows", "qualtrics", "long", "redcap", "wide")
def answers_blank(trial: Trial, rng: random.Random) -> Truth:
    """More rows without answers of people who take part, at visits they missed or in rows of their own."""
    person = list(trial.rows[inside(trial, rng)])
    keep = {trial.roles.id, trial.roles.visit}
    trial.rows.append([cell if name in keep else "" for name, cell in zip(trial.header, person, strict=True)])
    return either(trial.file)
