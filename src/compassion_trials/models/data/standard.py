"""The standardised space in which models are fitted, and the way back.

y is replaced by its ordinary-least-squares residual in units of its standard deviation, X by (nearly) orthonormal
columns. So scores on 0-3 and on 0-100, and covariates of any size, give the same numbers to the optimiser.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

Numbers = Any
"""A number, or an array with one number per replicate."""

SMALLEST = 1e-100
"""Range of an outcome below which its squares' squares vanish."""
NO_VARIATION = 1e-10
"""Residual standard deviation, relative to the outcome's size, below which the outcome does not vary."""
CLOSE = 1e-3
"""Share of a column that those before it do not explain, below which X is factored by QR."""


@dataclass(frozen=True, slots=True)
class Standard:
    """y = X b + s u and X = Z R: the model is fitted to (Z, u).

    Attributes
    ----------
    origin : ndarray, shape (p,)
        b, the ordinary-least-squares coefficients.
    scale : float
        s, the residual standard deviation.
    triangle : ndarray, shape (p, p)
        R, upper triangular.
    inverse : ndarray, shape (p, p)
        R^-1.
    """

    origin: Array
    scale: float
    triangle: Array
    inverse: Array

    def contrasts(self, rows: Array) -> Array:
        """Contrasts of the coefficients (R, p) as contrasts of the standardised ones, s L R^-1."""
        return self.scale * (rows @ self.inverse)

    def coefficients(self, beta: Array) -> Array:
        """Standardised coefficients (p,) as coefficients of X."""
        return self.origin + self.scale * (self.inverse @ beta)

    def log_likelihood(self, objective: Numbers, n_obs: Numbers, reml: bool) -> Numbers:
        """Log-likelihood of y from -2 log L of the standardised data, one fit or an array of replicates.

        The restricted likelihood is that of lme4, nlme and mmrm, without the constant log|X'X|.
        """
        p = len(self.origin)
        value = objective + 2.0 * (n_obs - p if reml else n_obs) * float(np.log(self.scale))
        if reml:
            value = value + 2.0 * float(np.log(np.abs(np.diag(self.triangle))).sum())
        return -0.5 * value


def standardise(x: Array, y: Array) -> tuple[Standard, Array]:
    """Standardise X (N, p) and y (N,).

    Returns
    -------
    tuple of Standard, ndarray
        And the rows z = (Z, u), shape (N, p + 1).

    Raises
    ------
    ModelError
        The outcome is constant, or the mean model reproduces it exactly.
    """
    if not np.ptp(y) > NO_VARIATION * np.abs(y).max():
        raise ModelError("the outcome is constant: there is no variation to model")
    if np.ptp(y) < SMALLEST:
        raise ModelError(f"the outcome varies by less than {SMALLEST:.0e}: give it in a smaller unit")
    gram = x.T @ x
    size = np.sqrt(np.diag(gram))
    try:
        triangle = np.linalg.cholesky(gram / np.outer(size, size)).T
        close = np.diag(triangle).min() < CLOSE
    except np.linalg.LinAlgError:
        close = True
    z = np.empty((len(y), len(size) + 1))
    if close:
        # X'X squares how close the columns are; Householder's QR does not.
        z[:, :-1], triangle = np.linalg.qr(x / size)
    triangle = triangle * size
    inverse = np.triu(np.linalg.inv(triangle))
    if not close:
        z[:, :-1] = x @ inverse
    basis, middle = z[:, :-1], float(y.mean())
    # Least squares in three passes: the mean (X spans it), then what is left, then the rounding of the second pass.
    share, residual = middle * basis.sum(0), y - middle
    for _ in range(2):
        part = basis.T @ residual
        share, residual = share + part, residual - basis @ part
    scale = float(np.sqrt(residual @ residual / max(len(y) - len(size), 1)))
    if not scale > NO_VARIATION * np.ptp(y):
        raise ModelError("the mean model reproduces the outcome exactly: no variation is left to model")
    z[:, -1] = residual / scale
    return Standard(inverse @ share, scale, triangle, inverse), z


def starting_matrix(residual: Array, visit: NDArray[np.intp], subject: NDArray[np.intp], n_visits: int) -> Array:
    """A positive definite (T, T) start: residual variance per visit and one correlation from all pairs of visits.

    Raises
    ------
    ModelError
        With the index of a visit whose residuals do not vary.
    """
    counts = np.bincount(visit, minlength=n_visits)
    variances = np.bincount(visit, residual**2, n_visits) / counts
    scaled = residual / np.sqrt(variances)[visit] if (variances > 0).all() else residual
    totals = np.bincount(subject, scaled)
    sizes = np.bincount(subject)
    pairs = float((sizes * (sizes - 1)).sum())
    rho = float((totals @ totals - scaled @ scaled) / pairs) if pairs else 0.0
    rho = min(max(rho, 0.0), 0.9)
    root = np.sqrt(np.maximum(variances, 1e-12))
    return np.outer(root, root) * (rho + (1.0 - rho) * np.eye(n_visits))
