#!/usr/bin/env bash
# One fitted MixedLM of statsmodels holds two different numbers under the same label "person Var".
#
# Good guess: result.params["person Var"] is the variance between persons that the printed summary shows, and conf_int() is its
# interval.
# Happens: the summary prints the variance; params, bse and conf_int hold the variance divided by the residual variance. A table
# built from params reports a ratio as a variance, and its interval need not even contain the printed estimate.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    statsmodels==0.15.0 patsy==1.0.3 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
import pandas as pd
import statsmodels
import statsmodels.formula.api as smf

rng = np.random.default_rng(1)
persons, visits = 80, 3
data = pd.DataFrame({"person": np.repeat(np.arange(persons), visits), "week": np.tile([0, 4, 8], persons)})
data["score"] = rng.normal(20, 6, persons)[data.person] - 0.3 * data.week + rng.normal(0, 3, len(data))

result = smf.mixedlm("score ~ week", data, groups="person").fit()
label = "person Var"
printed = float(result.summary().tables[1].loc[label, "Coef."])
held_as_parameter = result.params[label]
low, high = result.conf_int().loc[label]
print(f"statsmodels {statsmodels.__version__}, label {label!r}")
print(f"summary: {printed:.3f}; params: {held_as_parameter:.3f}; conf_int: {low:.3f} to {high:.3f}; residual variance {result.scale:.3f}")
print(f"params times residual variance: {held_as_parameter * result.scale:.3f}")
held = abs(held_as_parameter * result.scale - printed) < 1e-3 and not low < printed < high
sys.exit(0 if held else "The behaviour changed.")
PY
