"""Reference-based imputation of a laid-out trial: how far values move, and the answer from conditional means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.imputation import conditional_means
from compassion_trials.effects.incomplete import Incomplete
from compassion_trials.effects.reference_based import discontinuation, jackknife_se, shifts

Array = NDArray[np.float64]

MAR = "missing_at_random"
"""The strategy that moves nothing."""


def moves(data: Incomplete, strategy: str, reference: str, beta: Array, sigma: Array) -> Array:
    """How far imputed values of those who stopped move, (M, n, T).

    Parameters
    ----------
    data : Incomplete
    strategy : str
        A name in `reference_based.STRATEGIES`, or ``missing_at_random``.
    reference : str
        Reference arm; its own participants stay missing at random.
    beta : ndarray, shape (M, p)
    sigma : ndarray, shape (M, T, T)
    """
    out = np.zeros((len(beta), *data.joint.y.shape))
    if strategy == MAR:
        return out
    grid, arms = data.fit.prepared.design.grid(), list(data.fit.prepared.design.arms)
    theirs = beta @ grid[arms.index(reference)].T
    stop = discontinuation(data.joint.y)
    for a, arm in enumerate(arms):
        if arm != reference:
            mine = np.flatnonzero(data.arm == a)
            out[:, mine] = shifts(strategy, beta @ grid[a].T, theirs, sigma)[:, stop[mine]]  # type: ignore[arg-type]
    return out


def conditional_mean_answer(data: Incomplete, strategy: str, reference: str) -> tuple[Array, Array]:
    """Estimates from data completed by conditional means, and jackknife standard errors, each (contrasts,).

    Wolbers et al. (2022), doi:10.1002/pst.2234. Every replicate refits the model without one participant.

    Raises
    ------
    ModelError
        The model cannot be fitted without some participant.
    """
    from compassion_trials.models.batch import values
    from compassion_trials.models.resample import jackknife

    def analyse(beta: Array, sigma: Array, weights: Array | None) -> Array:
        completed = conditional_means(data.joint, beta, sigma) + moves(data, strategy, reference, beta, sigma)
        return data.solver(completed, weights).estimate(data.outcome(completed))

    fit, n = data.fit, len(data.arm)
    full = analyse(fit.beta[None], fit.covariances[:1], None)[0]
    refits = jackknife(fit)
    if not refits.converged.all():
        raise ModelError(f"{int((~refits.converged).sum())} of {len(refits.converged)} jackknife fits did not converge")
    beta, sigma = np.tile(fit.beta, (n, 1)), np.tile(fit.covariances[0], (n, 1, 1))
    beta[data.subject] = refits.beta  # who has no value at all changes only the final analysis
    sigma[data.subject] = values(fit.estimate.problem.covariance, refits.theta)[:, 0] * fit.prepared.standard.scale**2
    return full, jackknife_se(full, analyse(beta, sigma, 1.0 - np.eye(n)))
