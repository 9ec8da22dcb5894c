"""Models that print names and the plan's analyses do not offer, fitted to the trial's own scores for the comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from compassion_trials.core.arrays import Array
from compassion_trials.models.data.design import build
from compassion_trials.models.data.frame import Longitudinal, read_long
from compassion_trials.models.likelihood.covariance import Component, CovarianceModel
from compassion_trials.models.likelihood.estimate import Prepared, estimate, prepare, units
from compassion_trials.models.likelihood.structures import Linear, random_effects
from compassion_trials.study.plan.printed import Rerun
from compassion_trials.trial.trial import Trial

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Found:
    """Numbers of a rerun by (term, statistic), and how they were made."""

    numbers: dict[tuple[str, str], float]
    formula: str


def rerun(trial: Trial, spec: Rerun) -> Found:
    """Fit the model of a comparison.

    Raises
    ------
    ModelError
        The data cannot give it.
    """
    return _KINDS[spec.kind](trial, spec)


def _linear_time(trial: Trial, spec: Rerun) -> Found:
    """Random intercept, baseline, arm, covariates and a line over time; ML."""
    outcome = trial.context.outcomes[spec.outcome]
    first = trial.context.plan.design.baseline
    visits = list(spec.times)
    wide = trial.frame(outcome, [first, *visits], list(spec.covariates)).rename(columns={first: "baseline"})
    long = _melt(wide, visits, ["baseline", *spec.covariates])
    read = _read(trial, long, visits, ("baseline", *spec.covariates))
    times = np.array([spec.times[v] for v in read.visits])
    treated = [a for a in read.arms[1:]]
    names = ["intercept", "time", *(f"arm[{a}]" for a in treated)]
    columns = [
        np.ones(len(read.y)),
        times[read.visit],
        *((read.arm == i + 1).astype(float) for i in range(len(treated))),
    ]
    for covariate in read.covariates:
        values, levels = covariate.values, covariate.levels
        if not levels:
            names.append(covariate.name)
            columns.append(values)
        for i, level in enumerate(levels):
            reference = _reference(trial, covariate.name, levels)
            if level != reference:
                names.append(f"{covariate.name}[{level}]")
                columns.append((values == i).astype(float))
    fit = _fit(read, np.column_stack(columns))
    numbers = {(name, "estimate"): float(b) for name, b in zip(names, fit.b, strict=True)}
    numbers |= {(name, "se"): float(s) for name, s in zip(names, fit.se, strict=True)}
    numbers |= {("intercept", "variance"): fit.between, ("residual", "variance"): fit.residual}
    numbers |= {("", "loglik"): fit.loglik, ("", "aic"): -2 * fit.loglik + 2 * (len(names) + 2)}
    text = ", ".join(f"{v} {t:g}" for v, t in spec.times.items())
    return Found(numbers, f"random intercept, maximum likelihood, time as a line ({text}), main effects only")


def _reference(trial: Trial, name: str, levels: tuple[str, ...]) -> str:
    """Reference level of a covariate: the first one that the plan lists."""
    listed = [
        str(v) for raw in trial.context.plan.data if name in raw.baseline for v in raw.baseline[name].values.values()
    ]
    return next((level for level in listed if level in levels), levels[0])


def _arm_by_visit(trial: Trial, spec: Rerun) -> Found:
    """Likelihood-ratio test of arm by visit; random intercept, ML."""
    outcome = trial.context.outcomes[spec.outcome]
    visits = list(outcome.visits)
    long = _melt(trial.frame(outcome, visits), visits, [])
    read = _read(trial, long, visits, ())
    arms = [(read.arm == i).astype(float) for i in range(1, len(read.arms))]
    times = [(read.visit == j).astype(float) for j in range(1, len(read.visits))]
    reduced = [np.ones(len(read.y)), *arms, *times]
    full = _fit(read, np.column_stack([*reduced, *(a * t for a in arms for t in times)]))
    small = _fit(read, np.column_stack(reduced))
    chi2, df = 2 * (full.loglik - small.loglik), len(arms) * len(times)
    numbers = {("", "chi2"): chi2, ("", "df"): float(df), ("", "p"): float(chdtrc(df, chi2))}
    return Found(numbers, "likelihood ratio of arm × visit against arm + visit, random intercept, maximum likelihood")


_KINDS: dict[str, Callable[[Trial, Rerun], Found]] = {"linear_time": _linear_time, "arm_by_visit": _arm_by_visit}


def _melt(wide: pd.DataFrame, visits: list[str], keep: list[str]) -> pd.DataFrame:
    """One row per participant and visit with a score and all covariates."""
    long = wide.reset_index().melt(
        id_vars=["participant", "arm", *keep], value_vars=visits, var_name="visit", value_name="score"
    )
    return long.dropna(subset=["score", *keep]).reset_index(drop=True)


def _read(trial: Trial, long: pd.DataFrame, visits: list[str], covariates: tuple[str, ...]) -> Longitudinal:
    """Long data as arrays, the control as reference."""
    return read_long(
        long,
        outcome="score",
        subject="participant",
        arm="arm",
        visit="visit",
        reference=trial.context.plan.design.control,
        visits=visits,
        covariates=covariates,
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """Coefficients, standard errors, variances and log-likelihood."""

    b: Array
    se: Array
    between: float
    residual: float
    loglik: float


def _fit(long: Longitudinal, x: Array) -> _Fit:
    """A random intercept by maximum likelihood, through the project's own engine."""
    t = len(long.visits)
    design = build("lda", long)[1]  # names only: the columns are ours
    prepared = prepare(long, design, x)
    parts = (
        random_effects(np.ones((t, 1)), ("intercept",), np.ones(1)),
        Linear(("residual",), np.ones(1), np.eye(t)[None]),
    )
    model = CovarianceModel(tuple(Component(part, (0,)) for part in parts), 1, t)
    found = estimate(prepared, model, reml=False)
    b, cov = _gls(prepared, units(found))
    scale2 = prepared.standard.scale**2
    whole = model.value(found.optimum.solution.theta)[0] * scale2
    loglik = prepared.standard.log_likelihood(found.optimum.solution.objective, len(long.y), False)
    return _Fit(b, np.sqrt(np.diag(cov)), float(whole[0, 1]), float(whole[0, 0] - whole[0, 1]), float(loglik))


def _gls(prepared: Prepared, blocks: list[tuple[NDArray[np.intp], Array]]) -> tuple[Array, Array]:
    """Generalised least squares at the fitted covariance, in the units of X."""
    p = prepared.x.shape[1]
    gram, right = np.zeros((p, p)), np.zeros(p)
    for index, v in blocks:
        inverse = np.linalg.inv(v)
        z = prepared.z[index]
        gram += np.einsum("nda,de,neb->ab", z[..., :p], inverse, z[..., :p])
        right += np.einsum("nda,de,ne->a", z[..., :p], inverse, z[..., p])
    cov = np.linalg.inv(gram)
    rows = prepared.standard.contrasts(np.eye(p))
    return prepared.standard.coefficients(cov @ right), rows @ cov @ rows.T
