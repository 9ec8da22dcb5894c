#!/usr/bin/env bash
# Weighted kappa of scikit-learn takes ratings 1, 4 and 5 for evenly spaced when nobody chose 2 or 3.
#
# Good guess: quadratic weights come from the ratings, so 1 against 4 costs nine times as much as 4 against 5.
# Happens: weights come from the place among the ratings that occur: 1 and 4 count as neighbours. Two raters of treatment fidelity who
# only ever confuse 4 and 5 get .80 instead of .95. statsmodels' table of the same ratings does the same. Only labels= keeps the scale.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    scikit-learn==1.9.1 statsmodels==0.15.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
import sklearn
import statsmodels
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, to_table

first = np.array([1, 4, 5, 4, 5, 1, 4, 5, 5, 4, 1, 4])
second = np.array([1, 5, 4, 4, 5, 1, 4, 5, 5, 4, 1, 5])
bare = cohen_kappa_score(first, second, weights="quadratic")
scaled = cohen_kappa_score(first, second, weights="quadratic", labels=[1, 2, 3, 4, 5])
peer = cohens_kappa(to_table(np.column_stack([first, second]))[0], wt="quadratic").kappa
squares, chance = (first - second) ** 2, (first[:, None] - second[None, :]) ** 2
by_hand = 1 - squares.mean() / chance.mean()
print(f"scikit-learn {sklearn.__version__}, statsmodels {statsmodels.__version__}: ratings 1 to 5, none of 2 or 3")
print(f"bare {bare:.3f}, statsmodels {peer:.3f}, labels given {scaled:.3f}, by hand {by_hand:.3f}")
held = np.isclose(scaled, by_hand) and np.isclose(bare, peer) and scaled - bare > 0.1
sys.exit(0 if held else "The behaviour changed.")
PY
