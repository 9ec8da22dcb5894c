"""Qualtrics exports: three header rows or the older two; previews and unfinished responses are taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.formats import is_qualtrics, is_qualtrics_legacy
from compassion_trials.ingest.readers.grid import Grid, body, named, require_records
from compassion_trials.ingest.readers.table import RawTable, Reading

IDENTIFYING = (
    "IPAddress", "IP Address", "LocationLatitude", "LocationLongitude", "LocationAccuracy", "Location Latitude",
    "Location Longitude", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "Recipient Last Name",
    "Recipient First Name", "Recipient Email", "ExternalReference", "External Data Reference", "ExternalDataReference",
    "UserLanguage", "User Language", "Name", "EmailAddress", "StartDate", "EndDate", "RecordedDate", "Start Date",
    "End Date", "Recorded Date",
)  # fmt: skip
"""Columns that every Qualtrics export has and that identify a person; after the R package excluder, `deidentify()`."""

META_ENDINGS = ("_Browser", "_Version", "_Operating System", "_Resolution")
"""Endings of the columns of a "meta info" question."""

PREVIEW_STATUS = frozenset({"1", "2", "9", "17", "survey preview", "survey test", "offline survey preview", "preview"})
"""Values of Status that are not participants': 1 preview, 2 test, 9 and 17 their spam and offline kinds."""

UNFINISHED = frozenset(
    {"0", "false", "falsch", "faux", "falso", "no", "nein", "non", "onwaar", "nee", "falsk", "nei", "nej"}
)
"""Values of Finished that mean no, in the languages in which Qualtrics writes them."""

FINISHED = frozenset(
    {"1", "true", "wahr", "vrai", "verdadero", "vero", "yes", "ja", "oui", "si", "waar", "sant", "sand"}
)


def from_grid(grid: Grid, reading: Reading) -> RawTable:
    """A Qualtrics export from its cells.

    Raises
    ------
    InputError
        It has no Qualtrics header, or no records.
    """
    rows = grid.rows
    if is_qualtrics_legacy(rows):
        names = [
            second if first.startswith("V") and first[1:].isdigit() else first
            for first, second in zip(*rows[:2], strict=True)
        ]
        labels, count = rows[1], 2
    elif is_qualtrics(rows):
        names, labels = list(rows[0]), rows[1] if len(rows) > 1 else rows[0]
        count = 1 + sum(_is_header(row) for row in rows[1:3])
    else:
        message = (
            "this is not a Qualtrics export: the names ResponseId, Finished, RecordedDate are not in its first row"
        )
        raise InputError(
            [
                Finding(
                    "error",
                    "not_qualtrics",
                    message,
                    grid.file,
                    1,
                    advice="leave out the key format, or write format: csv",
                )
            ]
        )
    unique, findings = named(grid, names, count)
    frame = body(grid, unique, count)
    require_records(frame, grid.file)
    kept, removed, more = _participants(frame, grid.file, reading.keep_if)
    return RawTable(
        grid.file,
        "qualtrics",
        kept,
        labels={name: label for name, label in zip(unique, labels, strict=True) if name and label and label != name},
        identifying={name: "Qualtrics column about the person or device" for name in unique if _identifies(name)},
        removed=removed,
        findings=(*grid.findings, *findings, *more),
        encoding=grid.encoding,
        decimal=grid.decimal,
    )


def _is_header(row: Iterable[str]) -> bool:
    """Whether a row below the names is a header row: texts (no response id) or import ids."""
    cells = list(row)
    return any(cell.startswith('{"ImportId"') for cell in cells) or not any(cell.startswith("R_") for cell in cells)


def _identifies(name: str) -> bool:
    """Whether a column is one of those that identify a person."""
    return name in IDENTIFYING or name.endswith(META_ENDINGS)


def _participants(
    frame: pd.DataFrame, file: str, keep_if: Mapping[str, tuple[str, ...]]
) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...], list[Finding]]:
    """Without previews and unfinished responses, unless the plan's keep_if decides about these columns itself."""
    removed, findings = [], []
    preview = _previews(frame) if not {"Status", "ResponseSet", "DistributionChannel"} & set(keep_if) else None
    if preview is not None and preview.any():
        removed.append(("preview or test response", int(preview.sum())))
        findings.append(_removed("previews", "previews or test responses", preview, file, "Status: [0, 1]"))
        frame = frame.loc[~preview]
    unfinished = _unfinished(frame, file, findings) if not {"Finished", "Progress"} & set(keep_if) else None
    if unfinished is not None and unfinished.any():
        removed.append(("unfinished response", int(unfinished.sum())))
        findings.append(_removed("unfinished", "responses are not finished", unfinished, file, "Finished: [0, 1]"))
        frame = frame.loc[~unfinished]
    return frame, tuple(removed), findings


def _previews(frame: pd.DataFrame) -> pd.Series:
    """Rows that a person setting up the survey made."""
    found = pd.Series(False, index=frame.index)
    if "Status" in frame:
        found |= frame["Status"].str.lower().isin(PREVIEW_STATUS)
    for column in ("DistributionChannel", "ResponseSet"):
        if column in frame:
            found |= frame[column].str.lower().str.contains("preview", regex=False)
    return found


def _unfinished(frame: pd.DataFrame, file: str, findings: list[Finding]) -> pd.Series | None:
    """Rows that were broken off; Progress decides where Finished is written in an unknown language."""
    if "Finished" in frame:
        words = frame["Finished"].str.lower()
        if words.isin(UNFINISHED | FINISHED).all():
            return words.isin(UNFINISHED)
    if "Progress" in frame:
        return pd.to_numeric(frame["Progress"], errors="coerce").fillna(0) < 100
    message = "cannot see which responses are finished; all are kept"
    findings.append(
        Finding("warning", "finished_unknown", message, file, None, "Finished", advice="say it with keep_if")
    )
    return None


def _removed(code: str, what: str, mask: pd.Series, file: str, keep: str) -> Finding:
    """A finding that counts rows taken out."""
    first = int(mask.index[mask][0])
    message = (
        f"{int(mask.sum())} {what} and were left out"
        if code == "unfinished"
        else f"{int(mask.sum())} {what} were left out"
    )
    return Finding("warning", code, message, file, first, advice=f"to keep them write keep_if: {{{keep}}}")
