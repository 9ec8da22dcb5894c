"""Covariance structures over visits: Sigma(theta) with analytic first and second derivatives.

Every structure is either linear in its parameters, Sigma = sum_k theta_k B_k, or a product of variances and
correlations, Sigma_ij = sqrt(v_i v_j) R_ij(rho), in the parameters that SAS PROC MIXED prints. The parameterisation
matters only for the second-order Kenward-Roger form; all else is invariant to it at an interior optimum.

Sources: SAS/STAT 15.1 User's Guide, The MIXED Procedure, table "Covariance Structures"; Pinheiro & Bates (2000),
doi:10.1007/b98882, ch. 5; Zimmerman & Nunez-Anton (2009), Antedependence Models for
Longitudinal Data, CRC Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.models.likelihood.correlations import correlation

HETEROGENEOUS = {"csh": "cs", "arh1": "ar1", "toeph": "toep", "adh": "ad"}
"""Structures with one variance per visit, and the correlation each uses."""

LINEAR = ("us", "cs", "toep", "diag")
"""Structures that are linear in their parameters; their second derivatives vanish."""


class Structure(Protocol):
    """A covariance matrix over T visits as a function of K parameters."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each parameter, length K."""

    @property
    def powers(self) -> Array:
        """1 for variances and covariances (they scale with the square of the outcome), 0 for correlations; (K,)."""

    @property
    def units(self) -> Array | None:
        """Factors from the parameters to the values that are reported, (K,); None for ones."""

    def value(self, theta: Array) -> Array:
        """Sigma, shape (T, T)."""

    def first(self, theta: Array) -> Array:
        """Derivatives of Sigma, shape (K, T, T)."""

    def second(self, theta: Array) -> Array | None:
        """Second derivatives, shape (K, K, T, T); None when all vanish."""

    def start(self, target: Array) -> Array:
        """Parameters whose Sigma is close to `target` (T, T)."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Sigma = sum_k theta_k B_k.

    Attributes
    ----------
    names, powers
        See `Structure`.
    basis : ndarray, shape (K, T, T)
        Symmetric matrices B_k.
    units : ndarray, shape (K,), or None
        Factors from the parameters to the values that are reported (random slopes: time is scaled inside).
    """

    names: tuple[str, ...]
    powers: Array
    basis: Array
    units: Array | None = None

    def value(self, theta: Array) -> Array:
        """Sigma, shape (T, T)."""
        k, t, _ = self.basis.shape
        return (theta @ self.basis.reshape(k, t * t)).reshape(t, t)

    def first(self, theta: Array) -> Array:
        """The basis itself, shape (K, T, T)."""
        return self.basis

    def second(self, theta: Array) -> None:
        """None: a linear structure has no second derivatives."""

    def start(self, target: Array) -> Array:
        """Least-squares projection of `target` (T, T) on the basis."""
        flat = self.basis.reshape(len(self.names), -1)
        return np.asarray(np.linalg.lstsq(flat.T, target.ravel(), rcond=None)[0], dtype=float)


@dataclass(frozen=True, slots=True)
class VarianceCorrelation:
    """Sigma_ij = sqrt(v_i v_j) R_ij(rho), one variance in common or one per visit.

    Attributes
    ----------
    names, powers
        See `Structure`; variances first, then correlations.
    share : ndarray, shape (V, T, T)
        Exponent of variance k in entry ij: (1[i=k] + 1[j=k]) / 2 per visit, or 1 throughout for a common variance.
    correlation : str
        "cs", "ar1", "toep" or "ad".
    units : None
        Parameters are reported as they are.
    """

    names: tuple[str, ...]
    powers: Array
    share: Array
    correlation: str
    units: Array | None = None

    def value(self, theta: Array) -> Array:
        """Sigma, shape (T, T)."""
        v, rho = self._split(theta)
        return self._scale(v) * correlation(self.correlation, rho, self.share.shape[1])[0]

    def first(self, theta: Array) -> Array:
        """Derivatives for the variances, then for the correlations, shape (K, T, T)."""
        v, rho = self._split(theta)
        r, dr, _ = correlation(self.correlation, rho, self.share.shape[1])
        scale = self._scale(v)
        return np.concatenate([self.share / v[:, None, None] * (scale * r), scale * dr])

    def second(self, theta: Array) -> Array:
        """Second derivatives, shape (K, K, T, T)."""
        v, rho = self._split(theta)
        r, dr, ddr = correlation(self.correlation, rho, self.share.shape[1])
        scale, n_v, k = self._scale(v), len(v), len(theta)
        relative = self.share / v[:, None, None]
        out = np.zeros((k, k, *r.shape))
        out[:n_v, :n_v] = relative[:, None] * relative[None, :] * (scale * r)
        for j in range(n_v):
            out[j, j] -= relative[j] / v[j] * (scale * r)
        out[:n_v, n_v:] = relative[:, None] * (scale * dr)[None, :]
        out[n_v:, :n_v] = out[:n_v, n_v:].swapaxes(0, 1)
        out[n_v:, n_v:] = scale * ddr
        return out

    def start(self, target: Array) -> Array:
        """Variances and mean correlations of `target` (T, T), correlations shrunk a little towards 0."""
        t = len(target)
        v = np.diag(target).copy() if len(self.share) == t and t > 1 else np.array([np.mean(np.diag(target))])
        r = target / np.sqrt(np.outer(np.diag(target), np.diag(target)))
        neighbours = np.diag(r, 1)
        if self.correlation == "toep":
            rho = np.array([np.mean(np.diag(r, lag)) for lag in range(1, t)])
        elif self.correlation == "ad":
            rho = neighbours
        else:
            rho = np.array([np.mean(neighbours)]) if t > 1 else np.zeros(0)
        return np.concatenate([v, 0.9 * rho])

    def _split(self, theta: Array) -> tuple[Array, Array]:
        return theta[: len(self.share)], theta[len(self.share) :]

    def _scale(self, v: Array) -> Array:
        if len(v) == 1:
            return np.full(self.share.shape[1:], v[0])
        root = np.sqrt(v)
        return np.outer(root, root)


