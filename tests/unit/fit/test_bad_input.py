"""Bad data through the stage fit: a row that says why, a warning in a note, or sound numbers; never a traceback."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.fit.stage import run

MIXED = {
    "additional": {
        "intercept": {"model": "random_intercept"},
        "slope": {"model": "random_slope"},
        "adjusted": {"model": "baseline_adjusted"},
        "lda": {"model": "lda"},
    }
}
SAME_P = 1e-9
"""What the issue asks of scores on 0-1 and on 0-1e6."""

Edit = Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]


def fitted(folder, edit: Edit = lambda people, scores: (people, scores), n: int = 12, **analysis) -> pd.DataFrame:
    """Result rows of the mixed models of a made trial whose people and scores were edited."""
    made = made_trial.plan(analysis=MIXED | analysis)
    people = made_trial.people(made.design.arms, n)
    people, scores = edit(people, made_trial.scored(people, made.design.visits))
    context = made_trial.write(folder, made, people, scores)
    run(context)
    return read_table(context.results.models)


def refused(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["convergence"].str.startswith("not estimable").fillna(False)]


def infinite(people, scores):
    scores = scores.copy()
    scores.loc[scores.index[3], "score"] = np.inf
    return people, scores


def alone(people, scores):
    first = people["participant"].iloc[0]
    return people[people["participant"] == first], scores[scores["participant"] == first]


def other_arm_empty(people, scores):
    gone = people.loc[people["arm"] == "act", "participant"]
    return people, scores.assign(score=scores["score"].where(~scores["participant"].isin(gone)))


def twice(people, scores):
    """Two covariates that say the same."""
    return people.assign(sex=np.where(people["age"] > 45, "old", "young"), age=(people["age"] > 45) * 1.0), scores


REFUSED = {
    "constant": (lambda people, scores: (people, scores.assign(score=7.0)), "no variation", {}),
    "infinite": (infinite, "infinite values", {}),
    "one participant": (alone, "two participants|reference arm .* has no data", {}),
    "arm without data": (other_arm_empty, "have one|no data", {}),
    "collinear": (twice, "is a combination of the terms before it", {"primary": {"covariates": ["age", "sex"]}}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_words(tmp_path, case):
    edit, message, analysis = REFUSED[case]
    table = fitted(tmp_path, edit, **analysis)
    primary = refused(table[table["analysis"] == "primary"])
    assert primary["convergence"].str.contains(message).all()
    assert len(primary) == 1
    assert table[(table["analysis"] == "primary") & (table["statistic"] == "p")].empty


def test_no_one_of_an_arm_at_a_visit(tmp_path):
    def edit(people, scores):
        act = people.loc[people["arm"] == "act", "participant"]
        return people, scores[(scores["visit"] != "fu") | ~scores["participant"].isin(act)]

    table = fitted(tmp_path, edit)
    mine = table[(table["analysis"] == "primary") & (table["statistic"] == "p")]
    assert "fu" not in set(mine.loc[mine["term"].str.startswith("difference"), "visit"])
    assert mine["value"].between(0, 1).all()


@pytest.mark.parametrize("n", [2, 3])
def test_few_people_are_flagged(tmp_path, n):
    table = fitted(tmp_path, n=n)
    p = table.loc[table["statistic"] == "p", "value"]
    assert p.between(0, 1).all()
    assert not table.loc[table["statistic"].isin(["se", "df"]), "value"].le(0).any()


def test_scores_on_any_scale(tmp_path):
    def unit(people, scores):
        return people, scores.assign(score=scores["score"] / scores["score"].max())

    def huge(people, scores):
        people, scores = unit(people, scores)
        return people, scores.assign(score=scores["score"] * 1e6)

    small, large = fitted(tmp_path / "a", unit), fitted(tmp_path / "b", huge)
    keys = ["analysis", "term", "arm", "visit", "statistic"]
    assert small[keys].equals(large[keys])
    assert small["convergence"].equals(large["convergence"])
    free = small["statistic"].isin(["p", "df", "t", "F", "df_den", "iterations"]) & ~small["analysis"].eq("crosscheck")
    mixed = small["model"].isin(["clda", "lda", "baseline_adjusted", "random_intercept", "random_slope"])
    chosen = free & mixed & ~small["term"].str.startswith("cross", na=False)
    assert chosen.sum() > 50
    np.testing.assert_allclose(large.loc[chosen, "value"], small.loc[chosen, "value"], rtol=SAME_P, atol=1e-12)
