"""Least squares for many completed data sets at once: the analysis of imputed, resampled or shifted values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Regressions:
    """Contrasts of the coefficients in each of B data sets.

    Attributes
    ----------
    estimate, variance : ndarray, shape (B, R)
    df : float or ndarray, shape (B, R)
        Residual degrees of freedom, those of the data set with most weight; of each variance with a group effect.
    """

    estimate: Array
    variance: Array
    df: float | Array

    def complete_df(self, contrast: int) -> float:
        """Degrees of freedom of a contrast's mean variance over the data sets: Satterthwaite's where they differ.

        The variances of completed data sets share almost all of their error, so that of their mean is the mean of
        theirs.
        """
        if isinstance(self.df, float):
            return self.df
        variance, df = self.variance[:, contrast], self.df[:, contrast]
        return float(variance.mean() ** 2 / (variance**2 / df).mean())


@dataclass(frozen=True, slots=True)
class Solver:
    """Everything about the design of B data sets that does not depend on the outcome.

    Attributes
    ----------
    x : ndarray, shape (B or 1, n, k)
    weights : ndarray, shape (B or 1, n)
    bread : ndarray, shape (B or 1, k, k)
        (X' W X)^-1.
    contrasts : ndarray, shape (R, k)
    """

    x: Array
    weights: Array
    bread: Array
    contrasts: Array

    @property
    def df(self) -> float:
        """Residual degrees of freedom."""
        return float(self.weights.sum(1).max() - self.x.shape[2])

    def coefficients(self, y: Array) -> Array:
        """Coefficients (B, k) of outcomes (B or 1, n)."""
        moment = self.x.swapaxes(1, 2) @ (self.weights * y)[..., None]
        return (self.bread @ moment)[..., 0]

    def residuals(self, y: Array) -> Array:
        """Residuals (B, n) of outcomes (B or 1, n)."""
        return y - (self.x @ self.coefficients(y)[..., None])[..., 0]

    def estimate(self, y: Array) -> Array:
        """Contrasts (B, R)."""
        return self.coefficients(y) @ self.contrasts.T

    def scale(self) -> Array:
        """Variance of each contrast over the residual variance, shape (B or 1, R)."""
        scale: Array = np.einsum("rk,bkl,rl->br", self.contrasts, self.bread, self.contrasts)
        return scale

    def fit(self, y: Array) -> Regressions:
        """Contrasts with their variances."""
        residual = self.residuals(y)
        mean_square = (self.weights * residual**2).sum(1) / (self.weights.sum(1) - self.x.shape[2])
        return Regressions(self.estimate(y), mean_square[:, None] * self.scale(), self.df)


def solver(fixed: Array, contrasts: Array, varying: Array | None = None, weights: Array | None = None) -> Solver:
    """Prepare the regressions.

    Parameters
    ----------
    fixed : ndarray, shape (n, k)
        Columns that are the same in all data sets.
    contrasts : ndarray, shape (R, k) or (R, k + 1)
    varying : ndarray, shape (B, n), optional
        A last column that differs between data sets, such as an imputed baseline.
    weights : ndarray, shape (B, n), optional
        How often each participant counts; once when left out.

    Raises
    ------
    ModelError
        Too few participants, or a column that depends on the others.
    """
    x = fixed[None]
    if varying is not None:
        x = np.concatenate([np.broadcast_to(x, (len(varying), *fixed.shape)), varying[..., None]], axis=2)
    w = np.ones((1, len(fixed))) if weights is None else weights
    gram = x.swapaxes(1, 2) @ (w[..., None] * x)
    size = np.sqrt(np.einsum("bkk->bk", gram))
    if w.sum(1).min() <= x.shape[2]:
        raise ModelError(f"{len(fixed)} participants are too few for {x.shape[2]} coefficients")
    if not (size > 0).all():
        raise ModelError("a term of the analysis is zero for everybody: an arm or level without participants")
    scaled = gram / (size[:, :, None] * size[:, None, :])
    if np.linalg.eigvalsh(scaled)[:, 0].min() < 1e-10:
        raise ModelError("the terms of the analysis depend on each other and cannot be estimated apart")
    bread = np.linalg.inv(scaled) / (size[:, :, None] * size[:, None, :])
    return Solver(x, w, bread, contrasts)
