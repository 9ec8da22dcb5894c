"""The fitted model: what users and the pipeline see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.models.inference import marginal_means as mm
from compassion_trials.models.inference.contrast_tests import FTest, Inference
from compassion_trials.models.inference.conventions import inference_for
from compassion_trials.models.inference.tables import Estimates
from compassion_trials.models.likelihood.certificate import Certificate
from compassion_trials.models.likelihood.estimate import Estimate, Prepared
from compassion_trials.models.options import ROBUST, WEIGHTS, Weights, check_level, check_option


@dataclass(frozen=True, slots=True)
class Methods:
    """What was done, for the methods sentence and the results table.

    Attributes
    ----------
    model : str
        "mmrm" or "lmm".
    design : str
    covariance : str
        Structure used (mmrm) or random effects (lmm).
    covariance_planned : str
    per_arm : bool
        One covariance (mmrm) or residual variance (lmm) per arm.
    fallback : tuple of (str, str)
        Structures tried before the one used, each with the reason why it failed.
    df : str
        Degrees-of-freedom method, as asked.
    convention : str
        The convention in words, with what was done differently.
    robust : str
        "", or the cluster-robust covariance used.
    estimator : str
        "REML" or "ML".
    n_subjects, n_observations, n_groups, n_patterns : int
    notes : tuple of str
        Rows left out, empty cells, boundaries: in words.
    """

    model: str
    design: str
    covariance: str
    covariance_planned: str
    per_arm: bool
    fallback: tuple[tuple[str, str], ...]
    df: str
    convention: str
    robust: str
    estimator: str
    n_subjects: int
    n_observations: int
    n_groups: int
    n_patterns: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """A mixed model with its inference. Made by `fit_mmrm` and `fit_lmm`.

    Attributes
    ----------
    methods : Methods
    prepared : Prepared
        Data and design.
    estimate : Estimate
        Optimum in the standardised space.
    inference : Inference
    recipe : callable
        Estimates the same model from other data prepared in the same way (resampling, influence).
    level : float
        Confidence level of the tables.
    """

    methods: Methods
    prepared: Prepared
    estimate: Estimate
    inference: Inference
    recipe: Callable[[Prepared], Estimate]
    level: float = 0.95

    @cached_property
    def certificate(self) -> Certificate:
        """Evidence of convergence; `certificate.valid` is False when the fit must not be used.

        A robust covariance without degrees of freedom for every mean or contrast of arms is a reason too.
        """
        found = self.estimate.certificate
        return found if not self.shortfall else replace(found, valid=False, reasons=(*found.reasons, self.shortfall))

    @cached_property
    def shortfall(self) -> str:
        """Where robust degrees of freedom cannot be computed, in words; "" otherwise."""
        if not self.methods.robust:
            return ""
        names, rows = mm.reported(self.prepared.design, self._grid)
        df = self.inference.df(self.prepared.standard.contrasts(rows))
        lacking = [name for name, value in zip(names, df, strict=True) if not value > 0]
        return f"robust df cannot be computed: {', '.join(lacking)} (too few people to be unbiased)" if lacking else ""

    @cached_property
    def loglik(self) -> float:
        """Log (restricted) likelihood, constants as in lme4, nlme and mmrm."""
        objective = self.estimate.optimum.solution.objective
        reml = self.estimate.problem.reml
        return float(self.prepared.standard.log_likelihood(objective, self.methods.n_observations, reml))

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Estimated covariance of a participant's outcomes, visits by visits; stacked by arm when arms differ."""
        matrices = self.covariances
        visits = list(self.prepared.design.visits)
        if len(matrices) == 1:
            return pd.DataFrame(matrices[0], index=visits, columns=visits)
        keys = list(self.prepared.design.arms)
        return pd.concat(
            {k: pd.DataFrame(m, visits, visits) for k, m in zip(keys, matrices, strict=True)}, names=["arm"]
        )

    @cached_property
    def covariances(self) -> Array:
        """Estimated covariance matrices, shape (1 or arms, T, T), squared units of the outcome."""
        problem = self.estimate.problem
        matrices = problem.covariance.value(self.theta_standard) * self.prepared.standard.scale**2
        return matrices[:-1] + matrices[-1] if problem.covariance.grouped else matrices

    @property
    def theta_standard(self) -> Array:
        """Variance parameters in the standardised space, shape (K,)."""
        return self.estimate.optimum.solution.theta

    @cached_property
    def variance_parameters(self) -> pd.DataFrame:
        """Estimated variances, covariances and correlations: parameter, estimate, se.

        The standard error is that of the observed information; NaN for parameters held on the boundary.
        """
        problem, theta = self.estimate.problem, self.theta_standard
        scale = self.prepared.standard.scale
        with np.errstate(invalid="ignore"):
            spread = 2.0 * np.diag(np.linalg.pinv(self.estimate.optimum.derivatives.observed, hermitian=True))
            se = np.sqrt(np.where(spread > 0, spread, np.nan))
        free = dict(zip(problem.covariance.names, se, strict=True))
        if self.estimate.full is not None:
            problem, theta = self.estimate.full[0], self.estimate.full[1].theta
        model = problem.covariance
        unit = scale ** (2 * model.powers) * model.units
        errors = np.array([free.get(name, np.nan) for name in model.names])
        return pd.DataFrame({"parameter": list(model.names), "estimate": theta * unit, "se": errors * unit})

    @cached_property
    def beta(self) -> Array:
        """Coefficients, shape (p,), in the order of `coefficients`."""
        return self.prepared.standard.coefficients(self.estimate.optimum.solution.beta)

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """term, estimate, se, df, statistic, p, lower, upper."""
        terms = self.prepared.design.terms
        return self.estimates({"term": list(terms)}, np.eye(len(terms))).table(self.level)

    @property
    def vcov(self) -> Array:
        """Covariance of the coefficients (p, p) that the standard errors come from."""
        rows = self.prepared.standard.contrasts(np.eye(len(self.prepared.design.terms)))
        return rows @ self.inference.covariance @ rows.T

    @cached_property
    def _grid(self) -> Array:
        return self.prepared.design.grid()

    def estimates(self, labels: dict[str, list[str]], rows: Array) -> Estimates:
        """Inference for contrasts of the coefficients, rows (R, p)."""
        standard = self.prepared.standard.contrasts(rows)
        covariance = standard @ self.inference.covariance @ standard.T
        df = self.inference.df(standard)
        # Without degrees of freedom (robust, an arm of one person at a visit) there is no standard error either, nor
        # from a variance that the adjustment turned negative. Zero is the error of a contrast of zeros alone.
        variance = np.where(standard.any(axis=1), np.diag(covariance), 0.0)
        known = (df > 0) & ((variance > 0) | ~standard.any(axis=1))
        se = np.sqrt(np.where(known, variance, np.nan))
        return Estimates(labels=labels, contrasts=rows, estimate=rows @ self.beta, se=se, df=df, covariance=covariance)

    def marginal_means(self, weights: Weights | None = None, at: Mapping[str, object] | None = None) -> pd.DataFrame:
        """arm, visit, estimate, se, df, lower, upper on the reference grid.

        Parameters
        ----------
        at : mapping, optional
            Covariates at other values than the reference grid's: {"age": 30, "sex": "f"}.
        weights : {"proportional", "equal"}, optional
            How categorical covariates are averaged; as fitted when left out.
        """
        grid = self._grid_at(at) if weights is None else self._reweighted(weights)
        return self.estimates(*mm.means(self.prepared.design, grid)).table(self.level, test=False)

    def contrasts(
        self,
        kind: str = "arm",
        *,
        adjust: str | None = None,
        level: float | None = None,
        at: Mapping[str, object] | None = None,
    ) -> pd.DataFrame:
        """contrast, visit, estimate, se, df, statistic, p, lower, upper.

        Parameters
        ----------
        kind : {"arm", "pairwise", "change_from_baseline", "within_arm", "visit_average"}
            See `marginal_means.contrast_rows`.
        adjust : str, optional
            Adds `p_adjusted` over the rows of this table: "holm", "hochberg", "hommel", "bh", "max-t" or
            "fixed-sequence" (see `multiplicity`).
        level : float, optional
            Confidence level, .95 by default.
        at : mapping, optional
            Covariates at other values than the reference grid's: simple effects of moderators.
        """
        found = self.contrast_estimates(kind, at)
        level = self.level if level is None else level
        check_level(level)
        table = found.table(level)
        if adjust is not None:
            from compassion_trials.models.inference.multiplicity import adjusted

            table["p_adjusted"] = adjusted(found, adjust)
        return table

    def contrast_estimates(self, kind: str = "arm", at: Mapping[str, object] | None = None) -> Estimates:
        """The contrasts as arrays, with their joint covariance."""
        return self.estimates(*mm.contrast_rows(kind, self.prepared.design, self._grid_at(at)))

    def moderation(self, covariate: str, kind: str = "arm", low: object = 0.0, high: object = 1.0) -> pd.DataFrame:
        """How contrasts differ between two values of a moderator; columns as in `contrasts`.

        Parameters
        ----------
        covariate : str
            A covariate of `by_arm`.
        kind : str
            As in `contrasts`.
        low, high
            Two numbers (by default one unit apart), or two levels of a categorical moderator.
        """
        design = self.prepared.design
        labels, upper = mm.contrast_rows(kind, design, self._grid_at({covariate: high}))
        _, lower = mm.contrast_rows(kind, design, self._grid_at({covariate: low}))
        return self.estimates(labels, upper - lower).table(self.level)

    def custom(self, weights: Mapping[str, Mapping[tuple[str, str], float]]) -> pd.DataFrame:
        """Contrasts of marginal means by hand: {label: {(arm, visit): weight}}; columns as in `contrasts`, no visit."""
        rows = np.array([mm.custom_row(w, self.prepared.design, self._grid) for w in weights.values()])
        return self.estimates({"contrast": list(weights)}, rows).table(self.level)

    def joint_test(self, term: str = "arm:visit") -> FTest:
        """F test of "arm:visit", "arm", "visit", "arm_at_visits" or a covariate, from contrasts of marginal means."""
        rows = mm.joint_rows(term, self.prepared.design, self._grid)
        return self.inference.f_test(self.prepared.standard.contrasts(rows), rows @ self.beta)

    def with_inference(self, df: str | None = None, robust: str | None = None) -> Fit:
        """The same estimates with another df method or a cluster-robust covariance ("CR0", "CR2", "CR3")."""
        if robust:
            check_option("robust covariance", robust, ROBUST)
        df = df or self.methods.df
        inference = inference_for(self.prepared, self.estimate, df, robust)
        notes = tuple(note for note in self.methods.notes if note != self.shortfall)
        methods = replace(self.methods, df=df, robust=robust or "", convention=inference.note, notes=notes)
        return replace(self, methods=methods, inference=inference).noted()

    def noted(self) -> Fit:
        """The same fit; what its inference cannot give stands in the notes."""
        if not self.shortfall:
            return self
        return replace(self, methods=replace(self.methods, notes=(*self.methods.notes, self.shortfall)))

    def _grid_at(self, at: Mapping[str, object] | None) -> Array:
        return self._grid if not at else self.prepared.design.grid(self.prepared.design.at(at))

    def _reweighted(self, weights: str) -> Array:
        from compassion_trials.models.data.covariates import expand, reference_values

        check_option("weights", weights, WEIGHTS)
        covariates = self.prepared.long.covariates
        return self.prepared.design.grid(reference_values(covariates, expand(covariates)[0], weights))
