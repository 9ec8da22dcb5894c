"""What every effect size needs: its record, the small-sample factor J, limits from the noncentral t, orientation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.special import gammaln, ndtr, ndtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

STEPS, CLOSE = 100, 1e-13
"""Newton steps towards a limit at most, and the relative step at which it is reached."""


PANEL = 40.0
"""Width of a panel of the integral times t: 160 nodes over 40 standard deviations of the rise give 1e-12."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One group at one visit.

    Attributes
    ----------
    mean, sd : float
        Standard deviation with divisor n - 1.
    n : int
    """

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class EffectSize:
    """A standardized difference.

    Attributes
    ----------
    estimate, lower, upper : float
        Dimensionless; limits of the 1 - alpha confidence interval.
    standardizer : float
        The standard deviation divided by, in units of the outcome.
    df : float
        Degrees of freedom of the standardizer.
    """

    estimate: float
    lower: float
    upper: float
    standardizer: float
    df: float


def small_sample_factor(df: float) -> float:
    """Exact factor J that removes the bias of d.

    ``J = Gamma(m/2) / (sqrt(m/2) Gamma((m - 1)/2))`` (Hedges 1981, doi:10.3102/10769986006002107, eq. 6e).

    Parameters
    ----------
    df : float
        Degrees of freedom m of the standardizer, above 1.
    """
    return float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def noncentral_limits(t: float, df: float, alpha: float = 0.05) -> tuple[float, float]:
    """Confidence limits of the noncentrality parameter of an observed t.

    The values for which `t` is the 1 - alpha/2 and the alpha/2 quantile (Steiger & Fouladi 1997; Cumming & Finch 2001,
    doi:10.1177/0013164401614002).

    Parameters
    ----------
    t : float
    df : float
        Above zero.
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        `t` is not finite.
    """
    if not np.isfinite(t):
        raise ModelError("a standardized difference needs a standard deviation above zero")
    root, weight = _scale_density(df, abs(t))
    targets, span = np.array([1 - alpha / 2, alpha / 2]), 4 + 4 * abs(t)
    low, high = np.full(2, t - span), np.full(2, t + span)
    ncp = t - ndtri(targets)
    for _ in range(STEPS):  # Newton on a falling curve, halving where a step would leave the bracket
        gap = t * root[:, None] - ncp
        excess = weight @ ndtr(gap) - targets
        low, high = np.where(excess > 0, ncp, low), np.where(excess > 0, high, ncp)
        slope = weight @ np.exp(-(gap**2) / 2)
        step = excess / np.maximum(slope, np.finfo(float).tiny) * np.sqrt(2 * np.pi)
        ahead = ncp + step
        ncp = np.where((ahead >= low) & (ahead <= high), ahead, (low + high) / 2)
        if (np.abs(step) < CLOSE * (1 + np.abs(ncp))).all():
            break
    return float(ncp[0]), float(ncp[1])


def _scale_density(df: float, t: float) -> tuple[Array, Array]:
    """Nodes and weights of the mean over ``s = sqrt(chi2_df / df)``, so that P(T <= t) = mean of Phi(t s - ncp).

    Gauss-Legendre over nine standard deviations; exact to about 1e-13, where series for the noncentral t (SciPy's
    ``nctdtr``, R's ``pt``) lose digits or give up. Phi rises within a few 1/t, so the range is parted into panels in
    which it takes at least some of their nodes.
    """
    node, weight = _legendre()
    low, high = max(0.0, 1 - 9 / np.sqrt(2 * df)), 1 + 9 / np.sqrt(2 * df)
    panels = max(1, int(np.ceil((high - low) * t / PANEL)))
    width = (high - low) / panels
    s = (low + width * np.arange(panels)[:, None] + (node + 1) * width / 2).ravel()
    density = np.tile(weight, panels) * np.exp((df - 1) * np.log(s) - df * (s**2 - 1) / 2)
    return s, density / density.sum()


@cache
def _legendre() -> tuple[Array, Array]:
    """160 Gauss-Legendre nodes on [-1, 1]; made once, for it takes as long as many intervals."""
    return np.polynomial.legendre.leggauss(160)


def oriented(value: float, better: Literal["higher", "lower", "neither"] | str) -> float:
    """The value turned so that positive means benefit; unchanged where no direction is better.

    Results keep the direction of the scale; only text and figures turn them.
    """
    return -value if better == "lower" else value
