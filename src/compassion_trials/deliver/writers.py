"""Shared tables as CSV, Excel and SPSS files, the same bytes on every run."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from compassion_trials.core.archive import unzip, zip_bytes
from compassion_trials.core.cells import guarded_table
from compassion_trials.core.printable import printable
from compassion_trials.core.spss import fix_date
from compassion_trials.deliver.data import Shared

STAMP = "1980-01-01T00:00:00Z"
"""Date of creation and change in Excel files."""


def to_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with ``\\n`` line ends, missing values empty, no text that a spreadsheet would calculate."""
    return guarded_table(table).to_csv(index=False, lineterminator="\n").encode("utf-8")


def to_xlsx(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """A workbook with one sheet per table; text is never taken for a formula."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        safe = guarded_table(table)
        sheet.append(list(safe.columns))
        for row in safe.itertuples(index=False):
            sheet.append([None if isinstance(cell, float) and cell != cell else cell for cell in row])
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    parts = unzip(stream.getvalue())
    core = parts["docProps/core.xml"].decode("utf-8")
    parts["docProps/core.xml"] = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", STAMP, core).encode("utf-8")
    return zip_bytes(parts, first=("[Content_Types].xml",))


def to_sav(shared: Shared, label: str) -> bytes:
    """An SPSS file with variable labels, value labels and measurement levels.

    Parameters
    ----------
    shared : Shared
        Categories become codes 1, 2, ... in the order of their values.
    label : str
        File label, at most 64 bytes are kept.
    """
    import pyreadstat

    coded = {variable.name: _coded(shared.table[variable.name], variable.values) for variable in shared.variables}
    labels = {
        v.name: {float(code): printable(meaning) for code, meaning in enumerate(v.values.values(), start=1)}
        for v in shared.variables
        if v.values
    }
    levels = {"number": "scale", "category": "nominal", "text": "nominal"}
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "shared.sav"
        pyreadstat.write_sav(
            pd.DataFrame(coded),
            path,
            file_label=printable(label)[:64],
            column_labels={v.name: printable(v.label) for v in shared.variables},
            variable_value_labels=labels,
            variable_measure={v.name: levels[v.kind] for v in shared.variables},
        )
        fix_date(path)
        return path.read_bytes()


def _coded(values: pd.Series, meanings: Mapping[str, str]) -> pd.Series:
    """Codes in place of the words of a category; other columns as they are."""
    if not meanings:
        return values
    codes = {word: float(code) for code, word in enumerate(meanings, start=1)}
    return values.map(codes).astype("float64")
