"""What to ask of a pooled effect: single trials, subgroups, small-study effects, missing small trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, stdtr, stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.ledger.evidence.between_trials import Estimator
from compassion_trials.ledger.evidence.pool import Pooled, pool


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Pooled effects of groups of trials, each with its own tau², and the test between them with a common one.

    Attributes
    ----------
    names : tuple of str
    pooled : tuple of Pooled
    f, p : float
        Knapp and Hartung's F test that the groups have one effect, with `df` and `df_within` degrees of freedom.
    df, df_within : int
        Groups less 1, effects less groups.
    p_floored : float
        The same with Knapp and Hartung's factor held at 1 or more; `p` where it is.
    tau2 : float
        Common variance between trials within groups.
    q, q_p : float
        Chi-squared test with `df` from the groups' own estimates and standard errors, as the R package meta prints it:
        for the comparison with print only.
    """

    names: tuple[str, ...]
    pooled: tuple[Pooled, ...]
    f: float
    df: int
    df_within: int
    p: float
    p_floored: float
    tau2: float
    q: float
    q_p: float


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """Egger's test.

    Attributes
    ----------
    intercept, se, lower, upper, t, p : float
        Regression of y/se on 1/se; an intercept beyond 0 means that small trials have other effects than large ones.
    df : int
    """

    intercept: float
    se: float
    lower: float
    upper: float
    t: float
    p: float
    df: int


@dataclass(frozen=True, slots=True)
class Filled:
    """Duval and Tweedie's trim and fill.

    Attributes
    ----------
    pooled : Pooled
        Of observed and filled effects together.
    added : int
        Effects filled in.
    y, v : ndarray
        Observed, then filled effects and variances.
    """

    pooled: Pooled
    added: int
    y: Array
    v: Array


def leave_one_out(y: ArrayLike, v: ArrayLike, *, knapp_hartung: bool = True, alpha: float = 0.05) -> list[Pooled]:
    """The pooled effect without each trial in turn."""
    y, v = np.asarray(y, float), np.asarray(v, float)
    if len(y) < 3:
        raise ModelError(f"leaving one out needs three effects, there are {len(y)}")
    keep = ~np.eye(len(y), dtype=bool)
    return [pool(y[row], v[row], knapp_hartung=knapp_hartung, alpha=alpha) for row in keep]


def subgroups(y: ArrayLike, v: ArrayLike, groups: Sequence[str], *, alpha: float = 0.05) -> Subgroups:
    """Pool groups of trials apart, and compare them in one model with a common tau².

    The test is that of the meta-regression on the groups: F with m - 1 and k - m degrees of freedom (Knapp & Hartung
    2003, doi:10.1002/sim.1482). Standard errors of groups of two or three trials, each with its own factor, would make
    it reject far too often.

    Raises
    ------
    ModelError
        Fewer than two groups, or a group with a single trial.
    """
    y, v, labels = np.asarray(y, float), np.asarray(v, float), np.asarray(groups)
    names = tuple(dict.fromkeys(str(g) for g in groups))
    small = [name for name in names if (labels == name).sum() < 2]
    if len(names) < 2 or small:
        raise ModelError(f'subgroup "{small[0]}" has one trial' if small else "there is only one subgroup")
    parts = tuple(pool(y[labels == name], v[labels == name], alpha=alpha) for name in names)
    b, w = np.array([p.b[0] for p in parts]), np.array([1 / p.se[0] ** 2 for p in parts])
    q = float((w * (b - (w * b).sum() / w.sum()) ** 2).sum())
    between = np.column_stack([np.ones(len(y)), *(labels == name for name in names[1:])])
    fit = pool(y, v, between, alpha=alpha)
    return Subgroups(
        names=names,
        pooled=parts,
        f=fit.f,
        df=len(names) - 1,
        df_within=len(y) - len(names),
        p=fit.f_p,
        p_floored=fit.f_p if fit.floored is None else fit.floored.f_p,
        tau2=fit.tau2,
        q=q,
        q_p=float(chdtrc(len(names) - 1, q)),
    )


def egger(y: ArrayLike, v: ArrayLike, alpha: float = 0.05) -> Asymmetry:
    """Egger's regression (Egger et al. 1997, doi:10.1136/bmj.315.7109.629): OLS of y/se on 1/se, t with k - 2 df."""
    y, se = np.asarray(y, float), np.sqrt(np.asarray(v, float))
    k = len(y)
    if k < 3:
        raise ModelError(f"Egger's test needs three effects, there are {k}")
    if np.ptp(se) < 1e-9 * se.mean():
        raise ModelError("Egger's test needs trials of different size; all standard errors are equal")
    x = np.column_stack([np.ones(k), 1 / se])
    cov = np.linalg.inv(x.T @ x)
    b = cov @ x.T @ (y / se)
    residual = y / se - x @ b
    error = float(np.sqrt(cov[0, 0] * (residual @ residual) / (k - 2)))
    t, half = float(b[0]) / error, float(stdtrit(k - 2, 1 - alpha / 2)) * error
    return Asymmetry(
        intercept=float(b[0]),
        se=error,
        lower=float(b[0]) - half,
        upper=float(b[0]) + half,
        t=t,
        p=float(2 * stdtr(k - 2, -abs(t))),
        df=k - 2,
    )


def trim_and_fill(
    y: ArrayLike, v: ArrayLike, *, centre_by: Estimator = "REML", knapp_hartung: bool = True, alpha: float = 0.05
) -> Filled:
    """Fill in the mirror images of trials without a counterpart, estimator L0.

    Duval & Tweedie (2000), doi:10.1111/j.0006-341X.2000.00455.x. The side with too few trials is found by the sign of
    the regression of the effects on their standard errors.

    Parameters
    ----------
    y, v : array_like, shape (k,)
    centre_by : {"REML", "DL", "FE"}
        How the centre is found while trimming: REML as in metafor for a REML model, FE as R's meta does by default.
    knapp_hartung : bool
    alpha : float
    """
    y, v = np.asarray(y, float), np.asarray(v, float)
    k = len(y)
    sign = _side(y, v, centre_by)
    z = sign * y
    order = np.argsort(z, kind="stable")
    z, w = z[order], v[order]
    added, centre = 0, 0.0
    for _ in range(100):
        centre = float(pool(z[: k - added], w[: k - added], estimator=centre_by).b[0])
        distance = z - centre
        rank = np.argsort(np.argsort(np.abs(distance), kind="stable"), kind="stable") + 1
        signed = rank[distance > 0].sum()
        k0 = max(0, round((4 * float(signed) - k * (k + 1)) / (2 * k - 1)))
        if k0 == added:
            break
        added = k0
    filled = np.concatenate([z, 2 * centre - z[k - added :]]) * sign
    variances = np.concatenate([w, w[k - added :]])
    return Filled(pool(filled, variances, knapp_hartung=knapp_hartung, alpha=alpha), added, filled, variances)


def _side(y: Array, v: Array, estimator: Estimator) -> float:
    """1 when trials are missing on the left (small trials have larger effects, or all have one size), else -1."""
    se = np.sqrt(v)
    if np.ptp(se) < 1e-9 * se.mean():
        return 1.0
    slope = pool(y, v, np.column_stack([np.ones(len(y)), se]), estimator=estimator, knapp_hartung=False).b[1]
    return -1.0 if slope < 0 else 1.0
