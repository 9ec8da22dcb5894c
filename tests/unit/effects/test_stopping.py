"""Recorded stopping and counted events, from the participants table to results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.columns import results_table
from compassion_trials.describe.flow import flow_rows
from compassion_trials.effects.missing.incomplete import incomplete
from compassion_trials.effects.missing.reference_answers import conditional_mean_answer, moves
from compassion_trials.effects.missing.reference_based import (
    STRATEGIES,
    discontinuation,
    shift,
    shifts,
)
from compassion_trials.effects.outcomes.estimands import estimand_rows
from compassion_trials.effects.outcomes.harms import harm_rows
from compassion_trials.fit.analyses import jobs
from compassion_trials.trial.trial import read_trial

VISITS = ("pre", "mid", "post", "fu")
EXACT = 1e-10


@pytest.fixture
def made(tmp_path):
    """A trial of 25 per arm with monotone drop-out, and a function that adds columns to its participants."""
    plan = made_trial.plan(visits=VISITS)
    people = made_trial.people(("act", "waitlist"), 25)
    scores = made_trial.scored(people, VISITS, gone=0.35)

    def read(table: pd.DataFrame | None = None, **columns):
        return read_trial(
            made_trial.write(tmp_path, plan, people.assign(**columns), scores if table is None else table)
        )

    return read, people, scores


def first_gap(trial) -> list[str | None]:
    """First visit after the last value of the primary outcome."""
    outcome = next(iter(trial.context.outcomes.values()))
    y = np.column_stack([trial.score(outcome, visit) for visit in VISITS])
    return [VISITS[t] if t < len(VISITS) else None for t in discontinuation(y)]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_recorded_stops_that_the_gaps_show_change_nothing(made, strategy):
    read, *_ = made
    guessed = read()
    recorded = read(stopped=first_gap(guessed))
    answers = []
    for trial in (guessed, recorded):
        data = incomplete(trial, jobs(trial.context)[0])
        answers.append(conditional_mean_answer(data, strategy, "waitlist"))
    for a, b in zip(*answers, strict=True):
        assert a == pytest.approx(b, rel=EXACT)


def test_who_is_lost_but_did_not_stop_stays_missing_at_random(made):
    read, people, _ = made
    trial = read(stopped=[None] * len(people))
    data = incomplete(trial, jobs(trial.context)[0])
    assert np.isnan(data.joint.y).any()
    assert not moves(data, "jump_to_reference", "waitlist", data.fit.beta[None], data.fit.covariances[:1]).any()


def test_values_after_stopping_stay_and_lead_the_missing_ones(made):
    """Somebody of the treated arm stopped before mid, was seen there, and then lost."""
    read, people, scores = made
    who = people["participant"].iloc[3]
    table = scores[~((scores["participant"] == who) & scores["visit"].isin(["post", "fu"]))]
    trial = read(table, stopped=["mid" if person == who else None for person in people["participant"]])
    data = incomplete(trial, jobs(trial.context)[0])
    beta, sigma = data.fit.beta[None], data.fit.covariances[:1]
    moved = moves(data, "jump_to_reference", "waitlist", beta, sigma)[0]
    assert not moved[np.arange(len(moved)) != 3].any()
    assert list(moved[3] != 0) == [False, False, True, True]
    arms, grid = list(data.fit.prepared.design.arms), data.fit.prepared.design.grid()
    gap = (beta @ grid[arms.index("waitlist")].T - beta @ grid[arms.index("act")].T)[0]
    s = sigma[0]  # E[y | seen] under the new means minus that under the old ones, by hand
    weights = s[2:, :2] @ np.linalg.inv(s[:2, :2])
    assert moved[3, 2:] == pytest.approx(gap[2:] - weights @ np.array([0, gap[1]]), rel=EXACT)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_pattern_without_later_values_is_the_table_of_shifts(strategy):
    rng = np.random.default_rng(5)
    own, reference = rng.normal(size=(2, 3, 4))
    root = rng.normal(size=(3, 4, 4))
    sigma = root @ root.swapaxes(1, 2) + np.eye(4)
    table = shifts(strategy, own, reference, sigma)
    for start in range(5):
        alone = shift(strategy, own, reference, sigma, start, np.zeros(4, dtype=bool))
        assert alone == pytest.approx(table[:, start], rel=EXACT)


def test_flow_and_estimand_tell_who_stopped(made):
    read, people, _ = made
    stopped = [None] * len(people)
    stopped[0], stopped[1] = "post", "fu"
    why = ["moved away"] + [""] * (len(people) - 1)
    trial = read(stopped=stopped, stop_reason=why)
    rows = results_table(flow_rows(trial))
    counted = rows[rows["term"] == "stopped"].set_index(["arm", "level"])["value"]
    assert counted.to_dict() == {("act", ""): 2, ("act", "moved away"): 1, ("waitlist", ""): 0}
    told = results_table(estimand_rows(trial, jobs(trial.context)))
    text = told[(told["term"] == "follow_through") & (told["level"] == "stopped")]["text"].item()
    seen = int((~np.isnan(trial.score(jobs(trial.context)[0].outcome, "fu")[:2])).sum())
    assert text.startswith(f"{seen} of 2 participants who stopped the treatment have the outcome")


def test_counted_events_by_arm_with_their_number(tmp_path):
    plan = made_trial.plan(
        data={"harms": {"adverse event": "ae"}}, harms={"events": {"fall": {"act": 1, "waitlist": 2}}}
    )
    people = made_trial.people(("act", "waitlist"), 20)
    number = np.zeros(40)
    number[[0, 3]], number[[20, 21, 22]], number[[39]] = [2, 1], 1, np.nan
    people["harms.adverse event"] = number
    trial = read_trial(made_trial.write(tmp_path, plan, people, made_trial.scored(people, ("pre", "post", "fu"))))
    rows = results_table(harm_rows(trial, results_table([]), results_table([])))
    event = rows[(rows["level"] == "adverse event")].set_index(["arm", "statistic"])
    assert event.loc[("act", "events"), "value"] == 3
    assert (event.loc[("act", "n"), "value"], event.loc[("act", "n"), "n"]) == (2, 20)
    assert (event.loc[("waitlist", "n"), "value"], event.loc[("waitlist", "n"), "n"]) == (3, 19)
    difference = rows[(rows["term"] == "event: act - waitlist") & (rows["level"] == "adverse event")]
    assert difference.set_index("statistic")["value"]["risk_difference"] == pytest.approx(2 / 20 - 3 / 19)
    assert rows[(rows["level"] == "fall") & (rows["statistic"] == "n")]["value"].tolist() == [1, 2]
    # exact limits of 2 of 20, Clopper & Pearson by the beta distribution
    from scipy.stats import beta

    assert event.loc[("act", "lower"), "value"] == pytest.approx(100 * beta.ppf(0.025, 2, 19))
    assert event.loc[("act", "upper"), "value"] == pytest.approx(100 * beta.ppf(0.975, 3, 18))


def test_a_control_that_crossed_over_is_not_compared(tmp_path):
    plan = made_trial.plan(design={"control_until": "post"}, analysis={"change": {"dep.total": {"reliability": 0.9}}})
    people = made_trial.people(("act", "waitlist"), 20)
    trial = read_trial(made_trial.write(tmp_path, plan, people, made_trial.scored(people, ("pre", "post", "fu"))))
    from compassion_trials.effects.outcomes.clinical import clinical_rows

    rows, _ = clinical_rows(trial, results_table([]))
    change = results_table(rows)
    harms = results_table(harm_rows(trial, change, results_table([])))
    for table, term in ((change, "responders: act - waitlist"), (harms, "deterioration: act - waitlist")):
        assert set(table[table["term"] == term]["visit"]) == {"post"}
    assert set(harms[harms["term"] == "deterioration"]["visit"]) == {"post", "fu"}
