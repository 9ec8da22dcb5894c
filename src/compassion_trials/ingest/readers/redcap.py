"""REDCap exports: events, repeating instruments, checkboxes, and the data dictionary with its identifier flags."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers import csv
from compassion_trials.ingest.readers.formats import kind, missing_file
from compassion_trials.ingest.readers.grid import Grid
from compassion_trials.ingest.readers.table import RawTable, Reading

FIELD, TYPE, LABEL, CHOICES = "field_name", "field_type", "field_label", "select_choices_or_calculations"
VALIDATION, IDENTIFIER = "text_validation_type_or_show_slider_number", "identifier"
DICTIONARY_NAMES = {
    "Variable / Field Name": FIELD,
    "Field Type": TYPE,
    "Field Label": LABEL,
    "Choices, Calculations, OR Slider Labels": CHOICES,
    "Text Validation Type OR Show Slider Number": VALIDATION,
    "Identifier?": IDENTIFIER,
}
"""Headings of a dictionary from the web page, and the names the API gives the same columns."""

PRIVATE_TYPES = {"file": "an uploaded file", "signature": "a signature", "notes": "free text"}
PRIVATE_VALIDATIONS = {"email": "an e-mail address", "phone": "a phone number", "zipcode": "a postcode"}
_TIMESTAMP = re.compile(r".+_timestamp")
EVENT = "redcap_event_name"
_CHECKBOX = re.compile(r"(.+?)___(.+)")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A REDCap data dictionary.

    Attributes
    ----------
    labels : mapping of str to str
        Field and its label.
    choices : mapping of str to mapping
        Field, code and label of the code.
    identifying : mapping of str to str
        Field that must not be kept, and why.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identifying: Mapping[str, str] = field(default_factory=dict)


def from_grid(grid: Grid, reading: Reading) -> RawTable:
    """A REDCap export from its cells.

    Raises
    ------
    InputError
        No records, or the dictionary is missing or none.
    """
    table = csv.from_grid(grid, reading)
    names = list(table.frame.columns)
    findings = list(table.findings)
    if reading.dictionary is None:
        known = Dictionary()
        advice = "add dictionary: FILE.csv, so that fields flagged as identifiers are dropped"
        findings.append(
            Finding("note", "no_dictionary", "read without a REDCap data dictionary", grid.file, advice=advice)
        )
    else:
        known = read_dictionary(reading.dictionary)
    fields = {name: match.group(1) if (match := _CHECKBOX.fullmatch(name)) else name for name in names}
    identifying = {name: rule for name in names if (rule := _rule(name, fields[name], known))}
    return RawTable(
        grid.file,
        "redcap",
        _asked(table.frame, fields),
        labels={name: known.labels[fields[name]] for name in names if fields[name] in known.labels},
        value_labels={name: known.choices[name] for name in names if name in known.choices},
        identifying=identifying,
        findings=tuple(findings),
        encoding=grid.encoding,
        decimal=grid.decimal,
    )


def _asked(frame: pd.DataFrame, fields: Mapping[str, str]) -> pd.DataFrame:
    """The frame with checkboxes blank at events at which nobody ticked one that was ticked at another event.

    REDCap exports 0 for every checkbox of every event, also where its form does not belong to the event.
    """
    groups: dict[str, list[str]] = {}
    for name, field_name in fields.items():
        if name != field_name:
            groups.setdefault(field_name, []).append(name)
    if EVENT not in frame or not groups:
        return frame
    frame = frame.copy()
    for names in groups.values():
        ticked = (frame[names] == "1").any(axis=1).groupby(frame[EVENT]).any()
        if ticked.any():
            never = frame[EVENT].isin(ticked.index[~ticked])
            frame.loc[never, names] = frame.loc[never, names].replace("0", "")
    return frame


def _rule(name: str, field_name: str, known: Dictionary) -> str:
    """Why a column must not be kept; empty when it may."""
    if name == "redcap_survey_identifier":
        return "REDCap survey identifier"
    if _TIMESTAMP.fullmatch(name):
        return "REDCap timestamp"
    return known.identifying.get(field_name, "")


def read_dictionary(path: Path) -> Dictionary:
    """Read a data dictionary (CSV from the web page or the API).

    Raises
    ------
    InputError
        The file is missing, or is not a dictionary.
    """
    if not path.is_file():
        raise InputError([missing_file(path)])
    if kind(path) != "text":
        raise InputError([_no_dictionary(path)])
    frame = csv.from_grid(csv.read_grid(path, Reading()), Reading()).frame.rename(columns=DICTIONARY_NAMES)
    if not {FIELD, TYPE} <= set(frame.columns):
        raise InputError([_no_dictionary(path)])
    frame = frame.reindex(columns=[FIELD, TYPE, LABEL, CHOICES, VALIDATION, IDENTIFIER], fill_value="")
    identifying = {row[FIELD]: rule for row in frame.to_dict("records") if (rule := _private(row))}
    choices = {
        row[FIELD]: _choices(row[CHOICES])
        for row in frame.to_dict("records")
        if row[TYPE] in ("radio", "dropdown", "checkbox") and row[CHOICES]
    }
    return Dictionary(dict(zip(frame[FIELD], frame[LABEL], strict=True)), choices, identifying)


def _private(row: Mapping[Hashable, str]) -> str:
    """Why a field of the dictionary must not be kept."""
    if row[IDENTIFIER].lower() in ("y", "yes", "1"):
        return "flagged as identifier in the REDCap dictionary"
    if row[TYPE] in PRIVATE_TYPES:
        return f"{PRIVATE_TYPES[row[TYPE]]} by the REDCap dictionary"
    if row[VALIDATION] in PRIVATE_VALIDATIONS:
        return f"{PRIVATE_VALIDATIONS[row[VALIDATION]]} by the REDCap dictionary"
    return "a date by the REDCap dictionary" if row[VALIDATION].startswith("date") else ""


def _choices(text: str) -> dict[str, str]:
    """``1, Male | 2, Female`` as code and label."""
    parts = (choice.split(",", 1) for choice in text.split("|"))
    return {part[0].strip(): part[1].strip() for part in parts if len(part) == 2}


def _no_dictionary(path: Path) -> Finding:
    """A finding for a file that is not a data dictionary."""
    message = "this is not a REDCap data dictionary: it has no columns for field name and field type"
    return Finding("error", "no_dictionary", message, path.name, advice="download it from the project setup page")
