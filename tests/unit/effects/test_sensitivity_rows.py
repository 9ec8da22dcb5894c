"""Sensitivity analyses as rows: the curve of delta, the jackknife of complete data, the answer without groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.formula.api as smf
from tests.unit import made_trial

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.mechanism.mechanism_words import _sensitivity
from compassion_trials.effects.missing.incomplete import incomplete
from compassion_trials.effects.missing.least_squares import solver
from compassion_trials.effects.missing.reference_answers import conditional_mean_answer
from compassion_trials.effects.missing.sensitivity import (
    CURVE_POINTS,
    GROUPED,
    JACKKNIFE,
    NOT_GROUPED,
    _curve_rows,
    sensitivity_rows,
)
from compassion_trials.effects.missing.sensitivity_models import ANSWERS, other_people, random_intercept, without_groups
from compassion_trials.effects.missing.tipping_point import delta_curve, tipping_point
from compassion_trials.fit.analyses import jobs
from compassion_trials.study.plan.sensitivity import METHODS, REFERENCE_BASED, SensitivityAnalysis
from compassion_trials.trial.trial import read_trial

EXACT = 1e-9
OPTIMUM = 1e-4
"""Two optimizers of one likelihood, relative."""


def curve(y: np.ndarray):
    """Half of the treated have imputed values; least squares of two arms."""
    arm = np.arange(y.shape[1]) % 2.0
    solve = solver(np.column_stack([np.ones(len(arm)), arm]), np.array([[0.0, 1.0]]))
    return delta_curve(solve, y, (arm == 1) & (np.arange(len(arm)) < len(arm) / 2))


@pytest.mark.parametrize(
    ("tip", "low", "high"), [(4.0, -1.5, 6.0), (-4.0, -6.0, 1.5), (0.1, -0.25, 1.0), (None, -4.0, 4.0)]
)
def test_the_curve_reaches_beyond_the_tipping_point(tip, low, high):
    """From a quarter on the other side to half as much again, but not less than half an SD; two SD without one."""
    found = curve(np.random.default_rng(1).normal(size=(3, 40)))
    spec = SensitivityAnalysis(method="tipping_point", deltas=(2.6,))
    rows = _curve_rows({"term": "t"}, found, tip, spec, 2.0, 0.05)
    steps = {round(low + k * (high - low) / (CURVE_POINTS - 1), 9) for k in range(CURVE_POINTS)}
    deltas = [row["value"] for row in rows if row["statistic"] == "delta"]
    assert deltas == pytest.approx(sorted(steps | {0.0, 2.6}), abs=EXACT)
    assert {row["level"] for row in rows} == {f"delta {d:.4g}" for d in deltas}
    estimates = {row["level"]: row["value"] for row in rows if row["statistic"] == "estimate"}
    for delta in (deltas[0], 2.6):
        assert estimates[f"delta {delta:.4g}"] == pytest.approx(found.at(delta).estimate, rel=EXACT)


def test_without_any_difference_the_conclusion_is_sought_below():
    """Both arms have the mean 0: neither direction works against the result, and lower values are tried."""
    found = curve(np.tile([1.0, 1.0, -1.0, -1.0], (3, 10)))
    assert found.at(0.0).estimate == 0.0
    tip = tipping_point(found, 0.05, 20.0)
    assert tip < 0
    assert found.p(tip) == pytest.approx(0.05, abs=1e-6)


def test_an_arm_without_participants_is_told():
    fixed = np.column_stack([np.ones(9), np.zeros(9), np.arange(9.0)])
    with pytest.raises(ModelError, match="zero for everybody"):
        solver(fixed, np.eye(3))


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Two arms of 12 of whom nobody left."""
    made = made_trial.plan(analysis={"sensitivity": list(METHODS)})
    people = made_trial.people(made.design.arms, 12)
    scores = made_trial.scored(people, made.design.visits, gone=0)
    return read_trial(made_trial.write(tmp_path_factory.mktemp("made"), made, people, scores))


@pytest.fixture(scope="module")
def primary(trial):
    return next(job for job in jobs(trial.context) if job.analysis == "primary")


def test_nothing_missing_the_jackknife_is_that_of_the_regression(trial, primary):
    data = incomplete(trial, primary)
    x, y = np.column_stack([data.fixed, data.wide[:, 0]]), data.wide[:, -1]
    left = np.array([np.linalg.lstsq(np.delete(x, i, 0), np.delete(y, i), rcond=None)[0][1] for i in range(24)])
    estimate, se, df = conditional_mean_answer(data, "jump_to_reference", "waitlist")
    assert estimate[0] == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0][1], rel=EXACT)
    assert se[0] == pytest.approx(np.sqrt(23 / 24 * ((left - left.mean()) ** 2).sum()), rel=EXACT)
    assert np.isinf(df[0])


@pytest.mark.parametrize(("model", "kind"), [("clda", "arm"), ("lda", "change_from_baseline")])
def test_the_likelihood_without_groups_is_the_imputation_models_own_contrast(trial, primary, model, kind):
    data = incomplete(trial, replace(primary, model=model))
    theirs = data.fit.contrasts(kind).set_index("visit").loc["fu"]
    rows = without_groups(data, {"analysis": "sensitivity"}, 0.05)
    ours = {row["statistic"]: row["value"] for row in rows}
    for name in ("estimate", "se", "df", "p", "lower", "upper"):
        assert ours[name] == pytest.approx(theirs[name], rel=1e-7), name
    change = "difference in change" if model == "lda" else "difference"
    assert {(row["term"], row["n"]) for row in rows} == {(f"{change}: act - waitlist", 24)}


