"""Mixed models for repeated measures with honest small-sample inference.

>>> from compassion_trials.models import fit_mmrm
"""

from __future__ import annotations

from compassion_trials.models.fit import Fit, Methods
from compassion_trials.models.lmm import fit_lmm
from compassion_trials.models.mmrm import fit_mmrm

__all__ = ["Fit", "Methods", "fit_lmm", "fit_mmrm"]
