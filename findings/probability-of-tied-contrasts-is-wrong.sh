#!/usr/bin/env bash
# SciPy's multivariate t gives wrong probabilities for contrasts of which one follows from the others.
#
# Good guess: multivariate_t.cdf(..., allow_singular=True) takes a singular correlation, such as that of all pairs of arms, as it says.
# Happens: no error and no warning; the chance that every |t| stays below a limit is off by up to .26. With all pairs of equal arms the
# same chance is that of the studentized range, and 1e-8 on the diagonal of the correlation gives it to three digits. A Tukey adjustment
# computed so gives p = .12 where .051 is right.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check scipy==1.17.1 numpy==2.4.6

"$place/env/bin/python" - <<'PY'
import itertools
import sys

import numpy as np
import scipy
from scipy.stats import multivariate_t, studentized_range

print(f"scipy {scipy.__version__}")
held = True
for arms, df, limit in ((3, 57, 2.4), (4, 40, 1.5)):
    pairs = list(itertools.combinations(range(arms), 2))
    rows = np.array([[(i == a) - (i == b) for i in range(arms)] for a, b in pairs], float)
    shape, corner = rows @ rows.T / 2, np.full(len(pairs), limit)

    def outside(correlation):
        inside = multivariate_t.cdf(
            corner, np.zeros(len(pairs)), correlation, df, allow_singular=True, lower_limit=-corner, maxpts=200_000,
            random_state=np.random.default_rng(1),
        )
        return 1 - inside

    true = studentized_range.sf(limit * np.sqrt(2), arms, df)
    singular, ridged = outside(shape), outside(shape + 1e-8 * np.eye(len(pairs)))
    print(f"{arms} arms, |t| {limit}: studentized range {true:.4f}; singular {singular:.4f}; with 1e-8 added {ridged:.4f}")
    held = held and abs(ridged - true) < 1e-3 and singular - true > 0.05
sys.exit(0 if held else "The behaviour changed.")
PY
