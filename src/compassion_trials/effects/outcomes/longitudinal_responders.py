"""Responders over several visits in one model: generalised estimating equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError

LARGEST = 15.0
"""A log odds ratio beyond which some cell has only responders or none, and the model has no estimate."""


@dataclass(frozen=True, slots=True)
class OddsRatios:
    """Odds ratios of each arm against the last one.

    Attributes
    ----------
    estimate, lower, upper, p : ndarray, shape (arms - 1, visits)
    n : int
        Participants.
    """

    estimate: Array
    lower: Array
    upper: Array
    p: Array
    n: int


def responder_gee(
    responded: Array, arm: NDArray[np.intp], baseline: Array, n_arms: int, alpha: float = 0.05
) -> OddsRatios:
    """Logistic GEE, exchangeable correlation, arm by visit, adjusted for the baseline score.

    Standard errors are the bias-reduced sandwich of Mancl & DeRouen (2001), doi:10.1111/j.0006-341X.2001.00126.x, with
    normal limits; Liang & Zeger (1986), doi:10.1093/biomet/73.1.13.

    Parameters
    ----------
    responded : ndarray, shape (n, T)
        1, 0 or NaN.
    arm : ndarray of int, shape (n,)
        0 ... n_arms - 1; the last is compared with.
    baseline : ndarray, shape (n,)
    n_arms : int
    alpha : float
        1 - coverage.

    Raises
    ------
    ModelError
        An arm in which all or none responded at some visit, or a fit that did not converge.
    """
    from statsmodels.genmod.cov_struct import Exchangeable
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    visits = responded.shape[1]
    seen = ~np.isnan(responded) & ~np.isnan(baseline)[:, None]
    person, visit = np.nonzero(seen)
    y, group = responded[seen], arm[person]
    _check_cells(y, group, visit, n_arms, visits)
    effects = [(group == a) & (visit == t) for a in range(n_arms - 1) for t in range(visits)]
    score = baseline[person] - np.nanmean(baseline)
    x = np.column_stack([*[visit == t for t in range(visits)], *effects, score / max(score.std(), 1e-12)]).astype(float)
    model = GEE(y, x, groups=person, family=Binomial(), cov_struct=Exchangeable())
    fit = model.fit(cov_type="bias_reduced", maxiter=200)
    here = slice(visits, visits + len(effects))
    if not fit.converged or not np.isfinite(fit.params).all() or np.abs(fit.params[here]).max() > LARGEST:
        raise ModelError("the responder model did not converge")
    limits = np.exp(fit.conf_int(alpha=alpha)[here])
    shape = (n_arms - 1, visits)
    odds, p = np.exp(fit.params[here]), np.asarray(fit.pvalues[here])
    found = [np.asarray(part).reshape(shape) for part in (odds, limits[:, 0], limits[:, 1], p)]
    return OddsRatios(found[0], found[1], found[2], found[3], len(np.unique(person)))


def _check_cells(y: Array, group: NDArray[np.intp], visit: NDArray[np.intp], n_arms: int, visits: int) -> None:
    """Every arm has responders and others at every visit."""
    cells: Sequence[Array] = [y[(group == a) & (visit == t)] for a in range(n_arms) for t in range(visits)]
    if any(len(cell) == 0 or cell.min() == cell.max() for cell in cells):
        raise ModelError("in some arm all or none responded at a visit, so odds ratios over visits have no estimate")
