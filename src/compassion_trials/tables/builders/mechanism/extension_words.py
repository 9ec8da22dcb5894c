"""Names of sensitivity analyses and of the paths of mediation, as tables and figures print them."""

from __future__ import annotations

from typing import Final

SENSITIVITY_NAMES: Final = {
    "likelihood_without_groups": "Likelihood without therapy groups (missing at random)",
    "completers": "Completers only",
    "per_protocol": "Per protocol",
    "statsmodels_lmm": "Random intercept by statsmodels (missing at random)",
    "multiple_imputation": "Multiple imputation (missing at random)",
    "jump_to_reference": "Jump to reference",
    "copy_reference": "Copy reference",
    "copy_increments": "Copy increments in reference",
    "tipping_point": "Delta adjustment, at the tipping point",
    "locf": "Last value carried forward",
}
"""Sensitivity analyses by name."""

REGIONS: Final = {
    "everywhere": "over the whole observed range",
    "nowhere": "nowhere in the observed range",
    "above": "above {0}",
    "below": "below {0}",
    "between": "between {0} and {1}",
    "outside": "below {0} and above {1}",
}
"""Johnson-Neyman regions; the bounds stand in for the braces."""
