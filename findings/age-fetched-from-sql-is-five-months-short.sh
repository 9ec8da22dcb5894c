#!/usr/bin/env bash
# An age computed in DuckDB loses five months on its way into Python.
#
# Good guess: age(visit, birth) fetched as a timedelta is the number of days between the two dates.
# Happens: the database holds years, months and days; the timedelta counts 30 days to each month, 360 to a year. A person of 29 years
# arrives 152 days younger, in fetchall and in pandas alike, and dividing by 365.25 gives 28.6: below an age limit that was met.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check duckdb==2.0.1 pandas==3.1.1 numpy==2.4.6

"$place/env/bin/python" - <<'PY'
import datetime
import sys

import duckdb

birth, visit = datetime.date(1990, 12, 31), datetime.date(2020, 1, 1)
age = f"age(date '{visit}', date '{birth}')"
as_words, fetched = duckdb.sql(f"select {age}::varchar, {age}").fetchall()[0]
in_pandas = duckdb.sql(f"select {age} as age").df()["age"].iloc[0]
true = visit - birth
print(f"duckdb {duckdb.__version__}: born {birth}, seen {visit}; in the database {as_words!r}")
print(f"days between the dates {true.days}; fetched {fetched.days}; in pandas {in_pandas.days}")
print(f"years at 365.25 days: {true.days / 365.25:.2f} against {fetched.days / 365.25:.2f}")
held = as_words == "29 years 1 day" and fetched.days == in_pandas.days == 29 * 360 + 1 and true.days == 10593
sys.exit(0 if held else "The behaviour changed.")
PY
