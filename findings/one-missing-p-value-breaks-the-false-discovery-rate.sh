#!/usr/bin/env bash
# One missing p-value makes multipletests of statsmodels lose every adjusted value and keep verdicts that nothing supports.
#
# Good guess: a test that could not be run (NaN) is left out, or makes the call fail; "reject" is "adjusted value at most alpha".
# Happens: Benjamini-Hochberg returns NaN for all adjusted values, yet "reject" is True for some: it counts the missing test as one of
# the family, so p = .04 is no longer rejected. Hommel loses the values and rejects nothing, Holm keeps them and counts the missing
# test. pingouin, which people use for the same step, leaves it out.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    statsmodels==0.15.0 pingouin==0.7.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" - <<'PY'
import sys

import numpy as np
import pingouin as pg
import statsmodels
from statsmodels.stats.multitest import multipletests

complete, gap = [0.01, 0.02, 0.04], [0.01, np.nan, 0.02, 0.04]
results = {
    "complete": multipletests(complete, method="fdr_bh"),
    "with a gap": multipletests(gap, method="fdr_bh"),
    "Hommel, gap": multipletests(gap, method="hommel"),
    "Holm, gap": multipletests(gap, method="holm"),
    "pingouin, gap": pg.multicomp(gap, method="fdr_bh"),
}
print(f"statsmodels {statsmodels.__version__}, pingouin {pg.__version__}, p = .01, .02, .04 and one missing")
for name, result in results.items():
    print(f"{name:14}", "adjusted", np.round(result[1], 3), "reject", result[0])
reject = {name: result[0].tolist() for name, result in results.items()}
held = (
    reject["complete"] == [True] * 3
    and np.isnan(results["with a gap"][1]).all()
    and reject["with a gap"] == [True, False, True, False]
    and np.isnan(results["Hommel, gap"][1]).all()
    and reject["Hommel, gap"] == [False] * 4
    and np.allclose(results["Holm, gap"][1], [0.04, np.nan, 0.06, 0.08], equal_nan=True)
    and reject["pingouin, gap"] == [True, False, True, True]
)
sys.exit(0 if held else "The behaviour changed.")
PY
