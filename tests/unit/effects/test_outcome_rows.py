"""Rows of dose, harms and feasibility: every number counted by hand or computed by SciPy and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from tests.unit import made_trial

from compassion_trials.core.columns import results_table
from compassion_trials.core.files import read_table, write_table
from compassion_trials.effects.outcomes.dose import dose_rows
from compassion_trials.effects.outcomes.harms import harm_rows
from compassion_trials.effects.outcomes.responders import compare
from compassion_trials.effects.planning.feasibility import feasibility_rows
from compassion_trials.study.plan.dose import harm_column
from compassion_trials.trial.trial import read_trial

EXACT = 1e-9
N = 12
"""Per arm."""
ARMS = ("mbct", "cft", "control")


def exact_limits(k: int, n: int) -> tuple[float, float]:
    """Clopper and Pearson in percent, by SciPy."""
    found = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    return 100 * found.low, 100 * found.high


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Three arms of 12, all assessed but six at the follow-up; sessions of the treated, withdrawals, harms, items."""
    analysis = {
        "dose": {"variable": "sessions", "adequate": 6, "visit": "fu"},
        "change": {"dep.total": {"reliability": 0.9}},
    }
    progression = {
        "recruitment": {"quantity": "recruitment", "green": 40, "red": 10},
        "cft": {"quantity": "allocated", "arm": "cft", "green": 20, "red": 12},
        "kept": {"quantity": "retention", "visit": "fu", "arm": "mbct", "green": 90, "red": 80},
        "items": {"quantity": "completeness", "visit": "post", "green": 50, "red": 10},
        "came": {"quantity": "attendance", "sessions": 6, "green": 80, "red": 30},
        "worse": {"quantity": "deterioration", "visit": "fu", "green": 5, "red": 30},
        "unknown": {"quantity": "deterioration", "visit": "post", "green": 5, "red": 30},
    }
    harms = {"events": {"hospital": {"mbct": 1, "control": 2}, "fall": {"mbct": 9, "cft": 9, "control": 9}}}
    made = made_trial.plan(
        arms=ARMS, analysis=analysis, progression=progression, harms=harms, screening={"screened": 100},
        design={"pilot": True}, data={"harms": {"fall": {"column": "falls"}}},
    )  # fmt: skip
    people = made_trial.people(ARMS, N)
    sessions = np.array([8, 8, 7, 6, 6, 6, 5, 4, 3, 2, 1, np.nan] * 2 + [np.nan] * N)
    falls = np.array([0, 1, 3, np.nan] * 3 + [0] * N + [2] + [0] * (N - 1), float)
    people = people.assign(sessions=sessions, withdrawn=False, **{harm_column("fall"): falls})
    people.loc[[0, 1, 30], "withdrawn"] = True
    scores = made_trial.scored(people, made.design.visits, gone=0)
    left = people["participant"].iloc[[0, 1, 2, 14, 25, 26]]
    scores = scores[~(scores["participant"].isin(left) & (scores["visit"] == "fu"))]
    context = made_trial.write(tmp_path_factory.mktemp("made"), made, people, scores)
    flow = read_table(context.results.flow)
    flow["n_expected"], flow["n_answered"] = 10, np.where(flow["participant"] == "p000", 4, 9)
    write_table(flow, context.results.flow)
    return read_trial(context)


@pytest.fixture(scope="module")
def change() -> pd.DataFrame:
    """Deterioration at the follow-up, as the analysis of change would have counted it."""
    return pd.DataFrame(
        {
            "analysis": "change", "outcome": "dep.total", "visit": "fu", "level": ["deteriorated"] * 3 + ["improved"],
            "statistic": "n", "arm": [*ARMS, "mbct"], "value": [1.0, 0.0, 4.0, 7.0], "n": [9, 11, 10, 9],
            "prespecified": "no",
        }
    )  # fmt: skip


def pick(rows, **keys: str) -> dict[str, float]:
    found = pd.DataFrame(rows)
    for name, value in ({"arm": "", "level": "", "visit": ""} | keys).items():
        column = found[name].fillna("") if name in found else pd.Series("", index=found.index)
        found = found[column == value]
    assert not found["statistic"].duplicated().any(), found
    return dict(zip(found["statistic"], found["value"], strict=True))


