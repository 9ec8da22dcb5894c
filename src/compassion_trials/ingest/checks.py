"""What is wrong with the answers: out of range, other coding, words, two in one cell, columns that never vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest import formulas
from compassion_trials.ingest.limits import limits
from compassion_trials.ingest.people.privacy import shown
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.thousands import unclear
from compassion_trials.ingest.values import NOT_NUMERIC, OUT_OF_RANGE, SEVERAL, UNCLEAR_MARK, formula_error
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.plan.study_plan import StudyPlan

LISTED = 20
"""Findings of one kind in one file that are listed one by one; more are summed up by column."""

SYSTEMATIC_SHARE, SYSTEMATIC_COUNT = 0.02, 5
"""Share and number of answers out of range from which the coding differs, rather than single cells being mistyped."""

WORDS_SHARE = 0.1
"""Share of cells in words from which the answers themselves are words."""

ENOUGH = 5
"""Answers in a column from which it is worth a warning that all are the same."""

MANY_ANSWERS = 100
"""Answers of a questionnaire from which it is worth a warning that the lowest possible one never occurs."""


def in_range(
    cells: pd.DataFrame, plan: StudyPlan, known: Mapping[str, Instrument]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Set cells out of range to missing, with a finding for each; totals that only check a score are left as they are.

    Returns
    -------
    cells : pandas.DataFrame
    findings : list of Finding
        Errors when the coding differs as a whole, else warnings.
    """
    values, reasons = cells["value"].to_numpy().copy(), cells["missing_reason"].to_numpy(dtype="object").copy()
    findings: list[Finding] = []
    for key, measure in plan.measures.items():
        low, high = limits(measure, known)
        mine = ((cells["measure"] == key) & ((cells["scale"] == "") | (measure.instrument is None))).to_numpy()
        if measure.instrument is not None:  # counts of days and the like have no range
            mine = mine & ~cells["item"].isin(known[measure.instrument].open_items).to_numpy()
        out = mine & ((values < low) | (values > high))
        if measure.instrument is not None:
            findings += _coding(key, cells, values, mine, out, low, high)
            findings += _fractions(key, cells, values, mine & ~out)
        if out.any() and not any(f.code == "coding_differs" and f.column == f"measures.{key}" for f in findings):
            findings += [
                _outside(cells, position, values[position], low, high) for position in np.flatnonzero(out).tolist()
            ]
        values[out], reasons[out] = np.nan, OUT_OF_RANGE
    return cells.assign(value=values, missing_reason=reasons), findings


def _outside(cells: pd.DataFrame, position: int, value: float, low: float, high: float) -> Finding:
    """One cell out of range."""
    cell = cells.iloc[position]
    message = "out of range; counts as missing"
    return Finding(
        "warning",
        "out_of_range",
        message,
        cell["file"],
        int(cell["row"]),
        cell["column"],
        value=f"{value:g}",
        expected=f"{low:g} to {high:g}",
    )


def _coding(
    key: str, cells: pd.DataFrame, values: np.ndarray, mine: np.ndarray, out: np.ndarray, low: float, high: float
) -> Iterator[Finding]:
    """An error when answers are coded in another way than the plan says, a warning when they may be."""
    given = values[mine & ~np.isnan(values)]
    if not len(given):
        return
    count, file = int(out.sum()), str(cells["file"].to_numpy()[mine][0])
    shifted = given.min() > low and bool((given == high + 1).any())
    if shifted or (count >= SYSTEMATIC_COUNT and count > SYSTEMATIC_SHARE * len(given)):
        wrong, times = np.unique(values[out], return_counts=True)
        most = wrong[times.argmax()]
        message = f"{count} of {len(given)} answers of {key} are out of range; the file codes them in another way"
        advice = (
            f"write coding: {{min: {given.min():g}, max: {given.max():g}}} if all are answers, "
            f"or missing_values: [{most:g}] if {most:g} means missing"
        )
        found = f"{given.min():g} to {given.max():g}"
        yield Finding(
            "error",
            "coding_differs",
            message,
            file,
            None,
            f"measures.{key}",
            value=found,
            expected=f"{low:g} to {high:g}",
            advice=advice,
        )
    elif len(given) >= MANY_ANSWERS and given.min() > low:
        message = f"the lowest possible answer of {key} never occurs in {len(given)} answers"
        advice = "see whether the file codes the answers in another way (coding: {min: ..., max: ...})"
        yield Finding(
            "warning",
            "lowest_never",
            message,
            file,
            None,
            f"measures.{key}",
            value=f"{given.min():g}",
            expected=f"{low:g}",
            advice=advice,
        )


def _fractions(key: str, cells: pd.DataFrame, values: np.ndarray, mine: np.ndarray) -> Iterator[Finding]:
    """A warning for each answer that is not a whole number."""
    with np.errstate(invalid="ignore"):
        where = np.flatnonzero(mine & (np.mod(values, 1) > 0))
    for position in where:
        cell = cells.iloc[position]
        message = f"an answer of {key} that is not a whole number; it is kept"
        yield Finding(
            "warning",
            "fraction",
            message,
            cell["file"],
            int(cell["row"]),
            cell["column"],
            value=f"{values[position]:g}",
            expected="a whole number",
        )


