"""The primary model laid out for imputation: every participant by visit, rows of the design, and the final analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.effects.groups.group_effect import GroupSolver, group_solver
from compassion_trials.effects.missing.imputation import Joint
from compassion_trials.effects.missing.least_squares import Regressions, Solver, solver
from compassion_trials.effects.missing.reference_based import discontinuation
from compassion_trials.fit.analyses import Job
from compassion_trials.models.data.covariates import used_levels
from compassion_trials.models.data.design import BASELINE
from compassion_trials.study.question import DEFAULT_MODEL
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.models import Fit
    from compassion_trials.models.options import DesignName


STOP = "visits before stopping"
"""Column of the laid-out table: how many of the job's visits come before the treatment was stopped."""

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
    group : ndarray of int, shape (n,)
        Code of everybody's therapy group, -1 for people without one.
    stop : ndarray of int, shape (n,)
        First modelled visit after stopping the treatment, T for those who did not stop before the last.
    """

    job: Job
    fit: Fit
    joint: Joint
    arm: NDArray[np.intp]
    wide: Array
    fixed: Array
    subject: NDArray[np.intp]
    group: NDArray[np.intp]
    stop: NDArray[np.intp]

    @property
    def came_back(self) -> NDArray[np.bool_]:
        """Participants (n,) with a value after they had stopped."""
        after = np.arange(self.joint.y.shape[1]) >= self.stop[:, None]
        return np.asarray((~np.isnan(self.joint.y) & after).any(1))

    @property
    def place(self) -> int:
        """Index of the visit of interest among the modelled visits."""
        return list(self.fit.prepared.design.visits).index(self.job.answer_visit)

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
        """The final analysis by least squares: covariance analysis with the baseline, or differences in change."""
        varying = None
        if self.job.model == "clda":  # a baseline that everybody has is the same in all data sets
            varying = completed[:, :, 0] if np.isnan(self.joint.y[:, 0]).any() else completed[:1, :, 0]
        width = self.fixed.shape[1] + (varying is not None)
        return solver(self.fixed, self._contrasts(width), varying, weights)

    def grouped(self, completed: Array) -> GroupSolver | None:
        """The final analysis with a random effect of the therapy group; None where there is none to be told."""
        return group_solver(self.solver(completed), self.group)

    def analyse(self, completed: Array) -> Regressions:
        """The final analysis of completed data (M, n, T), with therapy groups where there are any."""
        return (self.grouped(completed) or self.solver(completed)).fit(self.outcome(completed))

    @property
    def by_group(self) -> bool:
        """Whether therapy groups can be told from the arms, and so enter the final analysis."""
        return group_solver(solver(self.fixed, np.eye(self.fixed.shape[1])), self.group) is not None

    def units(self) -> NDArray[np.intp]:
        """Who is left out together by a jackknife, (n,): a therapy group, or a person without one."""
        alone = np.arange(len(self.group)) + 1 + self.group.max()
        together = self.group if self.by_group else np.full_like(self.group, -1)
        return np.unique(np.where(together < 0, alone, together), return_inverse=True)[1].astype(np.intp)

    def only(self, people: NDArray[np.bool_]) -> Incomplete:
        """Some participants (n,) for another final analysis; the fit stays that of all."""
        joint = Joint(self.joint.y[people], self.joint.x[people])
        parts = {name: getattr(self, name)[people] for name in ("arm", "wide", "fixed", "group", "stop")}
        return replace(self, joint=joint, **parts)

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
    if job.answer_visit not in visits[1:]:
        raise ModelError("the visit of interest has no concurrent control or is the baseline")
    table = trial.frame(job.outcome, visits, [*job.covariates, *([job.group] if job.group else [])])
    if (stops := recorded_stop(trial, visits)) is not None:
        table[STOP] = stops
    table = table.loc[members(trial, job.population, job.outcome) & table["arm"].isin(job.arms)]
    needed = [*job.covariates, *([visits[0]] if model == "baseline_adjusted" else [])]
    table = table.dropna(subset=needed)
    return lay_out(job, table, 1 - trial.alpha)


def recorded_stop(trial: Trial, visits: tuple[str, ...]) -> NDArray[np.intp] | None:
    """How many of some visits come before everybody stopped the treatment, (n,); all for who did not stop.

    None where the plan's raw files do not say it (``flow.stopped``).
    """
    if "stopped" not in trial.participants:
        return None
    order = {visit: i for i, visit in enumerate(trial.context.plan.design.visits)}
    first = trial.participants["stopped"].map(order).fillna(len(order)).to_numpy(float)
    before: NDArray[np.intp] = (np.array([order[visit] for visit in visits]) < first[:, None]).sum(1)
    return before


def lay_out(job: Job, table: pd.DataFrame, level: float = 0.95) -> Incomplete:
    """Fit the imputation model to a table of participants and lay it out.

    Parameters
    ----------
    job : Job
        Its model one of `MARGINAL`, its visits columns of the table.
    table : DataFrame
        One row per participant, the index their labels: arm, covariates, one column of scores per visit, and that of
        the job's therapy group where it has one; `STOP` where stopping was recorded, else who is not seen any more
        stopped after the last value.
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
        design=cast("DesignName", job.model),
        covariance="us",
        fallback=(),
        covariates=job.covariates,
        by_visit=job.spec.by_visit,
        level=level,
    )
    for a, t in np.argwhere(~fit.prepared.design.cells):
        who, when = fit.prepared.design.arms[a], fit.prepared.design.visits[t]
        raise ModelError(
            f"nobody of {who} was seen at visit {when}: there is nothing to impute from; where the control ended "
            "before it, name its last visit in design.control_until"
        )
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
    joint = Joint(wide[:, -t:], x)
    recorded = STOP in table
    stop = np.maximum(table[STOP].to_numpy() - (wide.shape[1] - t), 0) if recorded else discontinuation(joint.y)
    return Incomplete(
        job=job,
        fit=fit,
        joint=joint,
        arm=arm,
        wide=wide,
        fixed=fixed,
        subject=subject,
        group=group_codes(table, job.group),
        stop=stop,
    )


def group_codes(table: pd.DataFrame, group: str | None) -> NDArray[np.intp]:
    """Code of everybody's therapy group (n,), -1 for people without one; one name is one group, as in the models."""
    import pandas as pd

    if group is None or group not in table:
        return np.full(len(table), -1)
    named = table[group].astype("object")
    has = (named.notna() & (named.astype("str") != "")).to_numpy(bool)
    return np.where(has, pd.factorize(named.astype("str"))[0], -1).astype(np.intp)


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
