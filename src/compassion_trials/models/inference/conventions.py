"""Which inference a df method means, in numbers and in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.models.inference.contrast_tests import Fixed, Inference, moments
from compassion_trials.models.likelihood.estimate import Estimate, Prepared
from compassion_trials.models.options import DF_METHODS, check_option

WORDS = {
    "kenward-roger": "Kenward-Roger without second derivatives, observed information",
    "kr(expected)": "Kenward-Roger, expected information (pbkrtest)",
    "kr(sas)": "Kenward-Roger with second derivatives in variances and correlations, observed information (SAS)",
    "satterthwaite": "Satterthwaite, observed information, model-based standard errors",
    "between-within": "between-within degrees of freedom, model-based standard errors",
    "residual": "residual degrees of freedom, model-based standard errors",
    "z": "normal approximation, model-based standard errors",
}
"""Convention of each df method, for the methods sentence."""


def inference_for(prepared: Prepared, estimate: Estimate, df: str, robust: str | None = None) -> Inference:
    """Inference by name.

    Parameters
    ----------
    prepared, estimate
        The fit.
    df : DfMethod
        Ignored when `robust` is given: a robust covariance has its own Bell-McCaffrey df.
    robust : RobustName, optional

    Raises
    ------
    ModelError
        Unknown method, or Kenward-Roger with ML.
    """
    check_option("df method", df, DF_METHODS)
    if robust:
        from compassion_trials.models.inference.robust import sandwich

        return sandwich(prepared, estimate, robust)
    problem, solution = estimate.problem, estimate.optimum.solution
    if df in ("between-within", "residual", "z"):
        by_term = {"between-within": between_within, "residual": residual_df, "z": normal_df}[df](prepared)
        return Fixed(df, solution.phi, WORDS[df], by_term, prepared.standard.triangle)
    slope = estimate.optimum.derivatives
    if df == "kr(expected)" and estimate.full is not None:
        problem, solution, slope = estimate.full
    found = moments(df, problem, solution, slope)
    return replace(found, note="; ".join(filter(None, (WORDS[df], found.note))))


def residual_df(prepared: Prepared) -> Array:
    """N - p for every coefficient, shape (p,)."""
    n, p = prepared.x.shape
    return np.full(p, float(n - p))


def normal_df(prepared: Prepared) -> Array:
    """Infinite df for every coefficient, shape (p,)."""
    return np.full(prepared.x.shape[1], np.inf)


def between_within(prepared: Prepared) -> Array:
    """Between-within df, shape (p,).

    Coefficients whose column is constant within every participant get (participants - such columns), the others
    (observations - participants - the other columns); Schluchter & Elashoff (1990), SAS `ddfm=bw`.
    """
    subject = prepared.long.subject
    same = np.diff(subject) == 0
    between = ~(np.abs(np.diff(prepared.x, axis=0))[same] > 0).any(0)
    n, p = prepared.x.shape
    n_between = int(between.sum())
    df_between = prepared.long.n_subjects - n_between
    df_within = n - prepared.long.n_subjects - (p - n_between)
    return np.where(between, float(max(df_between, 1)), float(max(df_within, 1)))
