"""What ingest says about itself: files, rows and columns left out, and sentences for the Methods section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from compassion_trials.core.record import Record
from compassion_trials.ingest.people.privacy import Dropped
from compassion_trials.ingest.readers.table import RawTable
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.study.plan.study_plan import StudyPlan

TOOLS = {
    "csv": "CSV", "excel": "Excel", "spss": "SPSS", "stata": "Stata", "sas": "SAS", "sas_transport": "SAS transport",
    "jamovi": "jamovi", "jasp": "JASP", "parquet": "parquet", "dataset_json": "Dataset-JSON", "qualtrics": "Qualtrics",
    "redcap": "REDCap", "limesurvey": "LimeSurvey",
}  # fmt: skip
RULES = {
    "first": "the first was kept",
    "last": "the last was kept",
    "most_complete": "the most complete was kept, among equals the first",
}

Removed = tuple[str, str, int]
"""File, reason, number."""


def record(
    plan: StudyPlan,
    inputs: Sequence[dict[str, Any]],
    tables: Sequence[RawTable],
    sources: Sequence[SourceFile],
    dropped: Sequence[Dropped],
    removed: Sequence[Removed],
    counts: dict[str, int],
) -> Record:
    """The record of the ingest stage.

    Parameters
    ----------
    plan : StudyPlan
    inputs : sequence of dict
        Per file: file, sha256, format, encoding, rows, columns.
    tables : sequence of RawTable
        As read.
    sources : sequence of SourceFile
    dropped : sequence of Dropped
    removed : sequence of (str, str, int)
    counts : dict of str to int
        n_participants, n_out_of_range, n_not_numeric, n_imputed, n_duplicates_differ.
    """
    facts: dict[str, Any] = {
        "inputs": list(inputs),
        "dropped": [{"file": f, "rule": rule, "n": n} for (f, rule), n in _by_rule(dropped).items()],
        "removed_rows": [{"file": file, "reason": reason, "n": n} for file, reason, n in removed],
        "synthetic": any(table.synthetic for table in tables),
        "n_participants": counts["n_participants"],
        "pseudonymized": pseudonymized(plan),
        **counts,
    }
    return Record("ingest", tuple(_sentences(plan, inputs, sources, dropped, removed, counts)), facts)


def _by_rule(dropped: Sequence[Dropped]) -> Counter[tuple[str, str]]:
    """How many columns were dropped by file and rule: their names may say who took part, so they are only counted."""
    return Counter((entry.file, entry.rule) for entry in dropped)


def pseudonymized(plan: StudyPlan) -> bool:
    """Whether ids are replaced: when any file of the plan asks for it."""
    return any(raw.id.pseudonymize for raw in plan.data)


def _sentences(
    plan: StudyPlan,
    inputs: Sequence[dict[str, Any]],
    sources: Sequence[SourceFile],
    dropped: Sequence[Dropped],
    removed: Sequence[Removed],
    counts: dict[str, int],
) -> Iterator[str]:
    """Sentences about what was done, none about what was not."""
    kinds = list(dict.fromkeys(TOOLS[part["format"]] for part in inputs))
    files = "one raw file" if len(inputs) == 1 else f"{len(inputs)} raw files"
    yield f"Data were read from {files} ({', '.join(kinds)})."
    totals: Counter[str] = Counter()
    for _, reason, n in removed:
        totals[reason] += n
    repeated = totals.pop("repeated row of the same participant and visit", 0)
    if totals:
        words = "; ".join(f"{reason} (n = {n})" for reason, n in totals.items())
        yield f"Records left out before the analysis: {words}."
    if repeated:
        rules = dict.fromkeys(RULES[s.raw.duplicates] for s in sources if s.raw.duplicates in RULES)
        rule = (
            f"; of rows with different answers {' or '.join(rules)}" if counts["n_duplicates_differ"] and rules else ""
        )
        yield f"Repeated rows of one participant at one visit were reduced to one ({repeated} left out{rule})."
    if counts["n_out_of_range"]:
        yield f"Answers outside the possible range were set to missing (n = {counts['n_out_of_range']})."
    if counts["n_not_numeric"]:
        yield f"Cells without a number were set to missing (n = {counts['n_not_numeric']})."
    if counts["n_imputed"]:
        yield f"Values that the raw file marks as imputed were set to missing (n = {counts['n_imputed']})."
    if dropped:
        count = f"n = {len(dropped)}"
        yield f"Columns that might identify a person ({count}) were dropped after reading; nothing of them was stored."
    if pseudonymized(plan):
        yield "Participant codes were replaced by a keyed hash (HMAC-SHA-256)."
