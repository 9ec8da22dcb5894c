"""What every engine of the cross-check compares: our fit without corrections, and the differences from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from compassion_trials.models.fit import Fit
from compassion_trials.models.options import COVARIANCES

LOGLIK = 1e-6
"""Largest difference of log-likelihoods between two engines at the same optimum."""
ESTIMATE = 1e-4
"""Largest difference of a coefficient in its standard error: no third digit of a table moves."""
SE = 1e-4
"""Largest relative difference of a standard error."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Comparison with one engine.

    Attributes
    ----------
    name : str
        Program and routine.
    loglik_difference : float
        Ours minus theirs; NaN when the engine has no likelihood of its own.
    estimate_difference : float
        Largest difference of a coefficient, in standard errors.
    se_difference : float
        Largest relative difference of a standard error.
    agrees : bool
    verdict : str
        In plain words.
    """

    name: str
    loglik_difference: float
    estimate_difference: float
    se_difference: float
    agrees: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Ours:
    """The fit under test, without small-sample corrections.

    Attributes
    ----------
    beta, se : ndarray, shape (p,)
        Coefficients and model-based standard errors.
    loglik : float
    X : ndarray, shape (N, p)
    y : ndarray, shape (N,)
    reml : bool
    random : str
        "", "intercept" or "slope".
    grouped : bool
        Whether there are therapy groups.
    residual : str
        Structure over visits, or "independent".
    """

    beta: np.ndarray
    se: np.ndarray
    loglik: float
    X: np.ndarray
    y: np.ndarray
    reml: bool
    random: str
    grouped: bool
    residual: str

    @classmethod
    def of(cls, fit: Fit) -> Ours:
        """From a fit; the words of its methods say which model it is."""
        words = fit.methods.covariance.split()
        lmm = fit.methods.model == "lmm"
        rows = fit.prepared.standard.contrasts(np.eye(len(fit.beta)))
        se = np.sqrt(np.diag(rows @ fit.estimate.optimum.solution.phi @ rows.T))
        named = [word for word in words if word in COVARIANCES]
        return cls(
            beta=fit.beta,
            se=se,
            loglik=fit.loglik,
            X=fit.prepared.x,
            y=fit.prepared.long.y,
            reml=fit.methods.estimator == "REML",
            random=next((word for word in words if word in ("intercept", "slope")), "") if lmm else "",
            grouped=fit.methods.n_groups > 0,
            residual=named[-1] if named else "independent",
        )


def compare(
    name: str,
    ours: Ours,
    beta: np.ndarray,
    se: np.ndarray,
    loglik: float = math.nan,
    *,
    loglik_tolerance: float = LOGLIK,
    estimate: float = ESTIMATE,
    se_tolerance: float = SE,
) -> Engine:
    """Differences between our fit and another engine's, with a verdict in plain words."""
    estimate_difference = float(np.max(np.abs(ours.beta - beta) / ours.se))
    se_difference = float(np.max(np.abs(se / ours.se - 1)))
    loglik_difference = ours.loglik - loglik
    problems = []
    if loglik_difference < -loglik_tolerance:
        problems.append(f"it found a higher likelihood (by {-loglik_difference:.1e}): our fit is not the optimum")
    elif loglik_difference > loglik_tolerance:
        problems.append(f"it stopped at a lower likelihood (by {loglik_difference:.1e})")
    if not estimate_difference <= estimate:
        problems.append(f"estimates differ by up to {estimate_difference:.1e} standard errors")
    if not se_difference <= se_tolerance:
        problems.append(f"standard errors differ by up to {100 * se_difference:.2g} %")
    verdict = "; ".join(problems) or "agrees"
    return Engine(
        name=name,
        loglik_difference=loglik_difference,
        estimate_difference=estimate_difference,
        se_difference=se_difference,
        agrees=not problems,
        verdict=verdict,
    )


def visit_times(fit: Fit) -> np.ndarray:
    """Times of the visits over which the random slope runs, in the fit's own unit, shape (T,)."""
    problem = fit.estimate.problem if fit.estimate.full is None else fit.estimate.full[0]
    component = next(c for c in problem.covariance.components if c.label == "random")
    # The second basis matrix is 1 t' + t 1': its diagonal is twice the time.
    return np.diag(component.structure.first(np.zeros(3))[1]) / 2
