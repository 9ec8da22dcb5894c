"""What came of a trial, and whether it is what must come of it."""

from __future__ import annotations

import contextlib
import io
import re
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from tests.hostile.kinds import Truth
from tests.hostile.trial import STUDY, Trial

from compassion_trials.core.errors import CompassionTrialsError, InputError, system_finding
from compassion_trials.core.findings import Finding, has_errors
from compassion_trials.ingest.stage import ingest
from compassion_trials.scoring.stage import score
from compassion_trials.study.checks.mechanism import mechanism_warnings
from compassion_trials.study.context import open_study

EQUAL = 1e-10
"""Largest difference of numbers that count as the same: the same answers are summed in the same order."""

Verdict = Literal["identical", "finding", "clean error", "SILENT", "TRACEBACK", "UNNAMED", "REFUSED", "UNCLEAN"]
"""What came of a change. Bad: SILENT, something changed without a word; TRACEBACK; UNNAMED, told without its place;
REFUSED, stopped or told though nothing was wrong; UNCLEAN, an error that is not a plain sentence."""

GOOD: tuple[Verdict, ...] = ("identical", "finding", "clean error")

_UNCLEAN = re.compile(r"Traceback|<class|object at 0x|\b[A-Z][a-z]+Error\b|\bNone\b|\bnan\b|\{'|\['")
"""Signs of a program in what a person reads."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a trial.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables of ingest and score; empty when the run was refused.
    plan : object
        The plan as checked, for comparison; None when it was refused.
    findings, scoring : tuple of Finding
        Of plan and data, and of the scores.
    refused : bool
    crash : str
        Traceback of an error that no user can mend; empty when there was none.
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    plan: Any = None
    findings: tuple[Finding, ...] = ()
    scoring: tuple[Finding, ...] = ()
    refused: bool = False
    crash: str = ""


def look(trial: Trial, folder: Path, before: Seen | None = None, truth: Truth | None = None) -> Seen:
    """Write a trial and take it through check and score, as the verb ``check`` does.

    Parameters
    ----------
    trial : Trial
    folder : Path
        A project folder, used again and again.
    before : Seen, optional
        What came of the undamaged trial.
    truth : Truth, optional
        What must come of it: the scores are computed only where they can change the verdict.
    """
    trial.write(folder)
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            return _run(before, truth)
        except InputError as error:
            return Seen(findings=error.findings, refused=True)
        except CompassionTrialsError as error:
            return Seen(findings=(Finding("error", "other", str(error)),), refused=True)
        except OSError as error:
            return Seen(findings=(system_finding(error),), refused=True)
        except Exception:
            return Seen(crash=traceback.format_exc())


def _run(before: Seen | None, truth: Truth | None) -> Seen:
    context = open_study(STUDY)
    plan = (context.plan.model_dump(), [str(outcome) for outcome in context.outcomes.values()])
    warned = tuple(mechanism_warnings(context.plan))
    read = ingest(context)
    findings = (*warned, *read.findings)
    if read.record is None or has_errors(findings):
        return Seen(plan=plan, findings=tuple(f for f in findings if f.severity == "error"), refused=True)
    names = ("participants", "responses", "stored", "flow")
    tables = {name: getattr(read, name) for name in names}
    if before is not None and plan == before.plan and all(_equal(before.tables[name], tables[name]) for name in names):
        return Seen(before.tables, plan, findings, scoring=before.scoring)
    seen = Seen(tables, plan, findings)
    if before is not None and truth is not None and truth.asked != "same" and named(truth, news(before, seen)):
        return seen
    scored = score(context, read.responses, read.stored)
    return Seen({**tables, "scores": scored.scores}, plan, findings, scoring=tuple(scored.findings))


def same(one: Seen, other: Seen) -> bool:
    """Whether two runs gave the same tables; why an answer is missing may be said in other words."""
    if one.tables.keys() != other.tables.keys():
        return False
    return all(_equal(table, other.tables[name]) for name, table in one.tables.items())


def _equal(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return False
    for name in one.columns:
        if name in ("missing_reason", "row", "file", "column", "source"):
            continue
        a, b = one[name].to_numpy(), other[name].to_numpy()
        if pd.api.types.is_numeric_dtype(one[name]) and pd.api.types.is_numeric_dtype(other[name]):
            if not np.allclose(a.astype("float64"), b.astype("float64"), rtol=0, atol=EQUAL, equal_nan=True):
                return False
        elif list(one[name].astype("object").where(one[name].notna(), None)) != list(
            other[name].astype("object").where(other[name].notna(), None)
        ):
            return False
    return True


def judge(truth: Truth, before: Seen, after: Seen) -> tuple[Verdict, str]:
    """Verdict, and the sentence behind it."""
    if after.crash:
        return "TRACEBACK", after.crash
    new = news(before, after)
    text = "\n".join(finding.text() for finding in new)
    if after.refused:
        if truth.asked == "same":
            return "REFUSED", text
        if _unclean(text) or not text:
            return "UNCLEAN", text
        return ("clean error" if named(truth, new) else "UNNAMED"), text
    alike = same(before, after) if before.tables else before.plan == after.plan
    if alike and truth.asked != "told":
        return "identical", text
    if truth.asked == "same":
        return ("REFUSED" if new else "SILENT"), text or "the tables differ"
    if not new:
        return "SILENT", "nothing is told" + ("; the tables are the same" if alike else "")
    if _unclean(text):
        return "UNCLEAN", text
    return ("finding" if named(truth, new) else "UNNAMED"), text


def _unclean(text: str) -> bool:
    """Whether a person would see signs of a program, other than the words that stand in the file."""
    return bool(_UNCLEAN.search(re.sub(r'found "[^"]*"', "", text)))


def news(before: Seen, after: Seen) -> list[Finding]:
    """Findings of kinds and places that occur more often than before."""
    known = Counter(map(_key, (*before.findings, *before.scoring)))
    found = (*after.findings, *after.scoring)
    now = Counter(map(_key, found))
    return [finding for finding in found if now[_key(finding)] > known[_key(finding)]]


def _key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.severity, finding.code, finding.file, finding.column


def named(truth: Truth, findings: Sequence[Finding]) -> bool:
    """Whether one of the findings names what was changed."""
    return not truth.names or any(name in finding.text() for finding in findings for name in truth.names)
