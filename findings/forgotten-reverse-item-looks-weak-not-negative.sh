#!/usr/bin/env bash
# In girth an item that was not reversed gets a discrimination of 0.20, as if it measured little, never a negative one.
#
# Good guess: in a two-parameter model an item scored the wrong way round has a negative discrimination, the usual sign of it.
# Happens: the search is bounded below at 0.2, and the estimate ends on that bound with a difficulty pushed far out. The item looks
# weak and easy to drop; scored the right way it is among the best.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    girth==0.8.0 numpy==2.4.6 scipy==1.17.1 setuptools==84.2.1

"$place/env/bin/python" -W ignore - <<'PY'
import importlib.metadata
import sys

import girth
import numpy as np

rng = np.random.default_rng(3)
traits = rng.normal(size=500)
difficulties = np.array([-1, 0, 1, 0.5, 0.2, -0.4])
answers = (rng.random((500, 6)) < 1 / (1 + np.exp(-1.5 * (traits[:, None] - difficulties)))).astype(int).T
right = girth.twopl_mml(answers)
answers[0] = 1 - answers[0]
turned = girth.twopl_mml(answers)
print("girth", importlib.metadata.version("girth"), "- true discrimination 1.5 throughout, the first item turned round")
print("as it should be:", right["Discrimination"].round(2))
print("first turned:   ", turned["Discrimination"].round(2), "difficulty", turned["Difficulty"][0].round(2))
held = right["Discrimination"][0] > 1 and 0.19 < turned["Discrimination"][0] < 0.25
sys.exit(0 if held else "The behaviour changed.")
PY
