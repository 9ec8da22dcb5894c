#!/usr/bin/env bash
# none < mild < moderate < severe, saved by pandas to Parquet, is mild < moderate < none < severe for polars and DuckDB.
#
# Good guess: an ordered category travels in Parquet (pandas gets it back), so "more than none" selects the same people everywhere.
# Happens: the order is stored for Arrow, but polars reads a plain category and DuckDB plain text; both compare the words. "More than
# none" finds only the severe. Passed through polars once, the order is gone for pandas as well.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    pandas==3.1.1 numpy==2.4.6 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1

cd "$place"
"$place/env/bin/python" - <<'PY'
import sys

import duckdb
import pandas as pd
import polars as pl

levels = ["none", "mild", "moderate", "severe"]
pd.DataFrame({"severity": pd.Categorical(levels[::-1], levels, ordered=True)}).to_parquet("severity.parquet")

again = pd.read_parquet("severity.parquet")["severity"]
in_pandas = sorted(again[again > "none"])
frame = pl.read_parquet("severity.parquet")
in_polars = frame.filter(pl.col("severity") > "none")["severity"].to_list()
in_duckdb = [word for (word,) in duckdb.sql("select severity from 'severity.parquet' where severity > 'none'").fetchall()]
sorted_by_polars = frame.sort("severity")["severity"].to_list()
frame.write_parquet("through.parquet")
through = pd.read_parquet("through.parquet")["severity"].dtype

print(f"pandas {pd.__version__}, polars {pl.__version__}, duckdb {duckdb.__version__}")
print("more than none: pandas", in_pandas, "polars", in_polars, "DuckDB", in_duckdb)
print("sorted by polars", sorted_by_polars, "; ordered in pandas", again.dtype.ordered, ", after polars", through.ordered)
held = (
    in_pandas == ["mild", "moderate", "severe"]
    and in_polars == in_duckdb == ["severe"]
    and sorted_by_polars == ["mild", "moderate", "none", "severe"]
    and again.dtype.ordered
    and not through.ordered
)
sys.exit(0 if held else "The behaviour changed.")
PY
