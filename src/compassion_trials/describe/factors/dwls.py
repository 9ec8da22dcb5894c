"""Diagonally weighted least squares of a factor model, with robust standard errors and the scaled and shifted test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag, lstsq, null_space
from scipy.optimize import minimize
from scipy.special import chdtrc

from compassion_trials.core.arrays import Array
from compassion_trials.describe.factors.polychoric import (
    Codes,
    Ordinal,
    correlation_influence,
    polychoric,
    threshold_influence,
)
from compassion_trials.describe.factors.structure import FactorStructure

GRADIENT = 1e-7
"""Largest slope of the discrepancy per person at the end."""
ITERATIONS = 500
DEFINITE = 1e-8
"""Smallest eigenvalue of a covariance of factors, and smallest relative unique variance, that count as proper."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Moments of one group of people.

    Attributes
    ----------
    n : int
    moments : ndarray, shape (M,)
        Thresholds (where modelled), then polychorics.
    variances : ndarray, shape (M,)
        Asymptotic variance of each moment, times n; its inverse is the weight.
    influence : ndarray, shape (n, M)
        Of each person on each moment; ``influence' influence / n`` is the asymptotic covariance.
    """

    n: int
    moments: Array
    variances: Array
    influence: Array

    @property
    def size(self) -> int:
        """What multiplies the discrepancy: n - 1, lavaan's convention (Mplus takes n)."""
        return self.n - 1


@dataclass(frozen=True, slots=True)
class ScaledTest:
    """Test of fit, scaled and shifted to the mean and variance of chi-squared (Asparouhov & Muthen 2010).

    Attributes
    ----------
    statistic, p : float
    df : int
    plain : float
        The discrepancy itself, before scaling.
    """

    statistic: float
    df: int
    p: float
    plain: float


@dataclass(frozen=True, slots=True)
class FactorFit:
    """A fitted model.

    Attributes
    ----------
    parameters, se : ndarray, shape (q,)
        Robust standard errors.
    structures : tuple of FactorStructure
        One per group.
    samples : tuple of Sample
    jacobian : ndarray, shape (M of all groups, q)
    discrepancy : float
        ``sum (n - 1) w (s - sigma)^2``.
    converged : bool
    proper : bool
        False when a unique variance is not positive or covariances of factors are not positive definite.
    """

    parameters: Array
    se: Array
    structures: tuple[FactorStructure, ...]
    samples: tuple[Sample, ...]
    jacobian: Array
    discrepancy: float
    converged: bool
    proper: bool

    @property
    def df(self) -> int:
        """Moments less parameters."""
        return int(self.jacobian.shape[0] - self.jacobian.shape[1])

    @property
    def size(self) -> int:
        """What multiplies the discrepancy, of all groups."""
        return sum(s.size for s in self.samples)

    @property
    def residuals(self) -> tuple[Array, ...]:
        """Moments less those of the model, by group."""
        parts = zip(self.samples, self.structures, strict=True)
        return tuple(s.moments - m.moments(self.parameters) for s, m in parts)


def correlations_of(codes: Codes, categories: Codes) -> tuple[Sample, Ordinal]:
    """Polychorics of one group, for models that leave thresholds free."""
    sample = polychoric(codes, categories)
    influence = correlation_influence(codes, sample)
    return Sample(sample.n, sample.correlations, sample.variances, influence), sample


def moments_of(codes: Codes, categories: Codes) -> Sample:
    """Thresholds and polychorics of one group."""
    sample = polychoric(codes, categories)
    influence = np.hstack([threshold_influence(codes, sample), correlation_influence(codes, sample)])
    limits = np.concatenate([sample.thresholds[j, 1:k] for j, k in enumerate(categories)])
    moments = np.concatenate([limits, sample.correlations])
    return Sample(sample.n, moments, (influence**2).mean(axis=0), influence)


def estimate(
    samples: Sequence[Sample], structures: Sequence[FactorStructure], start: Array
) -> tuple[Array, float, bool]:
    """Parameters with the smallest ``F = sum over groups of (n - 1) w (s - sigma)^2``, w one over a moment's variance.

    Parameters
    ----------
    samples, structures : one per group
    start : ndarray, shape (q,)

    Returns
    -------
    ndarray, float, bool
        Parameters, F, and whether the slope vanished.
    """
    about = _Discrepancy(samples, structures)
    found = minimize(
        about.value,
        start,
        jac=about.slope,
        hess=about.curvature,
        method="trust-exact",
        options={"gtol": GRADIENT, "maxiter": ITERATIONS},
    )
    flat = bool(np.abs(about.slope(found.x)).max() <= GRADIENT)
    return found.x, 2 * sum(sample.size for sample in samples) * about.value(found.x), flat


class _Discrepancy:
    """Half the discrepancy per person, its slope and its Gauss-Newton curvature; each point is computed once."""

    def __init__(self, samples: Sequence[Sample], structures: Sequence[FactorStructure]) -> None:
        self.structures = structures
        self.moments = np.concatenate([sample.moments for sample in samples])
        self.weight = _weights(samples) / sum(sample.size for sample in samples)
        self.here: Array | None = None
        self.gaps = self.jacobian = np.empty(0)

    def _go(self, x: Array) -> None:
        """Residuals and Jacobian at x, unless they are there already."""
        if self.here is not None and np.array_equal(x, self.here):
            return
        self.here = x.copy()
        self.gaps = self.moments - np.concatenate([structure.moments(x) for structure in self.structures])
        self.jacobian = _jacobian(self.structures, x)

    def value(self, x: Array) -> float:
        """Half the weighted sum of squares."""
        self._go(x)
        return 0.5 * float(self.weight @ self.gaps**2)

    def slope(self, x: Array) -> Array:
        """Gradient."""
        self._go(x)
        found: Array = -self.jacobian.T @ (self.weight * self.gaps)
        return found

    def curvature(self, x: Array) -> Array:
        """J' W J: the second derivatives of the moments are left out, residuals being small where it matters."""
        self._go(x)
        found: Array = (self.jacobian * self.weight[:, None]).T @ self.jacobian
        return found


