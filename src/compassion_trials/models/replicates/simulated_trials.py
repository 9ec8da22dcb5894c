"""Many trials of one layout at once: what power and calibration simulations need.

Each trial is an array of participants by visits with gaps; all are analysed by the MMRM that `fit_mmrm` would fit to
each of them (designs `lda` and `clda`, without covariates), some thousands in a second.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.data.design import ModelDesign, build
from compassion_trials.models.data.frame import Longitudinal
from compassion_trials.models.inference import marginal_means as mm
from compassion_trials.models.likelihood.covariance import marginal_model
from compassion_trials.models.likelihood.patterns import half
from compassion_trials.models.options import COVARIANCES, CovarianceName, DfMethod, check_option
from compassion_trials.models.replicates.batch import Batch, refit
from compassion_trials.models.replicates.batch_inference import ReplicateTests, replicate_tests

IntArray = NDArray[np.intp]

CHUNK = 500
"""Trials per array."""
MAX_VISITS = 6
"""All 2^T - 1 missingness patterns are kept for every trial."""


def analyse_many(
    y: Array,
    arm: IntArray,
    *,
    design: str = "clda",
    covariance: CovarianceName = "us",
    df: DfMethod = "kenward-roger",
    kind: str = "arm",
) -> tuple[dict[str, list[str]], ReplicateTests]:
    """Contrasts of every trial.

    Parameters
    ----------
    y : ndarray, shape (B, n, T)
        Outcomes of B trials of n participants at T <= 6 visits, NaN where missing.
    arm : ndarray of int, shape (n,)
        Arm codes 0 ... A - 1, the same in all trials; 0 is the reference.
    design : {"lda", "clda"}
    covariance : CovarianceName
    df : {"kenward-roger", "satterthwaite"}
    kind : str
        As in `Fit.contrasts`.

    Returns
    -------
    tuple of dict, ReplicateTests
        Labels of the contrasts (contrast, visit; arms and visits by number), and their tests. Trials that could not be
        fitted are not converged and NaN: count them.

    Raises
    ------
    ModelError
        Options that this fast way does not take.
    """
    check_option("design", design, ("lda", "clda"))
    check_option("covariance", covariance, COVARIANCES)
    check_option("df method", df, ("kenward-roger", "satterthwaite"))
    n_visits = y.shape[2]
    if n_visits > MAX_VISITS:
        raise ModelError(f"at most {MAX_VISITS} visits; fit larger trials one by one")
    layout = _layout(design, arm, n_visits)
    labels, rows = mm.contrast_rows(kind, layout, layout.grid())
    names = layout.visits
    model = marginal_model(covariance, names, layout.arms, per_arm=False)
    found = []
    for start in range(0, len(y), CHUNK):
        part = y[start : start + CHUNK]
        scale = np.nanstd(part, axis=(1, 2))
        part = (part - np.nanmean(part, axis=(1, 2))[:, None, None]) / scale[:, None, None]
        batch = summarise_many(part, arm, layout.grid())
        batch = replace(batch, covariance=model)
        fits = refit(batch, model.start(_moments(part, arm)[None]))
        tests = replicate_tests(batch, fits, rows, df == "kenward-roger")
        unit = scale[:, None]
        found.append(replace(tests, estimate=tests.estimate * unit, se=tests.se * unit))
    fields = ("estimate", "se", "df", "p", "converged")
    return labels, ReplicateTests(*(np.concatenate([getattr(f, x) for f in found]) for x in fields))


def summarise_many(y: Array, arm: IntArray, grid: Array) -> Batch:
    """Sufficient statistics of every trial.

    Parameters
    ----------
    y : ndarray, shape (B, n, T)
        NaN where missing.
    arm : ndarray of int, shape (n,)
    grid : ndarray, shape (A, T, p)
        Rows of X of each arm and visit.

    Returns
    -------
    Batch
        With every missingness pattern that occurs in any trial, and a placeholder covariance.
    """
    seen = ~np.isnan(y)
    filled = np.where(seen, y, 0.0)
    code = seen @ (1 << np.arange(y.shape[2]))
    patterns = [int(c) for c in np.unique(code) if c]
    t, p = y.shape[2], grid.shape[2]
    i, j, _ = half(t)
    a, b, _ = half(p)
    n = np.zeros((len(y), len(patterns)))
    xx, xy = np.zeros((len(y), len(patterns), len(i), len(a))), np.zeros((len(y), len(patterns), len(i), p))
    yy = np.zeros((len(y), len(patterns), len(i)))
    observed = np.array([[bool(c >> k & 1) for k in range(t)] for c in patterns])
    for g, pattern in enumerate(patterns):
        member = code == pattern
        own = filled * member[:, :, None]
        yy[:, g] = (own.swapaxes(1, 2) @ own)[:, i, j]
        for k, rows in enumerate(grid):
            x = rows * observed[g][:, None]
            count, total = member[:, arm == k].sum(1), own[:, arm == k].sum(1)
            n[:, g] += count
            outer = (x[i][:, a] * x[j][:, b] + x[i][:, b] * x[j][:, a]) / 2
            xx[:, g] += count[:, None, None] * outer
            xy[:, g] += (total[:, i, None] * x[j] + total[:, j, None] * x[i]) / 2
    size = len(y)
    model = marginal_model("us", tuple(map(str, range(t))), ("all",), per_arm=False)
    slot = np.zeros(len(patterns), dtype=np.intp)
    return Batch(
        n=n,
        observed=observed,
        slot=slot,
        xx=xx.reshape(size, -1, len(a)),
        xy=xy.reshape(size, -1, p),
        yy=yy.reshape(size, -1),
        covariance=model,
        reml=True,
    )


def _layout(design: str, arm: IntArray, n_visits: int) -> ModelDesign:
    """The design of one complete trial."""
    n = len(arm)
    arms, visits = tuple(str(a) for a in range(int(arm.max()) + 1)), tuple(str(t) for t in range(n_visits))
    subject, visit = np.repeat(np.arange(n), n_visits), np.tile(np.arange(n_visits), n)
    zeros = np.zeros(len(visit))
    long = Longitudinal(
        y=zeros,
        subject=subject,
        visit=visit,
        arm=np.repeat(arm, n_visits),
        row=subject,
        group=np.full(len(visit), -1),
        arms=arms,
        visits=visits,
        covariates=(),
        n_subjects=n,
    )
    return build(design, long)[1]


def _moments(y: Array, arm: IntArray) -> Array:
    """Pooled covariance within arms over all trials (T, T), as a start."""
    seen = ~np.isnan(y)
    residual = np.where(seen, y, 0.0)
    for a in np.unique(arm):
        own = arm == a
        mean = residual[:, own].sum(1, keepdims=True) / np.maximum(seen[:, own].sum(1, keepdims=True), 1)
        residual[:, own] -= mean * seen[:, own]
    flat, together = residual.reshape(-1, y.shape[2]), seen.reshape(-1, y.shape[2]).astype(float)
    covariance = flat.T @ flat / np.maximum(together.T @ together, 1.0)
    values, vectors = np.linalg.eigh(covariance)
    start: Array = (vectors * np.maximum(values, 0.05 * values[-1])) @ vectors.T
    return start
