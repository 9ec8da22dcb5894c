#!/usr/bin/env bash
# A breathing exercise of 1 min 30 s, kept in an OpenDocument sheet, is 1 h 30 min in pandas.
#
# Good guess: a duration cell is read from the value that the file stores (PT00H01M30S), like numbers and dates.
# Happens: pandas parses the text that the cell shows. A cell formatted minutes:seconds shows 01:30, and 01:30 is taken for hours and
# minutes: sixty times too long, without a warning. The other engine of the same function, calamine, reads the stored value; there, a
# duration over a day comes out as the raw text PT26H00M00S.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    pandas==3.1.1 numpy==2.4.6 odfpy==1.4.1 python-calamine==0.9.1

cd "$place"
"$place/env/bin/python" -W ignore - <<'PY'
import datetime
import importlib.metadata
import sys

import pandas as pd
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

document, sheet = OpenDocumentSpreadsheet(), Table(name="practice")
document.spreadsheet.addElement(sheet)
for value, shown in ((None, "practice"), ("PT00H01M30S", "01:30"), ("PT00H12M05S", "12:05"), ("PT26H00M00S", "26:00:00")):
    kind = {"valuetype": "string"} if value is None else {"valuetype": "time", "timevalue": value}
    row, cell = TableRow(), TableCell(**kind)
    cell.addElement(P(text=shown))
    row.addElement(cell)
    sheet.addElement(row)
document.save("practice.ods")

names = ("pandas", "odfpy", "python-calamine")
print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in names))
by_odf = pd.read_excel("practice.ods", engine="odf", nrows=2)["practice"].tolist()
by_calamine = pd.read_excel("practice.ods", engine="calamine")["practice"].tolist()
print("stored 1 min 30 s, 12 min 5 s, 26 h")
print("odf engine (first two):", *map(str, by_odf))
print("calamine engine:", *map(str, by_calamine))
time = datetime.time
held = by_odf == [time(1, 30), time(12, 5)] and by_calamine == [time(0, 1, 30), time(0, 12, 5), "PT26H00M00S"]
sys.exit(0 if held else "The behaviour changed.")
PY
