#!/usr/bin/env bash
# Trials that agree well get a negative variance between trials, and negative weights, in statsmodels' meta-analysis.
#
# Good guess: the DerSimonian-Laird estimate is cut off at zero, as everywhere else, so that random and fixed effects agree.
# Happens: combine_effects(method_re="chi2") keeps the negative moment estimate. Trials with large variance then get weights below 0,
# and the pooled effect can lie outside the range of all the trials that were pooled. I-squared is far below zero as well. The
# iterated (Paule-Mandel) method of the same function does cut off at zero.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    statsmodels==0.15.0 patsy==1.0.3 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
import statsmodels
from statsmodels.stats.meta_analysis import combine_effects

effects, variances = np.array([0.30, 0.31, 0.29, 0.30]), np.array([0.04, 0.05, 0.06, 0.04])
moments = combine_effects(effects, variances, method_re="chi2")
iterated = combine_effects(effects, variances, method_re="iterated")
table = moments.summary_frame()
pooled, weights = table.loc["random effect", "eff"], table["w_re"].iloc[:4].to_numpy()
print(f"statsmodels {statsmodels.__version__}: four trials, g = {effects.tolist()}, variances {variances.tolist()}")
print(f"chi2: tau2 {moments.tau2:.4f}, I2 {moments.i2:.1f}, weights {weights.round(2).tolist()}, pooled {pooled:.3f}")
print(f"iterated: tau2 {iterated.tau2:.4f}, pooled {iterated.summary_frame().loc['random effect', 'eff']:.3f}")
held = moments.tau2 < 0 and weights.min() < 0 and pooled > effects.max() and moments.i2 < 0 and iterated.tau2 == 0
sys.exit(0 if held else "The behaviour changed.")
PY
