"""Against the dense second engine: every structure, every convention of small-sample inference, on the same data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import fits
import numpy as np
from checks import DENSE, DF_OBSERVED, Check, check, loglik_checks
from dense_inference import DenseInference, in_printed_parameters, infer

from compassion_trials.models.crosscheck.dense import (
    DenseFit,
    DenseProblem,
    dense_problem,
    fit_dense,
)

TITLE = "Second engine: dense matrices, scipy.optimize, numeric derivatives"
STRUCTURES = ("us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag")
CURVED = ("csh", "ar1", "arh1", "toeph", "ad", "adh")
SECOND_ORDER = 1e-5
"""Second derivatives of V are nested differences, good to about 1e-7."""


@cache
def dense_mmrm(trial: str, covariance: str, per_arm: bool = False) -> tuple[DenseProblem, DenseFit]:
    """Dense fit of an MMRM, once."""
    problem = fits.dense_mmrm(trial, covariance, per_arm)
    return problem, fit_dense(problem)


def mmrm(case: str, trial: str, covariance: str) -> list[Check]:
    """One structure: likelihood, then arm contrasts under each convention and the joint test."""
    problem, dense = dense_mmrm(trial, covariance)
    out = []
    for df, information in (("kenward-roger", "observed"), ("kr(expected)", "expected"), ("satterthwaite", "observed")):
        fit = fits.mmrm(trial, covariance=covariance, df=df)
        if not out:
            out += loglik_checks(case, fit.loglik, dense.loglik, "dense REML")
        out += compare(case, trial, fit, dense, infer(problem, dense, information), df)
    if covariance in CURVED:
        fit = fits.mmrm(trial, covariance=covariance, df="kr(sas)")
        inference = infer(
            *in_printed_parameters(problem, dense, covariance, len(fits.visits(trial))), second_order=True
        )
        out += compare(case, trial, fit, dense, inference, "kr(sas)", SECOND_ORDER)
    return out


def mmrm_by_arm(case: str, trial: str, covariance: str) -> list[Check]:
    """One covariance per arm."""
    problem, dense = dense_mmrm(trial, covariance, True)
    fit = fits.mmrm(trial, covariance=covariance, per_arm=True)
    out = loglik_checks(case, fit.loglik, dense.loglik, "dense REML")
    return out + compare(case, trial, fit, dense, infer(problem, dense), "kenward-roger")


def lmm(case: str, trial: str, dense: dict[str, object], **options: object) -> list[Check]:
    """Random effects with a common residual variance or one per arm, in two conventions."""
    problem = fits.dense_lmm(trial, **dense)
    found = fit_dense(problem)
    out = []
    for df, information in (("kenward-roger", "observed"), ("kr(expected)", "expected")):
        fit = fits.lmm(trial, df=df, **options)
        if not out:
            out += loglik_checks(case, fit.loglik, found.loglik, "dense REML")
        out += compare(case, trial, fit, found, infer(problem, found, information), df)
    return out


def clda(case: str, trial: str, covariance: str) -> list[Check]:
    """Constrained baseline: columns made by hand, visits and arm x later visit."""
    y, _, subject, visit, arm = fits.cells(trial)
    t = visit.max() + 1
    by_visit = (visit[:, None] == np.arange(t)).astype(float)
    later = np.hstack([by_visit[:, 1:] * (arm == a)[:, None] for a in range(1, arm.max() + 1)])
    problem = dense_problem(y, np.hstack([by_visit, later]), subject, visit, residual=covariance)
    dense = fit_dense(problem)
    fit = fits.mmrm(trial, design="clda", covariance=covariance)
    out = loglik_checks(case, fit.loglik, dense.loglik, "dense REML")
    rows = np.eye(problem.X.shape[-1])[t : 2 * t - 1]
    inference = infer(problem, dense)
    out += rows_checks(case, fit, rows, dense, inference, "kenward-roger", DENSE, first_arm(trial))
    joint = inference.joint(np.eye(problem.X.shape[-1])[t:], dense.beta)
    return out + joint_checks(case, fit, joint, "kenward-roger")


def compare(
    case: str, trial: str, fit: object, dense: DenseFit, inference: DenseInference, df: str, tolerance: float = DENSE
) -> list[Check]:
    """Contrasts of the first arm with the reference at every visit, and the joint test."""
    rows = fits.arm_rows(trial)
    out = rows_checks(case, fit, rows, dense, inference, df, tolerance, first_arm(trial))
    if df != "satterthwaite":
        t = len(rows)
        every = np.hstack([-np.eye(t), np.eye(t)])
        L = [np.zeros((t - 1, inference.phi.shape[0])) for _ in range(inference.phi.shape[0] // t - 1)]
        for a, block in enumerate(L, start=1):
            block[:, :t] = every[1:, :t] - every[:1, :t]
            block[:, a * t : (a + 1) * t] = every[1:, t:] - every[:1, t:]
        out += joint_checks(case, fit, inference.joint(np.vstack(L), dense.beta), df)
    return out


def rows_checks(
    case: str,
    fit: object,
    rows: np.ndarray,
    dense: DenseFit,
    inference: DenseInference,
    df: str,
    tolerance: float,
    arm: str,
) -> list[Check]:
    """Estimates, standard errors and df of contrasts."""
    table = fits.contrasts(fit)
    table = table[table["arm"] == arm]
    kenward_roger = df != "satterthwaite"
    se, dfs = np.array([inference.contrast(row, kenward_roger) for row in rows]).T
    source = f"dense, {df}"
    return [
        check(case, f"{df}: estimate / SE", table["estimate"], rows @ dense.beta, tolerance, source, se),
        check(case, f"{df}: SE", table["se"], se, tolerance, source),
        check(case, f"{df}: df", table["df"], dfs, max(DF_OBSERVED, tolerance), source),
    ]


def joint_checks(case: str, fit: object, joint: tuple[float, float], df: str) -> list[Check]:
    """Joint arm x visit test."""
    ours = fit.joint_test("arm:visit")
    source = f"dense, {df}"
    return [
        check(case, f"{df}: joint F", ours.f, joint[0], DF_OBSERVED, source),
        check(case, f"{df}: joint df", ours.df_den, joint[1], DF_OBSERVED, source),
    ]


def first_arm(trial: str) -> str:
    """The arm that `fits.arm_rows` compares with the reference."""
    return next(a for a in fits.data()[trial]["arm"].unique() if a != fits.REFERENCE[trial])


def _cases() -> dict[str, Callable[[], list[Check]]]:
    found: dict[str, Callable[[], list[Check]]] = {}
    for trial in ("two_arms", "growth", "three_arms"):
        for covariance in STRUCTURES:
            found[f"dense_{trial}_{covariance}"] = partial(mmrm, trial=trial, covariance=covariance)
    for covariance in ("us", "csh", "arh1"):
        found[f"dense_three_arms_{covariance}_by_arm"] = partial(mmrm_by_arm, trial="three_arms", covariance=covariance)
    for trial in ("two_arms", "three_arms"):
        for covariance in ("us", "toeph"):
            found[f"dense_{trial}_clda_{covariance}"] = partial(clda, trial=trial, covariance=covariance)
    intercept, slope = {"random": "intercept"}, {"random": "slope", "time": "weeks"}
    found |= {
        "dense_slopes_intercept": partial(lmm, trial="slopes", dense={"random": "intercept"}, **intercept),
        "dense_slopes_slope": partial(lmm, trial="slopes", dense={"random": "slope"}, **slope),
        "dense_slopes_slope_by_arm": partial(
            lmm, trial="slopes", dense={"random": "slope", "per_arm": True}, per_arm=True, **slope
        ),
        "dense_grouped": partial(
            lmm, trial="grouped", dense={"random": "intercept", "group": True}, group="group", **intercept
        ),
        "dense_partly_grouped": partial(
            lmm, trial="partly_grouped", dense={"random": "intercept", "group": True}, group="group", **intercept
        ),
    }
    return {name: partial(case, name) for name, case in found.items()}


CASES = _cases()
