#!/usr/bin/env bash
# pNN50 of a recording in which every heartbeat differs from the one before by 100 ms is 75 % in NeuroKit2.
#
# Good guess: pNN50 is the share of successive differences above 50 ms, so 3 of 3 differences are 100 %.
# Happens: the count is divided by the number of intervals, one more than there are differences. Short windows (ten breaths, a minute
# of an exercise) are pulled down most: 75 % for four intervals, 95 % for twenty.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    neurokit2==0.3.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import neurokit2
import numpy as np

print("neurokit2", neurokit2.__version__)
shares = []
for intervals in (4, 20):
    milliseconds = np.resize([800, 900], intervals)
    peaks = np.concatenate([[0], np.cumsum(milliseconds)])
    shares.append(float(neurokit2.hrv_time(peaks, sampling_rate=1000)["HRV_pNN50"].iloc[0]))
    by_hand = 100 * np.mean(np.abs(np.diff(milliseconds)) > 50)
    print(f"{intervals} intervals: pNN50 {shares[-1]:.1f} %, by hand {by_hand:.1f} %")
held = np.allclose(shares, [75, 95])
sys.exit(0 if held else "The behaviour changed.")
PY
