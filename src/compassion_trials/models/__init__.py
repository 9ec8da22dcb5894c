"""Mixed models for repeated measures with honest small-sample inference.

>>> from compassion_trials.models import fit_mmrm

`fit_mmrm` and `fit_lmm` give a `Fit`; `diagnostics`, `resample`, `simulate`, `likelihood_ratio`, `equivalence` and
`multiplicity` are functions of it.
"""

from __future__ import annotations

from compassion_trials.models.fit import Fit, Methods
from compassion_trials.models.inference.contrast_tests import FTest
from compassion_trials.models.likelihood.certificate import Certificate
from compassion_trials.models.lmm import fit_lmm
from compassion_trials.models.mmrm import fit_mmrm

__all__ = ["Certificate", "FTest", "Fit", "Methods", "fit_lmm", "fit_mmrm"]
