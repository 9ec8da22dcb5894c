"""Family ``texts``: how the bytes of a text file are written."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import zipfile

from tests.hostile.kinds import FILES, SAME, Truth, Unfit, either, kind, told
from tests.hostile.trial import Trial


def with_accents(trial: Trial) -> None:
    """Letters beyond ASCII in a column that the plan does not use."""
    name = next((n for n in ("comments", "remarks", "notes", "full_name") if n in trial.header), "")
    if not name:
        raise Unfit
    at = trial.place(name)
    for row in trial.rows[trial.heads :: 2]:
        row[at] = "größer, café"


@kind("texts", *FILES)
def text_delimiter(trial: Trial, rng: random.Random) -> Truth:
    trial.writing.delimiter = rng.choice([";", "\t", "|"])
    return SAME


@kind("texts", *FILES)
def text_quotes(trial: Trial, rng: random.Random) -> Truth:
    trial.writing.quote = rng.choice([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    return SAME


@kind("texts", *FILES)
def text_line_ends(trial: Trial, rng: random.Random) -> Truth:
    """Windows, old Mac, mixed, none after the last row, many after it."""
    way = rng.choice(["\r\n", "\r", "mixed", "none", "many"])
    if way in ("\r\n", "\r"):
        trial.writing.newline = way
        return SAME
    text = trial.encoded()
    if way == "mixed":
        lines = text.split(b"\n")
        trial.content = b"".join(one + rng.choice([b"\n", b"\r\n"]) for one in lines[:-1])
    else:
        trial.content = text.rstrip(b"\n") + (b"\n\n\r\n\n" if way == "many" else b"")
    return SAME


@kind("texts", *FILES)
def text_encoding(trial: Trial, rng: random.Random) -> Truth:
    """Encodings that say what they are, or that a program can tell."""
    with_accents(trial)
    trial.writing.encoding = rng.choice(["utf-8-sig", "utf-16", "cp1252", "latin-1", "utf-8"])
    return SAME


@kind("texts", *FILES)
def text_encoding_unmarked(trial: Trial, rng: random.Random) -> Truth:
    """UTF-16 and UTF-32 without a mark, and other rare ones: read, or refused."""
    with_accents(trial)
    trial.writing.encoding = rng.choice(
        ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "mac-roman", "cp850", "utf-7"]
    )
    return either(trial.file)


@kind("texts", *FILES)
def text_marks_inside(trial: Trial, rng: random.Random) -> Truth:
    """Two byte-order marks, or one before a later row, as joined files have it."""
    text = trial.encoded()
    where = rng.choice(["front", "row"])
    if where == "front":
        trial.content = b"\xef\xbb\xbf\xef\xbb\xbf" + text
    else:
        lines = text.split(b"\n")
        lines[trial.heads + 1] = b"\xef\xbb\xbf" + lines[trial.heads + 1]
        trial.content = b"\n".join(lines)
    return either(trial.file, trial.roles.id)


@kind("texts", *FILES)
def text_nul(trial: Trial, rng: random.Random) -> Truth:
    """NUL bytes in the header, in a late row or at the end, as damaged discs leave them."""
    text = trial.encoded()
    at = rng.choice([10, len(text) - 40, len(text), len(text) * 9 // 10])
    trial.content = text[:at] + b"\x00" * rng.choice([1, 512]) + text[at:]
    return either(trial.file, *trial.roles.items)


@kind("texts", *FILES)
def text_control_signs(trial: Trial, rng: random.Random) -> Truth:
    """A form feed, a vertical tab, the end mark of DOS."""
    text = trial.encoded()
    trial.content = (
        text + b"\x1a" if rng.random() < 0.4 else text.rstrip(b"\n") + rng.choice([b"\x0c\n", b"\x0b\n", b"\x1c\n"])
    )
    return either(trial.file, trial.roles.id, "id", "arm")


@kind("texts", *FILES)
def text_no_text(trial: Trial, rng: random.Random) -> Truth:
    """Something else than a table under the name of the file."""
    html = b"<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>\n"
    empty, packed = io.BytesIO(), gzip.compress(trial.encoded())
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("a.csv", trial.encoded())
    found = [
        b"",
        b"\n\n",
        html,
        packed,
        empty.getvalue(),
        json.dumps({"a": [1, 2]}).encode(),
        b"%PDF-1.4\n",
        b"\xff" * 50,
        b"x",
    ]
    trial.content = rng.choice(found)
    return told(trial.file)


@kind("texts", *FILES)
def text_quote_open(trial: Trial, rng: random.Random) -> Truth:
    """A quotation mark that is never closed, or that stands inside a cell."""
    lines = trial.encoded().decode().split("\n")
    at = rng.randrange(trial.heads, len(lines) - 1)
    cells = lines[at].split(",")
    where = rng.randrange(len(cells))
    cells[where] = rng.choice(['"{}', '{}"', 'a"{}']).format(cells[where])
    lines[at] = ",".join(cells)
    trial.content = "\n".join(lines).encode()
    return either(trial.file)


@kind("texts", *FILES)
def text_sep_line(trial: Trial, rng: random.Random) -> Truth:
    """Excel's line that names the delimiter."""
    trial.writing.delimiter = rng.choice([";", ",", "\t", "#"])
    trial.writing.before = f"sep={trial.writing.delimiter}\r\n".encode()
    return SAME


@kind("texts", *FILES)
def text_delimiter_at_ends(trial: Trial, rng: random.Random) -> Truth:
    """A delimiter at the end of every row, or of every row but the header."""
    start = rng.choice([0, 0, trial.heads])
    for row in trial.rows[start:]:
        row.append("")
    return SAME


@kind("texts", *FILES)
def text_two_delimiters(trial: Trial, rng: random.Random) -> Truth:
    """The second half of the rows has another delimiter."""
    lines = trial.encoded().decode().split("\n")
    half = len(lines) // 2
    trial.content = "\n".join(
        [*lines[:half], *(one.replace(",", rng.choice([";", "\t"])) for one in lines[half:])]
    ).encode()
    return told(trial.file, "arm")


@kind("texts", *FILES)
def text_cells_with_signs(trial: Trial, rng: random.Random) -> Truth:
    """Delimiters, quotes and line breaks inside quoted cells of a column that is not used."""
    name = next((n for n in ("comments", "remarks", "notes", "full_name") if n in trial.header), "")
    if not name:
        raise Unfit
    at = trial.place(name)
    for row in trial.rows[trial.heads :]:
        row[at] = rng.choice(['say "hi"', "a, b; c", "two\nlines", "tab\there", "x\r\ny", "=1+1", "'"])
    return SAME
