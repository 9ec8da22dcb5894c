"""Effect sizes of single trials with their sampling variances, as `escalc` of R's metafor defines them.

Viechtbauer (2010), doi:10.18637/jss.v036.i03; formulas from Hedges & Olkin (1985), Bonett (2008),
doi:10.1037/1082-989X.13.2.99, Lajeunesse (2011), doi:10.1890/11-0423.1, Becker (1988),
doi:10.1111/j.2044-8317.1988.tb00901.x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.sizes.between import pooled_sd
from compassion_trials.effects.sizes.size import Summary, small_sample_factor


@dataclass(frozen=True, slots=True)
class Measured:
    """An effect of one trial.

    Attributes
    ----------
    estimate, variance : float
        Sampling variance of the estimate.
    """

    estimate: float
    variance: float

    @property
    def se(self) -> float:
        """Standard error."""
        return float(np.sqrt(self.variance))


def standardized(treated: Summary, comparison: Summary) -> Measured:
    """Hedges' g with variance ``1/n1 + 1/n2 + g^2 / (2 (n1 + n2))`` (metafor "SMD")."""
    _need(min(treated.n, comparison.n) >= 2, "a standardized difference needs two participants in each arm")
    sd, df = pooled_sd((treated, comparison))
    _need(sd > 0, "a standardized difference needs a standard deviation above zero")
    g = small_sample_factor(df) * (treated.mean - comparison.mean) / sd
    return Measured(g, hedges_variance(g, treated.n, comparison.n))


def hedges_variance(g: float, n1: float, n2: float) -> float:
    """Large-sample variance of Hedges' g, ``1/n1 + 1/n2 + g^2 / (2 (n1 + n2))`` (Hedges & Olkin 1985)."""
    return 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))


def _need(holds: bool, message: str) -> None:
    if not holds:
        raise ModelError(message)
