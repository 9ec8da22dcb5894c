"""Rows of effect sizes from observed values and F tests, and the bootstrap interval of g, on small made trials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.effects.rows import baseline_sd
from compassion_trials.effects.sizes import bootstrap_g
from compassion_trials.effects.sizes.bootstrap_g import ENOUGH, REPLICATES, bootstrap_rows
from compassion_trials.effects.sizes.explained import partial_eta_squared, partial_omega_squared
from compassion_trials.effects.sizes.prepost import d_ppc2, gain
from compassion_trials.effects.sizes.prepost_rows import explained_rows, prepost_rows
from compassion_trials.effects.sizes.size import small_sample_factor
from compassion_trials.fit.analyses import jobs
from compassion_trials.models.inference.marginal_means import custom_row
from compassion_trials.models.replicates.resample import Replicates
from compassion_trials.trial.trial import read_trial

EXACT = 1e-12
OPTIMUM = 1e-9


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Two arms of 20 whose control crossed over after the second visit and was not seen again."""
    made = made_trial.plan(design={"control_until": "post"})
    people = made_trial.people(made.design.arms, 20)
    scores = made_trial.scored(people, made.design.visits, gone=0)
    scores = scores[(scores["visit"] != "fu") | (scores["arm"] == "act")]
    return read_trial(made_trial.write(tmp_path_factory.mktemp("made"), made, people, scores))


def test_gains_are_compared_at_later_visits_of_both_arms(trial):
    found = pd.DataFrame(prepost_rows(trial))
    assert set(found["visit"]) == {"post"}
    outcome = trial.context.outcomes["dep.total"]
    one, other = ([trial.score(outcome, v)[trial.in_arm(arm)] for v in ("pre", "post")] for arm in ("act", "waitlist"))
    size = d_ppc2(gain(*one), gain(*other))
    mine = found[found["outcome"] == "dep.total"].set_index("statistic")
    assert mine.loc[["d_ppc2", "d_ppc2_lower", "d_ppc2_upper"], "value"].tolist() == pytest.approx(
        [size.estimate, size.lower, size.upper], abs=EXACT
    )
    assert mine.loc["d_ppc2", "n"] == 40
    spread = np.sqrt((one[1].var(ddof=1) + other[1].var(ddof=1)) / 2)
    assert mine.loc["d_rms", "value"] == pytest.approx((one[1].mean() - other[1].mean()) / spread, abs=EXACT)


def f_test(term: str, model: str = "mixed_anova", **values: float) -> pd.DataFrame:
    keys = {"analysis": "primary", "model": model, "outcome": "dep.total", "population": "itt", "arm": "", "term": term,
            "level": "", "visit": "", "prespecified": "yes", "df_method": "GG", "n": 40, "study": "s", "design": "d",
            "source": "0"}  # fmt: skip
    return pd.DataFrame([keys | {"statistic": name, "value": value} for name, value in values.items()])


def test_every_f_test_of_a_mixed_anova_gets_its_shares_of_variance():
    whole = {"F": 4.0, "df_num": 2.0, "df_den": 57.0}
    tables = [f_test("time", **whole), f_test("interaction", F=3.0, df_num=2.0), f_test("group", model="clda", **whole)]
    found = pd.DataFrame(explained_rows(pd.concat(tables, ignore_index=True), 0.1))
    eta, omega = partial_eta_squared(4.0, 2.0, 57.0, 0.1), partial_omega_squared(4.0, 2.0, 57.0, 0.1)
    assert dict(zip(found["statistic"], found["value"], strict=True)) == pytest.approx(
        {"partial_eta_squared_lower": eta.lower, "partial_eta_squared_upper": eta.upper,
         "omega_squared": omega.estimate, "omega_squared_lower": omega.lower, "omega_squared_upper": omega.upper}
    )  # fmt: skip
    keys = found[["analysis", "model", "outcome", "term", "n", "unit"]].drop_duplicates().iloc[0]
    assert keys.to_dict() == {"analysis": "primary", "model": "mixed_anova", "outcome": "dep.total", "term": "time",
                              "n": 40, "unit": ""}  # fmt: skip


@pytest.fixture(scope="module")
def primary(trial):
    return next(job for job in jobs(trial.context) if job.analysis == "primary")


def replicates(values: np.ndarray, converged: int):
    """In place of the bootstrap: differences at the visit of interest as given, the baseline's variance that of the
    fit; of all replicates, so many converged."""

    def draw(fit, n: int, seed: int) -> Replicates:
        design = fit.prepared.design
        row = custom_row({("act", "post"): 1.0, ("waitlist", "post"): -1.0}, design, design.grid())
        beta = np.resize(values, n)[:, None] * row / (row @ row)
        theta = np.tile(fit.theta_standard, (n, 1))
        phi = np.tile(np.eye(len(row)), (n, 1, 1))
        return Replicates(beta, phi, theta, np.zeros(n), np.arange(n) < converged)

    return draw


def test_bootstrap_limits_are_percentiles_in_units_of_the_baseline_sd(trial, primary, monkeypatch):
    values = np.linspace(-9.0, 1.0, 101)
    enough = round(ENOUGH * REPLICATES)
    monkeypatch.setattr(bootstrap_g, "subject_bootstrap", replicates(values, enough))
    found, findings = bootstrap_rows(trial, [primary])
    assert not findings
    sd, df = baseline_sd(trial, primary)
    limits = small_sample_factor(df) / sd * np.quantile(np.resize(values, enough), [0.025, 0.975])
    assert {row["statistic"]: row["value"] for row in found} == pytest.approx(
        {"model_g_boot_lower": limits[0], "model_g_boot_upper": limits[1]}, rel=OPTIMUM
    )
    assert {(row["term"], row["visit"]) for row in found} == {("difference: act - waitlist", "post")}


def test_too_few_fitted_replicates_are_told(trial, primary, monkeypatch):
    few = round(ENOUGH * REPLICATES) - 1
    monkeypatch.setattr(bootstrap_g, "subject_bootstrap", replicates(np.zeros(1), few))
    found, findings = bootstrap_rows(trial, [primary])
    assert not found
    assert f"only {few} of {REPLICATES} bootstrap samples" in findings[0].advice


def test_only_a_primary_model_with_the_baseline_as_outcome_is_bootstrapped(trial, primary, monkeypatch):
    monkeypatch.setattr(bootstrap_g, "subject_bootstrap", replicates(np.zeros(1), REPLICATES))
    others = [replace(primary, analysis="secondary"), replace(primary, model="ancova"),
              replace(primary, visits=primary.visits[1:])]  # fmt: skip
    for job in others:
        assert bootstrap_rows(trial, [job]) == ([], [])
    assert bootstrap_rows(trial, [])[0] == []
    assert bootstrap_rows(trial, [others[1], primary])[0]
