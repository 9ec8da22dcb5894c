"""The text of a guessed study plan: YAML with a comment beside each guess."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path

from compassion_trials.ingest.first_plan.families import KEY, ColumnFamily
from compassion_trials.ingest.first_plan.found import (
    CONTROL_WORDS,
    ID_NAMES,
    Guess,
    key_of,
    plain,
    unique,
)
from compassion_trials.study.layout import locate

FILL = "FILL IN"
RESERVED = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "none"])


def _mark(line: str, what: str = "") -> str:
    """A line with the mark that it needs an answer."""
    return f"{line:<50}  # {FILL}{': ' + what if what else ''}"


def draft(guess: Guess, path: Path, target: Path | None) -> str:
    """The plan as text; what is left to do is added to the notes of the guess."""
    return "\n".join([*_head(guess), *_data(guess, path, target), *_measures(guess)]) + "\n"


def quoted(word: str) -> str:
    """A text as YAML: plain where that is safe, else in double quotes."""
    simple = re.fullmatch(r"[A-Za-z][A-Za-z0-9_./ -]*[A-Za-z0-9_.]|[A-Za-z]", word)
    reserved = word.lower() in RESERVED
    return word if simple and not reserved else json.dumps(word, ensure_ascii=False)


def _code(word: str) -> str:
    """A raw value as YAML key: whole numbers plain."""
    return word if re.fullmatch(r"0|[1-9]\d*", word) else quoted(word)


def _head(guess: Guess) -> list[str]:
    """Title and design."""
    keys = unique([key for key, _ in guess.arms.values()])
    guess.arms = {value: (key, label) for (value, (_, label)), key in zip(guess.arms.items(), keys, strict=True)}
    visits = unique(list(guess.visits.values())) or ["pre"]
    guess.visits = dict(zip(guess.visits, visits, strict=False))
    lines = [
        f"# Guessed from {guess.table.file}. Lines marked FILL IN need an answer that the file does not hold.",
        _mark("title: Title of the trial"),
        "design:",
    ]
    if guess.arms:
        named = [key for key, label in guess.arms.values() if CONTROL_WORDS.search(f"{key} {label}")]
        control = named[0] if named else guess.arms["0"][0] if "0" in guess.arms else keys[-1]
        lines += [
            _mark("  type: randomized", "randomized or non_randomized"),
            "  arms:",
            *[f"    {key}: {quoted(label)}" for key, label in guess.arms.values()],
            _mark(f"  control: {control}", "check"),
        ]
        guess.notes.append(f"control arm: {control} (to be checked)")
    else:
        lines += [_mark("  type: single_arm"), _mark("  arms: {group: The group}")]
    lines += ["  visits:                                           # in order of time, real weeks since baseline"]
    lines += [_mark(f"    {key}: {week}", "weeks") for week, key in enumerate(visits)]
    guess.notes.append(
        "left to fill in: title, type of the trial, real weeks of the visits, control arm, primary measure"
    )
    return lines


def _data(guess: Guess, path: Path, target: Path | None) -> list[str]:
    """The raw file."""
    lines = [
        f"data_root: {quoted(_root(path, target))}",
        "data:",
        f"  - file: {quoted(path.name)}",
        f"    format: {guess.table.format}",
    ]
    if guess.dictionary:
        lines.append(f"    dictionary: {quoted(guess.dictionary)}")
        guess.notes.append(f"REDCap data dictionary: {guess.dictionary}")
    if guess.table.format in ("csv",) and guess.table.decimal == ",":
        lines.append('    decimal: ","')
    line = f"    id: {quoted(guess.id)}"
    lines.append(line if plain(guess.id) in ID_NAMES else _mark(line, "guessed, check"))
    guess.notes.append(f"id: the column {guess.id}")
    if guess.arms:
        lines += [
            f"    arm:\n      column: {quoted(guess.arm)}",
            "      values:",
            *[f"        {_code(v)}: {k}" for v, (k, _) in guess.arms.items()],
        ]
    if guess.visit:
        lines += [
            f"    visit:\n      column: {quoted(guess.visit)}",
            "      values:",
            *[f"        {_code(v)}: {k}" for v, k in guess.visits.items()],
        ]
    elif any(word != key for word, key in guess.visits.items()):
        lines += ["    visit:", "      values:                                   # visit: its name inside column names"]
        lines += [f"        {key}: {quoted(word)}" for word, key in guess.visits.items()]
    patterns = [family.pattern for family in guess.families if family.instrument]
    if patterns:
        lines.append(f"    items: {json.dumps(max(dict.fromkeys(patterns), key=patterns.count))}")
    ids = guess.table.frame[guess.id]
    keys = [guess.id, guess.visit] if guess.visit else [guess.id]
    if ids.duplicated().any() and guess.table.frame.duplicated(keys).any():
        lines.append(
            _mark("    duplicates: error", "some rows repeat a participant; error, first, last or most_complete")
        )
        guess.notes.append("some rows repeat the same participant and visit; choose a rule under duplicates")
    lines += _baseline(guess)
    return lines


def _baseline(guess: Guess) -> list[str]:
    """Baseline variables known by name."""
    if not guess.baseline:
        return []
    lines = ["    baseline:"]
    keys = unique([key_of(column.name, "v") for column in guess.baseline])
    for key, column in zip(keys, guess.baseline, strict=True):
        if column.labels:
            values = ", ".join(f"{_code(code)}: {quoted(label)}" for code, label in column.labels.items())
            lines.append(f"      {key}: {{column: {quoted(column.name)}, values: {{{values}}}}}")
        else:
            lines.append(f"      {key}: {quoted(column.name)}")
    guess.notes.append(f"baseline variables: {', '.join(column.name for column in guess.baseline)}")
    return lines


def _root(path: Path, target: Path | None) -> str:
    """Folder of the raw file as seen from where the plan's paths begin."""
    start = locate(target).root if target is not None else path.parent
    return Path(os.path.relpath(path.resolve().parent, start.resolve())).as_posix()


