"""Every primary model once more by engines that share no numerical code with the core, and what the differences are.

Always: a dense REML of our own (`crosscheck_dense`) from another start and in another parameterisation, and statsmodels
GLS at the estimated covariance. Where they can express the model: statsmodels OLS and MixedLM; on request R's nlme or
lme4 (`crosscheck_r`). Compared are the log-likelihood, the coefficients in units of their standard error, and their
model-based standard errors (before any Kenward-Roger or robust correction), relative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from compassion_trials.models.crosscheck.bases import RandomTerm
from compassion_trials.models.crosscheck.compare import Engine, Ours, compare, visit_times
from compassion_trials.models.crosscheck.dense import DenseFit, DenseProblem, dense_problem, fit_dense
from compassion_trials.models.crosscheck.r import r_engine
from compassion_trials.models.fit import Fit

MIXEDLM_ESTIMATE = 1e-2
"""MixedLM stops early: its estimates agree to about two digits of a standard error, its own SE to 4 %."""
MIXEDLM_SE = 0.05
STEEP = 1e-3
"""Largest gradient of the standardised likelihood with which the dense engine counts as converged."""
MAX_ROWS_GLS = 3000
"""statsmodels GLS takes one dense N x N covariance."""
MAX_DENSE_SIZE = 4e7
"""Numbers in the dense engine's basis beyond which it would take minutes."""


