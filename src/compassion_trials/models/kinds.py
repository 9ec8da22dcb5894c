"""Refits along an axis of replicates for people of few kinds, with or without therapy groups.

People of one kind have the same rows of X: one kind per arm where there are no covariates. Then a replicate is no more
than a count and a sum of outcomes by kind and pattern, and a sum of products by pattern, however many coefficients the
visits make. A shared effect u_j of a therapy group at the visits when it met (1*, variance t2) adds a rank of one per
group to V, which Woodbury's formula takes apart: with W_i = Sigma_i^-1 over the visits that i was seen,

    V_j^-1 = W - h a a',   a = W 1*,   h = t2 / (1 + t2 k),   k = 1*'W 1*

Steps are those of BFGS, with the expected information of the one original fit to begin with; they need only the
gradient, which costs no more than the likelihood itself. A group variance that falls to 0 is held there.

Source: Nocedal & Wright (2006), doi:10.1007/978-0-387-40065-5, ch. 6 (BFGS); Harville (1977),
doi:10.1080/01621459.1977.10480998 (likelihood and gradient).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from compassion_trials.models.batch import HALVINGS, Refits
from compassion_trials.models.covariance import GROUP, CovarianceModel
from compassion_trials.models.fit import Fit
from compassion_trials.models.reml import LOG_2PI
from compassion_trials.models.small import invert

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]
Mask = NDArray[np.bool_]

DECREMENT, FINE = 1e-7, 1e-12
"""Stop when g'H g is below this: about 3e-4 standard errors from the optimum, and 1e-6 where replicates hardly differ
(jackknife)."""
MAX_ITERATIONS = 60


@dataclass(frozen=True, slots=True)
class Kinds:
    """The layout of a trial, and the model.

    Attributes
    ----------
    x : ndarray, shape (C, T, p)
        Standardised rows of each kind.
    kind, pattern : ndarray of int, shape (n,)
        Of each participant.
    group : ndarray of int, shape (n,)
        Therapy group 0 ... J - 1, -1 for none.
    y : ndarray, shape (n, T)
        Standardised outcome, zero where missing.
    observed : ndarray of bool, shape (G, T)
    covariance : CovarianceModel
        All parameters; the last one that of the group, where there is one.
    met : ndarray, shape (T,)
        1 at visits when groups had met; zero without groups.
    theta : ndarray, shape (K,)
        Where the original fit stands.
    information : ndarray, shape (K, K)
        Its expected information (of -2 log L).
    reml : bool
    """

    x: Array
    kind: IntArray
    pattern: IntArray
    group: IntArray
    y: Array
    observed: Mask
    covariance: CovarianceModel
    met: Array
    theta: Array
    information: Array
    reml: bool

    @classmethod
    def of(cls, fit: Fit) -> Kinds:
        """From a fit with one covariance for all arms."""
        long, z = fit.prepared.long, fit.prepared.z
        n, t = long.n_subjects, len(fit.prepared.design.visits)
        told = np.column_stack([long.arm, *(c.values for c in long.covariates)])
        of_row = np.unique(told, axis=0, return_inverse=True)[1].reshape(-1)
        kind, group = np.zeros(n, dtype=np.intp), np.full(n, -1)
        kind[long.subject], group[long.subject] = of_row, long.group
        x, y = np.zeros((int(kind.max()) + 1, t, z.shape[1] - 1)), np.zeros((n, t))
        x[of_row, long.visit], y[long.subject, long.visit] = z[:, :-1], z[:, -1]
        seen = np.zeros((n, t), dtype=bool)
        seen[long.subject, long.visit] = True
        observed, pattern = np.unique(seen, axis=0, return_inverse=True)
        full = fit.estimate.full
        problem, theta = (full[0], full[1].theta) if full else (fit.estimate.problem, fit.theta_standard)
        slope = full[2] if full else fit.estimate.optimum.derivatives
        met = np.zeros(t)
        if problem.covariance.grouped:
            met = np.diag(problem.covariance.value(np.eye(len(theta))[-1])[-1])
            codes = np.unique(group[group >= 0], return_inverse=True)[1]
            group[group >= 0] = codes
        return cls(x, kind, pattern.reshape(-1), group, y, observed, problem.covariance, met, theta, slope.expected,
                   problem.reml)  # fmt: skip

    @property
    def size(self) -> tuple[int, int, int, int, int]:
        """Kinds C, patterns G, visits T, groups J, coefficients p."""
        return len(self.x), *self.observed.shape, int(self.group.max()) + 1, self.x.shape[2]

    @property
    def grouped(self) -> bool:
        """Whether the last parameter is the variance of a therapy group."""
        return self.covariance.components[-1].label == GROUP


@dataclass(frozen=True, slots=True)
class Sums:
    """All that B data sets hold.

    Attributes
    ----------
    n : ndarray, shape (B or 1, C, G)
        People by kind and pattern.
    total : ndarray, shape (B, C, G, T)
        Sums of their outcomes.
    squares : ndarray, shape (B, G, T, T)
        Sums of products of their outcomes.
    members : ndarray, shape (1, J, G)
        People of each therapy group by pattern.
    rows : ndarray, shape (1, J, G, T, p)
        Sums of their rows of X.
    group_total : ndarray, shape (B, J, G, T)
        Sums of outcomes by therapy group and pattern.
    """

    n: Array
    total: Array
    squares: Array
    members: Array
    rows: Array
    group_total: Array

    def take(self, index: IntArray) -> Sums:
        """Some of the data sets."""
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        return replace(self, **{k: a if len(a) == 1 else a[index] for k, a in parts.items()})


def resampled(kinds: Kinds, weights: Array) -> Sums:
    """Sums of data sets in which participants count as often as their weights (B, n) say; without therapy groups."""
    c, g, t, _, p = kinds.size
    cell = _one_hot(kinds.kind * g + kinds.pattern, c * g)
    n = (weights @ cell).reshape(-1, c, g)
    total = (weights @ (cell[:, :, None] * kinds.y[:, None]).reshape(len(cell), -1)).reshape(-1, c, g, t)
    squares = np.zeros((len(weights), g, t, t))
    for own, place in _members(kinds):
        products = kinds.y[own][:, :, None] * kinds.y[own][:, None]
        squares[:, place] = (weights[:, own] @ products.reshape(len(own), -1)).reshape(-1, t, t)
    return Sums(n, total, squares, np.zeros((1, 0, g)), np.zeros((1, 0, g, t, p)), np.zeros((1, 0, g, t)))


def drawn(kinds: Kinds, rng: np.random.Generator, size: int) -> Sums:
    """Sums of `size` data sets drawn from the fitted model, means zero: refits then give errors of the coefficients."""
    _, _, t, j, _ = kinds.size
    matrices = kinds.covariance.value(kinds.theta)
    y = rng.standard_normal((size, len(kinds.kind), t)) @ np.linalg.cholesky(matrices[0]).T
    if kinds.grouped:
        shared = np.sqrt(max(kinds.theta[-1], 0.0)) * rng.standard_normal((size, j))
        y += np.where(kinds.group >= 0, shared[:, kinds.group], 0.0)[:, :, None] * kinds.met
    return summed(kinds, y)


def summed(kinds: Kinds, y: Array) -> Sums:
    """Sums of data sets with other outcomes (B, n, T), standardised; values of visits not seen are left out."""
    c, g, t, j, _ = kinds.size
    size = len(y)
    y = y * kinds.observed[kinds.pattern]
    cell = _one_hot(kinds.kind * g + kinds.pattern, c * g)
    total = (cell.T @ y).reshape(size, c, g, t)
    squares = np.zeros((size, g, t, t))
    for own, place in _members(kinds):
        squares[:, place] = y[:, own].swapaxes(1, 2) @ y[:, own]
    inside = kinds.group >= 0
    of_group = _one_hot(kinds.group[inside] * g + kinds.pattern[inside], j * g)
    n = cell.sum(0).reshape(1, c, g)
    members = np.zeros((j, c, g))
    np.add.at(members, (kinds.group[inside], kinds.kind[inside], kinds.pattern[inside]), 1.0)
    rows = np.einsum("jcg,ctp->jgtp", members, kinds.x, optimize=True)[None]
    group_total = (of_group.T @ y[:, inside]).reshape(size, j, g, t)
    return Sums(n, total, squares, members.sum(1)[None], rows, group_total)


@dataclass(frozen=True, slots=True)
class Point:
    """The likelihood of every replicate at its theta.

    Attributes
    ----------
    objective : ndarray, shape (B,)
        -2 log L; inf where the covariance is not positive definite.
    gradient : ndarray, shape (B, K)
    beta : ndarray, shape (B, p)
    phi : ndarray, shape (B, p, p)
    """

    objective: Array
    gradient: Array
    beta: Array
    phi: Array

    def put(self, place: IntArray, other: Point) -> None:
        """Take over the points of some replicates."""
        for f in fields(self):
            getattr(self, f.name)[place] = getattr(other, f.name)

    def take(self, index: IntArray) -> Point:
        """Some of the replicates."""
        return Point(*(getattr(self, f.name)[index] for f in fields(self)))


def refit(kinds: Kinds, sums: Sums, decrement: float = DECREMENT) -> Refits:
    """Maximise the likelihood of every data set, from where the original fit stands."""
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
    return Refits(theta[:, :k], here.beta, here.phi, here.objective, converged, np.broadcast_to(n_obs, size))


def evaluate(kinds: Kinds, sums: Sums, theta: Array) -> Point:
    """Likelihood and gradient of every replicate at theta (B, K)."""
    seen = kinds.observed[:, :, None] & kinds.observed[:, None, :]
    padding = np.eye(seen.shape[1]) * ~kinds.observed[:, :, None]
    matrices, first = _matrices(kinds.covariance, theta)
    w, log_det, positive = invert(matrices[:, 0][:, None] * seen + padding)
    w = w - padding
    c, g, t, _, p = kinds.size
    people = sums.n.sum(1)
    flat_w = w.reshape(len(w), g, t * t)
    xx = np.einsum("cap,cbq->cabpq", kinds.x, kinds.x).reshape(c * t * t, p * p)
    information = ((sums.n @ flat_w).reshape(len(w), -1) @ xx).reshape(-1, p, p)
    pulled = (w[:, None] @ sums.total[..., None])[..., 0].sum(2).reshape(len(w), -1)
    moment = pulled @ kinds.x.reshape(c * t, p)
    quadratic = (w * sums.squares).sum((1, 2, 3))
    shared = _Shared.of(kinds, sums, w, theta) if kinds.grouped else None
    if shared is not None:
        information -= shared.sx.swapaxes(1, 2) @ (shared.h[..., None] * shared.sx)
        moment -= ((shared.h * shared.sy)[:, None] @ shared.sx)[:, 0]
        quadratic -= (shared.h * shared.sy**2).sum(1)
    phi, log_det_x, estimable = invert(information)
    beta = (phi @ moment[..., None])[..., 0]
    objective = (people * log_det).sum(1) + quadratic - (beta * moment).sum(1)
    objective += (people * kinds.observed.sum(1)).sum(1) * LOG_2PI
    if kinds.reml:
        objective += log_det_x - p * LOG_2PI
    hidden = phi if kinds.reml else np.zeros_like(phi)
    spread = _scatter(kinds, sums, beta, hidden, xx)
    slope = people[:, :, None, None] * w - w @ spread @ w
    of_group = np.zeros(len(w))
    if shared is not None:
        objective += np.log1p(theta[:, -1:] * shared.k).sum(1)
        more, of_group = shared.slopes(sums, w, theta, beta, hidden)
        slope += more
    gradient = np.einsum("bkst,bst->bk", first[:, :, 0], slope.sum(1)) if len(first) > 1 else (
        slope.sum(1).reshape(len(w), -1) @ first[0, :, 0].reshape(-1, t * t).T
    )  # fmt: skip
    if kinds.grouped:
        gradient[:, -1] = of_group
    good = positive.all(1) & estimable & np.isfinite(objective)
    return Point(np.where(good, objective, np.inf), np.where(good[:, None], gradient, 0.0), beta, phi)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What therapy groups add: a (B, G, T), k, h, sy (B, J), sx (B, J, p); see the module."""

    a: Array
    k: Array
    h: Array
    sx: Array
    sy: Array

    @classmethod
    def of(cls, kinds: Kinds, sums: Sums, w: Array, theta: Array) -> _Shared:
        a = w @ kinds.met
        rows = sums.rows[0]
        sx = np.tensordot(a.reshape(len(a), -1), rows.reshape(len(rows), a[0].size, -1), (1, 1))
        k = (a @ kinds.met) @ sums.members[0].T
        sy = np.einsum("bjgt,bgt->bj", sums.group_total, a, optimize=True)
        return cls(a, k, theta[:, -1:] / (1.0 + theta[:, -1:] * k), sx, sy)

    def slopes(self, sums: Sums, w: Array, theta: Array, beta: Array, hidden: Array) -> tuple[Array, Array]:
        """Gradients for the covariance within people, (B, G, T, T), and for the group's variance, (B,)."""
        a = self.a
        left = self.sy - (self.sx @ beta[..., None])[..., 0]
        turned = self.sx @ hidden
        rho = left**2 + (turned * self.sx).sum(2)
        pull = turned - left[..., None] * beta[:, None]
        e = np.einsum("jgtp,bjp->bjgt", sums.rows[0], pull, optimize=True) + left[..., None, None] * sums.group_total
        we = np.einsum("bgst,bgt->bgs", w, np.einsum("bj,bjgt->bgt", self.h, e, optimize=True), optimize=True)
        mixed = we[..., :, None] * a[..., None, :]
        weight = (self.h + self.h**2 * rho) @ sums.members[0]
        within = mixed + mixed.swapaxes(-1, -2) - weight[:, :, None, None] * a[..., :, None] * a[..., None, :]
        widened = 1.0 + theta[:, -1:] * self.k
        return within, (self.k / widened - rho / widened**2).sum(1)


