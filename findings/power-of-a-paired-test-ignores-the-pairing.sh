#!/usr/bin/env bash
# pingouin gives one paired comparison two powers, .11 and .999, depending on who subtracts.
#
# Good guess: a paired t-test is the one-sample test of the differences, so t, p and power agree.
# Happens: t and p agree; the "power" column of the paired call puts Cohen's d of the two separate standard deviations into the power
# formula of the paired test, which needs the standard deviation of the differences. Scores that correlate highly over time (the
# usual case in a trial) look hopelessly underpowered beside p < .001. The d of either call has lost its sign: t is negative.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    pingouin==0.7.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
import pingouin as pg

before = np.array([2.1, 2.8, 3.0, 3.6, 4.1, 1.9, 2.5, 3.3])
after = before + np.array([0.2, 0.3, 0.1, 0.4, 0.2, 0.3, 0.1, 0.2])
paired = pg.ttest(before, after, paired=True).iloc[0]
differences = pg.ttest(before - after, 0).iloc[0]
print("pingouin", pg.__version__)
for name, row in (("paired", paired), ("of differences", differences)):
    print(f"{name:15} t {row['T']:.3f}, p {row['p_val']:.5f}, d {row['cohen_d']:.3f}, power {row['power']:.3f}")
held = (
    np.isclose(paired["T"], differences["T"])
    and np.isclose(paired["p_val"], differences["p_val"])
    and paired["power"] < 0.2
    and differences["power"] > 0.99
    and paired["T"] < 0 < paired["cohen_d"]
)
sys.exit(0 if held else "The behaviour changed.")
PY
