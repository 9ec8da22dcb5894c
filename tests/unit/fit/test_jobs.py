"""Which model for which outcome: the defaults of the designs and what a plan may change."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit import made_trial

from compassion_trials.fit.analyses import jobs
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.trial import read_trial


def found(tmp_path, *args, **parts):
    return {(job.analysis, job.outcome.key): job for job in jobs(made_trial.trial(tmp_path, *args, **parts))}


@pytest.mark.parametrize(("kind", "model"), [("randomized", "clda"), ("non_randomized", "lda")])
def test_default_model_by_design(tmp_path, kind, model):
    done = found(tmp_path, kind)
    assert done["primary", "dep.total"].model == model
    assert done["secondary", "anx.total"].model == model
    assert (("baseline_adjusted", "dep.total") in done) == (kind == "non_randomized")


def test_single_arm(tmp_path):
    done = found(tmp_path, "single_arm", arms=("mbsr",))
    assert {job.model for job in done.values()} == {"single_arm"}
    assert done["primary", "dep.total"].pairs == ()


def test_own_sensitivity_analysis_is_not_doubled(tmp_path):
    analysis = {"additional": {"baseline_adjusted": {"model": "baseline_adjusted", "outcomes": ["dep.total"]}}}
    done = found(tmp_path, "non_randomized", analysis=analysis)
    assert [key for key in done if key[0] == "baseline_adjusted"] == [("baseline_adjusted", "dep.total")]


def test_secondary_follows_the_primary_model_but_not_its_label(tmp_path):
    analysis = {"primary": {"model": "ancova", "label": "Ours", "covariates": ["age"]}}
    job = found(tmp_path, analysis=analysis)["secondary", "anx.total"]
    assert (job.model, job.covariates, job.spec.label) == ("ancova", ("age",), None)


def test_visits_after_crossing_over_only_where_a_model_can_use_them(tmp_path):
    analysis = {"additional": {"anova": {"model": "mixed_anova"}, "t": {"model": "change_t"}}}
    done = found(tmp_path, design={"control_until": "post"}, analysis=analysis)
    assert done["primary", "dep.total"].visits == ("pre", "post", "fu")
    assert done["primary", "dep.total"].answer_visit == "post"
    assert done["anova", "dep.total"].visits == ("pre", "post")
    assert done["t", "dep.total"].visits == ("pre", "post")


def test_ancova_baselines(tmp_path):
    analysis = {
        "additional": {
            "usual": {"model": "ancova"},
            "two": {"model": "ancova", "visits": ["fu"], "baselines": ["pre", "post"]},
            "none": {"model": "ancova", "visits": ["post"], "baselines": []},
        }
    }
    done = found(tmp_path, analysis=analysis)
    assert (done["usual", "dep.total"].baselines, done["usual", "dep.total"].visits) == (("pre",), ("post", "fu"))
    assert (done["two", "dep.total"].baselines, done["two", "dep.total"].visits) == (("pre", "post"), ("fu",))
    assert done["none", "dep.total"].baselines == ()


def test_an_outcome_assessed_once_is_compared_without_baseline(tmp_path):
    measures = {
        "dep": made_trial.TOTAL | {"name": "D", "role": "primary"},
        "once": made_trial.TOTAL | {"name": "O", "visits": ["fu"]},
    }
    job = found(tmp_path, measures=measures)["secondary", "once.total"]
    assert (job.model, job.visits, job.baselines) == ("ancova", ("fu",), ())


def test_strata_and_covariates_enter_adjustable_models_only(tmp_path):
    analysis = {"additional": {"anova": {"model": "mixed_anova"}}}
    done = found(tmp_path, design={"strata": ["sex"]}, covariates=["age"], analysis=analysis)
    assert done["primary", "dep.total"].covariates == ("age", "sex")
    assert done["anova", "dep.total"].covariates == ()


def test_pairs_each_against_control_then_the_treated(tmp_path):
    arms = ("mbct", "cft", "waitlist")
    done = found(tmp_path / "a", "non_randomized", arms=arms)
    assert done["primary", "dep.total"].pairs == (("mbct", "waitlist"), ("cft", "waitlist"), ("mbct", "cft"))
    between = {"primary": {"contrast": {"between": ["cft", "mbct"]}}}
    done = found(tmp_path / "b", "non_randomized", arms=arms, analysis=between)
    assert done["primary", "dep.total"].pairs == (("cft", "mbct"), ("mbct", "waitlist"), ("cft", "waitlist"))


def test_moderators_and_covariates_are_no_outcomes(tmp_path):
    measures = {
        "dep": made_trial.TOTAL | {"name": "D", "role": "primary"},
        "mod": made_trial.TOTAL | {"name": "M", "role": "moderator"},
        "med": made_trial.TOTAL | {"name": "N", "role": "mediator"},
    }
    done = found(tmp_path, measures=measures)
    assert ("secondary", "med.total") in done
    assert ("secondary", "mod.total") not in done


def test_analysis_sets(tmp_path):
    sets = {
        "completers": {"complete_visits": ["fu"]},
        "women": {"column": "sex", "equals": ["female"]},
        "older": {"column": "age", "at_least": 45, "complete_visits": ["post"]},
    }
    context = made_trial.trial(tmp_path, analysis_sets=sets)
    trial, outcome = read_trial(context), context.outcomes["dep.total"]
    assert members(trial, "all", outcome).all()
    assert (members(trial, "completers", outcome) == ~np.isnan(trial.score(outcome, "fu"))).all()
    assert (members(trial, "women", outcome) == (trial.participants["sex"] == "female")).all()
    older = (trial.participants["age"] >= 45).to_numpy() & ~np.isnan(trial.score(outcome, "post"))
    assert (members(trial, "older", outcome) == older).all()
