"""Refits of many data sets whose people are of few kinds (`kinds`), side by side.

Steps are those of BFGS, which begin with the expected information at the common start; they need only the gradient,
which costs no more than the likelihood itself. A group variance that falls to 0 is held there.

Source: Nocedal & Wright (2006), doi:10.1007/978-0-387-40065-5, ch. 6 (BFGS).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.models.replicates.batch import HALVINGS, Refits
from compassion_trials.models.replicates.covariate_strata import Kinds, Sums
from compassion_trials.models.replicates.covariate_strata_likelihood import Point, evaluate

IntArray = NDArray[np.intp]
Mask = NDArray[np.bool_]

DECREMENT, FINE = 1e-7, 1e-12
"""Stop when g'H g is below this: about 3e-4 standard errors from the optimum, and 1e-6 where replicates hardly differ
(jackknife)."""
MAX_ITERATIONS = 60


def refit(kinds: Kinds, sums: Sums, decrement: float = DECREMENT) -> Refits:
    """Maximise the likelihood of every data set, from `kinds.theta`."""
    size, k = len(sums.squares), len(kinds.theta)
    theta = np.tile(kinds.theta, (size, 1))
    spread = np.tile(np.linalg.pinv(kinds.information, hermitian=True), (size, 1, 1))
    here = evaluate(kinds, sums, theta)
    converged, active = np.zeros(size, dtype=bool), np.arange(size)
    for _ in range(MAX_ITERATIONS):
        at, part = here.take(active), sums.take(active)
        step, left = _direction(kinds, theta[active], at.gradient, spread[active])
        done = left < decrement
        converged[active[done]] = np.isfinite(at.objective[done])
        active, step = active[~done], step[~done]
        if not len(active):
            break
        at, part = at.take(np.flatnonzero(~done)), part.take(np.flatnonzero(~done))
        place, after, moved = _search(kinds, part, theta[active], at, step)
        _update(spread, active, place - theta[active], after.gradient - at.gradient)
        theta[active] = place
        here.put(active, after)
        active = active[moved]
        if not len(active):
            break
    n_obs = (sums.n.sum(1) * kinds.observed.sum(1)).sum(1)
    return Refits(
        theta=theta[:, :k],
        beta=here.beta,
        phi=here.phi,
        objective=here.objective,
        converged=converged,
        n_obs=np.broadcast_to(n_obs, size),
    )


def _direction(kinds: Kinds, theta: Array, gradient: Array, spread: Array) -> tuple[Array, Array]:
    """Steps (B, K) and decrements (B,); a group variance at 0 that wants to fall stays."""
    step = -(spread @ gradient[..., None])[..., 0]
    if kinds.grouped:
        held = np.flatnonzero((theta[:, -1] <= 0) & (gradient[:, -1] > 0))
        free = gradient[held, :-1]
        last = spread[held, :-1, -1]
        inner = spread[held][:, :-1, :-1] - last[:, :, None] * last[:, None] / spread[held, -1, -1][:, None, None]
        step[held, :-1], step[held, -1] = -(inner @ free[..., None])[..., 0], 0.0
        gradient = gradient.copy()
        gradient[held, -1] = 0.0
    return step, -(step * gradient).sum(1)


def _search(kinds: Kinds, sums: Sums, theta: Array, here: Point, step: Array) -> tuple[Array, Point, Mask]:
    """Halve steps until the likelihood does not fall; a group variance stops at 0. Also who got somewhere."""

    def ahead(index: IntArray, scale: float) -> Array:
        found = theta[index] + scale * step[index]
        if kinds.grouped:
            found[:, -1] = np.maximum(found[:, -1], 0.0)
        return found

    everybody = np.arange(len(theta))
    place = ahead(everybody, 1.0)
    after = evaluate(kinds, sums, place)
    slack = 1e-10 * (1.0 + np.abs(here.objective))
    scale, worse = 1.0, np.flatnonzero(~(after.objective <= here.objective + slack))
    for _ in range(HALVINGS):
        if not len(worse):
            break
        scale /= 2.0
        place[worse] = ahead(worse, scale)
        after.put(worse, evaluate(kinds, sums.take(worse), place[worse]))
        worse = worse[~(after.objective[worse] <= here.objective[worse] + slack[worse])]
    place[worse] = theta[worse]
    after.put(worse, here.take(worse))
    return place, after, ~np.isin(everybody, worse)


def _update(spread: Array, active: IntArray, step: Array, change: Array) -> None:
    """BFGS: inverse Hessians learn from the change of the gradient (B, K) along the step."""
    curve = (step * change).sum(1)
    good = curve > 1e-10 * np.sqrt((step**2).sum(1) * (change**2).sum(1)) + 1e-300
    place, step, change, curve = active[good], step[good], change[good], curve[good]
    h = spread[place]
    turned = (h @ change[..., None])[..., 0]
    factor = (1.0 + (change * turned).sum(1) / curve) / curve
    crossed = turned[:, :, None] * step[:, None] / curve[:, None, None]
    spread[place] = h + factor[:, None, None] * step[:, :, None] * step[:, None] - crossed - crossed.swapaxes(1, 2)
