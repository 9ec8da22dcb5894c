"""The verb init: a first plan, guessed from a raw file and written beside it."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import write_bytes
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.first_plan.draft import draft
from compassion_trials.ingest.first_plan.guess import guess


def write_first_plan(datafile: Path, target: Path) -> list[str]:
    """Write a guessed plan.

    Parameters
    ----------
    datafile : Path
        The raw file.
    target : Path
        The plan; an existing one is never overwritten.

    Returns
    -------
    list of str
        What is left for the researcher to do.

    Raises
    ------
    InputError
        A plan is there already, or the raw file cannot be read.
    """
    if target.exists():
        message = "a plan is already there and is not overwritten"
        advice = "give another name with --out"
        raise InputError([Finding("error", "plan_exists", message, target.as_posix(), advice=advice)])
    found = guess(datafile)
    text = draft(found, datafile, target)
    write_bytes(text.encode("utf-8"), target)
    return list(found.notes)
