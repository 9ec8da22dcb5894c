"""A plain second engine for Gaussian models with correlated rows: dense matrices per cluster and ``scipy.optimize``.

It shares no numerical code with the core: no sufficient statistics, no Newton steps, another parameterisation, another
start. The covariance of the rows of one cluster (a person, or a therapy group with its members) is

    V_c = sum_j phi_j D_cj,

with known 0/1 or product matrices ``D`` (the *basis*) and a function ``phi(theta)`` of free parameters which keeps V
positive (semi-)definite. Clusters are padded to one size with rows of zeros and unit variance, which changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from compassion_trials.models.crosscheck.bases import (
    ClusterLayout,
    RandomTerm,
    _one_variance,
    joined,
    random_basis,
    random_parameters,
    random_start,
    residual_basis,
    slots,
)
from compassion_trials.models.crosscheck.structures import Parameters, structure

SAME = 1e-9
"""Two values of minus twice the log-likelihood closer than this count as one: rounding is of this size."""


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
    plain, way_back = standardised(problem)
    theta, evaluations = search(plain, reml)
    value, gradient, beta, vcov = deviance(plain, theta, 1.0, reml)
    size = len(way_back.rows) - (len(beta) if reml else 0)
    loglik = -0.5 * (value + size * np.log(2 * np.pi)) - size * np.log(way_back.scale)
    if reml:
        loglik -= np.log(np.abs(np.diag(way_back.R))).sum()
    inverse = np.linalg.inv(way_back.R)
    return DenseFit(
        beta=way_back.beta + way_back.scale * inverse @ beta,
        vcov=way_back.scale**2 * inverse @ vcov @ inverse.T,
        loglik=float(loglik),
        phi=problem.phi(theta) * way_back.scale**2,
        theta=theta,
        scale=way_back.scale,
        gradient=float(np.max(np.abs(gradient))),
        evaluations=evaluations,
    )


@dataclass(frozen=True, slots=True)
class WayBack:
    """From the standardised problem to the data: y = X beta + scale * r, X = Q R.

    Attributes
    ----------
    beta : ndarray, shape (p,)
        Ordinary least squares.
    R : ndarray, shape (p, p)
    scale : float
        Residual standard deviation.
    rows : ndarray of int, shape (N,)
        Places of the data in the padded layout.
    """

    beta: np.ndarray
    R: np.ndarray
    scale: float
    rows: np.ndarray


def standardised(problem: DenseProblem) -> tuple[DenseProblem, WayBack]:
    """The same problem with orthonormal columns and least-squares residuals of unit variance as the outcome."""
    rows = np.flatnonzero(problem.padding.ravel() == 0)
    X, y = problem.X.reshape(-1, problem.X.shape[-1])[rows], problem.y.ravel()[rows]
    Q, R = np.linalg.qr(X)
    beta = np.linalg.solve(R, Q.T @ y)
    residual = y - X @ beta
    residual -= Q @ (Q.T @ residual)
    scale = float(np.linalg.norm(residual) / np.sqrt(max(len(y) - X.shape[1], 1)))
    flat_y, flat_X = np.zeros(problem.y.size), np.zeros((problem.y.size, X.shape[1]))
    flat_y[rows], flat_X[rows] = residual / scale, Q
    plain = replace(problem, y=flat_y.reshape(problem.y.shape), X=flat_X.reshape(problem.X.shape))
    # what least squares takes out of y is added back to its coefficients
    correction = np.linalg.solve(R, Q.T @ (y - X @ beta))
    return plain, WayBack(beta + correction, R, scale, rows)


def search(problem: DenseProblem, reml: bool) -> tuple[np.ndarray, int]:
    """Best of up to three starts: BFGS, then the root of the gradient from where BFGS stops."""
    from scipy.optimize import minimize, root

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        return deviance(problem, theta, 1.0, reml)[:2]

    def slope(theta: np.ndarray) -> np.ndarray:
        return objective(theta)[1]

    best, lowest, steepest, evaluations = problem.start, np.inf, np.inf, 0
    for start in (problem.start, 0.5 * problem.start + 0.3, problem.start - 0.4):
        found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000})
        polished = root(slope, found.x, method="hybr", options={"xtol": 1e-13})
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
    with np.errstate(all="ignore"):  # far steps of a line search may overflow; they come back as infinite
        phi, jacobian = complex_step(problem.phi, theta)
        V = np.tensordot(phi, problem.basis, axes=1)
    V = V + problem.padding[:, :, None] * np.eye(V.shape[-1])
    try:
        if not np.all(np.isfinite(V)):
            raise np.linalg.LinAlgError
        L = np.linalg.cholesky(V)
        inverse = np.linalg.inv(V)
        WX = inverse @ problem.X
        information = np.einsum("crp,crq->pq", problem.X, WX)
        vcov = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return np.inf, np.zeros(q), np.zeros(p), np.eye(p)
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


# Building the problem -----------------------------------------------------------------------------------------------


def dense_problem(
    y: np.ndarray,
    X: np.ndarray,
    subject: np.ndarray,
    visit: np.ndarray,
    *,
    residual: str = "us",
    block: np.ndarray | None = None,
    terms: tuple[RandomTerm, ...] = (),
    cluster: np.ndarray | None = None,
) -> DenseProblem:
    """An MMRM, a linear mixed model, or both at once.

    Parameters
    ----------
    y : ndarray, shape (N,)
    X : ndarray, shape (N, p)
    subject, visit : ndarray of int, shape (N,)
        Codes from 0.
    residual : str
        Structure over the visits of a person, or "independent".
    block : ndarray of int, shape (N,), optional
        Code of the residual structure that a row follows (arms); one for all when left out.
    terms : tuple of RandomTerm
        Random effects, their covariance kept positive semi-definite through a Cholesky factor.
    cluster : ndarray of int, shape (N,), optional
        Independent units: persons when left out; no random effect may reach across.
    """
    cluster = subject if cluster is None else cluster
    block = np.zeros(len(y), dtype=int) if block is None else block
    layout = ClusterLayout(cluster, *slots(cluster))
    basis, starts, functions = [], [], []
    for term in terms:
        basis += random_basis(layout, term)
        starts.append(random_start(term))
        functions.append(random_parameters(term.Z.shape[1]))
    m = int(visit.max()) + 1
    for b in range(int(block.max()) + 1):
        basis += residual_basis(layout, subject, visit, block == b, m, residual)
        function, start = (_one_variance, np.zeros(1)) if residual == "independent" else structure(residual, m)
        starts.append(start)
        functions.append(function)
    return DenseProblem(
        y=layout.pad(y),
        X=layout.pad(X),
        basis=np.array(basis, dtype=float),
        padding=1 - layout.pad(np.ones(len(y))),
        phi=joined(functions, [len(start) for start in starts]),
        start=np.concatenate(starts),
    )
