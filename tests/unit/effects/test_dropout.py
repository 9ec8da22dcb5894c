"""Drop-out, stopping and single items of made trials whose counts are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.columns import RESPONSES
from compassion_trials.core.files import read_table, write_table
from compassion_trials.describe.flow import flow_rows
from compassion_trials.describe.logistic import logistic
from compassion_trials.describe.missing import missing_rows
from compassion_trials.describe.reliability import reliability_rows
from compassion_trials.effects.outcomes.dropout import FEWEST, dropout_rows
from compassion_trials.trial.trial import read_trial

N = 20
"""Per arm."""


def trial(root, gone: list[int], **columns: object):
    """Two arms of 20; those in `gone` have no score after the first visit."""
    made = made_trial.plan(visits=("pre", "post"))
    people = made_trial.people(made.design.arms, N).assign(**columns)
    scores = made_trial.scored(people, made.design.visits, gone=0)
    left = people["participant"].iloc[gone]
    scores = scores[~(scores["participant"].isin(left) & (scores["visit"] == "post"))]
    return read_trial(made_trial.write(root, made, people, scores))


def table(rows) -> pd.DataFrame:
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("gone", "examined"), [(FEWEST - 1, False), (FEWEST, True), (2 * N - FEWEST, True), (2 * N - FEWEST + 1, False)]
)
def test_three_must_have_gone_and_three_have_stayed(tmp_path, gone, examined):
    assert FEWEST == 3
    rows, sentences = dropout_rows(trial(tmp_path, list(range(0, gone))))
    assert bool(rows) == examined
    assert ("not examined" in sentences[0]) == (not examined)
    if not examined:
        assert f"{2 * N - gone} of {2 * N} participants" in sentences[0]
        assert sentences[0].endswith(" at the assessment post.")


def test_a_separating_category_gets_firths_odds_ratio_and_says_so(tmp_path):
    """Nobody of the third school dropped out: Firth's estimate of a saturated table adds a half to every cell."""
    school = np.resize(["a", "b", "c", "a"], 2 * N)  # 20 a, 10 b, 10 c
    gone = [0, 4, 23, 1, 21]  # three of a, two of b, in both arms
    rows, sentences = dropout_rows(trial(tmp_path, gone, sex=school))
    found = table(rows)
    mine = found[(found["term"] == "sex") & (found["statistic"] == "odds_ratio")].set_index("level")
    assert mine.loc["c", "value"] == pytest.approx((0.5 / 10.5) / (3.5 / 17.5), rel=1e-6)
    assert mine.loc["b", "value"] == pytest.approx((2.5 / 8.5) / (3.5 / 17.5), rel=1e-6)
    assert mine["note"].str.contains("Firth").all()
    others = found[found["term"] == "age"]
    assert not others["note"].str.contains("Firth").any()
    assert sentences[0].endswith("Firth's penalized likelihood was used where the data were separated (sex).")


def test_a_missing_category_counts_nowhere(tmp_path):
    """Odds by hand among those whose category is known; the missing ones are neither reference nor level."""
    sex = pd.array(["female"] * 15 + ["male"] * 15 + [None] * 10, dtype="str")
    gone = [0, 1, 2, 15, 16, 17, 18, 19, *range(30, 39)]
    found = table(dropout_rows(trial(tmp_path, gone, sex=sex))[0])
    mine = found[found["term"] == "sex"].set_index("statistic")
    assert mine["n"].unique().tolist() == [30]
    assert mine.loc["n", "value"] == 30
    assert mine["level"].unique().tolist() == ["male"]
    assert mine["note"].unique().tolist() == ["against female"]
    assert mine.loc["odds_ratio", "value"] == pytest.approx((5 / 10) / (3 / 12), rel=1e-6)


def test_numbers_are_per_standard_deviation(tmp_path):
    age = np.linspace(20, 60, 2 * N)
    gone = [1, 2, 3, 10, 21, 30]
    found = table(dropout_rows(trial(tmp_path, gone, age=age))[0])
    mine = found[(found["term"] == "age") & (found["statistic"] == "odds_ratio")]
    y = np.isin(np.arange(2 * N), gone).astype(float)
    direct = logistic(age[:, None], y).coefficients[0].odds_ratio
    assert np.log(mine["value"].iloc[0]) == pytest.approx(np.log(direct) * age.std(ddof=1), rel=1e-6)
    assert mine["note"].iloc[0] == f"per standard deviation ({age.std(ddof=1):.3g})"


def test_reasons_for_stopping_are_counted_by_arm(tmp_path):
    """Who stopped without a reason counts among the stopped and under no reason; who did not stop has none to give."""
    stopped = [None] * (2 * N)
    reasons: list[object] = [None] * (2 * N)
    for i, reason in ((0, "unwell"), (1, "unwell"), (2, "moved"), (3, None), (25, "moved")):
        stopped[i], reasons[i] = "post", reason
    reasons[10] = "moved"  # did not stop
    made = trial(tmp_path, [], stopped=pd.array(stopped, dtype="str"), stop_reason=pd.array(reasons, dtype="str"))
    found = table(flow_rows(made))
    mine = found[found["term"] == "stopped"].set_index(["arm", "level"])["value"]
    assert mine.to_dict() == {
        ("act", ""): 4, ("act", "moved"): 1, ("act", "unwell"): 2, ("waitlist", ""): 1, ("waitlist", "moved"): 1,
    }  # fmt: skip


def test_one_item_has_unanswered_items_and_no_internal_consistency(tmp_path):
    """The PHQ-9's first item alone: 3 of 40 people who came left it out; alpha of one item is nothing."""
    made = trial(tmp_path, [])
    context = made.context
    scores = read_table(context.results.scores)
    scores["n_items"] = np.where(scores["measure"] == "dep", 1, scores["n_items"])
    blank = (
        (scores["measure"] == "dep")
        & (scores["visit"] == "post")
        & scores["participant"].isin(["p000", "p001", "p022"])
    )
    scores.loc[blank, "n_missing"] = 1
    scores.loc[blank, "score"] = np.nan
    write_table(scores, context.results.scores)
    again = read_trial(context)
    found = table(missing_rows(again))
    mine = found[(found["term"] == "items") & (found["outcome"] == "dep.total") & (found["visit"] == "post")]
    counts = mine.pivot(index="arm", columns="statistic", values="value")
    assert counts.loc["act"].to_dict() == {"n_expected": 20, "n_missing": 2, "percent": 10.0}
    assert counts.loc[""].to_dict() == {"n_expected": 40, "n_missing": 3, "percent": 7.5}
    assert found[(found["term"] == "items") & (found["outcome"] == "anx.total")].empty
    assert reliability_rows(again, pd.DataFrame(columns=list(RESPONSES))) == []
