#!/usr/bin/env bash
# The power of some large, ordinary designs is NaN in statsmodels, and finite for designs on either side.
#
# Good guess: power rises to 1 as people are added: d = 1.5 with 50 per group has a power of 1.000, so has 200.
# Happens: the far tail of the noncentral t distribution (here asked for rejection on the wrong side, next to 0) is NaN
# in scipy for scattered values, and the sum becomes NaN. One-sided power, which does not need that tail, is fine; so is pingouin.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    statsmodels==0.15.0 pingouin==0.7.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
import pingouin as pg
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.power import TTestIndPower

print(f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, pingouin {pg.__version__}; alpha .05, two groups")
sizes = (20, 50, 100, 200, 300)
two_sided = [float(TTestIndPower().power(1.5, size, 0.05)) for size in sizes]
one_sided = [float(TTestIndPower().power(1.5, size, 0.05, alternative="larger")) for size in sizes]
peer = [float(pg.power_ttest(d=1.5, n=size)) for size in sizes]
for name, powers in (("two-sided", two_sided), ("one-sided", one_sided), ("pingouin", peer)):
    print(f"{name:9}", *(f"{size}: {power:.4f}" for size, power in zip(sizes, powers, strict=True)))
tail = [float(stats.nct.cdf(-3, 20, shift)) for shift in (6, 8, 10)]
print("P(t < -3), 20 degrees of freedom, shifts 6, 8, 10:", *tail)
held = np.isnan(two_sided).any() and np.isfinite([two_sided[0], two_sided[1], *one_sided, *peer]).all() and np.isnan(tail[1])
sys.exit(0 if held else "The behaviour changed.")
PY