@dataclass(frozen=True, slots=True)
class Crosscheck:
    """All engines that were asked.

    Attributes
    ----------
    engines : tuple of Engine
        Those that ran.
    left_out : tuple of str
        Those that did not, with the reason.
    """

    engines: tuple[Engine, ...]
    left_out: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether at least one engine ran and all that ran agree."""
        return bool(self.engines) and all(engine.agrees for engine in self.engines)

    @property
    def verdict(self) -> str:
        """One sentence for the report."""
        if not self.engines:
            return "No independent engine could fit this model: " + "; ".join(self.left_out) + "."
        names = ", ".join(engine.name for engine in self.engines)
        if self.agrees:
            worst = max(engine.estimate_difference for engine in self.engines)
            return f"Independent refits ({names}) agree with it (estimates within {_bound(worst)} standard errors)."
        return "Refitted independently: " + "; ".join(f"{e.name}: {e.verdict}" for e in self.engines) + "."


def crosscheck(fit: Fit, *, r: bool = False) -> Crosscheck:
    """Refit a model by every independent engine that can express it.

    Parameters
    ----------
    fit : Fit
        From `fit_mmrm` or `fit_lmm`, of any size (engines that would take minutes are left out and said so).
    r : bool
        Also R (nlme, lme4) when Rscript is installed.

    Returns
    -------
    Crosscheck
    """
    ours = Ours.of(fit)
    engines: list[Engine] = []
    left_out: list[str] = []
    asked = [_dense, _gls, _ols, _mixedlm]
    if r:
        asked.append(r_engine)
    for engine in asked:
        found = engine(fit, ours)
        if isinstance(found, Engine):
            engines.append(found)
        elif found:
            left_out.append(found)
    return Crosscheck(tuple(engines), tuple(left_out))


def problem_of(fit: Fit, ours: Ours) -> DenseProblem:
    """The same model for the dense engine."""
    long = fit.prepared.long
    one, terms, cluster = np.ones((len(ours.y), 1)), [], long.subject
    if ours.random == "intercept":
        terms.append(RandomTerm(one, long.subject))
    elif ours.random == "slope":
        terms.append(RandomTerm(np.hstack([one, visit_times(fit)[long.visit][:, None]]), long.subject))
    if ours.grouped:
        in_group = long.group >= 0
        shared = in_group & ((long.visit > 0) | (not fit.prepared.design.has_baseline))
        cluster = np.unique(np.where(in_group, long.group, long.group.max() + 1 + long.subject), return_inverse=True)[1]
        terms.append(RandomTerm(shared[:, None].astype(float), cluster))
    block = long.arm if fit.methods.per_arm else None
    return dense_problem(
        ours.y,
        ours.X,
        long.subject,
        long.visit,
        residual=ours.residual,
        block=block,
        terms=tuple(terms),
        cluster=cluster,
    )


def _dense(fit: Fit, ours: Ours) -> Engine | str:
    """Our dense second engine."""
    if fit.methods.model == "lmm" and "random effects unbounded" in fit.methods.notes:
        return "dense REML: keeps random effects within bounds, this fit does not"
    long = fit.prepared.long
    pairs = len(long.visits) * (len(long.visits) + 1) / 2
    if long.n_subjects * len(long.visits) ** 2 * pairs > MAX_DENSE_SIZE:
        return "dense REML: too large for dense matrices"
    found: DenseFit = fit_dense(problem_of(fit, ours), reml=ours.reml)
    if not found.gradient < STEEP:
        return "dense REML: did not converge"
    name = f"a dense {'REML' if ours.reml else 'ML'} fit with scipy.optimize"
    return compare(name, ours, found.beta, np.sqrt(np.diag(found.vcov)), found.loglik)


def full_covariance(fit: Fit) -> np.ndarray:
    """Estimated covariance of all observations, shape (N, N), written out from the matrices of the fit."""
    long, problem = fit.prepared.long, fit.estimate.problem
    matrices = problem.covariance.value(fit.theta_standard) * fit.prepared.standard.scale**2
    slot = long.arm if fit.methods.per_arm else np.zeros_like(long.arm)
    rows, columns = long.visit[:, None], long.visit[None, :]
    same = long.subject[:, None] == long.subject[None, :]
    V = np.where(same, matrices[slot[:, None], rows, columns], 0.0)
    if fit.methods.n_groups:
        together = (long.group[:, None] == long.group[None, :]) & (long.group[:, None] >= 0)
        V += np.where(together, matrices[-1][rows, columns], 0.0)
    return V


def _gls(fit: Fit, ours: Ours) -> Engine | str:
    """statsmodels GLS: coefficients and (X'V⁻¹X)⁻¹ at the estimated covariance."""
    if len(ours.y) > MAX_ROWS_GLS:
        return f"statsmodels GLS: needs one dense matrix, left out above {MAX_ROWS_GLS} observations"
    from statsmodels.regression.linear_model import GLS

    found = GLS(ours.y, ours.X, sigma=full_covariance(fit)).fit()
    se = np.sqrt(np.diag(found.normalized_cov_params))
    return compare("statsmodels GLS at the estimated covariance", ours, found.params, se)


def _ols(fit: Fit, ours: Ours) -> Engine | str:
    """statsmodels OLS, when every person has one row and one variance: ANCOVA."""
    if len(fit.prepared.long.visits) > 1 or fit.methods.per_arm or ours.grouped or not ours.reml:
        return ""
    from statsmodels.regression.linear_model import OLS

    found = OLS(ours.y, ours.X).fit()
    return compare("statsmodels OLS", ours, found.params, found.bse)


def _mixedlm(fit: Fit, ours: Ours) -> Engine | str:
    """statsmodels MixedLM for a random intercept or slope with one residual variance."""
    plain = ours.random and ours.residual == "independent" and not ours.grouped and not fit.methods.per_arm
    if not plain or len(fit.prepared.long.visits) < 2:
        return ""
    if fit.certificate.boundary:
        return "statsmodels MixedLM: unreliable on the boundary of the parameter space"
    import warnings

    from statsmodels.regression.mixed_linear_model import MixedLM

    long = fit.prepared.long
    Z = np.ones((len(ours.y), 1))
    if ours.random == "slope":
        Z = np.hstack([Z, visit_times(fit)[long.visit][:, None]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = MixedLM(ours.y, ours.X, groups=long.subject, exog_re=Z).fit(reml=ours.reml)
        except (np.linalg.LinAlgError, ValueError) as error:
            return f"statsmodels MixedLM: failed ({error})"
    return compare(
        "statsmodels MixedLM", ours, found.fe_params, found.bse_fe, float(found.llf),
        loglik_tolerance=1e-3, estimate=MIXEDLM_ESTIMATE, se_tolerance=MIXEDLM_SE,
    )  # fmt: skip


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _bound(value: float) -> str:
    """The next power of ten above a difference, as words of a report: 0.0001 and not 3.1e-5, 10⁻⁷ and not 1e-07."""
    power = math.ceil(math.log10(max(value, 1e-12)))
    return f"{10.0**power:g}" if power >= -4 else f"10⁻{str(-power).translate(_RAISED)}"
