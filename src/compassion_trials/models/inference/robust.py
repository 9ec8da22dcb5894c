"""Cluster-robust covariance (CR0, CR2, CR3) with Bell-McCaffrey degrees of freedom.

Clusters are participants, or therapy groups where there are any.

With e_i the residuals, W_i = V_i^-1 and adjustment matrices A_i,

    V_CR = Phi (sum_i X_i' W_i A_i e_i e_i' A_i' W_i X_i) Phi

CR2's A_i make it unbiased when the working covariance is right. A robust covariance is never mixed with the
Kenward-Roger one.

Sources: Bell & McCaffrey (2002), Survey Methodology 28:169-181; Pustejovsky & Tipton (2018),
doi:10.1080/07350015.2016.1247004 (CR2 with a working covariance, and the HTZ test), as in the R package clubSandwich.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.inference.contrast_tests import FTest, independent_rows, wald_f
from compassion_trials.models.likelihood.estimate import Estimate, Prepared, units

SHORTFALL = 0.99
"""Expected CR2 variance over the model's (1 when every cluster contributes) below which it is not reported."""


@dataclass(frozen=True, slots=True)
class Sandwich:
    """Cluster-robust inference; see `inference.Inference`.

    Attributes
    ----------
    method : str
        "CR0", "CR2" or "CR3".
    covariance : ndarray, shape (p, p)
    note : str
    phi : ndarray, shape (p, p)
        Model-based (X' V^-1 X)^-1.
    spread : ndarray, shape (n, p, p)
        G_i' V_i G_i with G_i = A_i' W_i X_i, per cluster.
    lever : ndarray, shape (n, p, p)
        X_i' G_i.
    """

    method: str
    covariance: Array
    note: str
    phi: Array
    spread: Array
    lever: Array

    def df(self, contrasts: Array) -> Array:
        """Satterthwaite df of the robust variance under the working covariance, (tr P)^2 / tr(P^2), per row (R, p).

        NaN where CR2 cannot be unbiased: a cluster that the mean model fits exactly (the only person of an arm at a
        visit) would count as if it had no variance; and where the variance of the robust variance is 0.
        """
        out = np.empty(len(contrasts))
        for r, weights in enumerate(contrasts @ self.phi):
            own = np.einsum("p,npq,q->n", weights, self.spread, weights, optimize=True)
            pulls = self.lever @ weights
            shared = np.einsum("np,pq,nq->n", pulls, self.phi, pulls, optimize=True)
            turned = self.phi @ (pulls.T @ pulls)
            expected = float((own - shared).sum())
            if self.method == "CR2" and expected < SHORTFALL * float(weights @ contrasts[r]):
                out[r] = np.nan
                continue
            square = float(own @ own - 2 * own @ shared + np.trace(turned @ turned))
            out[r] = expected**2 / square if square > 0 else np.nan
        return out

    def f_test(self, contrasts: Array, values: Array) -> FTest:
        """Approximate Hotelling T^2 with Zhang's df (HTZ; Pustejovsky & Tipton 2018)."""
        contrasts, values = independent_rows(contrasts, values)
        q = len(contrasts)
        if np.isnan(self.df(contrasts)).any():
            return FTest(float("nan"), q, float("nan"), float("nan"))
        weights = contrasts @ self.phi
        expected = self.spread.sum(0) - np.einsum("npq,pr,nrs->qs", self.lever, self.phi, self.lever, optimize=True)
        root = np.linalg.inv(np.linalg.cholesky(weights @ expected @ weights.T))
        total = self._variance_of_variance(root @ weights)
        eta = q * (q + 1) / total
        if eta <= q - 1:
            return FTest(float("nan"), q, float("nan"), float("nan"))
        return wald_f(contrasts, values, self.covariance, eta - q + 1, (eta - q + 1) / eta)

    def _variance_of_variance(self, weights: Array) -> float:
        """Sum of Var(d_st) over the entries of the standardised robust covariance, weights (q, p)."""
        own = np.einsum("sp,npr,tr->nst", weights, self.spread, weights, optimize=True)
        pulls = np.einsum("npr,sr->nsp", self.lever, weights)
        shared = np.einsum("nsp,pr,ntr->nst", pulls, self.phi, pulls, optimize=True)
        cross = np.einsum("nsp,ntr->stpr", pulls, pulls, optimize=True) @ self.phi
        total = 0.0
        for s in range(len(weights)):
            for t in range(len(weights)):
                direct = own[:, s, s] @ own[:, t, t] - own[:, s, s] @ shared[:, t, t] - shared[:, s, s] @ own[:, t, t]
                mixed = own[:, s, t] @ own[:, s, t] - 2 * own[:, s, t] @ shared[:, s, t]
                # tr(Phi B_st Phi B_ts) + tr(Phi B_ts Phi B_ts) with B_st = sum_i b_is b_it'.
                total += direct + mixed
                total += np.sum(cross[s, t] * cross[t, s].T) + np.sum(cross[t, s] * cross[t, s].T)
        return float(total)


def sandwich(prepared: Prepared, estimate: Estimate, kind: str) -> Sandwich:
    """Cluster-robust inference of a fit.

    Parameters
    ----------
    prepared, estimate
        The fit, standardised.
    kind : RobustName
        CR0 without adjustment, CR2 bias-reduced, CR3 close to the jackknife.
    """
    p = estimate.problem.p
    phi, beta = estimate.optimum.solution.phi, estimate.optimum.solution.beta
    scores, spreads, levers = [], [], []
    for index, v in units(estimate):
        x, u = prepared.z[index][..., :p], prepared.z[index][..., p]
        weighted = adjusted_weights(kind, x, v, phi)
        scores.append(np.einsum("ndp,nd->np", weighted, u - x @ beta))
        spreads.append(weighted.swapaxes(1, 2) @ (v @ weighted))
        levers.append(x.swapaxes(1, 2) @ weighted)
    score = np.concatenate(scores)
    grouped = estimate.problem.covariance.grouped
    note = f"{kind} cluster-robust standard errors, Bell-McCaffrey df, clusters: " + (
        "therapy groups and ungrouped participants" if grouped else "participants"
    )
    covariance = phi @ (score.T @ score) @ phi
    return Sandwich(
        method=kind,
        covariance=covariance,
        note=note,
        phi=phi,
        spread=np.concatenate(spreads),
        lever=np.concatenate(levers),
    )


def adjusted_weights(kind: str, x: Array, v: Array, phi: Array) -> Array:
    """G_i = A_i' W_i X_i, shape (n, d, p), for clusters with design x (n, d, p) and one covariance v (d, d)."""
    inverse = np.linalg.inv(v)
    plain = inverse @ x
    if kind == "CR0":
        return plain
    hat = x @ phi @ x.swapaxes(1, 2)
    if kind == "CR3":
        try:
            found = np.linalg.solve((np.eye(len(v)) - hat @ inverse).swapaxes(1, 2), plain)
            return np.asarray(found, dtype=float)
        except np.linalg.LinAlgError:
            raise ModelError("CR3 needs at least two participants in every arm at every visit") from None
    root = np.linalg.cholesky(v).T
    values, vectors = np.linalg.eigh(root @ (v - hat) @ root.T)
    # Directions without residual variance (fitted exactly) get weight 0: the Moore-Penrose inverse.
    positive = values > 1e-10 * values.max(-1, keepdims=True)
    power = np.where(positive, 1.0 / np.sqrt(np.where(positive, values, 1.0)), 0.0)
    middle = (vectors * power[:, None, :]) @ vectors.swapaxes(1, 2)
    corrected: Array = (root.T @ middle @ root) @ plain
    return corrected
