#!/usr/bin/env bash
# The standard error of the mean in DuckDB is not its standard deviation over the root of n.
#
# Good guess: sem(x) = stddev(x) / sqrt(count(x)), as in scipy and pandas; stddev is the sample's (n - 1), so sem is too.
# Happens: stddev divides by n - 1, sem by n. Standard errors of a pilot with six people per arm come out 9 % too small.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check duckdb==2.0.1

"$place/env/bin/python" - <<'PY'
import math
import statistics
import sys

import duckdb

scores = [4.0, 6.0, 7.0, 9.0, 10.0, 12.0]
rows = ", ".join(f"({score})" for score in scores)
sem, of_sample, of_population = duckdb.sql(
    "select sem(x), stddev(x) / sqrt(count(x)), stddev_pop(x) / sqrt(count(x)) "
    f"from (values {rows}) scores(x)"
).fetchall()[0]
by_hand = statistics.stdev(scores) / math.sqrt(len(scores))
print(f"duckdb {duckdb.__version__}: sem {sem:.4f}, stddev/sqrt(n) {of_sample:.4f}, stddev_pop/sqrt(n) {of_population:.4f}")
print(f"by hand {by_hand:.4f}")
held = math.isclose(of_sample, by_hand) and math.isclose(sem, of_population) and sem < 0.92 * by_hand
sys.exit(0 if held else "The behaviour changed.")
PY
