"""Many simulated trials with therapy groups in some arms, refitted side by side.

Participant i of kind p (arm and last visit seen) has outcomes X_p b + u_p g_c + e_i with e_i ~ N(0, Sigma_p) and, where
the arm meets in groups, a shared g_c ~ N(0, tau2) at visits after the first (u_p). With B_p = Sigma_p^-1, the inverse
of a group's covariance is B - kappa (B u)(B u)', kappa = tau2 / (1 + tau2 w), w = u'B u (Sherman & Morrison 1950,
doi:10.1214/aoms/1177729893), so a trial is its cross-products by kind and its sums by group and kind. The restricted
likelihood is maximised by scoring, tau2 held at 0 where it would be negative, as the primary model does it
(`models.lmm`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.models.small import invert

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

DECREMENT = 1e-5
"""Squared distance to the optimum, in standard errors of the variance parameters, at which a trial is done."""
ITERATIONS, HALVINGS = 60, 8


@dataclass(frozen=True, slots=True)
class Nested:
    """Design of a trial whose participants differ by kind only.

    Attributes
    ----------
    x : ndarray, shape (P, T, p)
        Rows of the mean model by kind, zero where not seen.
    seen : ndarray of bool, shape (P, T)
    met : ndarray, shape (P, T)
        u: 1 where members of a group share an effect and are seen.
    n : ndarray, shape (P,)
        Participants.
    members : ndarray, shape (C, P)
        Members of each group by kind.
    basis : ndarray, shape (K, T, T)
        Derivatives of Sigma; tau2 is one more parameter, the last.
    """

    x: Array
    seen: Mask
    met: Array
    n: Array
    members: Array
    basis: Array


@dataclass(frozen=True, slots=True)
class Trials:
    """Sufficient statistics of B trials.

    Attributes
    ----------
    yy : ndarray, shape (B, P, T, T)
        Cross-products by kind, zero where not seen.
    y : ndarray, shape (B, P, T)
        Sums by kind.
    by_group : ndarray, shape (B, C, P, T)
        Sums by group and kind.
    """

    yy: Array
    y: Array
    by_group: Array

    def take(self, index: NDArray[np.intp]) -> Trials:
        """Some of the trials."""
        return Trials(self.yy[index], self.y[index], self.by_group[index])


@dataclass(frozen=True, slots=True)
class Fitted:
    """The profile of B trials at their parameters.

    Attributes
    ----------
    theta : ndarray, shape (B, K + 1)
        Parameters of Sigma, and tau2.
    objective : ndarray, shape (B,)
        -2 log restricted likelihood up to a constant; inf where Sigma is not positive definite.
    beta : ndarray, shape (B, p)
    phi : ndarray, shape (B, p, p)
    gradient : ndarray, shape (B, K + 1)
        Of the objective.
    own : ndarray, shape (B,)
        Expected second derivative in tau2.
    inverse : ndarray, shape (B, P, T, T)
        B of every kind.
    """

    theta: Array
    objective: Array
    beta: Array
    phi: Array
    gradient: Array
    own: Array
    inverse: Array


def draw(design: Nested, sigma: Array, tau2: float, trials: int, rng: np.random.Generator) -> Trials:
    """Trials whose means are 0.

    Parameters
    ----------
    design : Nested
    sigma : ndarray, shape (T, T)
    tau2 : float
    trials : int
    rng : numpy.random.Generator
    """
    n_kinds, t = design.seen.shape
    root = np.linalg.cholesky(sigma)
    effect = np.sqrt(tau2) * rng.standard_normal((trials, len(design.members)))
    yy, total = np.zeros((trials, n_kinds, t, t)), np.zeros((trials, n_kinds, t))
    by_group = np.zeros((trials, len(design.members), n_kinds, t))
    for p in range(n_kinds):
        members = design.members[:, p].astype(int)
        group = np.repeat(np.arange(len(members)), members)
        y = (rng.standard_normal((trials, int(design.n[p]), t)) @ root.T) * design.seen[p]
        y[:, : len(group)] += effect[:, group, None] * design.met[p]
        yy[:, p] = y.swapaxes(1, 2) @ y
        total[:, p] = y.sum(1)
        for c in np.flatnonzero(members):
            by_group[:, c, p] = y[:, : len(group)][:, group == c].sum(1)
    return Trials(yy, total, by_group)


def profile(design: Nested, trials: Trials, theta: Array) -> Fitted:
    """Generalised least squares, restricted likelihood and its gradient at theta (B, K + 1)."""
    n, members, x = design.n, design.members, design.x
    tau2 = theta[:, -1:]
    pairs = design.seen[:, :, None] & design.seen[:, None, :]
    hidden = np.eye(pairs.shape[1]) * ~design.seen[:, :, None]
    sigma = np.tensordot(theta[:, :-1], design.basis, 1)
    b, log_det, positive = invert(sigma[:, None] * pairs + hidden)
    b = b - hidden
    bu = (b @ design.met[:, :, None])[..., 0]
    w = (bu * design.met).sum(-1) @ members.T
    kappa = tau2 / (1.0 + tau2 * w)
    bx = b @ x
    sx = np.einsum("cp,bpi->bci", members, (x.swapaxes(1, 2) @ bu[..., None])[..., 0])
    sy = np.einsum("bcpt,bpt->bc", trials.by_group, bu)
    information = np.einsum("p,ptj,bpti->bij", n, x, bx) - np.einsum("bc,bci,bcj->bij", kappa, sx, sx)
    moment = np.einsum("bpti,bpt->bi", bx, trials.y) - np.einsum("bc,bci,bc->bi", kappa, sx, sy)
    phi, log_det_x, estimable = invert(information)
    beta = (phi @ moment[..., None])[..., 0]
    squares = (b * trials.yy).sum((1, 2, 3)) - (kappa * sy**2).sum(1)
    objective = log_det @ n + np.log1p(tau2 * w).sum(1) + squares - (beta * moment).sum(1) + log_det_x
    good = positive.all(1) & estimable & np.isfinite(objective) & (tau2[:, 0] >= 0)
    gradient = _gradient(design, trials, b, bu, kappa, w, sx, sy, beta, phi)
    left = 1.0 - kappa * w
    between = np.eye(w.shape[1]) * (w * left)[:, None] - left[:, :, None] * left[:, None] * (
        sx @ phi @ sx.swapaxes(1, 2)
    )
    own = (between**2).sum((1, 2))  # u'P u of all pairs of groups
    return Fitted(theta, np.where(good, objective, np.inf), beta, phi, gradient, own, b)


def _gradient(
    design: Nested, trials: Trials, b: Array, bu: Array, kappa: Array, w: Array, sx: Array, sy: Array, beta: Array,
    phi: Array,
) -> Array:  # fmt: skip
    """Gradient (B, K + 1): tr(P D_k) - y'P D_k P y, collected by kind."""
    n, members, u = design.n, design.members, design.met
    mean = (design.x @ beta[:, None, :, None])[..., 0]
    e = trials.y - n[:, None] * mean
    own = trials.by_group - members[:, :, None] * mean[:, None]
    se = sy - (sx * beta[:, None]).sum(-1)
    spread = phi @ sx.swapaxes(1, 2)
    sxs = (sx * spread.swapaxes(1, 2)).sum(-1)
    scatter = trials.yy - mean[..., :, None] * e[..., None, :] - trials.y[..., :, None] * mean[..., None, :]
    scatter += n[:, None, None] * (design.x @ phi[:, None] @ design.x.swapaxes(1, 2))
    pull = np.einsum("bc,bcpt->bpt", kappa * se, own)
    pull += np.einsum("pti,bic,bc,cp->bpt", design.x, spread, kappa, members, optimize=True)
    both = pull[..., :, None] * u[:, None, :]
    scatter -= both + both.swapaxes(-1, -2)
    scatter += ((kappa**2 * (se**2 + sxs)) @ members)[..., None, None] * (u[:, :, None] * u[:, None, :])
    inside = n[:, None, None] * b - (kappa @ members)[..., None, None] * bu[..., :, None] * bu[..., None, :]
    inside -= b @ scatter @ b
    left = 1.0 - kappa * w
    of_group = (w * left - left**2 * (se**2 + sxs)).sum(1)
    within = inside.sum(1).reshape(len(b), -1) @ design.basis.reshape(len(design.basis), -1).T
    return np.column_stack([within, of_group])


