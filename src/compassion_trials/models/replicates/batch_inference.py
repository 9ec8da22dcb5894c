"""Standard errors and degrees of freedom of every replicate: Kenward-Roger and Satterthwaite along the batch axis.

The same formulas as `inference.moments` (observed information, no second derivatives in the covariance of the
coefficients), so that simulations judge exactly what a single fit would report.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.models.inference.contrast_tests import p_two_sided
from compassion_trials.models.likelihood.patterns import whole
from compassion_trials.models.replicates import batch as b
from compassion_trials.models.replicates.batch import Batch, Profile, Refits
from compassion_trials.models.replicates.stacked_cholesky import invert


@dataclass(frozen=True, slots=True)
class ReplicateTests:
    """t tests of R contrasts in B replicates.

    Attributes
    ----------
    estimate, se, df, p : ndarray, shape (B, R)
        NaN where a replicate did not converge.
    converged : ndarray of bool, shape (B,)
    """

    estimate: Array
    se: Array
    df: Array
    p: Array
    converged: NDArray[np.bool_]


def replicate_tests(batch: Batch, refits: Refits, contrasts: Array, kenward_roger: bool = True) -> ReplicateTests:
    """Test contrasts of the coefficients in every replicate.

    Parameters
    ----------
    batch : Batch
    refits : Refits
        From `batch.refit`.
    contrasts : ndarray, shape (R, p)
        In the standardised space (`Standard.contrasts`).
    kenward_roger : bool
        Adjusted standard errors; False for Satterthwaite with model-based ones.
    """
    at = b.profile(batch, refits.theta)
    d = b.first(batch.covariance, refits.theta)
    middle = b.sandwich(batch, d, at.inverse)
    slopes = (b.weigh(middle).reshape(len(batch), middle.shape[1], -1) @ batch.xx)[..., whole(batch.xy.shape[2])]
    observed, expected = information(batch, refits.theta, at, d, middle, slopes)
    weights, _, positive = invert(observed)
    weights = 2.0 * np.where(positive[:, None, None], weights, invert(expected)[0])
    covariance = adjusted(batch, at, d, slopes, weights) if kenward_roger else at.phi
    estimate = at.beta @ contrasts.T
    se = np.sqrt(quadratic(contrasts, covariance))
    variance = quadratic(contrasts, at.phi)
    turned = contrasts @ at.phi
    slope = np.einsum("brp,bkpq,brq->brk", turned, slopes, turned, optimize=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = 2.0 * variance**2 / np.einsum("brk,bkl,brl->br", slope, weights, slope, optimize=True)
        p = p_two_sided(estimate / se, df)
    lost = ~refits.converged[:, None]
    estimate, se, df, p = (np.where(lost, np.nan, x) for x in (estimate, se, df, p))
    return ReplicateTests(estimate, se, df, p, refits.converged)


def information(batch: Batch, theta: Array, at: Profile, d: Array, middle: Array, slopes: Array) -> tuple[Array, Array]:
    """Observed and expected information of -2 log L, each (B, K, K); see `reml`."""
    residual, hidden = b.scatters(batch, at)
    flat_d, flat_middle = b.flat(b.embed(batch, d)), b.flat(middle)
    expected = b.flat(middle * batch.n[:, None, :, None, None]) @ flat_d.swapaxes(1, 2)
    if batch.reml:
        spread = b.full(batch, hidden).reshape(at.inverse.shape)
        turned = b.embed(batch, d) @ (at.inverse @ spread)[:, None]
        expected = expected - 2.0 * flat_middle @ b.flat(turned.swapaxes(-1, -2)).swapaxes(1, 2)
        product = at.phi[:, None] @ slopes
        k = middle.shape[1]
        flat_product = product.reshape(len(batch), k, -1)
        expected = expected + flat_product @ product.swapaxes(2, 3).reshape(len(batch), k, -1).swapaxes(1, 2)
    observed = 2.0 * b.average_information(batch, d, at, middle, residual) - expected
    if not batch.covariance.linear:
        observed = observed + _curvature(batch, theta, at, residual + hidden)
    return (observed + observed.swapaxes(1, 2)) / 2, (expected + expected.swapaxes(1, 2)) / 2


def adjusted(batch: Batch, at: Profile, d: Array, slopes: Array, weights: Array) -> Array:
    """Kenward-Roger covariance without second derivatives, shape (B, p, p); see `inference`."""
    n, k = len(batch), weights.shape[1]
    mixed_slopes = (weights @ slopes.reshape(n, k, -1)).reshape(slopes.shape)
    total = -(slopes @ at.phi[:, None] @ mixed_slopes).sum(1)
    embedded = b.embed(batch, d)
    mixed = (weights @ b.flat(embedded)).reshape(n, k, *embedded.shape[2:])
    core = at.inverse @ (embedded @ at.inverse[:, None] @ mixed).sum(1) @ at.inverse
    core = (core + core.swapaxes(-1, -2)) / 2
    total = total + b.contract(b.halves(core), batch.xx)[..., whole(slopes.shape[-1])]
    found = at.phi + 2.0 * at.phi @ total @ at.phi
    symmetric: Array = (found + found.swapaxes(1, 2)) / 2
    return symmetric


def quadratic(contrasts: Array, covariance: Array) -> Array:
    """l'Cl for contrasts (R, p) and covariances (B, p, p): (B, R)."""
    products: Array = ((contrasts @ covariance) * contrasts).sum(2)
    return products


def _curvature(batch: Batch, theta: Array, at: Profile, scatter: Array) -> Array:
    """tr(P D_kl) - y'P D_kl P y of structures with second derivatives, shape (B, K, K)."""
    spread = b.full(batch, scatter).reshape(at.inverse.shape)
    slack = at.inverse * batch.n[:, :, None, None] - at.inverse @ spread @ at.inverse
    out = np.zeros((len(batch), theta.shape[1], theta.shape[1]))
    for i, parameters in enumerate(theta):
        bend = batch.covariance.second(parameters)
        if bend is not None:
            pull = np.zeros(bend.shape[2:])
            np.add.at(pull, batch.slot, slack[i])
            out[i] = np.tensordot(bend, pull, 3)
    return out
