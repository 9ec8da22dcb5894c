"""A non-randomized trial gets the baseline-adjusted analysis beside its differences in change."""

from __future__ import annotations

import pytest
from tests.unit import made_trial

from compassion_trials.study.completion import SENSITIVITY, complete
from compassion_trials.study.outcomes import outcomes


def completed(kind: str, **analysis):
    plan = made_trial.plan(kind, analysis=analysis)
    return plan, complete(plan, outcomes(plan, {}))


@pytest.mark.parametrize("model", [None, "lda"])
def test_non_randomized_lda_gets_it(model):
    analysis = {} if model is None else {"primary": {"model": model}}
    added = completed("non_randomized", **analysis)[1].analysis.additional[SENSITIVITY]
    assert added.model == "baseline_adjusted"
    assert added.outcomes == ()
    assert added.prespecified


def test_it_is_done_like_the_primary_on_the_outcomes_of_the_plan():
    analysis = {"primary": {"covariance": "toeph", "covariates": ["age"]}, "secondary": {"outcomes": ["anx.total"]}}
    added = completed("non_randomized", **analysis)[1].analysis.additional[SENSITIVITY]
    assert (added.covariance, added.covariates, added.outcomes) == ("toeph", ("age",), ("dep.total", "anx.total"))


@pytest.mark.parametrize(
    ("kind", "analysis"),
    [
        ("randomized", {}),
        ("non_randomized", {"primary": {"model": "ancova"}}),
        ("non_randomized", {"additional": {SENSITIVITY: {"model": "ancova"}}}),
    ],
)
def test_others_stay_as_they_are(kind, analysis):
    plan, same = completed(kind, **analysis)
    assert same is plan