def test_dose_and_change_are_a_regression(trial):
    """Change on sessions, baseline and one mean per treated arm, of people with both and with known sessions."""
    rows, findings = dose_rows(trial)
    assert not findings
    outcome = trial.context.outcomes["dep.total"]
    before, after = trial.score(outcome, "pre"), trial.score(outcome, "fu")
    dose = trial.participants["sessions"].to_numpy(float)
    keep = ~np.isnan(dose) & ~np.isnan(after)
    arms = np.column_stack([trial.in_arm(arm) for arm in ARMS[:2]]).astype(float)
    x = np.column_stack([dose, before, arms])[keep]
    fit = sm.OLS((after - before)[keep], x).fit()
    found = pick(rows, term="sessions", outcome="dep.total", visit="fu")
    limits = fit.conf_int()[0]
    assert (found["estimate"], found["se"], found["lower"], found["upper"]) == pytest.approx(
        (fit.params[0], fit.bse[0], *limits), rel=EXACT
    )
    assert (found["df"], found["p"]) == pytest.approx((fit.df_resid, fit.pvalues[0]), rel=EXACT)
    others = x[:, 1:]
    gaps = [v - others @ np.linalg.lstsq(others, v, rcond=None)[0] for v in (x[:, 0], (after - before)[keep])]
    assert found["r"] == pytest.approx(np.corrcoef(*gaps)[0, 1], rel=EXACT)
    assert {row["n"] for row in rows if row.get("outcome")} == {int(keep.sum())}


def test_amount_of_the_dose_by_arm(trial):
    rows, _ = dose_rows(trial)
    mine = np.array([8, 8, 7, 6, 6, 6, 5, 4, 3, 2, 1])
    for arm in ARMS[:2]:
        found = pick(rows, term="sessions", arm=arm)
        quartiles = np.percentile(mine, [25, 50, 75])
        assert (found["n"], found["mean"], found["sd"]) == pytest.approx((11, mine.mean(), mine.std(ddof=1)))
        assert (found["q1"], found["median"], found["q3"]) == pytest.approx(tuple(quartiles))
        enough = pick(rows, term="sessions", arm=arm, level="adequate")
        assert (enough["n"], enough["percent"]) == pytest.approx((6, 100 * 6 / 11))
        assert (enough["lower"], enough["upper"]) == pytest.approx(exact_limits(6, 11), rel=EXACT)
    assert not pick(rows, term="sessions", arm="control")


def test_deterioration_withdrawal_and_events(trial, change):
    rows = harm_rows(trial, change, results_table([]))
    worse = {arm: pick(rows, term="deterioration", arm=arm, visit="fu", outcome="dep.total") for arm in ARMS}
    assert {arm: found["n"] for arm, found in worse.items()} == {"mbct": 1, "cft": 0, "control": 4}
    assert worse["control"]["percent"] == pytest.approx(40.0)
    assert (worse["mbct"]["lower"], worse["mbct"]["upper"]) == pytest.approx(exact_limits(1, 9), rel=EXACT)
    assert {row["prespecified"] for row in rows if row["term"] == "deterioration"} == {"no"}
    gone = {arm: pick(rows, term="withdrawal", arm=arm) for arm in ARMS}
    assert {arm: found["n"] for arm, found in gone.items()} == {"mbct": 2, "cft": 0, "control": 1}
    assert gone["mbct"]["percent"] == pytest.approx(100 * 2 / 12)
    told = pick(rows, term="event", level="hospital", arm="control")
    assert (told["n"], told["percent"]) == pytest.approx((2, 100 * 2 / 12))
    assert not pick(rows, term="event", level="hospital", arm="cft")  # the plan does not say


def test_risk_differences_of_harms_are_newcombes(trial, change):
    rows = harm_rows(trial, change, results_table([]))
    found = pick(rows, term="deterioration: mbct - control", visit="fu", outcome="dep.total")
    theirs = compare(1, 9, 4, 10).risk_difference
    assert found["risk_difference"] == pytest.approx(1 / 9 - 0.4)
    assert (found["lower"], found["upper"]) == pytest.approx((theirs.lower, theirs.upper))
    assert pick(rows, term="event: mbct - control", level="hospital")["risk_difference"] == pytest.approx(-1 / 12)