def fit(samples: Sequence[Sample], structures: Sequence[FactorStructure], start: Array) -> FactorFit:
    """Fit a model to one or more groups.

    Standard errors are ``K^-1 J' W V W J K^-1`` with K = J' W J, V the covariance of the moments (Muthen 1993; lavaan's
    estimator WLSMV).

    Parameters
    ----------
    samples, structures : one per group
    start : ndarray, shape (q,)
    """
    parameters, discrepancy, converged = estimate(samples, structures, start)
    jacobian = _jacobian(structures, parameters)
    weighted = jacobian * _weights(samples)[:, None]
    half = _influence(samples) @ weighted @ np.linalg.pinv(jacobian.T @ weighted)
    return FactorFit(
        parameters=parameters,
        se=np.sqrt((half**2).sum(axis=0)),
        structures=tuple(structures),
        samples=tuple(samples),
        jacobian=jacobian,
        discrepancy=discrepancy,
        converged=converged,
        proper=all(_proper(structure, parameters) for structure in structures),
    )


def scaled_test(fitted: FactorFit) -> ScaledTest:
    """Test of a fitted model against free moments.

    ``a T + df - a tr(UV)`` with ``a = sqrt(df / tr(UVUV))``, U = W - W J K^-1 J' W.
    """
    weight, influence = _weights(fitted.samples), _influence(fitted.samples)
    weighted = fitted.jacobian * weight[:, None]
    across = influence @ weighted
    gram = (influence * weight) @ influence.T - across @ np.linalg.pinv(fitted.jacobian.T @ weighted) @ across.T
    return _shifted(fitted.discrepancy, fitted.df, float(np.trace(gram)), float((gram**2).sum()))


def independence_test(samples: Sequence[Sample], correlations: Sequence[int]) -> ScaledTest:
    """Test of the model without any correlation and with free thresholds, the baseline of CFI and TLI.

    Parameters
    ----------
    samples : one per group
    correlations : sequence of int
        Number of correlations of each, the last of its moments.
    """
    cut = [
        Sample(s.n, s.moments[-k:], s.variances[-k:], s.influence[:, -k:])
        for s, k in zip(samples, correlations, strict=True)
    ]
    weight, influence = _weights(cut), _influence(cut)
    plain = float(weight @ np.concatenate([s.moments for s in cut]) ** 2)
    gram = (influence * weight) @ influence.T
    return _shifted(plain, len(weight), float(np.trace(gram)), float((gram**2).sum()))


def difference_test(tight: FactorFit, loose: FactorFit) -> ScaledTest:
    """Test of a model against one in which it is nested, by Satorra's scaled and shifted difference.

    Satorra 2000, doi:10.1007/978-1-4615-4603-0_17; restrictions from the Jacobians, as lavaan's ``A.method = "delta"``.

    Parameters
    ----------
    tight, loose : FactorFit
        Of the same samples; the first has fewer parameters.
    """
    weight, influence = _weights(loose.samples), _influence(loose.samples)
    into = lstsq(loose.jacobian, tight.jacobian)[0]
    restriction = null_space(into.T).T
    weighted = loose.jacobian * weight[:, None]
    inverse = np.linalg.pinv(loose.jacobian.T @ weighted)
    middle = restriction.T @ np.linalg.solve(restriction @ inverse @ restriction.T, restriction)
    across = influence @ weighted @ inverse
    gram = across @ middle @ across.T
    df, plain = tight.df - loose.df, tight.discrepancy - loose.discrepancy
    return _shifted(plain, df, float(np.trace(gram)), float((gram**2).sum()))


def _shifted(plain: float, df: int, trace: float, squares: float) -> ScaledTest:
    """Scale and shift a discrepancy; df = 0 leaves nothing to test."""
    if df == 0:
        return ScaledTest(plain, 0, 1.0, plain)
    factor = np.sqrt(df / squares)
    statistic = float(factor * plain + df - factor * trace)
    return ScaledTest(statistic, df, float(chdtrc(df, max(statistic, 0.0))), plain)


def _weights(samples: Sequence[Sample]) -> Array:
    """n - 1 over the variance of each moment."""
    return np.concatenate([s.size / s.variances for s in samples])


def _influence(samples: Sequence[Sample]) -> Array:
    """Rows whose cross-product is the covariance of the moments of all groups."""
    found: Array = block_diag(*[s.influence / np.sqrt(s.n * s.size) for s in samples])
    return found


def _jacobian(structures: Sequence[FactorStructure], x: Array) -> Array:
    """Jacobians of all groups, one below the other."""
    return np.vstack([structure.jacobian(x) for structure in structures])


def _proper(structure: FactorStructure, parameters: Array) -> bool:
    """Positive unique variances and covariances of factors."""
    smallest = np.linalg.eigvalsh(structure.factor_covariances.at(parameters)).min()
    return bool(smallest > DEFINITE and structure.unique_variances(parameters).min() > DEFINITE)
