"""Reference-based imputation of a laid-out trial: how far values move, and the answer from conditional means."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.missing.imputation import conditional_means
from compassion_trials.effects.missing.incomplete import Incomplete
from compassion_trials.effects.missing.reference_based import (
    jackknife_se,
    shift,
    shifts,
    stratified_jackknife,
)

if TYPE_CHECKING:
    from compassion_trials.effects.missing.reference_based import Strategy
    from compassion_trials.models.replicates.resample import Replicates


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
    how = cast("Strategy", strategy)
    theirs = beta @ grid[arms.index(reference)].T
    seen = ~np.isnan(data.joint.y)
    for a, arm in enumerate(arms):
        if arm != reference:
            mine = np.flatnonzero(data.arm == a)
            own = beta @ grid[a].T
            out[:, mine] = shifts(how, own, theirs, sigma)[:, data.stop[mine]]
            for i in mine[data.came_back[mine]]:
                out[:, i] = shift(how, own, theirs, sigma, data.stop[i], seen[i])
    return out


def left_out(data: Incomplete) -> Replicates:
    """Refits of the model that imputes without each participant in turn, or each therapy group; for all strategies.

    Raises
    ------
    ModelError
        The model cannot be fitted without some participant or group.
    """
    from compassion_trials.models.replicates.resample import jackknife

    refits = jackknife(data.fit, data.units()[data.subject])
    if not refits.converged.all():
        raise ModelError(f"{int((~refits.converged).sum())} of {len(refits.converged)} jackknife fits did not converge")
    return refits


def conditional_mean_answer(
    data: Incomplete, strategy: str, reference: str, refits: Replicates | None = None
) -> tuple[Array, Array, Array]:
    """Estimates from data completed by conditional means, jackknife standard errors and df, each (contrasts,).

    Wolbers et al. (2022), doi:10.1002/pst.2234. Every replicate refits the model without one participant, df infinite.
    Where there are therapy groups, whole groups are left out, and people without a group one by one.

    Parameters
    ----------
    data : Incomplete
    strategy, reference : str
        As in `moves`.
    refits : Replicates, optional
        Of `left_out`, to be used for several strategies.

    Raises
    ------
    ModelError
        The model cannot be fitted without some participant or group.
    """
    from compassion_trials.models.replicates.batch import values

    def analyse(beta: Array, sigma: Array, weights: Array | None) -> Array:
        completed = conditional_means(data.joint, beta, sigma) + moves(data, strategy, reference, beta, sigma)
        return data.solver(completed, weights).estimate(data.outcome(completed))

    fit, unit = data.fit, data.units()
    n = int(unit.max()) + 1
    full = analyse(fit.beta[None], fit.covariances[:1], None)[0]
    refits = refits or left_out(data)
    beta, sigma = np.tile(fit.beta, (n, 1)), np.tile(fit.covariances[0], (n, 1, 1))
    seen = np.unique(unit[data.subject])  # who has no value at all changes only the final analysis
    beta[seen] = refits.beta[seen]
    theta = values(fit.estimate.problem.covariance, refits.theta)[:, 0] * fit.prepared.standard.scale**2
    sigma[seen] = theta[seen]
    estimates = analyse(beta, sigma, (unit != np.arange(n)[:, None]).astype(float))
    if not data.by_group:
        return full, jackknife_se(full, estimates), np.full(len(full), np.inf)
    arm = np.array([data.arm[np.flatnonzero(unit == u)[0]] for u in range(n)])
    return full, *stratified_jackknife(estimates, arm)
