"""Reading files of published numbers: every problem of every file as one finding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.core.texttable import TextLine
from compassion_trials.core.yaml import load_yaml, validate
from compassion_trials.instruments.fields import FIELDS
from compassion_trials.ledger.reading.model import (
    NUMBERS,
    PooledNumbers,
    Published,
    Table,
)
from compassion_trials.ledger.reading.printed import Printed, printed
from compassion_trials.study.loader import unanswered

UNTYPED = "?"
"""What stands in a template for a number that is still to be typed."""

Problem = tuple[str, str, str, str]
"""Key of the file, what is wrong, value found, advice."""


def load_published(folder: Path, names: tuple[str, ...] = ()) -> dict[str, Published]:
    """Read the files of a folder by name.

    Parameters
    ----------
    folder : Path
        Usually ``data/published``.
    names : tuple of str
        Files to read, without ending; all when empty.

    Raises
    ------
    InputError
        All problems of all files together.
    """
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    problems: list[Finding] = []
    found: dict[str, Published] = {}
    for name in names or known:
        if name not in known:
            advice = nearest(name, known)
            problems.append(
                Finding("error", "no_such_file", "there is no such published file", value=name, advice=advice)
            )
            continue
        problems += unanswered(folder / f"{name}.yaml")  # a draft from the file of a paper
        try:
            found[name] = read_published(folder / f"{name}.yaml")
        except InputError as error:
            problems += error.findings
    if problems:
        raise InputError(problems)
    return found


def read_published(path: Path) -> Published:
    """Read and check one file.

    Raises
    ------
    InputError
        With every problem found.
    """
    content = load_yaml(path)
    if not isinstance(content, dict):
        finding = Finding(
            "error", "published_empty", "the file holds no keys", path.name, expected="label, citation, ..."
        )
        raise InputError([finding])
    study: Published = validate(Published, content, path.name)
    problems = list(_problems(study))
    if problems:
        raise InputError([_finding(path.name, *problem) for problem in problems])
    return study


def _finding(file: str, key: str, message: str, value: str, advice: str) -> Finding:
    return Finding("error", "published_number", message, file=file, column=key, value=value, advice=advice)


def _problems(study: Published) -> Iterator[Problem]:
    """Everything wrong between the parts of a file."""
    if study.control is not None and study.control not in study.arms:
        yield "control", "there is no such arm", study.control, nearest(study.control, list(study.arms))
    for field in study.reference:
        if field not in FIELDS:
            yield f"reference.{field}", "there is no such field", field, nearest(field, list(FIELDS))
    for name, measure in study.measures.items():
        if measure.field is not None and measure.field not in FIELDS:
            yield (
                f"measures.{name}.field",
                "there is no such field",
                measure.field,
                nearest(measure.field, list(FIELDS)),
            )
    names = [table.name for table in study.tables]
    for i, table in enumerate(study.tables):
        key = f"tables.{i}"
        if names.count(table.name) > 1:
            yield f"{key}.name", "two tables have this name", table.name, "give each its own"
        if table.repeats and table.repeats not in names:
            yield f"{key}.repeats", "there is no such table", table.repeats, nearest(table.repeats, names)
        if table.pooled_at is not None:
            yield from _pooled_at(key, table.pooled_at, study)
        yield from _table(key, table, study)
    yield from _counts(study)
    if study.trials is not None:
        yield from _trials(study)


def _pooled_at(key: str, visit: str, study: Published) -> Iterator[Problem]:
    """Rows that enter the evidence stand at a visit, and against a control."""
    if visit not in study.visits:
        yield f"{key}.pooled_at", "there is no such visit", visit, nearest(visit, list(study.visits))
    if study.control is None:
        yield f"{key}.pooled_at", "effects against a control need one", visit, "name it with the key control"


def _table(key: str, table: Table, study: Published) -> Iterator[Problem]:
    """Rows and effects of one table."""
    try:
        rows, effects = table.row_lines, table.effect_lines
    except ValueError as error:
        yield key, str(error), "", ""
        return
    waiting = sum(cell == UNTYPED for line in (*rows, *effects) for cell in line.cells.values())
    if waiting:
        advice = "type them as printed; - is an empty cell, and rows that the paper lacks can go"
        yield key, f"{waiting} cells wait for the digits of the paper", UNTYPED, advice
    seen: set[tuple[str, ...]] = set()
    for line in rows:
        where = f"{key}.rows, line {line.row}"
        yield from _names(where, line, study)
        cell = tuple(line.cells.get(name, "") for name in ("measure", "arm", "visit"))
        if cell in seen:
            yield where, "these cells of the paper appear twice", " ".join(cell), "delete one"
        seen.add(cell)
        yield from _row(where, line, study)
    for line in effects:
        where = f"{key}.effects, line {line.row}"
        yield from _names(where, line, study)
        if not any(name in line.cells for name in NUMBERS):
            yield where, "the line holds no printed number", "", f"give one of {', '.join(NUMBERS)}"
        for name in NUMBERS:
            yield from _number(where, name, line, study)[1]


def _names(where: str, line: TextLine, study: Published) -> Iterator[Problem]:
    """Measures, arms and visits exist."""
    valid = {"measure": list(study.measures), "arm": list(study.arms), "versus": list(study.arms)}
    valid |= {"visit": list(study.visits), "from": list(study.visits)}
    for column, words in valid.items():
        word = line.cells.get(column)
        if word is not None and word not in words:
            yield f"{where}, {column}", f"there is no such {_KIND[column]}", word, nearest(word, words)
    if line.cells.get("versus") is not None and line.cells.get("arm") is None:
        yield where, "the line compares with an arm but names no arm of its own", "", "fill the column arm"


_KIND = {"measure": "measure", "arm": "arm", "versus": "arm", "visit": "visit", "from": "visit"}


def _row(where: str, line: TextLine, study: Published) -> Iterator[Problem]:
    """Numbers of a printed row can be what they say."""
    if "arm" not in line.cells and len(study.arms) > 1:
        yield where, "the row names no arm", "", nearest("", list(study.arms))
    for name in ("n", "mean", "sd", "se", "lower", "upper", "r"):
        yield from _number(where, name, line, study)[1]
    if "mean" not in line.cells:
        yield where, "the row has no mean", "", "fill the column mean"


def _number(where: str, name: str, line: TextLine, study: Published) -> tuple[Printed | None, list[Problem]]:
    """A number of a line, and what is wrong with it."""
    text = line.cells.get(name)
    if text is None:
        return None, []
    if text == UNTYPED:
        return None, []  # told once for the whole table
    try:
        number = printed(text)
    except ValueError:
        return None, [(f"{where}, {name}", "not a number", text, "copy the digits as printed; - for an empty cell")]
    value = number.value
    wrong = ""
    if name == "n" and not (value >= 1 and value == int(value)):
        wrong = "a number of participants is whole and at least 1"
    elif name in ("sd", "se", "g_se") and not value > 0:
        wrong = "a standard deviation or standard error is above zero; print that shows 0 cannot be recomputed"
    elif name == "p" and not (number.range.lower < 1 and number.range.upper > 0):
        wrong = "a p value lies between 0 and 1"
    elif name in ("F", "chi2") and value < 0:
        wrong = "an F or chi-squared is not below zero"
    elif name in ("df", "df2") and not value > 0:
        wrong = "degrees of freedom are above zero"
    elif name == "r" and not -1 <= value <= 1:
        wrong = "a correlation lies between -1 and 1"
    return number, [(f"{where}, {name}", wrong, text, "compare with the paper")] if wrong else []


def _counts(study: Published) -> Iterator[Problem]:
    """Counts are whole numbers of arms and visits that exist."""
    try:
        lines = study.count_lines
    except ValueError as error:
        yield "counts", str(error), "", ""
        return
    for line in lines:
        where = f"counts, line {line.row}"
        yield from _names(where, line, study)
        yield from _number(where, "n", line, study)[1]


def _trials(study: Published) -> Iterator[Problem]:
    """Effects of single trials are numbers; analyses name columns, groups and trials that exist."""
    assert study.trials is not None
    try:
        lines = study.trials.lines
    except ValueError as error:
        yield "trials.rows", str(error), "", ""
        return
    for line in lines:
        where = f"trials.rows, line {line.row}"
        for name in ("estimate", "se"):
            yield from _number(where, name, line, study)[1]
    for i, result in enumerate(study.results):
        yield from _result(f"results.{i}", result, lines, study.trials.columns, study)


def _result(
    key: str, result: PooledNumbers, lines: list[TextLine], columns: tuple[str, ...], study: Published
) -> Iterator[Problem]:
    """One printed analysis names trials, columns, groups and statistics that exist."""
    labels = [line.cells.get("trial", "") for line in lines]
    for name in result.without:
        if name not in labels:
            yield f"{key}.without", "there is no such trial", name, nearest(name, labels)
    if result.by is None and result.kind in ("subgroup", "between"):
        yield f"{key}.by", "groups need a column", result.kind, nearest("", list(columns))
    elif result.by is not None and result.by not in columns:
        yield f"{key}.by", "there is no such column", result.by, nearest(result.by, list(columns))
    elif result.kind == "subgroup":
        groups = sorted({line.cells.get(result.by or "", "") for line in lines})
        if result.group not in groups:
            yield f"{key}.group", "there is no such group", result.group or "", nearest(result.group or "", groups)
    for name, text in result.numbers.items():
        if name not in POOLED_STATISTICS:
            yield f"{key}.numbers.{name}", "there is no such statistic", name, nearest(name, POOLED_STATISTICS)
        else:
            yield from _number(f"{key}.numbers", "estimate", TextLine(0, {"estimate": text}), study)[1]


POOLED_STATISTICS = (
    "k",
    "estimate",
    "lower",
    "upper",
    "t",
    "p",
    "tau2",
    "tau",
    "tau2_lower",
    "tau2_upper",
    "i2",
    "i2_lower",
    "i2_upper",
    "h",
    "h_lower",
    "h_upper",
    "q",
    "q_df",
    "q_p",
    "prediction_lower",
    "prediction_upper",
    "df",
    "intercept",
    "intercept_lower",
    "intercept_upper",
    "added",
)
"""Statistics that a printed meta-analysis may hold."""
