"""Drawing replicates: parametric bootstrap, subject bootstrap, jackknife; the data are never copied.

The parametric bootstrap draws the sufficient statistics themselves. With the residuals E (n, m) of one pattern and the
thin QR decomposition Q R of its wide design, Q'E has independent normal rows and E'E - (Q'E)'(Q'E) is an independent
Wishart matrix with n - rank degrees of freedom, drawn by Bartlett's decomposition.

Sources: Efron & Tibshirani (1993), doi:10.1007/978-1-4899-4541-9; Bartlett (1933), Proc. R. Soc. Edinb.
53:260-283.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.fit import Fit
from compassion_trials.models.likelihood.clusters import Clusters
from compassion_trials.models.likelihood.covariance import RANDOM
from compassion_trials.models.likelihood.patterns import Patterns, half, whole
from compassion_trials.models.replicates import covariate_strata_refit
from compassion_trials.models.replicates.batch import Batch, Refits, refit
from compassion_trials.models.replicates.covariate_strata import Kinds, drawn, resampled
from compassion_trials.models.replicates.simulate import draw_errors, with_errors

Progress = Callable[[int, int], None]

CHUNK = 512
"""Replicates per array: enough to hide Python's overhead, few enough to stay in the cache."""
AFFORDABLE = 300_000
"""Products per replicate and step up to which a model is refitted by kinds of people (`kinds`): some milliseconds."""


@dataclass(frozen=True, slots=True)
class Replicates:
    """Refits of resampled data, back in the units of the outcome.

    Attributes
    ----------
    beta : ndarray, shape (B, p)
        Coefficients in the order of `Fit.coefficients`; NaN where a replicate could not be fitted.
    phi : ndarray, shape (B, p, p)
        Their model-based covariance.
    theta : ndarray, shape (B, K)
        Variance parameters in the standardised space.
    loglik : ndarray, shape (B,)
    converged : ndarray of bool, shape (B,)
    """

    beta: Array
    phi: Array
    theta: Array
    loglik: Array
    converged: NDArray[np.bool_]

    def contrasts(self, rows: Array) -> Array:
        """Estimates of contrasts of the coefficients (R, p), shape (B, R)."""
        return self.beta @ rows.T

    def percentile(self, rows: Array, level: float = 0.95) -> Array:
        """Percentile interval of each contrast over the converged replicates, shape (R, 2)."""
        tail = (1 - level) / 2
        return np.quantile(self.contrasts(rows)[self.converged], [tail, 1 - tail], axis=0).T


def parametric_bootstrap(fit: Fit, n: int, seed: int, progress: Progress | None = None) -> Replicates:
    """Refit `n` data sets drawn from the fitted model.

    Parameters
    ----------
    fit : Fit
        An MMRM is refitted in batches, with its therapy groups where it has any; other LMMs one by one.
    n : int
    seed : int
        Same seed, same replicates.
    progress : callable, optional
        Called with (replicates done, n).
    """
    rng = np.random.default_rng(seed)
    if fit.methods.model == "lmm":
        if not of_few_kinds(fit):
            return _one_by_one(fit, n, rng, progress)
        kinds = Kinds.of(fit)
        refits = (covariate_strata_refit.refit(kinds, drawn(kinds, rng, size)) for size in _sizes(n))
        return _run(fit, refits, n, fit.beta, progress)
    source = _patterns(fit)
    draws = Draws.of(fit, source)
    batches = (draws.batch(fit, source, rng, size) for size in _sizes(n))
    return _run(fit, (refit(batch, fit.theta_standard) for batch in batches), n, fit.beta, progress)


def subject_bootstrap(fit: Fit, n: int, seed: int, progress: Progress | None = None) -> Replicates:
    """Refit `n` data sets of participants drawn with replacement within their arm."""
    rng = np.random.default_rng(seed)
    long = fit.prepared.long
    arm = np.zeros(long.n_subjects, dtype=int)
    arm[long.subject] = long.arm
    members = [np.flatnonzero(arm == a) for a in range(len(long.arms))]

    def weights(size: int) -> Array:
        out = np.zeros((size, long.n_subjects))
        for m in members:
            out[:, m] = rng.multinomial(len(m), np.full(len(m), 1 / len(m)), size=size)
        return out

    draws = (weights(size) for size in _sizes(n))
    if not of_few_kinds(fit):
        return _weighted(fit, draws, n, progress)
    kinds = Kinds.of(fit)
    refits = (covariate_strata_refit.refit(kinds, resampled(kinds, w)) for w in draws)
    return _run(fit, refits, n, fit.prepared.standard.origin, progress)


def of_few_kinds(fit: Fit) -> bool:
    """Whether a fit is refitted fastest by kinds of people: one covariance of the visits, few distinct rows of X."""
    model = (fit.estimate.full or (fit.estimate.problem,))[0].covariance
    if model.n_slots - model.grouped > 1 or any(c.label == RANDOM for c in model.components):
        return False
    c, _, t, _, p = Kinds.of(fit).size
    return c * t**2 * p**2 <= AFFORDABLE


