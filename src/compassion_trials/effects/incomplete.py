"""The primary model laid out for imputation: every participant by visit, rows of the design, and the final analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError
from compassion_trials.describe.trial import Trial
from compassion_trials.effects.imputation import Joint
from compassion_trials.effects.least_squares import Solver, solver
from compassion_trials.fit.analyses import DEFAULT_MODEL, Job
from compassion_trials.fit.populations import members
from compassion_trials.models.design import BASELINE, used_levels

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.models import Fit

Array = NDArray[np.float64]

MARGINAL = ("clda", "lda", "baseline_adjusted", "single_arm")
"""Designs of the MMRM; any other primary model is imputed by the default design of the trial."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An outcome to be imputed.

    Attributes
    ----------
    job : Job
        With the design of the imputation model and the visits that have a concurrent control.
    fit : Fit
        The MMRM, unstructured, REML.
    joint : Joint
        Participants by modelled visit; those without any value included.
    arm : ndarray of int, shape (n,)
        Index into ``fit.prepared.design.arms``.
    wide : ndarray, shape (n, all visits)
        Observed scores, the baseline first.
    fixed : ndarray, shape (n, k)
        Columns of the final analysis: intercept, arms, covariates.
    subject : ndarray of int, shape (subjects of the fit,)
        Place of each subject of the fit among the participants.
    """

    job: Job
    fit: Fit
    joint: Joint
    arm: NDArray[np.intp]
    wide: Array
    fixed: Array
    subject: NDArray[np.intp]

    @property
    def place(self) -> int:
        """Index of the visit of interest among the modelled visits."""
        return list(self.fit.prepared.design.visits).index(self.job.contrast_visit)

    @property
    def in_change(self) -> bool:
        """Whether changes from baseline are analysed, because arms may differ there."""
        return self.job.model in ("lda", "single_arm")

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Arms compared; none in a single arm."""
        return self.job.pairs

    def compared(self, contrast: int) -> NDArray[np.bool_]:
        """Participants (n,) of the arms that a contrast compares."""
        arms = list(self.fit.prepared.design.arms)
        wanted = [arms.index(arm) for arm in self.pairs[contrast]] if self.pairs else [0]
        return np.isin(self.arm, wanted)

    def outcome(self, completed: Array) -> Array:
        """What the final analysis explains, (M, n), from completed data (M, n, T)."""
        y = completed[:, :, self.place]
        return y - completed[:, :, 0] if self.in_change else y

    def solver(self, completed: Array, weights: Array | None = None) -> Solver:
        """The final analysis: covariance analysis with the baseline, or differences in change."""
        varying = completed[:, :, 0] if self.job.model == "clda" else None
        width = self.fixed.shape[1] + (varying is not None)
        return solver(self.fixed, self._contrasts(width), varying, weights)

    def _contrasts(self, width: int) -> Array:
        """Rows (pairs, width) of the final analysis."""
        if not self.pairs:
            return np.eye(width)[:1]
        arms = list(self.fit.prepared.design.arms)
        rows = np.zeros((len(self.pairs), width))
        for row, (a, b) in zip(rows, self.pairs, strict=True):
            for arm, sign in ((a, 1.0), (b, -1.0)):
                if arms.index(arm) > 0:  # the reference arm has no column
                    row[arms.index(arm)] += sign
        return rows


def incomplete(trial: Trial, job: Job) -> Incomplete:
    """Fit the imputation model of a job and lay its data out.

    Raises
    ------
    ModelError
        No visit after baseline, no unstructured covariance, a covariate with gaps for everybody.
    """
    design = trial.context.plan.design
    single = len(job.arms) == 1
    model = job.model if job.model in MARGINAL else "single_arm" if single else DEFAULT_MODEL[design.type]
    planned = [v for v in design.visits if v in job.outcome.visits]
    visits = tuple(v for v in planned if single or v in design.controlled_visits)
    job = replace(job, model=model, visits=visits)
    if job.contrast_visit not in visits[1:]:
        raise ModelError("the visit of interest has no concurrent control or is the baseline")
    table = trial.frame(job.outcome, visits, job.covariates)
    table = table.loc[members(trial, job.population, job.outcome) & table["arm"].isin(job.arms)]
    needed = [*job.covariates, *([visits[0]] if model == "baseline_adjusted" else [])]
    table = table.dropna(subset=needed)
    return lay_out(job, table, 1 - trial.alpha)


