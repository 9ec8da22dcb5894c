"""Competing factor models of one questionnaire at one visit, compared by fit, and the omega that follows from each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.describe.factors.adequacy import Adequacy, adequacy
from compassion_trials.describe.factors.dwls import (
    FactorFit,
    Sample,
    correlations_of,
    estimate,
    fit,
    independence_test,
    scaled_test,
)
from compassion_trials.describe.factors.omega import Omega, omega, steps_of
from compassion_trials.describe.factors.polychoric import Ordinal, coded
from compassion_trials.describe.factors.structure import FactorStructure, confirmatory

NEARLY_ONE = 1 - 1e-9
"""Omega of an improper resample is taken as this."""


@dataclass(frozen=True, slots=True)
class FactorModel:
    """Which items load on which factor.

    Attributes
    ----------
    name : str
    pattern : ndarray of bool, shape (p, m)
        A general factor first.
    correlated : bool
        False for a bifactor model.
    """

    name: str
    pattern: NDArray[np.bool_]
    correlated: bool = True


@dataclass(frozen=True, slots=True)
class FittedModel:
    """One model of the comparison.

    Attributes
    ----------
    model : FactorModel
    fitted : FactorFit
    adequacy : Adequacy
    omega : Omega
    loadings : ndarray, shape (p, m)
        Standardized, of factors turned so that their loadings have a sum above 0.
    loadings_se : ndarray, shape (p, m)
        NaN where nothing is free.
    correlations : ndarray, shape (m, m)
        Of factors.
    estimable : bool
        False when a polychoric correlation stands at its limit.
    """

    model: FactorModel
    fitted: FactorFit
    adequacy: Adequacy
    omega: Omega
    loadings: Array
    loadings_se: Array
    correlations: Array
    estimable: bool


@dataclass(frozen=True, slots=True)
class OmegaLimits:
    """Limits of omega by resampling people.

    Attributes
    ----------
    total, hierarchical : tuple of float
    draws : int
        Resamples whose model converged.
    """

    total: tuple[float, float]
    hierarchical: tuple[float, float]
    draws: int


def compare_models(answers: Array, models: Sequence[FactorModel]) -> list[FittedModel]:
    """Fit all models to the same answers.

    Parameters
    ----------
    answers : ndarray, shape (n, p)
        Complete, all items pointing one way; every item with two answers or more.
    models : sequence of FactorModel
    """
    sample, ordinal, values = _measured(answers)
    independence = independence_test([sample], [len(sample.moments)])
    found = []
    for model in models:
        structure, start = confirmatory(model.pattern, model.correlated)
        fitted = fit([sample], [structure], start)
        loadings, covariances = _standardized(structure, fitted.parameters)
        se = np.where(model.pattern, fitted.se[np.maximum(structure.loadings.free, 0)], np.nan)
        found.append(
            FittedModel(
                model=model,
                fitted=fitted,
                adequacy=adequacy(fitted, scaled_test(fitted), independence),
                omega=omega(loadings, covariances, ordinal.matrix, ordinal.thresholds, steps_of(values)),
                loadings=loadings,
                loadings_se=se,
                correlations=covariances,
                estimable=ordinal.estimable,
            )
        )
    return found


def omega_limits(
    answers: Array, found: FittedModel, draws: int, generator: np.random.Generator, alpha: float = 0.05
) -> OmegaLimits | None:
    """Limits of omega from resamples: people are drawn with replacement, polychorics, weights and model computed anew.

    The weights favour correlations that came out large, so that omega is estimated too high (at n = 200 by about its
    own standard error), in the resamples as in the sample. The limits are therefore reflected at the estimate on the
    scale ``log(1 - omega)`` (basic bootstrap, Davison & Hinkley 1997, doi:10.1017/CBO9780511802843, ch. 5), which takes
    the bias away; percentiles would double it.

    Parameters
    ----------
    answers : ndarray, shape (n, p)
    found : FittedModel
        Of these answers; each resample starts there.
    draws : int
    generator : numpy.random.Generator
    alpha : float
        1 - coverage.

    Returns
    -------
    OmegaLimits or None
        None when fewer than half of the resamples converge, or omega is 1 or above.
    """
    values = [one for _ in range(draws) if (one := _redrawn(answers, found, generator)) is not None]
    if len(values) < draws / 2 or max(found.omega.total, found.omega.hierarchical) >= 1:
        return None
    return OmegaLimits(
        total=_reflected(found.omega.total, [o.total for o in values], alpha),
        hierarchical=_reflected(found.omega.hierarchical, [o.hierarchical for o in values], alpha),
        draws=len(values),
    )


def _reflected(estimate: float, drawn: Sequence[float], alpha: float) -> tuple[float, float]:
    """Basic bootstrap limits on the scale log(1 - omega)."""
    distance = np.log1p(-np.minimum(drawn, NEARLY_ONE))
    low, high = np.exp(2 * np.log1p(-estimate) - np.quantile(distance, [alpha / 2, 1 - alpha / 2]))
    return 1 - float(low), 1 - float(high)


def _redrawn(answers: Array, found: FittedModel, generator: np.random.Generator) -> Omega | None:
    """Omega of one resample; None when an item has one answer left or the model does not converge."""
    again = answers[generator.integers(0, len(answers), len(answers))]
    if (again == again[0]).all(axis=0).any():
        return None
    sample, ordinal, values = _measured(again)
    (structure,) = found.fitted.structures
    parameters, _, converged = estimate([sample], [structure], found.fitted.parameters)
    if not converged:
        return None
    return omega(*_standardized(structure, parameters), ordinal.matrix, ordinal.thresholds, steps_of(values))


def _measured(answers: Array) -> tuple[Sample, Ordinal, list[Array]]:
    """Polychorics of answers, and the answers behind the categories."""
    (codes,), values = coded([answers])
    return *correlations_of(codes, np.array([len(v) for v in values])), values


def _standardized(structure: FactorStructure, parameters: Array) -> tuple[Array, Array]:
    """Loadings and correlations of factors that point the way of their items."""
    loadings = structure.loadings.at(parameters)
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return loadings * signs, structure.factor_covariances.at(parameters) * np.outer(signs, signs)
