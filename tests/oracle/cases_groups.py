"""Therapy groups in mediation and imputed data, and unmeasured confounding, against R and an R script of our own."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from checks import IDENTITY, LMER, Check, check

from compassion_trials.effects.groups.group_effect import group_solver
from compassion_trials.effects.mechanism.mediation import mediate
from compassion_trials.effects.missing.least_squares import solver
from compassion_trials.models.inference.clustered import cluster_robust, units

TITLE = "R: clubSandwich and lme4 for therapy groups, correlated errors in mediation"
REFERENCES = Path(__file__).with_name("groups.json")

LARGE_LMER = 1e-5
"""lme4 stops where the likelihood is flat to 1e-12; its variances are then good to the square root of that."""
GRID = 2e-5
"""optim's quasi-Newton on ten parameters stops at about 1e-6 standard errors of the indirect effect."""


@cache
def references() -> dict:
    """Stored values of groups.R."""
    return json.loads(REFERENCES.read_text(encoding="utf-8"))


@cache
def trial() -> pd.DataFrame:
    """The stored trial; group -1 for people without one."""
    return pd.DataFrame(references()["data"]).assign(group=lambda d: d["group"].astype(float).fillna(-1).astype(int))


def robust(equation: str) -> list[Check]:
    """CR2 standard errors and Bell-McCaffrey df of one equation, by the paths that mediation prints."""
    d, stored = trial(), references()["paths"][equation]
    x, m, y = (d[name].to_numpy(float) for name in ("x", "m1", "y1"))
    c, unit = d[["m0", "y0"]].to_numpy(float), units(d["group"].to_numpy(), np.zeros(len(d), int))
    fit = mediate(x, m[:, None], y, c, unit=unit)
    design = np.column_stack([np.ones(len(d)), x, c, *([m] if equation == "outcome" else [])])
    target = m if equation == "mediator" else y
    bread = np.linalg.inv(design.T @ design)
    sandwich = cluster_robust(design, target - design @ (bread @ design.T @ target), bread, unit)
    names = ["(Intercept)", "x", "m0", "y0", *(["m1"] if equation == "outcome" else [])]
    paths = {"mediator": {"x": fit.a[0]}, "total": {"x": fit.total}, "outcome": {"x": fit.direct, "m1": fit.b[0]}}
    case, source = f"{equation} among groups", "clubSandwich"
    theirs = [stored[name] for name in names]
    return [
        check(case, "SE", np.sqrt(np.diag(sandwich.covariance)), [t["se"] for t in theirs], IDENTITY, source),
        check(case, "df", sandwich.df(np.eye(len(names))), [t["df"] for t in theirs], 1e-9, source),
        *(
            check(case, f"path {name}", [p.estimate, p.se, p.df], [stored[name][k] for k in ("estimate", "se", "df")],
                  1e-9, source)
            for name, p in paths[equation].items()
        ),
    ]  # fmt: skip


def random_effect() -> list[Check]:
    """The regression of completed data with a group effect in the treated arm."""
    d, stored = trial(), references()["grouped"]
    fixed = np.column_stack([np.ones(len(d)), d["x"], d["m0"]])
    plain = solver(fixed, np.array([[0.0, 1.0, 0.0]]))
    found = group_solver(plain, d["group"].to_numpy())
    assert found is not None
    fit = found.fit(d["m1"].to_numpy(float)[None])
    case, source = "group effect in the treated arm", "lme4"
    scale = np.array([stored["se_plain"]])
    return [check(case, "estimate / SE", fit.estimate[0], stored["estimate"], LARGE_LMER, source, scale)]


def confounding() -> list[Check]:
    """The rho of a vanishing indirect effect, and the whole curve by Imai's closed form from our paths."""
    d, stored = trial(), references()["rho"]
    x, m, y = (d[name].to_numpy(float) for name in ("x", "m1", "y1"))
    c = d[["m0", "y0"]].to_numpy(float)
    fit = mediate(x, m[:, None], y, c)
    base = np.column_stack([np.ones(len(d)), x, c])
    left = [np.std(v - base @ np.linalg.lstsq(base, v, rcond=None)[0]) for v in (m, y)]
    rho, at = fit.rho[0], np.array(stored["grid"])
    curve = fit.a[0].estimate * left[1] / left[0] * (rho - at * np.sqrt((1 - rho**2) / (1 - at**2)))
    case, source = "unmeasured confounding", "own R script, maximum likelihood"
    spread = np.full(len(at), np.ptp(stored["indirect"]))
    return [
        check(case, "rho of no indirect effect", rho, stored["zero"], GRID, source, "absolute"),
        check(case, "indirect effect over rho", curve, stored["indirect"], GRID, source, spread),
        check(case, "rho = 0 is the product", curve[6], fit.indirect[0], LMER, "identity"),
    ]


CASES = {
    **{f"CR2, {equation}": (lambda equation=equation: robust(equation)) for equation in references()["paths"]},
    "group effect, completed data": random_effect,
    "unmeasured confounding, correlated errors": confounding,
}
