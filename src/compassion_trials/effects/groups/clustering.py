"""How alike people are who met in one group: intraclass correlation and design effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Clustering:
    """One-way intraclass correlation.

    Attributes
    ----------
    icc, lower, upper : float
        Not truncated: members of a group can be less alike than strangers.
    design_effect : float
        Factor by which the variance of a mean grows, from the ICC truncated at 0.
    n_groups, n : int
    size : float
        Mean group size.
    """

    icc: float
    lower: float
    upper: float
    design_effect: float
    n_groups: int
    n: int
    size: float


def clustering(values: Array, group: NDArray[np.str_], arm: NDArray[np.str_], alpha: float = 0.05) -> Clustering:
    """ICC from the analysis of variance of groups within arms, with limits from the F distribution.

    ``ICC = (MSB - MSW) / (MSB + (k0 - 1) MSW)``, groups nested in arms, k0 the mean size corrected for its spread;
    limits from ``F / F_quantile`` (Searle 1971; Thomas & Hultquist 1978, doi:10.1214/aos/1176344202, with k0 for
    unequal sizes). ``Deff = 1 + ((cv^2 + 1) m - 1) ICC`` (Eldridge, Ashby & Kerry 2006, doi:10.1093/ije/dyl129).

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN is left out.
    group, arm : ndarray, shape (n,)
        Every person has a group.
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        No arm with two groups, or no group with two people.
    """
    seen = ~np.isnan(values)
    y = values[seen]
    nested = np.array([f"{a}\0{g}" for a, g in zip(arm[seen], group[seen], strict=True)])
    labels, code = np.unique(nested, return_inverse=True)
    stratum = np.unique(np.array([label.split("\0")[0] for label in labels]), return_inverse=True)[1]
    size = np.bincount(code).astype(float)
    n, g, arms = len(y), len(labels), len(np.unique(stratum))
    if g - arms < 1 or n - g < 1:
        raise ModelError("an intraclass correlation needs two groups in an arm and two people in a group")
    mean = np.bincount(code, y) / size
    of_arm = np.bincount(stratum, size * mean) / np.bincount(stratum, size)
    between = float((size * (mean - of_arm[stratum]) ** 2).sum()) / (g - arms)
    within = float(((y - mean[code]) ** 2).sum()) / (n - g)
    k0 = float((n - (np.bincount(stratum, size**2) / np.bincount(stratum, size)).sum()) / (g - arms))
    if not within > 0:
        raise ModelError("an intraclass correlation needs variation within groups")
    ratio = between / within
    edges = [ratio / float(fdtri(g - arms, n - g, q)) for q in (1 - alpha / 2, alpha / 2)]
    icc, lower, upper = ((f - 1) / (f + k0 - 1) for f in (ratio, *edges))
    spread = float(size.var() / size.mean() ** 2)
    effect = 1 + ((spread + 1) * size.mean() - 1) * max(icc, 0.0)
    return Clustering(
        icc=float(icc),
        lower=float(lower),
        upper=float(upper),
        design_effect=float(effect),
        n_groups=g,
        n=n,
        size=float(size.mean()),
    )