def jackknife(fit: Fit, unit: NDArray[np.intp] | None = None, progress: Progress | None = None) -> Replicates:
    """Refit without each unit in turn.

    Parameters
    ----------
    fit : Fit
    unit : ndarray of int, shape (n_subjects,), optional
        Unit of each subject (codes of `Longitudinal.subject`), such as a therapy group: replicate i leaves out unit i.
        Each subject its own when left out.
    progress : callable, optional
        Called with (replicates done, n).
    """
    unit = np.arange(fit.prepared.long.n_subjects) if unit is None else unit
    n = int(unit.max()) + 1

    def weights() -> Iterator[Array]:
        for start in range(0, n, CHUNK):
            yield (unit != np.arange(start, min(start + CHUNK, n))[:, None]).astype(float)

    if not of_few_kinds(fit):
        return _weighted(fit, weights(), n, progress)
    kinds = Kinds.of(fit)
    refits = (covariate_strata_refit.refit(kinds, resampled(kinds, w), covariate_strata_refit.FINE) for w in weights())
    return _run(fit, refits, n, fit.prepared.standard.origin, progress)


@dataclass(frozen=True, slots=True)
class Draws:
    """What the sufficient statistics of one pattern each are drawn from.

    Attributes
    ----------
    roots : list of ndarray, each (r_g, m_g, p)
        R' of the thin QR decomposition of the wide design (n_g, m_g p), as (rank, visits, columns).
    factors : list of ndarray, each (m_g, m_g)
        Lower Cholesky factor of the pattern's covariance.
    """

    roots: list[Array]
    factors: list[Array]

    @classmethod
    def of(cls, fit: Fit, source: Patterns) -> Draws:
        """From the fitted covariance and the design of each pattern."""
        p = fit.estimate.problem.p
        matrices = fit.estimate.problem.covariance.value(fit.theta_standard)
        roots, factors = [], []
        for index, visits, slot in zip(
            fit.estimate.rows.index, fit.estimate.rows.visits, fit.estimate.rows.slot, strict=True
        ):
            wide = fit.prepared.z[index][..., :p].reshape(len(index), -1)
            size, vectors = np.linalg.eigh(wide.T @ wide)
            keep = size > 1e-10 * size[-1]
            roots.append((vectors[:, keep] * np.sqrt(size[keep])).T.reshape(-1, len(visits), p))
            factors.append(np.linalg.cholesky(matrices[slot][np.ix_(visits, visits)]))
        return cls(roots, factors)

    def batch(self, fit: Fit, source: Patterns, rng: np.random.Generator, size: int) -> Batch:
        """Sufficient statistics of `size` replicates."""
        p, t = fit.estimate.problem.p, source.observed.shape[1]
        n_half = t * (t + 1) // 2
        xx, _, _ = split(source.pairs, source.q)
        xy, yy = np.zeros((size, len(source.n), n_half, p)), np.zeros((size, len(source.n), n_half))
        for g, (root, factor) in enumerate(zip(self.roots, self.factors, strict=True)):
            visits = np.flatnonzero(source.observed[g])
            normal = rng.standard_normal((size, len(root), len(visits)))
            rest = wishart(rng, int(source.n[g]) - len(root), len(visits), size)
            y_y = factor @ (normal.swapaxes(1, 2) @ normal + rest) @ factor.T
            x_y = np.tensordot(normal @ factor.T, root, axes=(1, 0)).transpose(0, 2, 1, 3)
            low, high, _ = half(len(visits))
            place = whole(t)[visits[low], visits[high]]
            yy[:, g, place] = y_y[:, low, high]
            xy[:, g, place] = (x_y[:, low, high] + x_y[:, high, low]) / 2
        return Batch(
            n=source.n[None],
            observed=source.observed,
            slot=source.slot,
            xx=xx[None],
            xy=xy.reshape(size, -1, p),
            yy=yy.reshape(size, -1),
            covariance=fit.estimate.problem.covariance,
            reml=fit.estimate.problem.reml,
        )


def wishart(rng: np.random.Generator, df: int, m: int, size: int) -> Array:
    """Wishart(I, df) matrices, shape (size, m, m); singular ones when df < m, zero when df = 0."""
    if df < m:
        rows = rng.standard_normal((size, max(df, 0), m))
        return rows.swapaxes(1, 2) @ rows
    lower = np.tril(rng.standard_normal((size, m, m)), -1)
    lower[:, np.arange(m), np.arange(m)] = np.sqrt(rng.chisquare(df - np.arange(m), (size, m)))
    return lower @ lower.swapaxes(1, 2)


