"""How well a factor model fits: CFI, TLI, RMSEA with its interval, SRMR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chndtr

from compassion_trials.describe.factors.dwls import FactorFit, ScaledTest

RMSEA_COVERAGE = 0.90
"""The interval of RMSEA is a 90 % one everywhere, whatever the study's alpha."""


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Fit of one model; all from the scaled statistics but SRMR.

    Attributes
    ----------
    test, independence : ScaledTest
    cfi, tli : float
    rmsea, rmsea_lower, rmsea_upper : float
        With 90 % limits.
    srmr : float
    """

    test: ScaledTest
    independence: ScaledTest
    cfi: float
    tli: float
    rmsea: float
    rmsea_lower: float
    rmsea_upper: float
    srmr: float


def adequacy(fitted: FactorFit, test: ScaledTest, independence: ScaledTest) -> Adequacy:
    """Indices of a fitted model, by the formulas of lavaan 0.6.

    CFI: Bentler 1990, doi:10.1037/0033-2909.107.2.238; TLI: Tucker & Lewis 1973, doi:10.1007/BF02291170; RMSEA: Steiger
    1990, doi:10.1207/s15327906mbr2502_4, times the root of the number of groups; interval: Browne & Cudeck 1992,
    doi:10.1177/0049124192021002005. SRMR is the root of the mean square of residual correlations, the diagonal of zeros
    counted (Bentler 1995), weighted by n over groups.
    """
    excess, baseline = test.statistic - test.df, independence.statistic - independence.df
    cfi = 1 - max(excess, 0.0) / max(excess, baseline, 0.0) if max(excess, baseline) > 0 else 1.0
    ratio, base = (t.statistic / t.df if t.df else np.nan for t in (test, independence))
    groups = len(fitted.samples)
    per = np.sqrt(groups / (fitted.size * test.df)) if test.df else np.nan
    tail = (1 - RMSEA_COVERAGE) / 2
    return Adequacy(
        test=test,
        independence=independence,
        cfi=cfi,
        tli=float((base - ratio) / (base - 1)),
        rmsea=float(np.sqrt(max(excess, 0.0)) * per),
        rmsea_lower=float(np.sqrt(_noncentrality(test, 1 - tail)) * per),
        rmsea_upper=float(np.sqrt(_noncentrality(test, tail)) * per),
        srmr=_srmr(fitted),
    )


def _noncentrality(test: ScaledTest, probability: float) -> float:
    """Noncentrality at which the statistic has this lower tail; 0 when already at 0 it has less."""

    def gap(noncentrality: float) -> float:
        return float(chndtr(test.statistic, test.df, noncentrality)) - probability

    if test.df == 0 or test.statistic <= 0 or gap(0.0) <= 0:
        return 0.0
    high = max(test.statistic, 1.0)
    while gap(high) > 0:
        high *= 2
    return float(brentq(gap, 0.0, high, xtol=1e-10))


def _srmr(fitted: FactorFit) -> float:
    """Over groups, weighted by people."""
    total = 0.0
    for sample, structure, gap in zip(fitted.samples, fitted.structures, fitted.residuals, strict=True):
        p = len(structure.scales.fixed)
        size = p * (p - 1) // 2
        total += sample.n * np.sqrt((gap[-size:] ** 2).sum() / (size + p))
    return float(total / sum(sample.n for sample in fitted.samples))