def test_the_random_intercept_is_statsmodels_own(trial, primary):
    """Difference in change from a formula of its own: arm by visit, the waitlist and the baseline as references."""
    rows = random_intercept(incomplete(trial, replace(primary, model="lda")), {"analysis": "sensitivity"}, 0.05)
    table = trial.frame(primary.outcome, primary.visits).reset_index()
    long = table.melt(["participant", "arm"], list(primary.visits), "visit", "score")
    formula = "score ~ C(arm, Treatment('waitlist')) * C(visit, Treatment('pre'))"
    fit = smf.mixedlm(formula, long, groups=long["participant"]).fit(reml=True)
    name = "C(arm, Treatment('waitlist'))[T.act]:C(visit, Treatment('pre'))[T.fu]"
    ours = {row["statistic"]: row["value"] for row in rows}
    assert (ours["estimate"], ours["se"]) == pytest.approx((fit.params[name], fit.bse[name]), rel=OPTIMUM)


def test_nobody_missing_completers_have_the_answer_of_the_planned_model(trial, primary):
    rows = other_people(trial, primary, {"analysis": "sensitivity", "model": "completers"}, "completers")
    assert {(row["term"], row["population"], row["n"]) for row in rows} == {
        ("difference: act - waitlist", "completers", 24)
    }
    ours = {row["statistic"]: row["value"] for row in rows}
    theirs = incomplete(trial, primary).fit.contrasts("arm").set_index("visit").loc["fu"]
    assert set(ours) == set(ANSWERS)
    for name in ("estimate", "se", "df", "p", "lower", "upper"):
        assert ours[name] == pytest.approx(theirs[name], rel=1e-6), name


@pytest.mark.parametrize("groups", [1, 4])
def test_where_imputed_data_know_no_groups_the_likelihood_without_them_stands_beside(tmp_path, groups):
    """One group in the treated arm cannot be told from the arm; four can."""
    design = {"clusters": {"course": {"arms": ["act"]}}}
    made = made_trial.plan(design=design, data={"clusters": {"course": "course"}}, analysis={"sensitivity": ["locf"]})
    people = made_trial.people(made.design.arms, 12)
    people["course"] = [f"c{i % groups}" for i in range(12)] + [None] * 12
    scores = made_trial.scored(people, made.design.visits, gone=0)
    rows, findings = sensitivity_rows(read_trial(made_trial.write(tmp_path, made, people, scores)))
    assert not findings
    beside = {"likelihood_without_groups"} if groups == 1 else set()
    assert {row["model"] for row in rows} == {"locf"} | beside
    how = NOT_GROUPED if groups == 1 else GROUPED
    assert all(row["note"].endswith(how) for row in rows if row["model"] == "locf")


@pytest.mark.parametrize(("model", "imputed"), [("ancova", "clda"), ("mixed_anova", "clda"), ("lda", "lda")])
def test_a_model_that_is_no_mmrm_is_imputed_by_the_default_of_the_design(trial, primary, model, imputed):
    assert incomplete(trial, replace(primary, model=model)).job.model == imputed


@pytest.mark.parametrize("name", METHODS)
def test_methods_say_what_was_imputed_and_how(trial, name):
    shared = {"analysis": "sensitivity", "model": name, "outcome": trial.context.primary, "value": 1.0}
    rows = [shared | {"statistic": "delta" if name == "tipping_point" else "estimate"}]
    said = " ".join(_sensitivity(trial, rows, grouped=False))
    assert "of the primary outcome" in said
    assert "given twice" not in said  # there is no row of the jackknife
    both = " ".join(_sensitivity(trial, [*rows, shared | {"statistic": "estimate", "level": JACKKNIFE}], grouped=False))
    assert ("given twice" in both) == (name in REFERENCE_BASED)
    assert ("Reference-based imputation" in said) == (name in REFERENCE_BASED)
    assert ("joint normal distribution" in said) == (name in (*REFERENCE_BASED, "multiple_imputation", "tipping_point"))
    assert "whole therapy groups" not in said


def test_a_jackknife_that_fails_leaves_the_first_answer(trial, monkeypatch):
    """Twelve of each arm are enough; the jackknife is made to fail here."""
    from compassion_trials.effects.missing import sensitivity

    def fails(data):
        raise ModelError("3 of 24 jackknife fits did not converge")

    monkeypatch.setattr(sensitivity, "left_out", fails)
    asked = trial.context.plan.analysis.model_copy(
        update={"sensitivity": (SensitivityAnalysis(method="jump_to_reference", imputations=20),)}
    )
    plan = trial.context.plan.model_copy(update={"analysis": asked})
    rows, findings = sensitivity.sensitivity_rows(replace(trial, context=replace(trial.context, plan=plan)))
    first = {row["statistic"] for row in rows if not row.get("level")}
    assert {"estimate", "se", "lower", "upper", "p"} <= first
    (second,) = [row for row in rows if row.get("level") == JACKKNIFE]
    assert (second["text"], second["note"]) == ("not estimable", "3 of 24 jackknife fits did not converge")
    assert [finding.code for finding in findings] == ["not_estimable"]
    assert "jackknife" in findings[0].message
