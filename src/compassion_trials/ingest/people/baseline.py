"""A baseline variable as numbers or as words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding, Severity
from compassion_trials.ingest.people.privacy import shown
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.thousands import column_numbers
from compassion_trials.ingest.values import number, recode
from compassion_trials.study.plan.data import BaselineColumn

FEW = 2
"""Distinct numbers up to which a variable without a named type is taken for categories, such as a sex code."""
ENOUGH = 5
"""Participants from which that guess is made."""
SEVERAL = 10
"""Numbers from which one of them can lie far outside the others."""
FAR = 8
"""Widths of the middle half by which a number lies far outside it: in normal data about 11 SD from the mean, in skewed
ones (lognormal with SD 1) one number of 200."""
RARE = 5
"""Participants below which a category is rare."""
LONG = 20
"""Characters above which a category is long."""
CODES = 5
"""Distinct values up to which a number with text beside it is taken for the code of a category."""
_ONE_NUMBER = re.compile(r"(?P<before>\D*?)[-+]?\d+([.,]\d+)?(?P<after>\D*)")
MANY = 15
"""Distinct words from which categories are too many to describe a group, and may identify people."""


def typed(words: pd.Series, name: str, part: BaselineColumn, source: SourceFile) -> tuple[pd.Series, list[Finding]]:
    """A variable in its type.

    The plan's ``type`` decides; else recoded or labelled values, values that are not numbers, and up to two distinct
    whole numbers are categories.

    Parameters
    ----------
    words : pandas.Series of str
        One text per participant, blank where missing.
    name : str
        Key of the variable in the plan.
    part : BaselineColumn
    source : SourceFile
        File it comes from, for labels and findings.
    """
    labels = source.table.value_labels.get(part.column or "", {})
    filled = words[words != ""]
    if not len(filled) and len(words):
        message = f"baseline.{name}: no participant has a value"
        place = (source.table.file, None, part.column or "")
        advice = "see whether the export lost the column, or take it out of the plan"
        told = [Finding("warning", "baseline_blank", message, *place, advice=advice)]
        return (words.map(number).astype("float64") if part.type == "number" else _words(words)), told
    if part.values:
        return _recoded(words, name, part, source)
    values, unclear = column_numbers(words, source, f"baseline.{name}", part.column or "")
    numeric = int(values.notna().sum())
    labelled = bool(labels) and filled.isin(set(labels)).all()
    whole = values.dropna().mod(1).eq(0).all() and values.nunique() <= FEW and numeric >= ENOUGH
    if part.type == "number" or (
        part.type is None and numeric == len(filled) and not labelled and not whole and numeric
    ):
        return values, [*unclear, *_not_numeric(filled, values, name, part, source), *_far(values, name, part, source)]
    if part.type is None and 0.5 < numeric / max(len(filled), 1) < 1:
        message = f"baseline.{name}: {len(filled) - numeric} of {len(filled)} values are not numbers"
        advice = "write type: number (they become missing) or type: category"
        return _words(words), [
            Finding("error", "mixed_type", message, source.table.file, None, part.column or "", advice=advice)
        ]
    found = _words(words.map(lambda word: labels.get(word, word)))
    own = filled[~filled.isin(set(labels))]
    told = [*_with_text(own, name, part, source), *_too_many(filled, name, part, source)]
    return found, [*told, *_own_words(own, name, part, source)]


def _recoded(words: pd.Series, name: str, part: BaselineColumn, source: SourceFile) -> tuple[pd.Series, list[Finding]]:
    """A variable through the recode of the plan; unknown values are errors."""
    meaning = recode(words, part.values, source.table.value_labels.get(part.column or "", {}))
    findings = []
    for word in words[meaning.isna()].unique():
        count = int((words == word).sum())
        message = f"baseline.{name}: a value of {count} participants is not listed under values"
        advice = f"add it to data.baseline.{name}.values"
        findings.append(
            Finding(
                "error",
                "unknown_value",
                message,
                source.table.file,
                None,
                part.column or "",
                value=shown(word, part.values),
                expected=f"one of {', '.join(part.values)}",
                advice=advice,
            )
        )
    meaning = meaning.where(meaning.notna(), "")
    if part.type == "number":
        return meaning.map(lambda word: number(word) if word else np.nan).astype("float64"), findings
    return _words(meaning), findings


def _not_numeric(
    filled: pd.Series, values: pd.Series, name: str, part: BaselineColumn, source: SourceFile
) -> list[Finding]:
    """A warning that counts cells of a number that are none; an error when most are."""
    wrong = filled[values.loc[filled.index].isna()]
    if not len(wrong):
        return []
    severity: Severity = "error" if len(wrong) > len(filled) / 2 else "warning"
    message = f"baseline.{name}: {len(wrong)} of {len(filled)} values are not numbers and count as missing"
    advice = "write type: category, or values: {...}" if severity == "error" else ""
    return [Finding(severity, "not_numeric", message, source.table.file, None, part.column or "", advice=advice)]


def _far(values: pd.Series, name: str, part: BaselineColumn, source: SourceFile) -> list[Finding]:
    """A warning for numbers far outside the others, such as 999 for an unknown age."""
    given = values.dropna()
    if len(given) < SEVERAL:
        return []
    low, high = np.quantile(given, [0.25, 0.75])
    spread = FAR * (high - low)
    out = given[(given < low - spread) | (given > high + spread)] if spread > 0 else given.iloc[:0]
    if not len(out):
        return []
    found = ", ".join(f"{value:g}" for value in sorted(set(out))[:3])
    message = f"baseline.{name}: {len(out)} of {len(given)} values lie far outside the others"
    advice = "see whether they are right; missing_values: [...] if they mean missing"
    inner = given.drop(out.index)
    expected = f"as the others, {inner.min():g} to {inner.max():g}"
    place = (source.table.file, None, part.column or "", found, expected, advice)
    return [Finding("warning", "far_outside", message, *place)]


def _with_text(filled: pd.Series, name: str, part: BaselineColumn, source: SourceFile) -> list[Finding]:
    """A warning for numbers that all have the same text beside them, such as "22 years", and so become categories."""
    parts = [_ONE_NUMBER.fullmatch(str(word)) for word in filled.unique()]
    beside = {(found["before"], found["after"]) for found in parts if found is not None}
    few = len(parts) <= CODES and part.unit is None  # S1, S2, S3 are codes of a place
    if part.type is not None or None in parts or len(beside) != 1 or beside == {("", "")} or few:
        return []
    message = f"baseline.{name}: all values are numbers with text beside them, and are read as categories"
    advice = "take the text out of the file if they are numbers; write type: category if they are not"
    return [Finding("warning", "number_with_text", message, source.table.file, None, part.column or "", advice=advice)]


def _too_many(filled: pd.Series, name: str, part: BaselineColumn, source: SourceFile) -> list[Finding]:
    """A warning for categories so many that they may identify people."""
    if filled.nunique() <= MANY:
        return []
    message = f"baseline.{name} has {filled.nunique()} different values; so many categories may identify participants"
    return [
        Finding(
            "warning",
            "many_categories",
            message,
            source.table.file,
            None,
            part.column or "",
            advice="group them with values: {...}",
        )
    ]


def _own_words(filled: pd.Series, name: str, part: BaselineColumn, source: SourceFile) -> list[Finding]:
    """A warning for long categories of few participants, such as "other: ...": somebody's own words."""
    counts = {str(word): n for word, n in filled.value_counts().items()}
    few = [
        word for word, n in counts.items() if n < RARE and (len(word) > LONG or len(word.split()) > 2 or ":" in word)
    ]
    if not few:
        return []
    message = f"baseline.{name}: {len(few)} categories are long and of fewer than {RARE} participants each"
    advice = "they may be somebody's own words; group them with values: {...}"
    return [Finding("warning", "own_words", message, source.table.file, None, part.column or "", advice=advice)]


def _words(words: pd.Series) -> pd.Series:
    """Words with missing ones as missing."""
    return words.astype("object").where(words != "", None).astype("str")