def split(pairs: Array, q: int) -> tuple[Array, Array, Array]:
    """Pairs of columns (..., q(q+1)/2) of z = (X, y) as those of X with X, X with y, and y with y."""
    n_x = q * (q - 1) // 2
    return pairs[..., :n_x], pairs[..., n_x:-1], pairs[..., -1]


def _weighted(fit: Fit, weights: Iterator[Array], n: int, progress: Progress | None) -> Replicates:
    """Refits of data sets in which participants count as often as their weights (B, n_subjects) say."""
    source, long = _patterns(fit), fit.prepared.long
    t, q = source.observed.shape[1], source.q
    parts = []
    for index, visits in zip(fit.estimate.rows.index, fit.estimate.rows.visits, strict=True):
        parts.append((long.subject[index[:, 0]], _subject_pairs(fit.prepared.z[index], visits, t)))

    def batches() -> Iterator[Batch]:
        for w in weights:
            pairs = np.stack(
                [(w[:, s] @ own.reshape(len(s), -1)).reshape(len(w), -1, own.shape[2]) for s, own in parts], 1
            )
            xx, xy, yy = split(pairs.reshape(len(w), -1, q * (q + 1) // 2), q)
            counts = np.stack([w[:, s].sum(1) for s, _ in parts], 1)
            yield Batch(
                n=counts,
                observed=source.observed,
                slot=source.slot,
                xx=xx,
                xy=xy,
                yy=yy,
                covariance=fit.estimate.problem.covariance,
                reml=fit.estimate.problem.reml,
            )

    refits = (refit(batch, fit.theta_standard) for batch in batches())
    return _run(fit, refits, n, fit.prepared.standard.origin, progress)


def _subject_pairs(z: Array, visits: NDArray[np.intp], t: int) -> Array:
    """T_g of single participants (n, T(T+1)/2, q(q+1)/2) from their rows (n, m, q)."""
    low, high, _ = half(len(visits))
    j, k, _ = half(z.shape[2])
    out = np.zeros((len(z), t * (t + 1) // 2, len(j)))
    a, b = z[:, low], z[:, high]
    out[:, whole(t)[visits[low], visits[high]]] = (a[..., j] * b[..., k] + a[..., k] * b[..., j]) / 2
    return out


def _one_by_one(fit: Fit, n: int, rng: np.random.Generator, progress: Progress | None) -> Replicates:
    """Parametric bootstrap by the fit's own recipe; theta only where no variance left for the boundary."""
    problem, standard = fit.estimate.problem, fit.prepared.standard
    p, k = problem.p, len(fit.theta_standard)
    beta, phi = np.full((n, p), np.nan), np.full((n, p, p), np.nan)
    theta, loglik, converged = np.full((n, k), np.nan), np.full(n, np.nan), np.zeros(n, dtype=bool)
    back = standard.contrasts(np.eye(p))
    for i in range(n):
        prepared, means = with_errors(fit.prepared, draw_errors(fit, rng))
        found = fit.recipe(prepared)
        solution, converged[i] = found.optimum.solution, found.certificate.valid
        if converged[i]:
            beta[i] = fit.beta + back @ (means + solution.beta)
            phi[i] = back @ solution.phi @ back.T
            loglik[i] = standard.log_likelihood(solution.objective, fit.methods.n_observations, problem.reml)
            if len(solution.theta) == k:
                theta[i] = solution.theta
        if progress is not None:
            progress(i + 1, n)
    return Replicates(beta, phi, theta, loglik, converged)


def _run(fit: Fit, refits: Iterable[Refits], n: int, centre: Array, progress: Progress | None) -> Replicates:
    """Refits of batch after batch; `centre` (p,) is what standardised coefficients of 0 stand for."""
    found: list[Refits] = []
    done = 0
    for part in refits:
        found.append(part)
        done += len(part.beta)
        if progress is not None:
            progress(done, n)
    names = ("theta", "beta", "phi", "objective", "converged", "n_obs")
    theta, beta, phi, objective, converged, n_obs = (np.concatenate([getattr(r, x) for r in found]) for x in names)
    standard, reml = fit.prepared.standard, fit.estimate.problem.reml
    back = standard.contrasts(np.eye(len(centre)))
    raw = np.where(converged[:, None], centre + beta @ back.T, np.nan)
    loglik = standard.log_likelihood(objective, n_obs, reml)
    return Replicates(raw, back @ phi @ back.T, theta, loglik, converged)


def _patterns(fit: Fit) -> Patterns:
    """The one block of patterns of a fit without therapy groups."""
    blocks = fit.estimate.problem.blocks
    if any(isinstance(block, Clusters) for block in blocks):
        raise ModelError("resampling by batch is for models without therapy groups; use bootstrap_test")
    block = blocks[0]
    assert isinstance(block, Patterns)
    return block


def _sizes(n: int) -> Iterator[int]:
    for start in range(0, n, CHUNK):
        yield min(CHUNK, n - start)
