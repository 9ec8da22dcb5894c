"""Therapy groups enter the mixed models when the plan names them, and it is told when they cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.fit.grouped import fit_with_groups
from compassion_trials.fit.stage import run
from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.study.plan.analysis import Analysis

GROUPS = {"design": {"clusters": {"course": {"arms": ["act"]}}}, "data": {"clusters": {"course": "course"}}}
SAME = 1e-8
"""A model with the group variance at zero is the model without groups."""


def study(folder: Path, spread: float, groups: int = 6, **parts):
    """A made trial whose treated arm met in groups that share a shift after baseline."""
    made = made_trial.plan(**GROUPS, **parts)
    people = made_trial.people(("act", "waitlist"), 24)
    people["course"] = [f"c{i % groups}" if arm == "act" else None for i, arm in enumerate(people["arm"])]
    scores = made_trial.scored(people, ("pre", "post", "fu"))
    shift = dict(zip(sorted(people["course"].dropna().unique()), np.linspace(-1, 1, groups) * spread, strict=True))
    moved = scores["participant"].map(people.set_index("participant")["course"].map(shift)).fillna(0.0).astype(float)
    scores["score"] += moved * (scores["visit"] != "pre")
    context = made_trial.write(folder, made, people, scores)
    run(context)
    return read_table(context.results.models), context


def test_groups_enter_by_default(tmp_path):
    models, context = study(tmp_path, 6.0)
    found = models[(models["term"] == "model") & (models["analysis"] == "primary")].set_index("statistic")["value"]
    assert found["n_groups"] == 6
    assert 0.05 < found["icc"] < 0.9
    sentence = " ".join(Record.read(context.results.record("fit")).methods)
    assert "had a random effect in these analyses: Primary analysis, Secondary outcomes" in sentence
    assert "ignored" not in sentence


def test_groups_widen_the_standard_error(tmp_path):
    with_groups, _ = study(tmp_path / "a", 6.0)
    without, _ = study(tmp_path / "b", 6.0, analysis={"primary": {"random_group": "none"}})

    def error(models: pd.DataFrame) -> float:
        mine = models[(models["analysis"] == "primary") & (models["term"] == "difference: act - waitlist")]
        return float(mine[(mine["visit"] == "fu") & (mine["statistic"] == "se")]["value"].iloc[0])

    assert error(with_groups) > 1.1 * error(without)


def test_cs_instead_of_the_planned_covariance_has_robust_errors():
    rng = np.random.default_rng(8)
    n, visits = 24, ["pre", "post", "fu"]
    long = pd.DataFrame({"participant": np.repeat(range(n), 3), "visit": visits * n})
    long["score"] = np.repeat(rng.normal(20, 4, n), 3) + rng.normal(0, 3, 3 * n)
    long["arm"], group = np.repeat(["act", "waitlist"], 3 * n // 2), [f"g{i % 4}" for i in range(n // 2)]
    long["course"] = np.repeat([*group, *[None] * (n // 2)], 3)
    seen_apart = (long["visit"] == "pre") | ((long["visit"] == "fu") == (long["participant"] % 2 == 0))
    shared = {"outcome": "score", "subject": "participant", "visit": "visit", "arm": "arm", "reference": "waitlist"}
    used, planned = (
        fit_with_groups(long[seen_apart], "course", "clda", spec, shared | {"visits": visits})
        for spec in (Analysis(fallback=("cs",)), Analysis(covariance="cs"))
    )
    assert (used.methods.covariance.split()[0], used.methods.robust, used.inference.method) == ("cs", "CR2", "CR2")
    assert planned.methods.robust == ""


def test_one_group_is_told(tmp_path):
    models, context = study(tmp_path, 0.0, groups=1)
    issues = pd.read_csv(context.results.findings("fit"))
    assert (issues["code"] == "groups_ignored").any()
    assert not (models["statistic"] == "n_groups").any()


def test_no_group_variance_is_the_model_without_groups():
    rng = np.random.default_rng(4)
    n = 40
    wide = rng.normal(20, 4, n)[:, None] + rng.normal(0, 3, (n, 3))
    group = np.array([f"g{i % 5}" for i in range(n)], dtype=object)
    for g in np.unique(group):  # groups are more alike than chance: the variance wants to be negative
        wide[group == g] -= wide[group == g].mean(0) - wide.mean(0)
    group[n // 2 :] = None
    names = {"outcome": "y", "subject": "id", "visit": "visit", "visits": list("012"), "arm": "arm", "reference": "b"}
    long = pd.DataFrame({"id": np.repeat(range(n), 3), "visit": list("012") * n, "y": wide.ravel()})
    long["arm"], long["course"] = np.repeat(["a"] * 20 + ["b"] * 20, 3), np.repeat(group, 3)
    grouped = fit_lmm(long, **names, random="none", residual="us", group="course")
    plain = fit_mmrm(long, **names)
    assert grouped.certificate.valid
    assert "therapy group variance is 0" in grouped.methods.notes
    assert grouped.loglik == pytest.approx(plain.loglik, abs=SAME)
    assert grouped.contrasts("arm")["se"].to_numpy() == pytest.approx(plain.contrasts("arm")["se"].to_numpy(), rel=1e-6)
