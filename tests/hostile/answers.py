"""Family ``answers``: single cells of the answers of a questionnaire."""

from __future__ import annotations

import random

from tests.hostile.kinds import ANSWERS, SAME, Truth, kind, told
from tests.hostile.trial import Trial


def some(trial: Trial, rng: random.Random) -> tuple[str, str, int]:
    """A measure, a column of its answers and a row with an answer."""
    measure = rng.choice(list(trial.roles.items))
    column = rng.choice(trial.roles.items[measure])
    return measure, column, rng.choice(trial.filled(column))


def put(trial: Trial, rng: random.Random, *texts: str) -> Truth:
    """One answer becomes another text, in which ``{}`` is the answer that was there."""
    measure, column, row = some(trial, rng)
    at = trial.place(column)
    trial.rows[row][at] = rng.choice(texts).format(trial.rows[row][at])
    return told(column, f"measures.{measure}", measure)


@kind("answers", *ANSWERS)
def answer_above(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "8", "9", "12", "55", "100")


@kind("answers", *ANSWERS)
def answer_below(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "-1", "-3", "-7")


@kind("answers", *ANSWERS)
def answer_missing_code(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "99", "999", "-9", "-999", "-77", "88", "9999")


@kind("answers", *ANSWERS)
def answer_word(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "agree", "often", "don't know", "k.A.", "oui", "x", "never (1)")


@kind("answers", *ANSWERS)
def answer_footnote(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "{}*", "{}a", "{}†", "{}?", "{}!", "{}¹")


@kind("answers", *ANSWERS)
def answer_trailing_text(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "{} points", "{} (changed)", "about {}", "{} of 5", "= {}")


@kind("answers", *ANSWERS)
def answer_decimal_comma(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "2,5", "1,75", "2,25")


@kind("answers", *ANSWERS)
def answer_half(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "2.5", "1.5", "2.75", ".5")


@kind("answers", *ANSWERS)
def answer_date(trial: Trial, rng: random.Random) -> Truth:
    """Excel makes a date of 1-2 or 2/3."""
    return put(trial, rng, "2020-02-01", "01-Feb", "1/2/2020", "02.01.2020", "Feb 1", "43862", "2020-02-01 00:00:00")


@kind("answers", *ANSWERS)
def answer_two_ticks(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "1;2", "1/2", "1-2", "1 2", "1&2", "1|2", "1,2", "2+3", "1 or 2", "1–2")


@kind("answers", *ANSWERS)
def answer_formula(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "#REF!", "#N/A", "#DIV/0!", "=1+2", "#WERT!", "#VALUE!", "Err:502")


@kind("answers", *ANSWERS)
def answer_boolean(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "TRUE", "false", "Yes", "no", "☑")


@kind("answers", *ANSWERS)
def answer_other_number(trial: Trial, rng: random.Random) -> Truth:
    """Numbers that no program reads as the answer meant, or that nobody can know."""
    return put(trial, rng, "60%", "(3)", "<3", ">2", "~2", "1e9", "Infinity", "inf", "0x3", "1_0", "III", "½", "３½")


@kind("answers", *ANSWERS)
def answer_as_float(trial: Trial, rng: random.Random) -> Truth:
    """3 as 3.0, 3.00 or +3, in every answer of a column or in some."""
    _, column, _ = some(trial, rng)
    at, way = trial.place(column), rng.choice(["{}.0", "{}.00", "{}.", "+{}"])
    for row in trial.filled(column):
        if rng.random() < 0.7:
            trial.rows[row][at] = way.format(trial.rows[row][at])
    return SAME


@kind("answers", *ANSWERS)
def answer_padded(trial: Trial, rng: random.Random) -> Truth:
    """Blanks, no-break spaces and invisible signs around an answer."""
    _, column, _ = some(trial, rng)
    at, way = (
        trial.place(column),
        rng.choice([" {}", "{} ", "\t{}", "\u00a0{}", "{}\u200b", "\ufeff{}", "  {}  ", "{}\r"]),
    )
    for row in trial.filled(column):
        if rng.random() < 0.5:
            trial.rows[row][at] = way.format(trial.rows[row][at])
    return SAME


@kind("answers", *ANSWERS)
def answer_full_width(trial: Trial, rng: random.Random) -> Truth:
    """Digits of other scripts are the same number, or told: never another number."""
    measure, column, row = some(trial, rng)
    at = trial.place(column)
    digits = rng.choice(["０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "①②③④⑤⑥⑦"])
    value = int(trial.rows[row][at])
    trial.rows[row][at] = digits[value - 1] if digits[0] == "①" and value else digits[value % len(digits)]
    return Truth("either", (column, measure))


@kind("answers", *ANSWERS)
def answer_blank_word(trial: Trial, rng: random.Random) -> Truth:
    """What programs write for nothing, where there was nothing."""
    word = rng.choice(["NA", "NULL", "None", ".", "NaN", "n/a", " ", "#NULL!", "nan", "N/A", "na"])
    for columns in trial.roles.items.values():
        for column in columns:
            at = trial.place(column)
            for row in trial.rows[trial.heads :]:
                row[at] = word if row[at] == "" else row[at]
    return SAME


@kind("answers", *ANSWERS)
def answer_very_long(trial: Trial, rng: random.Random) -> Truth:
    return put(trial, rng, "1" * 400, "x" * 40_000, "3" + " " * 500 + "3", "1\n2", "9" * 25)
