#!/usr/bin/env bash
# In factor_analyzer the communality of an item changes when the factors are rotated obliquely.
#
# Good guess: rotation moves the factors, not what they explain together; communalities, uniquenesses and the total variance
# explained are those of the unrotated solution.
# Happens: they are sums of squared pattern loadings, which leaves out the correlation of the factors. After oblimin or promax they
# differ from the unrotated ones by up to .1, and the printed total of variance explained is wrong too. Loadings times the factor
# correlations times loadings gives the right ones back.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    factor_analyzer==0.5.1 scikit-learn==1.5.2 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

"$place/env/bin/python" -W ignore - <<'PY'
import importlib.metadata
import sys

import numpy as np
from factor_analyzer import FactorAnalyzer

rng = np.random.default_rng(5)
people = 400
loadings = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.8], [0, 0.7], [0, 0.6]])
factors = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], people)
items = factors @ loadings.T + rng.normal(size=(people, 6)) * np.sqrt(1 - (loadings**2).sum(axis=1))

print("factor_analyzer", importlib.metadata.version("factor_analyzer"))
communality, by_hand = {}, {}
for rotation in (None, "varimax", "oblimin", "promax"):
    fitted = FactorAnalyzer(2, rotation=rotation, method="ml").fit(items)
    communality[rotation] = fitted.get_communalities()
    between = np.eye(2) if fitted.phi_ is None else fitted.phi_
    by_hand[rotation] = np.diag(fitted.loadings_ @ between @ fitted.loadings_.T)
    print(f"{rotation!s:8}", communality[rotation].round(3), "in all", fitted.get_factor_variance()[2][-1].round(3))
held = (
    np.allclose(communality["varimax"], communality[None], atol=1e-6)
    and all(np.abs(communality[name] - communality[None]).max() > 0.05 for name in ("oblimin", "promax"))
    and all(np.allclose(by_hand[name], communality[None], atol=1e-3) for name in by_hand)
)
sys.exit(0 if held else "The behaviour changed.")
PY