def _scatter(kinds: Kinds, sums: Sums, beta: Array, hidden: Array, xx: Array) -> Array:
    """Sums of residual products and of X Phi X' by pattern, (B, G, T, T)."""
    c, _, t, _, p = kinds.size
    mean = (beta @ kinds.x.reshape(c * t, p).T).reshape(len(beta), c, t)
    spread = (hidden.reshape(len(beta), -1) @ xx.T).reshape(len(beta), c, t * t)
    spread += (mean[..., :, None] * mean[..., None, :]).reshape(spread.shape)
    found = (sums.n.swapaxes(1, 2) @ spread).reshape(sums.squares.shape)
    mixed = sums.total.transpose(0, 2, 3, 1) @ mean[:, None]
    found += sums.squares - mixed - mixed.swapaxes(-1, -2)
    return found * (kinds.observed[:, :, None] & kinds.observed[:, None, :])


def _matrices(model: CovarianceModel, theta: Array) -> tuple[Array, Array]:
    """Covariances (B, S, T, T) and their derivatives (B or 1, K, S, T, T)."""
    if model.linear:
        first = model.first(theta[0])
        return np.tensordot(theta, first, 1), first[None]
    with np.errstate(all="ignore"):
        found = np.stack([model.value(one) for one in theta]), np.stack([model.first(one) for one in theta])
    return np.nan_to_num(found[0], nan=-1.0, posinf=-1.0), np.nan_to_num(found[1])


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


def _one_hot(codes: IntArray, size: int) -> Array:
    """Indicators (n, size)."""
    return np.asarray(codes[:, None] == np.arange(size), dtype=float)


def _members(kinds: Kinds) -> Iterator[tuple[IntArray, int]]:
    """Participants of each pattern."""
    for g in range(len(kinds.observed)):
        yield np.flatnonzero(kinds.pattern == g), g
