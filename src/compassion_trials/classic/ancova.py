"""Analysis of covariance: an outcome at one visit, adjusted for earlier values of it and other covariates.

Ordinary least squares through statsmodels. With no baseline and no covariate it is the two-sample t test with pooled
variance. Adjusted means stand at the means of all covariates in the analysed sample (categories at their shares), the
convention of SAS LSMEANS ``om`` and R ``emmeans(weights = "proportional")``.

Source: Vickers & Altman (2001), doi:10.1136/bmj.323.7321.1123.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compassion_trials.classic.estimate import ClassicEstimate, t_inference
from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

Errors = Callable[["pd.DataFrame", Array, Array], tuple[Array, Callable[[Array], float]]]
"""From complete rows, design and residuals to the covariance of the coefficients and the df of a contrast."""

SE_TYPE = "ordinary least squares"
"""Kind of the standard errors: one residual variance for all arms, independent participants."""


@dataclass(frozen=True, slots=True)
class Ancova:
    """A fitted analysis of covariance.

    Attributes
    ----------
    coefficients : mapping of str to ClassicEstimate
        By name: ``intercept``, ``arm[...]``, covariates, ``covariate[level]`` against the first level in sorted order.
    means : mapping of str to ClassicEstimate
        Adjusted mean of each arm.
    contrasts : mapping of (str, str) to ClassicEstimate
        Adjusted difference of each ordered pair of arms, (arm, compared with).
    n : mapping of str to int
        Analysed participants by arm.
    n_dropped : mapping of str to int
        Participants of the frame left out because a value was missing, by arm.
    residual_sd : float
        In units of the outcome.
    r_squared : float
    df : float
        Residual degrees of freedom.
    """

    coefficients: Mapping[str, ClassicEstimate]
    means: Mapping[str, ClassicEstimate]
    contrasts: Mapping[tuple[str, str], ClassicEstimate]
    n: Mapping[str, int]
    n_dropped: Mapping[str, int]
    residual_sd: float
    r_squared: float
    df: float


def ancova(
    data: pd.DataFrame,
    outcome: str,
    arm: str,
    arms: Sequence[str],
    covariates: Sequence[str] = (),
    alpha: float = 0.05,
    errors: Errors | None = None,
) -> Ancova:
    """Fit an analysis of covariance to complete cases.

    Parameters
    ----------
    data : DataFrame
        One row per participant.
    outcome, arm : str
        Columns.
    arms : sequence of str
        Arms to compare, the reference of the coefficients last.
    covariates : sequence of str
        Columns: numbers as they are; everything else by levels in sorted order, the first being the reference.
    alpha : float
        1 - coverage of the intervals.
    errors : callable, optional
        Gives covariance and degrees of freedom in place of those of ordinary least squares, from the complete rows of
        `data`, the design (n, p) and the residuals (n,).

    Returns
    -------
    Ancova

    Raises
    ------
    ModelError
        An arm without complete cases, a covariate that is determined by the others, no residual degrees of freedom.
    """
    from statsmodels.regression.linear_model import OLS

    present = data.loc[data[arm].isin(arms)]
    complete = present.dropna(subset=[outcome, arm, *covariates])
    n = {a: int((complete[arm] == a).sum()) for a in arms}
    dropped = {a: int((present[arm] == a).sum()) - n[a] for a in arms}
    if empty := [a for a in arms if n[a] == 0]:
        raise ModelError(f"no complete cases in arm {', '.join(empty)}")
    names, columns = covariate_columns(complete, covariates)
    x = np.column_stack([np.ones(len(complete)), *[(complete[arm] == a).to_numpy(float) for a in arms[:-1]], columns])
    df = len(complete) - x.shape[1]
    if df < 1:
        raise ModelError(f"{len(complete)} complete cases are too few for {x.shape[1]} coefficients")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ModelError("a covariate does not vary or is determined by arm and the other covariates")
    fit = OLS(complete[outcome].to_numpy(float), x).fit()
    beta, covariance = np.asarray(fit.params), np.asarray(fit.cov_params())
    if errors is not None:
        covariance, df_of = errors(complete, x, np.asarray(fit.resid))

    def along(vector: NDArray[np.float64]) -> ClassicEstimate:
        own = df if errors is None else df_of(vector)
        return t_inference(vector @ beta, float(np.sqrt(vector @ covariance @ vector)), own, alpha)

    identity = np.eye(x.shape[1])
    labels = ["intercept", *[f"arm[{a}]" for a in arms[:-1]], *names]
    at = {a: np.concatenate([[1.0], [float(a == b) for b in arms[:-1]], columns.mean(axis=0)]) for a in arms}
    return Ancova(
        coefficients={label: along(identity[i]) for i, label in enumerate(labels)},
        means={a: along(at[a]) for a in arms},
        contrasts={(a, b): along(at[a] - at[b]) for a, b in permutations(arms, 2)},
        n=n,
        n_dropped=dropped,
        residual_sd=float(np.sqrt(fit.mse_resid)),
        r_squared=float(fit.rsquared) if fit.centered_tss > 0 else float("nan"),
        df=float(df),
    )


def covariate_columns(data: pd.DataFrame, covariates: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Design columns of covariates with fixed treatment coding.

    Returns
    -------
    names : list of str, length c
        ``covariate`` for numbers, ``covariate[level]`` for categories.
    columns : ndarray, shape (len(data), c)
    """
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    names: list[str] = []
    columns = [np.empty((len(data), 0))]
    for name in covariates:
        column = data[name]
        if is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype):
            names.append(name)
            columns.append(column.to_numpy(float)[:, None])
            continue
        levels = sorted(column.astype(str).unique())[1:]
        names += [f"{name}[{level}]" for level in levels]
        columns += [(column.astype(str) == level).to_numpy(float)[:, None] for level in levels]
    return names, np.column_stack(columns)
