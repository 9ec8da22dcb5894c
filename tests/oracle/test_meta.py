"""Meta-analysis against R's metafor: meta.json, made by meta.R; shared data are read in place."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compassion_trials.effects.sizes.size import Summary
from compassion_trials.ledger.evidence import measures as m
from compassion_trials.ledger.evidence.between_trials import q_profile
from compassion_trials.ledger.evidence.multilevel import three_level
from compassion_trials.ledger.evidence.pool import pool
from compassion_trials.ledger.evidence.questions import (
    egger,
    leave_one_out,
    subgroups,
    trim_and_fill,
)

pytestmark = pytest.mark.oracle

REFERENCE = json.loads((Path(__file__).parent / "meta.json").read_text(encoding="utf-8"))

METAFOR = 1e-6
"""Agreement with metafor at tight settings, relative (absolute below 1)."""

DATA_SETS = 8
"""Data sets, at least, on which each of rma and rma.mv must agree."""

ROUNDING = 1e-9
"""Closed formulas: the last bits only."""


def close(ours: object, theirs: object, tolerance: float = METAFOR) -> None:
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    assert a.shape == b.shape
    assert np.max(np.abs(a - b) / np.maximum(1.0, np.abs(b))) <= tolerance, (a, b)


# ---- effect sizes ----

M = REFERENCE["measures"]


def test_standardized_differences():
    rows = M["groups"]
    found = [m.standardized(Summary(r["m1"], r["s1"], r["n1"]), Summary(r["m2"], r["s2"], r["n2"])) for r in rows]
    close([e.estimate for e in found], M["SMD"]["y"], ROUNDING)
    close([e.variance for e in found], M["SMD"]["v"], ROUNDING)


def log_risk_ratio(events: tuple[int, int], totals: tuple[int, int]) -> m.Measured:
    """Log risk ratio and its variance, half a case added to every cell where one is empty."""
    a, c = events
    n1, n2 = totals
    if 0 in (a, c, n1 - a, n2 - c):
        a, c, n1, n2 = a + 0.5, c + 0.5, n1 + 1, n2 + 1
    return m.Measured(float(np.log(a / n1 / (c / n2))), 1 / a - 1 / n1 + 1 / c - 1 / n2)


# ---- pooled effects ----


def inputs(name: str, shared: Path | None) -> dict[str, object]:
    """Effects, variances, groups and moderators of a data set, stored here or read in place."""
    if name in REFERENCE["pooled"]:
        return REFERENCE["pooled"][name]
    table = pd.read_csv(shared / "data" / "dmetar" / f"{name}.csv")
    if name == "ThirdWave":
        return {"y": table["TE"], "v": table["seTE"] ** 2, "group": list(table["RiskOfBias"])}
    rows = table.to_dict("records")
    if name == "DepressionMortality":
        found = [log_risk_ratio((r["event.e"], r["event.c"]), (r["n.e"], r["n.c"])) for r in rows]
        return {"y": [e.estimate for e in found], "v": [e.variance for e in found]}
    groups = [(Summary(r["mean.e"], r["sd.e"], r["n.e"]), Summary(r["mean.c"], r["sd.c"], r["n.c"])) for r in rows]
    found = [m.standardized(*pair) for pair in groups]
    return {"y": [e.estimate for e in found], "v": [e.variance for e in found], "moderator": list(table["pubyear"])}


@pytest.fixture(params=[*REFERENCE["pooled"], *REFERENCE["in_place"]])
def case(request):
    here = request.param in REFERENCE["pooled"]
    shared = None if here else request.getfixturevalue("shared")
    return inputs(request.param, shared), REFERENCE["pooled" if here else "in_place"][request.param]


def test_pooled_effect(case):
    given, theirs = case
    ours = pool(given["y"], given["v"])
    for mine, name in (
        (ours.b, "b"),
        (ours.se, "se"),
        (ours.lower, "lower"),
        (ours.upper, "upper"),
        (ours.t, "t"),
        (ours.p, "p"),
    ):
        close(mine[0], theirs[name])
    for mine, name in (
        (ours.tau2, "tau2"),
        (ours.q, "Q"),
        (ours.q_p, "Q_p"),
        (ours.i2_tau, "I2"),
        (ours.h2, "H2"),
        (ours.classic_se[0], "classic_se"),
    ):
        close(mine, theirs[name])
    interval = ours.prediction("metafor")
    close((interval.lower, interval.upper), theirs["pi"])
    normal = pool(given["y"], given["v"], knapp_hartung=False).prediction_by("classic", 1)
    close((normal.lower, normal.upper), theirs["classic_pi"])
    profile = q_profile(given["y"], given["v"])
    if profile is None:  # metafor's confint gives 0 and 0 and warns that both limits are below
        assert theirs["profile"] == [0, 0]
    else:
        close((profile.lower, profile.upper), theirs["profile"])


def test_other_estimators(case):
    given, theirs = case
    dl = pool(given["y"], given["v"], estimator="DL", knapp_hartung=False)
    close((dl.b[0], dl.tau2, dl.se[0]), theirs["dl"])
    fixed = pool(given["y"], given["v"], estimator="FE", knapp_hartung=False)
    close((fixed.b[0], fixed.se[0]), theirs["fe"])


def test_leave_one_out(case):
    given, theirs = case
    parts, reference = leave_one_out(given["y"], given["v"]), theirs["leave_one_out"]
    for name, mine in (
        ("b", [p.b[0] for p in parts]),
        ("lower", [p.lower[0] for p in parts]),
        ("upper", [p.upper[0] for p in parts]),
        ("tau2", [p.tau2 for p in parts]),
        ("Q", [p.q for p in parts]),
    ):
        close(mine, reference[name])


def test_egger(case):
    given, theirs = case
    ours, reference = egger(given["y"], given["v"]), theirs["egger"]
    close(
        (ours.t, ours.df, ours.p, ours.intercept, ours.se), [reference[x] for x in ("t", "df", "p", "intercept", "se")]
    )


def test_trim_and_fill(case):
    given, theirs = case
    ours, reference = trim_and_fill(given["y"], given["v"]), theirs["trimfill"]
    assert ours.added == reference["added"]
    close((ours.pooled.b[0], ours.pooled.tau2), (reference["b"], reference["tau2"]))


def test_subgroups(case):
    given, theirs = case
    if "subgroups" not in theirs:
        pytest.skip("this data set has no groups")
    ours, reference = subgroups(given["y"], given["v"], given["group"]), theirs["subgroups"]
    assert list(ours.names) == reference["names"]
    close([p.b[0] for p in ours.pooled], reference["b"])
    close([p.se[0] for p in ours.pooled], reference["se"])
    close([p.tau2 for p in ours.pooled], reference["tau2"])
    close((ours.q, ours.q_p), (reference["Q"], reference["p"]))


def test_meta_regression(case):
    given, theirs = case
    if "regression" not in theirs:
        pytest.skip("this data set has no moderator")
    x = np.column_stack([np.ones(len(given["y"])), given["moderator"]])
    ours, reference = pool(given["y"], given["v"], x), theirs["regression"]
    close(ours.b, reference["b"])
    close(ours.se, reference["se"])
    close(ours.p, reference["p"])
    close((ours.tau2, ours.q, ours.f, ours.f_p, ours.i2_tau), [reference[n] for n in ("tau2", "QE", "F", "F_p", "I2")])
    profile = q_profile(given["y"], given["v"], x)
    close((profile.lower, profile.upper), reference["profile"])


@pytest.mark.parametrize("name", REFERENCE["dependent"])
def test_three_levels(name):
    theirs = REFERENCE["dependent"][name]
    y, v, trials = theirs["y"], theirs["v"], [str(t) for t in theirs["trial"]]
    x = np.column_stack([np.ones(len(y)), theirs["mods"]]) if "mods" in theirs else None
    ours = three_level(y, v, trials, x)
    assert ours.loglik >= theirs["loglik"] - ROUNDING
    for mine, key in (
        (ours.b, "b"),
        (ours.se, "se"),
        (ours.lower, "lower"),
        (ours.upper, "upper"),
        (ours.p, "p"),
        (ours.robust_se, "robust_se"),
        (ours.robust_p, "robust_p"),
    ):
        close(mine, np.atleast_1d(theirs[key]))
    close((ours.sigma2_trial, ours.sigma2_effect), theirs["sigma2"])
    close(ours.q, theirs["Q"])
    if "pi" in theirs:
        limits = ours.prediction()
        close((limits.lower, limits.upper), theirs["pi"])


def test_enough_data_sets():
    assert len(REFERENCE["pooled"]) + len(REFERENCE["in_place"]) >= DATA_SETS
    assert len(REFERENCE["dependent"]) >= DATA_SETS


def test_a_wrong_number_fails():
    with pytest.raises(AssertionError):
        close((1.0, 2.0), (1.0, 2.00001))
