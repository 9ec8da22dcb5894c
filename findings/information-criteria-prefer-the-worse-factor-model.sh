#!/usr/bin/env bash
# AIC and BIC of semopy prefer the factor model that does not fit.
#
# Good guess: of two confirmatory factor models of the same items, the one with the lower AIC or BIC fits better for its size, as in
# lavaan.
# Happens: "LogLik" is the minimum of the discrepancy function, so it grows as fit gets worse, and AIC = 2 (parameters - LogLik)
# falls with it. One factor for six items of two scales (RMSEA about .27) wins over the two-factor model that made the data.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    semopy==2.3.11 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.5.2

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
import pandas as pd
import semopy

rng = np.random.default_rng(5)
people = 400
loadings = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.8], [0, 0.7], [0, 0.6]])
factors = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], people)
unique = np.sqrt(1 - (loadings**2).sum(axis=1))
items = pd.DataFrame(factors @ loadings.T + rng.normal(size=(people, 6)) * unique, columns=list("abcdef"))


def fit(description: str) -> pd.Series:
    model = semopy.Model(description)
    model.fit(items)
    return semopy.calc_stats(model).loc["Value"]


two, one = fit("kind =~ a + b + c\nharsh =~ d + e + f"), fit("general =~ a + b + c + d + e + f")
print(f"semopy {semopy.__version__}")
for name, fitted in (("two factors", two), ("one factor ", one)):
    print(name, " ".join(f"{key} {fitted[key]:.3f}" for key in ("chi2", "RMSEA", "CFI", "LogLik", "AIC", "BIC")))
held = one["AIC"] < two["AIC"] and one["BIC"] < two["BIC"] and one["RMSEA"] > 0.2 > 0.05 > two["RMSEA"]
sys.exit(0 if held else "The behaviour changed.")
PY
