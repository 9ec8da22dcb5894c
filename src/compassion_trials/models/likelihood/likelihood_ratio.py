"""Likelihood-ratio tests: ML for mean models, REML for covariances of one mean model.

Sources: Self & Liang (1987), doi:10.2307/2289471; Stram & Lee (1994), doi:10.2307/2533455 (mixtures on the boundary).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from compassion_trials.core.errors import ModelError
from compassion_trials.models.fit import Fit


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood-ratio test.

    Attributes
    ----------
    statistic : float
        2 (logL_full - logL_reduced), never below 0.
    df : int
        Difference in parameters.
    p : float
        Chi-squared, or the mixture named in `reference`.
    reference : str
        Reference distribution in words.
    """

    statistic: float
    df: int
    p: float
    reference: str


def likelihood_ratio(full: Fit, reduced: Fit, boundary: bool = False) -> LikelihoodRatio:
    """Compare two nested fits of the same observations.

    Parameters
    ----------
    full, reduced : Fit
        ML fits for different mean models; REML fits of one mean model for different covariances.
    boundary : bool
        One more random effect (variance 0 under the hypothesis): equal mixture of chi-squared with df and df - 1.

    Raises
    ------
    ModelError
        Fits that cannot be compared.
    """
    comparable(full, reduced)
    statistic = max(2.0 * (full.loglik - reduced.loglik), 0.0)
    df = n_parameters(full) - n_parameters(reduced)
    if df <= 0:
        raise ModelError("the full model has no more parameters than the reduced one")
    if boundary:
        lower = float(chdtrc(df - 1, statistic)) if df > 1 else float(statistic == 0.0)
        p = 0.5 * float(chdtrc(df, statistic)) + 0.5 * lower
        return LikelihoodRatio(statistic, df, p, f"equal mixture of chi-squared with {df - 1} and {df} df")
    return LikelihoodRatio(statistic, df, float(chdtrc(df, statistic)), f"chi-squared with {df} df")


def n_parameters(fit: Fit) -> int:
    """Mean and variance parameters, those on the boundary included."""
    problem = fit.estimate.problem if fit.estimate.full is None else fit.estimate.full[0]
    return len(fit.prepared.design.terms) + len(problem.covariance.names)


def comparable(full: Fit, reduced: Fit) -> None:
    """Raise a `ModelError` unless the likelihoods of two fits can be compared."""
    a, b = full.prepared, reduced.prepared
    if full.methods.estimator != reduced.methods.estimator:
        raise ModelError("one fit is REML, the other ML: they cannot be compared")
    if not np.array_equal(np.sort(a.long.row), np.sort(b.long.row)):
        raise ModelError("the two fits use different rows of the data: they cannot be compared")
    if full.methods.estimator == "REML" and a.design.terms != b.design.terms:
        raise ModelError("REML likelihoods of different mean models cannot be compared; fit both with reml=False")
