"""What a sample-size calculation assumes, and a pilot's quantities at their boundaries, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial
from tests.unit.effects.test_power_groups import assumed

from compassion_trials.effects.outcomes.dosage import association
from compassion_trials.effects.planning.feasibility import feasibility_rows
from compassion_trials.effects.planning.planning_rows import _lost
from compassion_trials.effects.planning.power import _grouped, simulated_power
from compassion_trials.effects.planning.power_groups import SPREAD, _inference, at_truth
from compassion_trials.fit.analyses import jobs
from compassion_trials.study.plan.pilot import Power
from compassion_trials.trial.trial import read_trial

EXACT = 1e-12
VISITS = ("pre", "post", "fu")


@pytest.fixture(scope="module")
def pilot(tmp_path_factory):
    """Ten treated: three without the second score who come back, one without the first, two lost by the third visit.

    Of the ten controls two have the second score and all the third; everybody's anxiety is 30 at first, and stress is
    a thousandth of what it was.
    """
    measures = {key: made_trial.TOTAL | {"name": key} for key in ("anx", "stress")}
    measures["dep"] = made_trial.TOTAL | {"name": "Depression", "role": "primary"}
    made = made_trial.plan(design={"pilot": True}, measures=measures)
    people = made_trial.people(made.design.arms, 10)
    scores = made_trial.scored(people, VISITS, tuple(measures), gone=0)
    scores.loc[scores["measure"] == "stress", "score"] /= 1000
    gone = {(f"p{i:03d}", "post") for i in (0, 1, 2, *range(12, 20))} | {("p004", "fu"), ("p005", "fu")}
    pairs = zip(scores["participant"], scores["visit"], scores["measure"], strict=True)
    scores = scores[
        [(who, when) not in gone and (who, when, what) != ("p003", "pre", "dep") for who, when, what in pairs]
    ]
    scores.loc[(scores["measure"] == "anx") & (scores["visit"] == "pre"), "score"] = 30.0
    return read_trial(made_trial.write(tmp_path_factory.mktemp("made"), made, people, scores))


def test_shares_lost_never_fall_and_begin_at_nobody(pilot):
    job = next(job for job in jobs(pilot.context) if job.analysis == "primary")
    assert _lost(pilot, job, Power(), "act", VISITS) == (0.0, 0.3, 0.3)
    assert _lost(pilot, job, Power(), "waitlist", VISITS) == (0.0, 0.8, 0.8)
    assert _lost(pilot, job, Power(dropout=0.2), "act", VISITS) == (0.0, 0.1, 0.2)


@pytest.fixture(scope="module")
def quantities(pilot) -> pd.DataFrame:
    return pd.DataFrame(feasibility_rows(pilot, pd.DataFrame()))


def test_retention_is_of_each_arm_and_of_both(quantities):
    mine = quantities[(quantities["term"] == "retention") & (quantities["statistic"] == "n")]
    counts = {(arm, visit): n for arm, visit, n in zip(mine["arm"], mine["visit"], mine["value"], strict=True)}
    assert counts == {("act", "post"): 7, ("waitlist", "post"): 2, ("", "post"): 9,
                      ("act", "fu"): 8, ("waitlist", "fu"): 10, ("", "fu"): 18}  # fmt: skip


def test_an_outcome_without_variation_has_no_sd_and_one_with_little_has(quantities):
    varying = {"dep.total", "stress.total"}
    assert set(quantities.loc[quantities["term"].isin(["sd", "correlation"]), "outcome"]) == varying
    sd = quantities[(quantities["outcome"] == "stress.total") & (quantities["statistic"] == "sd")]["value"].item()
    assert 0 < sd < 0.01


def test_two_pairs_of_an_arm_enter_the_correlation(pilot, quantities):
    mine = quantities[(quantities["term"] == "correlation") & (quantities["visit"] == "post")]
    mine = mine[mine["outcome"] == "dep.total"].set_index("statistic")
    outcome = pilot.context.outcomes["dep.total"]
    x, y = pilot.score(outcome, "pre"), pilot.score(outcome, "post")
    pairs = [np.column_stack([x, y])[pilot.in_arm(arm) & ~np.isnan(x) & ~np.isnan(y)] for arm in ("act", "waitlist")]
    assert [len(part) for part in pairs] == [6, 2]
    inside = np.concatenate([part - part.mean(0) for part in pairs])
    assert mine.loc["r", "value"] == pytest.approx(np.corrcoef(inside.T)[0, 1], abs=EXACT)
    assert mine.loc["r", "n"] == 8


def test_five_people_are_enough_for_a_dose_and_four_are_not():
    from compassion_trials.core.errors import ModelError

    rng = np.random.default_rng(1)
    dose, before, after = np.arange(5.0), rng.normal(size=5), rng.normal(size=5)
    assert (association(dose, before, after).n, association(dose, before, after).df) == (5, 2)
    with pytest.raises(ModelError, match="five people whose doses differ"):
        association(dose[:4], before[:4], after[:4])


def test_of_24_people_a_quarter_lost_are_six():
    """act loses 2.4 and 6 of 24, waitlist 1.2 and 4.8: whole people, dealt to the last visit that they were seen at."""
    kinds = _grouped(assumed(n=24)).kinds
    last = kinds.observed[kinds.pattern].sum(1) - 1
    treated = kinds.group >= 0
    assert np.bincount(last[treated]).tolist() == [2, 4, 18]
    assert np.bincount(last[~treated]).tolist() == [1, 4, 19]
    assert np.bincount(kinds.group[treated]).tolist() == [6, 6, 6, 6]


def test_the_monte_carlo_error_of_power_is_that_of_a_share():
    found = simulated_power(assumed(n=24), 100, 1)
    assert 0 < found.power < 1
    counted = round(found.converged * 100)
    assert found.mc_error == pytest.approx(np.sqrt(found.power * (1 - found.power) / counted), rel=EXACT)


def test_each_trial_is_judged_at_its_own_group_variance():
    """At the tabled variances factor and df are those computed there; at zero, those of the model without groups."""
    layout = _grouped(assumed())
    at = [at_truth(layout.grouped, layout.row, np.append(layout.theta[:-1], layout.unit * s)) for s in SPREAD[[1, 3]]]
    none = at_truth(layout.plain, layout.row, layout.theta[:-1])
    factor, df = _inference(layout, np.array([*layout.unit * SPREAD[[1, 3]], 0.0]))
    assert factor == pytest.approx([at[0].factor, at[1].factor, none.factor], rel=1e-9)
    assert df == pytest.approx([at[0].df, at[1].df, none.df], rel=1e-9)
    assert at[1].df < none.df
