#!/usr/bin/env bash
# The variance that lifelines returns with a restricted mean survival time is the same for 8 people and for 800.
#
# Good guess: restricted_mean_survival_time(..., return_variance=True) gives the squared standard error, for an interval around the
# mean time to drop-out.
# Happens: it is the variance of the (cut off) times themselves, E[T^2] - E[T]^2. Copying the data a hundred times leaves it
# unchanged; an interval from it is wider by the square root of n.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    lifelines==0.30.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import lifelines
import numpy as np
from lifelines.utils import restricted_mean_survival_time

weeks = np.array([2, 3, 5, 6, 8, 9, 11, 12])
dropped = np.array([1, 1, 0, 1, 1, 0, 1, 0])
print("lifelines", lifelines.__version__)
variances = []
for copies in (1, 100):
    curve = lifelines.KaplanMeierFitter().fit(np.tile(weeks, copies), np.tile(dropped, copies))
    mean, variance = restricted_mean_survival_time(curve, t=10, return_variance=True)
    variances.append(variance)
    print(f"{copies * len(weeks):3} people: mean {mean:.3f} weeks of 10, variance {variance:.3f}")
held = np.isclose(*variances, rtol=1e-6) and variances[0] > 1
sys.exit(0 if held else "The behaviour changed.")
PY
