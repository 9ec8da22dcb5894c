"""Kenward-Roger and Satterthwaite inference with dense matrices and numeric derivatives: slow, plain, independent.

Built on the second engine of `models.crosscheck.dense`; no code of the core. It exists because no R package installed
here computes Kenward-Roger with observed information for every structure.

Sources: Kenward & Roger (1997), doi:10.2307/2533558; SAS/STAT PROC MIXED, ``ddfm=kr(firstorder)``; Fai & Cornelius
(1996), doi:10.1080/00949659608811740.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from compassion_trials.models.crosscheck.dense import DenseFit, DenseProblem, deviance

Information = Literal["observed", "expected"]
STEP = 1e-4
"""Step of the central differences (fourth order: error about 1e-10 for theta of size one)."""


@dataclass(frozen=True, slots=True)
class DenseInference:
    """What small-sample inference needs; parameters are theta of the dense fit, outcome divided by its scale.

    Attributes
    ----------
    phi : ndarray, shape (p, p)
        (X'V⁻¹X)⁻¹.
    adjusted : ndarray, shape (p, p)
        Kenward-Roger covariance of beta.
    P : ndarray, shape (q, p, p)
        Derivatives of X'V⁻¹X.
    W : ndarray, shape (q, q)
        Covariance of theta.
    scale : float
    """

    phi: np.ndarray
    adjusted: np.ndarray
    P: np.ndarray
    W: np.ndarray
    scale: float

    def contrast(self, L: np.ndarray, kenward_roger: bool = True) -> tuple[float, float]:
        """Standard error and df of one contrast L (p,): Kenward-Roger, or Satterthwaite with the unadjusted SE."""
        phi_L = self.phi @ L
        variance = float(L @ phi_L)
        gradient = np.einsum("p,kpr,r->k", phi_L, self.P, phi_L)  # up to sign
        df = 2 * variance**2 / float(gradient @ self.W @ gradient)
        se = np.sqrt(L @ (self.adjusted if kenward_roger else self.phi) @ L) * self.scale
        return float(se), df

    def joint(self, L: np.ndarray, beta: np.ndarray) -> tuple[float, float]:
        """Kenward-Roger F (scaled) and denominator df of L beta = 0, L of shape (rows, p); beta in the data's units."""
        rows = len(L)
        theta = L.T @ np.linalg.solve(L @ self.phi @ L.T, L)
        M = np.einsum("ij,jk,lkm,mn->lin", theta, self.phi, self.P, self.phi)
        traces = np.trace(M, axis1=1, axis2=2)
        a1 = traces @ self.W @ traces
        a2 = np.einsum("kl,kij,lji->", self.W, M, M)
        b = (a1 + 6 * a2) / (2 * rows)
        g = ((rows + 1) * a1 - (rows + 4) * a2) / ((rows + 2) * a2)
        base = 3 * rows + 2 * (1 - g)
        c1, c2, c3 = g / base, (rows - g) / base, (rows + 2 - g) / base
        expected = 1 / (1 - a2 / rows)
        spread = 2 / rows * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        rho = spread / (2 * expected**2)
        df = 4 + (rows + 2) / (rows * rho - 1)
        estimate = L @ beta / self.scale
        wald = estimate @ np.linalg.solve(L @ self.adjusted @ L.T, estimate) / rows
        return float(df / (expected * (df - 2)) * wald), float(df)


def infer(
    problem: DenseProblem, fit: DenseFit, information: Information = "observed", second_order: bool = False
) -> DenseInference:
    """Kenward-Roger pieces at a dense REML fit; `second_order` adds the term with second derivatives of V in theta."""
    q = len(fit.theta)

    def V_of(theta: np.ndarray) -> np.ndarray:
        return np.tensordot(problem.phi(theta), problem.basis, axes=1)

    D = np.stack([derivative(lambda h, k=k: V_of(fit.theta + h * np.eye(q)[k])) for k in range(q)])
    size = problem.padding.shape[1]
    inverse = np.linalg.inv(V_of(fit.theta) + problem.padding[:, :, None] * np.eye(size))
    WX = inverse @ problem.X
    phi = np.linalg.inv(np.einsum("crp,crq->pq", problem.X, WX))
    DWX = D @ WX  # (q, clusters, rows, p)
    P = -np.einsum("crp,kcrs,csm->kpm", WX, D, WX)
    Q = np.einsum("kcrp,crs,lcsm->klpm", DWX, inverse, DWX)
    if information == "observed":
        gradient = lambda h, k: deviance(problem, fit.theta + h * np.eye(q)[k], fit.scale, True)[1]  # noqa: E731
        hessian = np.stack([derivative(lambda h, k=k: gradient(h, k)) for k in range(q)])
        W = 2 * np.linalg.inv((hessian + hessian.T) / 2)
    else:
        WD = inverse @ D
        traces = np.einsum("kcrs,lcsr->kl", WD, WD)
        inner = 2 * np.einsum("pm,klmp->kl", phi, Q) - np.einsum("ab,kbc,cd,lda->kl", phi, P, phi, P)
        W = 2 * np.linalg.inv(traces - inner)
    correction = np.einsum("kl,klpm->pm", W, Q) - np.einsum("kl,kab,bc,lcd->ad", W, P, phi, P)
    if second_order:
        for k in range(q):
            for m in range(q):
                bend = second_derivative(V_of, fit.theta, k, m)
                correction -= 0.25 * W[k, m] * np.einsum("crp,crs,csm->pm", WX, bend, WX)
    adjusted = phi + 2 * phi @ correction @ phi
    return DenseInference(phi=phi, adjusted=(adjusted + adjusted.T) / 2, P=P, W=W, scale=fit.scale)


def derivative(f: object, h: float = STEP) -> np.ndarray:
    """Fourth-order central difference at 0."""
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def second_derivative(f: object, theta: np.ndarray, k: int, m: int, h: float = 1e-3) -> np.ndarray:
    """Mixed second derivative of f at theta by nested fourth-order differences."""
    e = np.eye(len(theta))
    return derivative(lambda s: derivative(lambda t: f(theta + s * e[k] + t * e[m]), h), h)


def in_printed_parameters(problem: DenseProblem, fit: DenseFit, name: str, m: int) -> tuple[DenseProblem, DenseFit]:
    """The same optimum in the parameters that PROC MIXED prints: variances, then correlations.

    Only the second-order form depends on them. Written out here once more, by hand, for one covariance common to arms.
    """
    upper = np.triu_indices(m)
    sigma = np.zeros((m, m))
    sigma[upper] = fit.phi / fit.scale**2
    sigma = sigma + np.triu(sigma, 1).T
    sd = np.sqrt(np.diag(sigma))
    R = sigma / np.outer(sd, sd)
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    variances = sd**2 if name in {"csh", "arh1", "toeph", "adh"} else sd[:1] ** 2
    correlations = {"csh": R[0, 1:2], "ar1": R[0, 1:2], "arh1": R[0, 1:2], "toeph": R[0, 1:], "adh": np.diag(R, 1),
                    "ad": np.diag(R, 1)}[name]  # fmt: skip

    def phi(theta: np.ndarray) -> np.ndarray:
        v, rho = theta[: len(variances)], theta[len(variances) :]
        if name == "csh":
            C = np.where(lag == 0, 1.0, rho[0])
        elif name in {"ar1", "arh1"}:
            C = rho[0] ** lag
        elif name == "toeph":
            C = np.concatenate([[1.0], rho])[lag]
        else:
            C = np.array([[np.prod(rho[min(i, j) : max(i, j)]) for j in range(m)] for i in range(m)])
        s = np.sqrt(v) * np.ones(m)
        return (s[:, None] * C * s[None, :])[upper]

    theta = np.concatenate([variances, correlations])
    return replace(problem, phi=phi), replace(fit, theta=theta)
