#!/usr/bin/env bash
# linearmodels reports "Clustered" standard errors that know of no cluster.
#
# Good guess: PooledOLS(...).fit(cov_type="clustered") on data indexed by person and visit clusters by person, or asks by what.
# Happens: each row becomes its own cluster. The errors equal the heteroskedasticity-robust ones to rounding, far too small for
# repeated measures of a person-level treatment, while the summary names the estimator "Clustered". cluster_entity=True is needed.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    linearmodels==7.1 statsmodels==0.15.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import linearmodels
import numpy as np
import pandas as pd
from linearmodels.panel import PooledOLS

rng = np.random.default_rng(3)
people, visits = 40, 3
index = pd.MultiIndex.from_product([range(people), range(visits)], names=["person", "visit"])
treated = np.repeat(np.arange(people) % 2, visits)
score = np.repeat(rng.normal(0, 2, people), visits) + 0.5 * treated + rng.normal(0, 1, people * visits)
data = pd.DataFrame({"score": score, "const": 1.0, "treated": treated}, index=index)


def fit(**options: object):
    return PooledOLS(data["score"], data[["const", "treated"]]).fit(**options)


robust, bare, by_person = fit(cov_type="robust"), fit(cov_type="clustered"), fit(cov_type="clustered", cluster_entity=True)
errors = [result.std_errors["treated"] for result in (robust, bare, by_person)]
named = "Clustered" in str(bare.summary)
print(f"linearmodels {linearmodels.__version__}: standard error of the treatment")
print("robust {:.4f}, clustered {:.4f}, clustered by person {:.4f}".format(*errors), "; summary says Clustered:", named)
held = np.isclose(errors[0], errors[1], rtol=1e-9) and errors[2] > 1.4 * errors[1] and named
sys.exit(0 if held else "The behaviour changed.")
PY