def test_events_of_the_raw_files_stand_before_those_of_the_plan(trial, change):
    """Nine of the mbct arm are known: 0, 1 and 3 falls, three times each; the plan's 9 are not counted again."""
    rows = harm_rows(trial, change, results_table([]))
    assert pick(rows, term="event", level="fall", arm="mbct") == pytest.approx(
        {"events": 12, "n": 6, "percent": 100 * 6 / 9} | dict(zip(("lower", "upper"), exact_limits(6, 9), strict=True))
    )
    assert pick(rows, term="event", level="fall", arm="control")["events"] == 2
    assert pick(rows, term="event", level="fall", arm="cft")["n"] == 0


def test_pilot_shares_are_exact(trial, change):
    rows = feasibility_rows(trial, change)
    expected = {
        ("recruitment", "", ""): (36, 100),
        ("retention", "mbct", "fu"): (9, 12),
        ("retention", "", "fu"): (30, 36),
        ("retention", "", "post"): (36, 36),
        ("completeness", "", "pre"): (35 * 9 + 4, 360),
        ("completeness", "", "fu"): (30 * 9, 300),
    }
    for (term, arm, visit), (k, n) in expected.items():
        found = pick(rows, analysis="pilot", term=term, arm=arm, visit=visit)
        assert (found["n"], found["percent"]) == pytest.approx((k, 100 * k / n)), term
        assert (found["lower"], found["upper"]) == pytest.approx(exact_limits(k, n), rel=1e-7)


def test_spread_at_baseline_and_its_correlation(trial, change):
    rows = feasibility_rows(trial, change)
    outcome = trial.context.outcomes["dep.total"]
    arms = [trial.in_arm(arm) for arm in ARMS]
    first, last = trial.score(outcome, "pre"), trial.score(outcome, "fu")
    sd = np.sqrt(np.mean([first[arm].var(ddof=1) for arm in arms]))
    found = pick(rows, term="sd", outcome="dep.total", visit="pre")
    limits = [sd * np.sqrt(33 / stats.chi2.ppf(q, 33)) for q in (0.975, 0.025, 0.2)]
    assert [found[name] for name in ("sd", "lower", "upper", "sd_upper")] == pytest.approx([sd, *limits], rel=1e-7)
    both = ~np.isnan(last)
    x, y = np.concatenate(
        [np.column_stack([v[arm & both] - v[arm & both].mean() for v in (first, last)]) for arm in arms]
    ).T
    r = np.corrcoef(x, y)[0, 1]
    found = pick(rows, term="correlation", outcome="dep.total", visit="fu")
    half = stats.norm.ppf(0.975) / np.sqrt(30 - 2 - 3)  # 30 pairs, of which the arms' means take two more
    limits = np.tanh(np.arctanh(r) + half * np.array([-1, 1]))
    assert [found[name] for name in ("r", "lower", "upper")] == pytest.approx([r, *limits], rel=1e-7)


@pytest.mark.parametrize(
    ("name", "value", "word", "arm"),
    [
        ("recruitment", 36.0, "amber", ""),
        ("cft", 12.0, "amber", "cft"),
        ("kept", 75.0, "red", "mbct"),
        ("items", 100 * (35 * 9 + 4) / 360, "green", ""),
        ("came", 100 * 12 / 22, "amber", ""),
        ("worse", 100 * 5 / 30, "amber", ""),
    ],
)
def test_progression_criteria(trial, change, name, value, word, arm):
    rows = pd.DataFrame(feasibility_rows(trial, change))
    mine = rows[(rows["analysis"] == "progression") & (rows["term"] == name)].set_index("statistic")
    assert mine.loc["value", "value"] == pytest.approx(value)
    assert mine.loc["verdict", "text"] == word
    assert set(mine["arm"]) == {arm}


def test_a_criterion_that_nothing_answers_is_not_known(trial, change):
    rows = pd.DataFrame(feasibility_rows(trial, change))
    mine = rows[(rows["analysis"] == "progression") & (rows["term"] == "unknown")]
    assert mine["text"].tolist() == ["not known"]
