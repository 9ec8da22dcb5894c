"""Effect sizes beside the numbers of a model, each by its own formula from the rows that the model left."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.effects.rows import baseline_sd, change_rows, model_change_rows, model_rows
from compassion_trials.effects.sizes.model_based import model_g
from compassion_trials.effects.sizes.within import within_arm
from compassion_trials.fit.covariates import trial_jobs
from compassion_trials.fit.stage import run as fit
from compassion_trials.trial.trial import read_trial

EXACT = 1e-12
ARMS, LATER, OUTCOMES = ("act", "waitlist"), ("post", "fu"), ("dep.total", "anx.total")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two arms of 12, not randomized: the models compare changes, and give those of each arm."""
    context = made_trial.trial(tmp_path_factory.mktemp("made"), "non_randomized", ARMS, n=12)
    fit(context)
    trial = read_trial(context)
    return trial, read_table(context.results.models), trial_jobs(trial)


def values(table: pd.DataFrame, **keys: str) -> dict[str, float]:
    for name, value in keys.items():
        table = table[table[name] == value]
    assert not table["statistic"].duplicated().any(), keys
    return dict(zip(table["statistic"], table["value"], strict=True))


@pytest.mark.parametrize(
    ("size", "keys"),
    [(model_rows, {"term": "difference in change: act - waitlist"}),
     *((model_change_rows, {"term": "change", "arm": arm}) for arm in ARMS)],
)  # fmt: skip
def test_g_of_a_model_is_its_estimate_over_the_baseline_sd(made, size, keys):
    trial, models, jobs = made
    found = pd.DataFrame(size(trial, models, jobs)).reindex(columns=[*models.columns])
    for job in jobs:
        sd, df = baseline_sd(trial, job)
        for visit in LATER:
            where = keys | {"outcome": job.outcome.key, "visit": visit}
            theirs = values(models, **where)
            g = model_g(theirs["estimate"], theirs["se"], theirs["df"], sd, df)
            assert values(found, **where) == pytest.approx(
                {"model_g": g.estimate, "model_g_lower": g.lower, "model_g_upper": g.upper}, abs=EXACT
            )


def test_observed_changes_stand_beside_those_of_a_mixed_model(made):
    trial, models, jobs = made
    found = pd.DataFrame(change_rows(trial, jobs, models))
    assert set(found["analysis"]) == {"observed"}
    places = found[["outcome", "arm", "visit"]].drop_duplicates()
    assert sorted(places.itertuples(index=False, name=None)) == sorted(
        (outcome, arm, visit) for outcome in OUTCOMES for arm in ARMS for visit in LATER
    )
    for job in jobs:  # only beside an analysis that reports changes
        alone = change_rows(trial, [job], models)
        assert {row["outcome"] for row in alone} == ({job.outcome.key} if job.model == "lda" else set())
    outcome, arm = trial.context.outcomes["anx.total"], trial.in_arm("waitlist")
    before, after = trial.score(outcome, "pre")[arm], trial.score(outcome, "fu")[arm]
    theirs = within_arm(before, after)
    mine = values(found, outcome="anx.total", arm="waitlist", visit="fu")
    assert mine["mean_change"] == pytest.approx(np.nanmean(after - before), abs=1e-9)
    for name in ("d_av", "d_z", "d_rm"):
        size = getattr(theirs, name)
        assert (mine[name], mine[f"{name}_lower"], mine[f"{name}_upper"]) == (size.estimate, size.lower, size.upper)
