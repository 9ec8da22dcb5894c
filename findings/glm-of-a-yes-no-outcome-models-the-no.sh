#!/usr/bin/env bash
# A yes/no outcome given to statsmodels' GLM as booleans is modelled as the probability of "no".
#
# Good guess: True is the event, as in R's glm and in most programs; the treated recover more, so the log odds ratio is positive.
# Happens: with the default formula engine (patsy) the outcome becomes two columns, "False" first, and GLM reads the first of two
# columns as the successes: every sign is turned, without a warning. GEE does the same. Logit refuses the same formula. With the
# other engine that statsmodels offers (formulaic) the same call gives the opposite sign.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    statsmodels==0.15.0 patsy==1.0.3 formulaic==1.2.2 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" - <<'PY'
import sys

import numpy as np
import pandas as pd
import statsmodels
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.formula import options

people = pd.DataFrame({"arm": [0] * 20 + [1] * 20, "recovered": [False] * 15 + [True] * 5 + [False] * 5 + [True] * 15})
people["couple"] = np.arange(40) // 2
true_log_odds_ratio = np.log((15 / 5) / (5 / 15))


def log_odds_ratio(engine: str, model: str) -> float:
    options.formula_engine = engine
    family = sm.families.Binomial()
    if model == "GEE":
        return smf.gee("recovered ~ arm", groups="couple", data=people, family=family).fit().params["arm"]
    return smf.glm("recovered ~ arm", people, family=family).fit().params["arm"]


glm, gee, other = log_odds_ratio("patsy", "GLM"), log_odds_ratio("patsy", "GEE"), log_odds_ratio("formulaic", "GLM")
options.formula_engine = "patsy"
try:
    smf.logit("recovered ~ arm", people).fit(disp=0)
    logit = "fits"
except ValueError:
    logit = "refuses"
print(f"statsmodels {statsmodels.__version__}: 5 of 20 recovered in arm 0, 15 of 20 in arm 1")
print(f"log odds ratio by hand {true_log_odds_ratio:+.3f}; GLM {glm:+.3f}, GEE {gee:+.3f}; Logit {logit}; GLM by formulaic {other:+.3f}")
held = np.allclose([glm, gee, other], np.array([-1, -1, 1]) * true_log_odds_ratio, atol=1e-6) and logit == "refuses"
sys.exit(0 if held else "The behaviour changed.")
PY