def refit(design: Nested, trials: Trials, start: Array) -> tuple[Fitted, Mask]:
    """Maximise the restricted likelihood of every trial.

    Parameters
    ----------
    design : Nested
    trials : Trials
    start : ndarray, shape (K + 1,)
        The parameters that the trials were drawn from, or near them.

    Returns
    -------
    fitted : Fitted
    converged : ndarray of bool, shape (B,)
    """
    here = profile(design, trials, np.tile(start, (len(trials.y), 1)))
    done = np.zeros(len(trials.y), dtype=bool)
    active = np.arange(len(done))
    for _ in range(ITERATIONS):
        now = _take(here, active)
        step, decrement = _step(design, now)
        stop = (decrement < DECREMENT) & np.isfinite(now.objective)
        done[active[stop]] = True
        keep = np.flatnonzero(~stop)
        active = active[keep]
        if not len(active):
            break
        _put(here, active, _search(design, trials.take(active), _take(now, keep), step[keep]))
    return here, done


def _step(design: Nested, now: Fitted) -> tuple[Array, Array]:
    """Scoring steps (B, K + 1), tau2 never below 0, and decrements.

    The information about Sigma leaves out the groups and the means, which it hardly depends on.
    """
    tau2, k = now.theta[:, -1], len(design.basis)
    turned = now.inverse[:, :, None] @ design.basis @ now.inverse[:, :, None]
    summed = np.tensordot(turned, design.n, axes=(1, 0)).reshape(len(tau2), k, -1)
    within = -np.linalg.solve(summed @ design.basis.reshape(k, -1).T, now.gradient[:, :-1, None])[..., 0]
    step = np.column_stack([within, np.maximum(-now.gradient[:, -1] / now.own, -tau2)])
    return step, -(step * now.gradient).sum(1)


def _search(design: Nested, trials: Trials, now: Fitted, step: Array) -> Fitted:
    """Halve the steps of trials whose objective would rise."""
    scale = np.ones(len(step))
    for _ in range(HALVINGS):
        after = profile(design, trials, now.theta + scale[:, None] * step)
        worse = ~(after.objective <= now.objective + 1e-9 * (1 + np.abs(now.objective)))
        if not worse.any():
            return after
        scale[worse] /= 2
    stuck = np.flatnonzero(worse)
    return _put(after, stuck, _take(now, stuck))


def _take(fitted: Fitted, index: NDArray[np.intp]) -> Fitted:
    return Fitted(*(getattr(fitted, name)[index] for name in Fitted.__slots__))


def _put(fitted: Fitted, index: NDArray[np.intp], other: Fitted) -> Fitted:
    """Replace some trials in place."""
    for name in Fitted.__slots__:
        getattr(fitted, name)[index] = getattr(other, name)
    return fitted
