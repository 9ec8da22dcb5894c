"""A plain second engine for Gaussian models with correlated rows: dense matrices per cluster and ``scipy.optimize``.

It shares no numerical code with the core: no sufficient statistics, no Newton steps, another parameterisation, another
start. The covariance of the rows of one cluster (a person, or a therapy group with its members) is

    V_c = sum_j phi_j D_cj,

with known 0/1 or product matrices ``D`` (the *basis*) and a function ``phi(theta)`` of free parameters which keeps V
positive (semi-)definite. Clusters are padded to one size with rows of zeros and unit variance, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SAME = 1e-9
"""Two values of minus twice the log-likelihood closer than this count as one: rounding is of this size."""

Parameters = Callable[[np.ndarray], np.ndarray]
"""phi: free parameters (any real numbers, complex for the complex step) to coefficients of the basis."""


@dataclass(frozen=True, slots=True)
class DenseProblem:
    """Data and covariance model of one fit.

    Attributes
    ----------
    y : ndarray, shape (clusters, rows)
        Outcome, padded with 0.
    X : ndarray, shape (clusters, rows, p)
        Fixed-effects design, padded with 0.
    basis : ndarray, shape (J, clusters, rows, rows)
        The matrices D.
    padding : ndarray, shape (clusters, rows)
        1 where a row is padding.
    phi : callable
        theta, shape (q,), to shape (J,).
    start : ndarray, shape (q,)
        Where the search begins, for an outcome of unit residual variance.
    """

    y: np.ndarray
    X: np.ndarray
    basis: np.ndarray
    padding: np.ndarray
    phi: Parameters
    start: np.ndarray


@dataclass(frozen=True, slots=True)
class DenseFit:
    """Optimum found by the second engine.

    Attributes
    ----------
    beta : ndarray, shape (p,)
    vcov : ndarray, shape (p, p)
        (X'V⁻¹X)⁻¹, without a small-sample correction.
    loglik : float
        Restricted (or full) log-likelihood with all constants, as lme4 and nlme print it.
    phi : ndarray, shape (J,)
        Coefficients of the basis: the estimated covariance.
    theta : ndarray, shape (q,)
        Free parameters on the scale of the standardized outcome.
    scale : float
        What the outcome was divided by.
    gradient : float
        Largest absolute derivative of the standardized log-likelihood at the end.
    evaluations : int
    """

    beta: np.ndarray
    vcov: np.ndarray
    loglik: float
    phi: np.ndarray
    theta: np.ndarray
    scale: float
    gradient: float
    evaluations: int


def fit_dense(problem: DenseProblem, *, reml: bool = True) -> DenseFit:
    """Maximise the (restricted) likelihood by quasi-Newton steps with exact gradients.

    The gradient with respect to phi_j is -1/2 sum_c tr[(V⁻¹ - V⁻¹rr'V⁻¹ - V⁻¹XΦX'V⁻¹) D_cj] (Harville 1977,
    doi:10.1080/01621459.1977.10480998, without the last term under ML); the chain to theta is a complex step.

    Parameters
    ----------
    problem : DenseProblem
    reml : bool

    Returns
    -------
    DenseFit
    """
    scale, size = residual_scale(problem, reml)
    theta, evaluations = search(problem, scale, reml)
    value, gradient, beta, vcov = deviance(problem, theta, scale, reml)
    loglik = -0.5 * (value + size * np.log(2 * np.pi)) - size * np.log(scale)
    return DenseFit(
        beta=beta * scale,
        vcov=vcov * scale**2,
        loglik=float(loglik),
        phi=problem.phi(theta) * scale**2,
        theta=theta,
        scale=scale,
        gradient=float(np.max(np.abs(gradient))),
        evaluations=evaluations,
    )


def residual_scale(problem: DenseProblem, reml: bool) -> tuple[float, int]:
    """Residual standard deviation of ordinary least squares, and the number of rows less p (less 0 under ML)."""
    rows = problem.padding.ravel() == 0
    X, y = problem.X.reshape(-1, problem.X.shape[-1])[rows], problem.y.ravel()[rows]
    beta, *_ = np.linalg.lstsq(X, y, rcond=None)
    free = len(y) - X.shape[1]
    return float(np.linalg.norm(y - X @ beta) / np.sqrt(max(free, 1))), free if reml else len(y)


def search(problem: DenseProblem, scale: float, reml: bool) -> tuple[np.ndarray, int]:
    """Best of up to three starts: BFGS, then the root of the gradient from where BFGS stops."""
    from scipy.optimize import minimize, root

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        return deviance(problem, theta, scale, reml)[:2]

    best, lowest, steepest, evaluations = problem.start, np.inf, np.inf, 0
    for start in (problem.start, 0.5 * problem.start + 0.3, problem.start - 0.4):
        found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000})
        polished = root(lambda theta: objective(theta)[1], found.x, method="hybr", options={"xtol": 1e-13})
        evaluations += found.nfev + polished.nfev
        for theta in (found.x, polished.x):
            value, gradient = objective(theta)
            steep = float(np.max(np.abs(gradient)))
            if value < lowest - SAME or (value < lowest + SAME and steep < steepest):
                best, lowest, steepest = theta, value, steep
        if steepest < 1e-6:
            break
    return best, evaluations


def deviance(
    problem: DenseProblem, theta: np.ndarray, scale: float, reml: bool
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Minus twice the log-likelihood (without constants) of y / scale, its gradient, beta and (X'V⁻¹X)⁻¹.

    Returns
    -------
    tuple of float, ndarray (q,), ndarray (p,), ndarray (p, p)
        The value is infinite where V is not positive definite.
    """
    q, p = len(theta), problem.X.shape[-1]
    phi, jacobian = complex_step(problem.phi, theta)
    V = np.tensordot(phi, problem.basis, axes=1)
    V = V + problem.padding[:, :, None] * np.eye(V.shape[-1])
    if not np.all(np.isfinite(V)):
        return np.inf, np.zeros(q), np.zeros(p), np.eye(p)
    try:
        L = np.linalg.cholesky(V)
    except np.linalg.LinAlgError:
        return np.inf, np.zeros(q), np.zeros(p), np.eye(p)
    inverse = np.linalg.inv(V)
    WX = inverse @ problem.X
    information = np.einsum("crp,crq->pq", problem.X, WX)
    vcov = np.linalg.inv(information)
    beta = vcov @ np.einsum("crp,cr->p", WX, problem.y / scale)
    r = problem.y / scale - problem.X @ beta
    Wr = np.einsum("crs,cs->cr", inverse, r)
    value = 2 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum() + float(np.sum(r * Wr))
    inner = inverse - Wr[:, :, None] * Wr[:, None, :]
    if reml:
        value += np.linalg.slogdet(information)[1]
        inner = inner - WX @ vcov @ np.swapaxes(WX, 1, 2)
    gradient = np.einsum("crs,jcrs->j", inner, problem.basis) @ jacobian
    return float(value), gradient, beta, vcov


def complex_step(phi: Parameters, theta: np.ndarray, step: float = 1e-200) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and their exact Jacobian, shape (J, q), by the complex step (Squire & Trapp 1998)."""
    shifted = theta + 1j * step * np.eye(len(theta))
    return phi(theta.astype(complex)).real, np.stack([phi(row).imag / step for row in shifted], axis=1)


# Parameters of the covariance over visits ---------------------------------------------------------------------------


def structure(name: str, m: int) -> tuple[Parameters, np.ndarray]:
    """Function from free parameters to the upper triangle of an m x m covariance, and a start.

    Parameters
    ----------
    name : {"us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag"}
    m : int
        Visits.

    Returns
    -------
    tuple of callable and ndarray
        The callable returns the m(m+1)/2 entries in the order of ``numpy.triu_indices``.
    """
    upper = np.triu_indices(m)
    if name == "us":
        return _unstructured(m, upper), np.where(upper[0] == upper[1], 0.1, 0.2)
    heterogeneous = name in {"csh", "arh1", "toeph", "adh", "diag"}
    scales = m if heterogeneous else 1
    correlation, n_correlations = _CORRELATIONS[name](m)

    def phi(theta: np.ndarray) -> np.ndarray:
        sd = np.exp(theta[:scales]) * np.ones(m)
        R = correlation(theta[scales:])
        return (sd[:, None] * R * sd[None, :])[upper]

    return phi, np.r_[np.full(scales, 0.1), np.full(n_correlations, 0.2)]


def _unstructured(m: int, upper: tuple[np.ndarray, np.ndarray]) -> Parameters:
    def phi(theta: np.ndarray) -> np.ndarray:
        L = np.zeros((m, m), dtype=theta.dtype)
        L[upper[1], upper[0]] = np.where(upper[0] == upper[1], np.exp(theta), theta)
        return (L @ L.T)[upper]

    return phi


def _compound(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    low = -1 / max(m - 1, 1)  # a compound-symmetric matrix is positive definite above -1/(m-1)

    def correlation(free: np.ndarray) -> np.ndarray:
        rho = low + (1 - low) / (1 + np.exp(-2 * free[0]))
        return np.where(np.eye(m) == 1, 1.0, rho)

    return correlation, 1


def _autoregressive(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    return lambda free: np.tanh(free[0]) ** lag, 1


def _ante_dependent(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    def correlation(free: np.ndarray) -> np.ndarray:
        R = np.eye(m, dtype=free.dtype)
        for i in range(m - 1):
            for j in range(i + 1, m):
                R[i, j] = R[j, i] = np.prod(np.tanh(free[i:j]))
        return R

    return correlation, m - 1


def _toeplitz(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))

    def correlation(free: np.ndarray) -> np.ndarray:
        return durbin_levinson(np.tanh(free))[lag]

    return correlation, m - 1


def _independent(m: int) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    return lambda free: np.eye(m, dtype=free.dtype), 0


_CORRELATIONS = {
    "cs": _compound, "csh": _compound, "ar1": _autoregressive, "arh1": _autoregressive, "toep": _toeplitz,
    "toeph": _toeplitz, "ad": _ante_dependent, "adh": _ante_dependent, "diag": _independent,
}  # fmt: skip


def durbin_levinson(partial: np.ndarray) -> np.ndarray:
    """Autocorrelations at lags 0 ... k from k partial autocorrelations (Barndorff-Nielsen & Schou 1973).

    Any partial autocorrelations in (-1, 1) give a positive definite Toeplitz matrix and the other way round.
    """
    rho = [np.ones((), dtype=partial.dtype)]
    ahead = np.zeros(0, dtype=partial.dtype)
    for k, last in enumerate(partial):
        past = np.array(rho[1:][::-1] if k else [], dtype=partial.dtype)
        variance = 1 - (ahead @ past[::-1] if k else 0.0)
        rho.append((ahead @ past if k else 0.0) + last * variance)
        ahead = np.append(ahead - last * ahead[::-1], last)
    return np.array(rho)


# Building the problem -----------------------------------------------------------------------------------------------


def pad(values: np.ndarray, cluster: np.ndarray, slot: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Rows laid out as (clusters, rows of the largest cluster, ...), zeros elsewhere."""
    out = np.zeros((*shape, *values.shape[1:]))
    out[cluster, slot] = values
    return out


def slots(cluster: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Running number of each row inside its cluster, and the padded shape."""
    order = np.argsort(cluster, kind="stable")
    counts = np.bincount(cluster)
    slot = np.empty(len(cluster), dtype=int)
    slot[order] = np.concatenate([np.arange(k) for k in counts])
    return slot, (len(counts), int(counts.max()))


def marginal_problem(
    y: np.ndarray, X: np.ndarray, subject: np.ndarray, visit: np.ndarray, name: str, block: np.ndarray | None = None
) -> DenseProblem:
    """MMRM: one covariance over visits, or one per block (arm).

    Parameters
    ----------
    y : ndarray, shape (N,)
    X : ndarray, shape (N, p)
    subject, visit : ndarray of int, shape (N,)
        Codes from 0.
    name : str
        Covariance structure.
    block : ndarray of int, shape (N,), optional
        Code of the covariance that a row follows.
    """
    m = int(visit.max()) + 1
    slot, shape = slots(subject)
    block = np.zeros(len(y), dtype=int) if block is None else block
    at, kind = pad(visit + 1, subject, slot, shape), pad(block, subject, slot, shape)
    basis = []
    for b in range(int(block.max()) + 1):
        for i, j in zip(*np.triu_indices(m), strict=True):
            left, right = (at == i + 1) & (kind == b), (at == j + 1) & (kind == b)
            D = left[:, :, None] & right[:, None, :]
            basis.append(D | np.swapaxes(D, 1, 2))
    one, start = structure(name, m)
    blocks, q = int(block.max()) + 1, len(start)

    def phi(theta: np.ndarray) -> np.ndarray:
        return np.concatenate([one(theta[b * q : (b + 1) * q]) for b in range(blocks)])

    return _problem(y, X, subject, slot, shape, np.array(basis, dtype=float), phi, np.tile(start, blocks))


@dataclass(frozen=True, slots=True)
class RandomTerm:
    """Random effects of one grouping.

    Attributes
    ----------
    Z : ndarray, shape (N, k)
        Design: a column of ones, or ones and time; zeros where a row has no such effect.
    level : ndarray of int, shape (N,)
        Who shares the effect.
    """

    Z: np.ndarray
    level: np.ndarray


def random_problem(
    y: np.ndarray, X: np.ndarray, cluster: np.ndarray, terms: tuple[RandomTerm, ...], residual: np.ndarray | None = None
) -> DenseProblem:
    """LMM: random effects with Cholesky factors as parameters, residual variance common or per kind of row.

    Parameters
    ----------
    y : ndarray, shape (N,)
    X : ndarray, shape (N, p)
    cluster : ndarray of int, shape (N,)
        Independent units: no random effect reaches across clusters.
    terms : tuple of RandomTerm
    residual : ndarray of int, shape (N,), optional
        Code of the residual variance of a row.
    """
    slot, shape = slots(cluster)
    kinds = np.zeros(len(y), dtype=int) if residual is None else residual
    basis, sizes = [], []
    for term in terms:
        Z, level = pad(term.Z, cluster, slot, shape), pad(term.level + 1, cluster, slot, shape)
        same = (level[:, :, None] == level[:, None, :]) & (level[:, :, None] > 0)
        for i, j in zip(*np.triu_indices(term.Z.shape[1]), strict=True):
            product = Z[:, :, None, i] * Z[:, None, :, j]
            basis.append(same * (product if i == j else product + np.swapaxes(product, 1, 2)))
        sizes.append(term.Z.shape[1])
    code = pad(kinds + 1, cluster, slot, shape)
    n_kinds = int(kinds.max()) + 1
    basis += [(code == k + 1)[:, :, None] * np.eye(shape[1]) for k in range(n_kinds)]

    def phi(theta: np.ndarray) -> np.ndarray:
        parts, at = [], 0
        for k in sizes:
            upper = np.triu_indices(k)
            L = np.zeros((k, k), dtype=theta.dtype)
            L[upper[1], upper[0]] = theta[at : at + len(upper[0])]
            parts.append((L @ L.T)[upper])
            at += len(upper[0])
        return np.concatenate([*parts, np.exp(2 * theta[at:])])

    start = np.concatenate([_scaled_start(term) for term in terms] + [np.full(n_kinds, -0.3)])
    return _problem(y, X, cluster, slot, shape, np.array(basis, dtype=float), phi, start)


def _scaled_start(term: RandomTerm) -> np.ndarray:
    """Cholesky factor with standard deviations that give each column about half of the variance."""
    used = np.any(term.Z != 0, axis=1)
    size = np.sqrt(np.mean(term.Z[used] ** 2, axis=0))
    upper = np.triu_indices(term.Z.shape[1])
    return np.where(upper[0] == upper[1], 0.6 / size[upper[1]], 0.0)


def _problem(y, X, cluster, slot, shape, basis, phi, start) -> DenseProblem:
    padding = 1 - pad(np.ones(len(y)), cluster, slot, shape)
    return DenseProblem(
        y=pad(y, cluster, slot, shape), X=pad(X, cluster, slot, shape), basis=basis, padding=padding, phi=phi, start=start
    )