def words(cells: pd.DataFrame, plan: StudyPlan, sources: Sequence[SourceFile]) -> list[Finding]:
    """Cells that are not numbers: warnings, or one error per measure when its answers are words."""
    findings: list[Finding] = []
    for key in plan.measures:
        mine = cells[cells["measure"] == key]
        wrong = mine[mine["missing_reason"] == NOT_NUMERIC]
        filled = len(wrong) + int(mine["value"].notna().sum())
        if len(wrong) and len(wrong) > max(WORDS_SHARE * filled, 2):
            place = wrong.iloc[0]
            text = shown(sources[place["source"]].table.frame.at[place["row"], place["column"]])
            message = f"{len(wrong)} of {filled} answers of {key} are not numbers"
            words_ = f"say what the words mean: measures.{key}.answers: {{...: 1, ...: 2}}"
            advice = f"{words_}; with a decimal comma write decimal: ','"
            findings.append(
                Finding(
                    "error",
                    "answers_words",
                    message,
                    place["file"],
                    int(place["row"]),
                    place["column"],
                    value=text,
                    expected="numbers",
                    advice=advice,
                )
            )
        else:
            findings += [_word(row, sources) for row in wrong.itertuples()]
    return findings


def _cell(row: Any, sources: Sequence[SourceFile]) -> str:
    """What a cell of a raw file holds, as a message may show it."""
    return shown(str(sources[row.source].table.frame.at[row.row, row.column]))


def _word(row: Any, sources: Sequence[SourceFile]) -> Finding:
    """One cell that is not a number."""
    text = _cell(row, sources)
    message = "not a number; counts as missing"
    return Finding(
        "warning", "not_numeric", message, row.file, int(row.row), row.column, value=text, expected="a number"
    )


def not_one_number(cells: pd.DataFrame, sources: Sequence[SourceFile]) -> list[Finding]:
    """Cells with two answers, with a mark of unknown meaning, with the error of a formula."""
    several = cells[cells["missing_reason"] == SEVERAL]
    message = "more than one answer in one cell; counts as missing"
    advice = "write decimal: ',' for the file if the comma is a decimal sign"
    findings = [
        Finding(
            "warning",
            "several_answers",
            message,
            str(row.file),
            int(str(row.row)),
            str(row.column),
            value=text,
            expected="one answer",
            advice=advice if "," in text else "",
        )
        for row, text in ((row, _cell(row, sources)) for row in several.itertuples())
    ]
    marked = cells[cells["missing_reason"] == UNCLEAR_MARK].drop_duplicates(["file", "column"])
    findings += [
        unclear(str(row.file), int(str(row.row)), str(row.column), _cell(row, sources)) for row in marked.itertuples()
    ]
    return findings + _formula_errors(cells)


def _formula_errors(cells: pd.DataFrame) -> list[Finding]:
    """A warning per column with errors of Excel formulas."""
    errors = [reason for reason in cells["missing_reason"].unique() if formula_error(reason)]
    wrong = cells[cells["missing_reason"].isin(errors)]
    return [
        formulas.told(str(file), int(part["row"].iloc[0]), str(column), part["missing_reason"].iloc[0], len(part))
        for (file, column), part in wrong.groupby(["file", "column"], sort=False)
    ]


def constant(cells: pd.DataFrame) -> list[Finding]:
    """A warning for every item column in which all answers are the same."""
    items = cells[(cells["scale"] == "") & cells["value"].notna()]
    spread = items.groupby(["file", "column"], sort=False)["value"].agg(["nunique", "size", "first"])
    spread = spread[(spread["nunique"] == 1) & (spread["size"] >= ENOUGH)]
    return [
        Finding(
            "warning",
            "constant",
            f"all {size} participants gave the same answer",
            file,
            None,
            column,
            value=f"{answer:g}",
        )
        for (file, column), size, answer in zip(spread.index, spread["size"], spread["first"], strict=True)
    ]


def blank_items(cells: pd.DataFrame) -> list[Finding]:
    """A warning for every item column without an answer at a visit at which others items of the measure have some."""
    items = cells[cells["scale"] == ""].assign(given=lambda one: one["value"].notna())
    asked = items.groupby(["measure", "file", "visit"], sort=False)["given"].transform("any")
    count = items[asked].groupby(["file", "column", "measure", "visit"], sort=False)["given"].agg(["sum", "size"])
    silent = count[(count["sum"] == 0) & (count["size"] >= ENOUGH)].reset_index()
    return [_blank_item(part) for _, part in silent.groupby(["file", "column", "measure"], sort=False)]


def _blank_item(visits: pd.DataFrame) -> Finding:
    """One item column that nobody filled, with its visits."""
    first = visits.iloc[0]
    message = f"nobody answered this item of {first['measure']} at {', '.join(visits['visit'])}"
    advice = "see whether the export lost the column; scores are made from the other items"
    return Finding("warning", "item_blank", message, first["file"], None, first["column"], advice=advice)


def summed_up(findings: Sequence[Finding]) -> list[Finding]:
    """Findings with those of one kind and file summed up by column when there are more than `LISTED`."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.file), []).append(finding)
    result: list[Finding] = []
    for group in groups.values():
        result += group if len(group) <= LISTED else _by_column(group)
    return result


def _by_column(group: Sequence[Finding]) -> list[Finding]:
    """One finding per column, or one for all when even the columns are many."""
    columns: dict[str, list[Finding]] = {}
    for finding in group:
        columns.setdefault(finding.column, []).append(finding)
    if len(columns) > LISTED:
        columns = {f"{len(columns)} columns, such as {group[0].column}": list(group)}
    result = []
    for column, part in columns.items():
        rows = [finding.row for finding in part if finding.row is not None]
        where = (
            f" (rows {', '.join(str(row) for row in sorted(set(rows))[:5])}{', ...' if len(set(rows)) > 5 else ''})"
            if len(rows) > 1
            else ""
        )
        found = ", ".join(sorted({finding.value for finding in part if finding.value})[:5])
        text = part[0].message if len(part) == 1 else f"{len(part)} times: {part[0].message}{where}"
        result.append(replace(part[0], message=text, column=column, value=found))
    return result
