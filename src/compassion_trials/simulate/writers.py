"""Writers: a sheet as plain CSV, Qualtrics export, or REDCap export with its data dictionary."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from compassion_trials.core.files import write_bytes
from compassion_trials.simulate.mark import MARK
from compassion_trials.simulate.people import identity
from compassion_trials.simulate.sheet import Sheet, SheetRow
from compassion_trials.study.plan.data import RawFile

DICTIONARY_COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
"""Header of a REDCap data dictionary."""

QUALTRICS_FIELDS = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
)
"""Column, text of the second header row and ImportId of what Qualtrics puts before the questions."""


def write_plain(sheet: Sheet, path: Path, raw: RawFile) -> None:
    """A CSV with one header row, with a column of invented names that must not survive the pipeline."""
    names = [f.name for f in sheet.fields]
    rows = [[MARK, identity(row.person)["name"], *(row.cells.get(n, "") for n in names)] for row in sheet.rows]
    _write(path, [[MARK, "full_name", *names]], rows, raw.delimiter or ",")


def write_qualtrics(sheet: Sheet, path: Path) -> None:
    """A Qualtrics export: names, question texts, ImportIds, then the responses with previews and broken-off ones."""
    names = [f.name for f in sheet.fields]
    labels = [f"{f.label} (synthetic, no wording)" for f in sheet.fields]
    imports = [*(i for _, _, i in QUALTRICS_FIELDS), *(f"QID{k + 1}" for k in range(len(names)))]
    comment, mark = ("comments", "Any comments?"), (MARK, "Synthetic data, no real participants")
    header = [
        [*(c for c, _, _ in QUALTRICS_FIELDS), *names, comment[0], mark[0]],
        [*(t for _, t, _ in QUALTRICS_FIELDS), *labels, comment[1], mark[1]],
        [json.dumps({"ImportId": i}, separators=(",", ":")) for i in [*imports, "QID900_TEXT", "QID901"]],
    ]
    rows = [
        [*_response(k, row), *(row.cells.get(n, "") for n in names), identity(row.person)["comment"], MARK]
        for k, row in enumerate(sheet.rows)
    ]
    _write(path, header, rows)


def _response(k: int, row: SheetRow) -> list[str]:
    """What Qualtrics records beside the answers; all invented, dates by row number."""
    person = identity(row.person)
    day = f"2020-{k // 28 % 12 + 1:02}-{k % 28 + 1:02}"
    unfinished = row.kind == "unfinished"
    return [
        f"{day} 10:00:00", f"{day} 10:{12 if not unfinished else 4:02}:00", "1" if row.kind == "preview" else "0",
        person["ip"], "37" if unfinished else "100", "240" if unfinished else "720", "0" if unfinished else "1",
        f"{day} 10:12:01", f"R_SYNTHETIC{k:05}", person["last"], person["first"], person["email"],
        "0.0", "0.0", "preview" if row.kind == "preview" else "email", "EN",
    ]  # fmt: skip


def write_redcap(sheet: Sheet, path: Path, dictionary: Path | None, raw: RawFile) -> None:
    """A REDCap export, one row per event with ``*_complete`` columns, and its data dictionary with identifier flags."""
    forms = list(dict.fromkeys(f.group for f in sheet.fields))
    names = [f.name for f in sheet.fields]
    identifying = [("participant_name", "name"), ("email", "email"), ("date_of_birth", "born"), ("notes", "comment")]
    complete = [f"{form}_complete" for form in forms]
    rows = []
    for row in sheet.rows:
        first = any(row.cells.get(c) for c in _once(sheet, raw))
        person = identity(row.person)
        known = [person[key] if first else "" for _, key in identifying]
        states = ["0" if row.kind == "blank" else "2"] * len(forms)
        rows.append([*(row.cells.get(n, "") for n in names[:2]), *known, *(row.cells.get(n, "") for n in names[2:])])
        rows[-1] += [*states, MARK]
    _write(path, [[*names[:2], *(c for c, _ in identifying), *names[2:], *complete, MARK]], rows)
    if dictionary is not None:
        _write(dictionary, [[*DICTIONARY_COLUMNS, MARK]], _dictionary(sheet, raw, [c for c, _ in identifying]))


def _once(sheet: Sheet, raw: RawFile) -> list[str]:
    """Columns that stand in the baseline event only."""
    always = {raw.id.column, raw.visit.column if raw.visit is not None else None}
    return [f.name for f in sheet.fields if f.form == "design" and f.name not in always]


def _dictionary(sheet: Sheet, raw: RawFile, identifying: Sequence[str]) -> list[list[str]]:
    """Rows of the data dictionary; the event name is no field of it."""
    event = raw.visit.column if raw.visit is not None else None
    rows = []
    for f in sheet.fields:
        if f.name != event:
            choices = " | ".join(f"{code}, {meaning}" for code, meaning in f.choices.items())
            rows.append(_entry(f.name, f.group, "radio" if choices else "text", f.label, choices, ""))
    flagged = [_entry(name, "participant", "text", name.replace("_", " "), "", "y") for name in identifying]
    return [rows[0], *flagged, *rows[1:]]


def _entry(name: str, form: str, kind: str, label: str, choices: str, identifier: str) -> list[str]:
    """One row of the data dictionary."""
    filled = {
        "Variable / Field Name": name,
        "Form Name": form,
        "Field Type": kind,
        "Field Label": label,
        "Choices, Calculations, OR Slider Labels": choices,
        "Identifier?": identifier,
    }
    return [*(filled.get(column, "") for column in DICTIONARY_COLUMNS), MARK]


def _write(path: Path, header: Iterable[Sequence[str]], rows: Iterable[Sequence[str]], delimiter: str = ",") -> None:
    """UTF-8 CSV with ``\\n`` line ends, quoted where needed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerows(header)
    writer.writerows(rows)
    write_bytes(buffer.getvalue().encode("utf-8"), path)