def _measures(guess: Guess) -> list[str]:
    """Questionnaires known by name and number of items, then totals; unknown families as comments."""
    lines = ["measures:"]
    patterns = [family.pattern for family in guess.families if family.instrument]
    common = max(dict.fromkeys(patterns), key=patterns.count) if patterns else ""
    done: dict[str, str] = {}
    for family in guess.families:
        key = family.word if KEY.fullmatch(family.word) else family.instrument
        if not family.instrument or key in done:
            continue
        role = "primary" if not done else "secondary"
        done[key] = family.instrument
        parts = [f"instrument: {family.instrument}", f"role: {role}", *_coding(guess, family)]
        if family.pattern != common:
            parts.append(f"items: {json.dumps(family.pattern)}")
        line = f"  {key}: {{{', '.join(parts)}}}"
        lines.append(_mark(line, "check the role") if role == "primary" else line)
        name = guess.known[family.instrument].name
        guess.notes.append(f"measure {key}: {name} ({len(family.columns)} items, {family.columns[0]} ...)")
    for family in guess.families:
        if not family.instrument:
            columns = f"{len(family.columns)} numbered columns {family.columns[0]} ... {family.columns[-1]}"
            lines.append(f"  # {columns}: no questionnaire fits; add it in config/instruments")
            guess.notes.append(f"unknown: {columns}")
    return [*lines, *_total_lines(guess, list(done))]


def _coding(guess: Guess, family: ColumnFamily) -> list[str]:
    """Coding where the answers are coded one step higher than the questionnaire's own."""
    response = guess.known[family.instrument].response
    columns = [column for column in guess.seen.columns if column.name in family.columns and column.numeric]
    if not columns:
        return []
    low, high = min(column.low for column in columns), max(column.high for column in columns)
    if low > response.min and high == response.max + 1:
        guess.notes.append(
            f"coding of {family.word}: {response.min + 1} to {response.max + 1} in the file (to be checked)"
        )
        return [f"coding: {{min: {response.min + 1}, max: {response.max + 1}}}"]
    return []


def _round_out(value: float) -> float:
    """A number rounded away from zero to 1, 2, 5 or 10 times a power of ten: no participant's score is shown."""
    if value == 0 or math.isnan(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(abs(value)))
    return math.copysign(next(step * power for step in (1, 2, 5, 10) if step * power >= abs(value)), value)


def _total_lines(guess: Guess, done: list[str]) -> list[str]:
    """Stored totals: as comments beside questionnaires, as measures when there are none."""
    lines = []
    summaries = {column.name: column for column in guess.seen.columns}
    found = list(guess.totals.items())
    if not found and not done:
        numeric = [
            c
            for c in guess.seen.columns
            if c.numeric and not c.identifying and c.name not in (guess.id, guess.arm, guess.visit)
        ]
        column = max(numeric or guess.seen.columns, key=lambda c: c.distinct)
        found = [(column.name, {next(iter(guess.visits.values()), "pre"): column.name})]
        guess.notes.append(
            "no questionnaire and no totals by visit were found; the measure in the plan is a placeholder"
        )
    for i, (pattern, visits) in enumerate(found):
        columns = [summaries[name] for name in visits.values()]
        low, high = _round_out(min(c.low for c in columns)), _round_out(max(c.high for c in columns))
        low, high = (min(low, 0.0), high) if low < high else (0.0, 100.0)
        key = key_of(pattern.replace("{visit}", ""), "total")
        comment = "# " if done else ""
        keys = [guess.visits.get(visit, visit) for visit in visits]
        limit = "" if set(visits) == set(guess.visits) or guess.visit else f", visits: [{', '.join(keys)}]"
        role = ", role: primary" if not done and i == 0 else ""
        if limit and not role and keys == list(guess.visits.values())[:1]:
            role = ", role: covariate"  # what was asked at the baseline only is not an outcome
        line = (
            f"  {comment}{key}: {{total: {json.dumps(pattern, ensure_ascii=False)}, name: {quoted(key)}, "
            f"range: [{low:g}, {high:g}], better: lower{role}{limit}}}"
        )
        lines.append(_mark(line, "name, possible range, direction"))
        guess.notes.append(
            f"{'possible total' if done else 'total'}: {pattern} (name, range and direction are to be filled in)"
        )
    return lines
