"""An estimate with its t inference, and the plain arithmetic that classic analyses share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit


@dataclass(frozen=True, slots=True)
class ClassicEstimate:
    """A number with standard error, t test and confidence interval.

    Attributes
    ----------
    estimate, se : float
        In units of the outcome.
    df : float
        Degrees of freedom of the t distribution.
    t, p : float
        Test of zero, two-sided.
    lower, upper : float
        Limits of the 1 - alpha confidence interval.
    """

    estimate: float
    se: float
    df: float
    t: float
    p: float
    lower: float
    upper: float


def t_inference(estimate: float, se: float, df: float, alpha: float = 0.05) -> ClassicEstimate:
    """Inference for an estimate whose standardized error follows a t distribution.

    Parameters
    ----------
    estimate, se : float
        A standard error of zero gives NaN for t and p.
    df : float
        Above zero.
    alpha : float
        1 - coverage of the interval, in (0, 1).
    """
    t = estimate / se if se > 0 else np.nan
    half = stdtrit(df, 1 - alpha / 2) * se
    p = 2 * stdtr(df, -abs(t))
    return ClassicEstimate(
        estimate=float(estimate),
        se=float(se),
        df=float(df),
        t=float(t),
        p=float(p),
        lower=float(estimate - half),
        upper=float(estimate + half),
    )