def lay_out(job: Job, table: pd.DataFrame, level: float = 0.95) -> Incomplete:
    """Fit the imputation model to a table of participants and lay it out.

    Parameters
    ----------
    job : Job
        Its model one of `MARGINAL`, its visits columns of the table.
    table : DataFrame
        One row per participant, the index their labels: arm, covariates, one column of scores per visit.
    level : float
        Confidence level.
    """
    return _arrays(job, _fit(job, table, level), table)


def _fit(job: Job, table: pd.DataFrame, level: float) -> Fit:
    """The unstructured MMRM of the job."""
    from compassion_trials.models import fit_mmrm

    long = table.reset_index(names="participant").melt(
        id_vars=["participant", "arm", *job.covariates],
        value_vars=list(job.visits),
        var_name="visit",
        value_name="score",
    )
    single = len(job.arms) == 1
    fit = fit_mmrm(
        long.loc[long["score"].notna()].reset_index(drop=True),
        outcome="score",
        subject="participant",
        visit="visit",
        arm=None if single else "arm",
        reference=None if single else job.reference,
        visits=list(job.visits),
        design=job.model,  # type: ignore[arg-type]
        covariance="us",
        fallback=(),
        covariates=job.covariates,
        by_visit=job.spec.by_visit,
        level=level,
    )
    for a, t in np.argwhere(~fit.prepared.design.cells):
        who, when = fit.prepared.design.arms[a], fit.prepared.design.visits[t]
        raise ModelError(f"nobody of {who} was seen at visit {when}: there is nothing to impute from")
    if not fit.certificate.valid:
        raise ModelError("the unstructured model that imputes did not converge: " + "; ".join(fit.certificate.reasons))
    return fit


def _arrays(job: Job, fit: Fit, table: pd.DataFrame) -> Incomplete:
    """Arrays of all participants, in the order of the table."""
    design, long = fit.prepared.design, fit.prepared.long
    n, t = len(table), len(design.visits)
    arm = np.zeros(n, dtype=int) if len(job.arms) == 1 else np.array([design.arms.index(a) for a in table["arm"]])
    values = _covariates(fit, table, job.visits[0])
    x = design.rows(np.repeat(arm, t), np.tile(np.arange(t), n), np.repeat(values, t, axis=0)).reshape(n, t, -1)
    wide = table[list(job.visits)].to_numpy(float)
    dummies = (arm[:, None] == np.arange(1, len(design.arms))).astype(float)
    fixed = np.column_stack([np.ones(n), dummies, values - values.mean(0)])
    # the model was given rows in the order of the table, visit after visit: find each subject's participant again
    rows = table.reset_index(names="participant")["participant"].tolist() * len(job.visits)
    seen = ~np.isnan(wide.T.reshape(-1))
    kept = np.flatnonzero(seen)
    position = {label: i for i, label in enumerate(rows[:n])}
    subject = np.zeros(long.n_subjects, dtype=int)
    subject[long.subject] = [position[rows[kept[r]]] for r in long.row]
    return Incomplete(job, fit, Joint(wide[:, -t:], x), arm, wide, fixed, subject)


def _covariates(fit: Fit, table: pd.DataFrame, baseline: str) -> Array:
    """Covariate columns (n, C) of all participants in the coding of the fit."""
    import pandas as pd

    columns = []
    for covariate in fit.prepared.long.covariates:
        source = table[baseline if covariate.name == BASELINE else covariate.name]
        if not covariate.levels:
            columns.append(source.to_numpy(float))
            continue
        codes = pd.Categorical(source.astype("str"), categories=list(covariate.levels)).codes
        columns += [(codes == k).astype(float) for k in used_levels(covariate)[1:]]
    return np.column_stack(columns) if columns else np.zeros((len(table), 0))
