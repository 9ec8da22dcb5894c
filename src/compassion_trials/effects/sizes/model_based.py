"""Standardized model estimates: an adjusted difference over the pooled baseline standard deviation."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from compassion_trials.effects.sizes.size import EffectSize, small_sample_factor


def model_g(
    estimate: float, se: float, df: float, baseline_sd: float, baseline_df: float, alpha: float = 0.05
) -> EffectSize:
    """Small-sample corrected effect size of a model's contrast.

    ``g = J(nu) delta / S`` with ``Var = J^2 (SE^2 / S^2 + (delta / S)^2 / (2 nu))``, limits from the t distribution on
    the contrast's degrees of freedom. S is the within-arm standard deviation at baseline pooled over all arms,
    ``nu = n_baseline - arms``. Standardizing by baseline keeps the effect of treatment out of the standardizer
    (Feingold 2009, doi:10.1037/a0014699).

    Parameters
    ----------
    estimate, se : float
        The contrast, in units of the outcome.
    df : float
        Degrees of freedom of the contrast; infinity for z.
    baseline_sd : float
        S, above zero.
    baseline_df : float
        nu, above 1.
    alpha : float
        1 - coverage.
    """
    j = small_sample_factor(baseline_df)
    d = estimate / baseline_sd
    spread = j * np.sqrt((se / baseline_sd) ** 2 + d**2 / (2 * baseline_df))
    half = stdtrit(df, 1 - alpha / 2) * spread
    return EffectSize(float(j * d), float(j * d - half), float(j * d + half), baseline_sd, baseline_df)