@dataclass(frozen=True, slots=True)
class RankOne:
    """Sigma = (Z l)(Z l)': random effects Z (T, r) with a covariance of rank one, on the boundary of the cone.

    Attributes
    ----------
    names, powers
        See `Structure`; the loadings l scale with the outcome itself, so their power is 1/2.
    z : ndarray, shape (T, r)
    units : ndarray, shape (r,)
        As in `Linear`.
    """

    names: tuple[str, ...]
    powers: Array
    z: Array
    units: Array | None = None

    def value(self, theta: Array) -> Array:
        """Sigma, shape (T, T)."""
        loading = self.z @ theta
        return np.outer(loading, loading)

    def first(self, theta: Array) -> Array:
        """Derivatives, shape (r, T, T)."""
        side = self.z.T[:, :, None] * (self.z @ theta)
        return side + side.swapaxes(1, 2)

    def second(self, theta: Array) -> Array:
        """Second derivatives, shape (r, r, T, T)."""
        outer = self.z.T[:, None, :, None] * self.z.T[None, :, None, :]
        return outer + outer.swapaxes(2, 3)

    def start(self, target: Array) -> Array:
        """Loadings of the leading eigenvector of the projection of `target` (T, T) on Z."""
        inverse = np.linalg.pinv(self.z)
        values, vectors = np.linalg.eigh(inverse @ target @ inverse.T)
        leading: Array = vectors[:, -1] * np.sqrt(max(values[-1], 1e-4))
        return leading


def random_effects(z: Array, labels: tuple[str, ...], units: Array | None = None) -> Linear:
    """Sigma = Z G Z' with G (r, r) unrestricted; parameters are the lower triangle of G, row by row.

    Parameters
    ----------
    z : ndarray, shape (T, r)
    labels : tuple of str
        Names of the random effects, length r.
    units : ndarray, shape (r,), optional
        Factor of each random effect from the scaled to the reported coefficient.
    """
    r = z.shape[1]
    pairs = [(i, j) for i in range(r) for j in range(i + 1)]
    basis = np.empty((len(pairs), len(z), len(z)))
    for k, (i, j) in enumerate(pairs):
        outer = np.outer(z[:, i], z[:, j])
        basis[k] = outer if i == j else outer + outer.T
    names = tuple(f"variance({labels[i]})" if i == j else f"covariance({labels[j]},{labels[i]})" for i, j in pairs)
    factors = None if units is None else np.array([units[i] * units[j] for i, j in pairs])
    return Linear(names, np.ones(len(pairs)), basis, factors)


def structure(name: str, n_visits: int, labels: tuple[str, ...] | None = None) -> Structure:
    """A covariance structure by name.

    Parameters
    ----------
    name : CovarianceName
    n_visits : int
        T >= 1.
    labels : tuple of str, optional
        Visit labels for the parameter names.

    Returns
    -------
    Structure
        With one visit every structure is a single variance.
    """
    t = n_visits
    labels = labels or tuple(str(i + 1) for i in range(t))
    if t == 1 or name in LINEAR:
        return _linear(name if t > 1 else "diag", t, labels)
    kind = HETEROGENEOUS.get(name, name)
    n_rho = t - 1 if kind in ("toep", "ad") else 1
    if name in HETEROGENEOUS:
        unit = np.eye(t)
        share = (unit[:, :, None] + unit[:, None, :]) / 2
        names = tuple(f"variance({v})" for v in labels)
    else:
        share, names = np.ones((1, t, t)), ("variance",)
    names += tuple(f"correlation({i + 1})" for i in range(n_rho)) if n_rho > 1 else ("correlation",)
    powers = np.concatenate([np.ones(len(share)), np.zeros(n_rho)])
    return VarianceCorrelation(names, powers, share, kind)


def _linear(name: str, t: int, labels: tuple[str, ...]) -> Linear:
    lag = np.abs(np.subtract.outer(np.arange(t), np.arange(t)))
    if name == "us":
        pairs = [(i, j) for i in range(t) for j in range(i + 1)]
        basis = np.zeros((len(pairs), t, t))
        for k, (i, j) in enumerate(pairs):
            basis[k, i, j] = basis[k, j, i] = 1.0
        names = tuple(f"covariance({labels[j]},{labels[i]})" if i != j else f"variance({labels[i]})" for i, j in pairs)
    elif name == "diag":
        basis = np.eye(t)[:, :, None] * np.eye(t)[:, None, :]
        names = tuple(f"variance({v})" for v in labels)
    elif name == "toep":
        basis = (lag[None] == np.arange(t)[:, None, None]).astype(float)
        names = ("variance", *(f"covariance(lag {k})" for k in range(1, t)))
    else:
        basis = np.stack([np.ones((t, t)), np.eye(t)])
        names = ("covariance", "residual")
    return Linear(names, np.ones(len(basis)), basis)
