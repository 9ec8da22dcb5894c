"""Writer of SPSS .sav files with labels and user-missing codes, the same bytes on every run."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.core.files import replacing
from compassion_trials.core.spss import fix_date
from compassion_trials.simulate.mark import MARK
from compassion_trials.simulate.people import identity
from compassion_trials.simulate.sheet import Field, Sheet

NO_ANSWER = -99
"""User-missing code of an answer left blank by somebody who was assessed."""

FILE_LABEL = "SYNTHETIC design twin, no real participants"


def write_sav(sheet: Sheet, path: Path) -> None:
    """Write a sheet as .sav: variable and value labels, -99 as user-missing, file label SYNTHETIC, fixed date.

    Parameters
    ----------
    sheet : Sheet
    path : Path
    """
    import pandas as pd
    import pyreadstat

    columns: dict[str, list[float | str]] = {MARK: [MARK] * len(sheet.rows)}
    for f in sheet.fields:
        columns[f.name] = _column(f, sheet)
    people = [identity(row.person) for row in sheet.rows]
    columns["participant_name"] = [p["name"] for p in people]
    columns["e_mail"] = [p["email"] for p in people]
    columns["remarks"] = [p["comment"] for p in people]
    coded = [f for f in sheet.fields if f.form == "item"]
    labels: dict[str, dict[float | int, str]] = {f.name: {NO_ANSWER: "no answer"} for f in coded}
    named = [f for f in sheet.fields if f.form == "design" and f.choices]
    labels |= {f.name: {float(c): m for c, m in f.choices.items()} for f in named}
    with replacing(path) as part:
        pyreadstat.write_sav(
            pd.DataFrame(columns),
            part,
            file_label=FILE_LABEL,
            column_labels={MARK: "Synthetic data", **{f.name: f.label for f in sheet.fields}},
            variable_value_labels=labels,
            missing_ranges={f.name: [NO_ANSWER] for f in coded},
        )
        fix_date(part)


def _column(f: Field, sheet: Sheet) -> list[float | str]:
    """Values of one column: numbers where all cells are numbers, -99 for blanks within an answered questionnaire."""
    cells = [row.cells.get(f.name) for row in sheet.rows]
    if f.form == "item":
        return [float("nan") if c is None else float(c) if c else float(NO_ANSWER) for c in cells]
    try:
        return [float(c) if c else float("nan") for c in cells]
    except ValueError:
        return [c or "" for c in cells]
