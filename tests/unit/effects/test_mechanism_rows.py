"""Rows of mediation and moderation of a made trial against regressions of the same people, done here by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from tests.unit import made_trial

from compassion_trials.effects.mechanism.mediation import Coefficient, mediate
from compassion_trials.effects.mechanism.mediation_rows import _proportion, mediation_rows
from compassion_trials.effects.mechanism.moderation import moderate
from compassion_trials.effects.mechanism.moderation_rows import moderation_rows
from compassion_trials.effects.missing.sensitivity_models import tested as inference
from compassion_trials.trial.trial import read_trial

EXACT = 1e-9
ARMS = ("mbct", "cft", "waitlist")
MEDIATION = {"mediator": "anx.total", "mediator_visit": "post", "outcome": "dep.total", "outcome_visit": "fu",
             "replicates": 500}  # fmt: skip


def made(root, mediation: dict, **parts: object):
    """Three arms of 20; one has no age, a few no later score; the third arm alone holds the school c."""
    analysis = {"mediation": [MEDIATION | mediation], "moderation": [{"moderator": "age"}], **parts}
    plan = made_trial.plan(
        arms=ARMS, analysis=analysis, covariates=["age", "school"],
        data={"baseline": {"age": "age", "sex": "sex", "school": "school"}},
    )  # fmt: skip
    people = made_trial.people(ARMS, 20)
    people.loc[3, "age"] = np.nan
    people["school"] = np.where(np.arange(60) < 40, np.resize(["a", "b"], 60), np.resize(["a", "b", "c"], 60))
    scores = made_trial.scored(people, plan.design.visits, gone=0)
    left = people["participant"].iloc[[5, 25, 45]]
    scores = scores[~(scores["participant"].isin(left) & (scores["visit"] == "fu"))]
    return read_trial(made_trial.write(root, plan, people, scores))


def pick(rows, **keys: str) -> dict[str, float]:
    found = pd.DataFrame(rows)
    for name, value in keys.items():
        found = found[found[name].fillna("") == value]
    return dict(zip(found["statistic"], found["value"], strict=True))


def columns(trial, pair):
    """Arm, mediator, outcome and covariates of those of a pair who have all of them."""
    people = trial.participants
    dep, anx = trial.context.outcomes["dep.total"], trial.context.outcomes["anx.total"]
    table = pd.DataFrame(
        {
            "x": (people["arm"] == pair[0]).astype(float), "m": trial.score(anx, "post"),
            "y": trial.score(dep, "fu"), "anx": trial.score(anx, "pre"), "dep": trial.score(dep, "pre"),
            "age": people["age"], "b": (people["school"] == "b").astype(float),
            "c": (people["school"] == "c").astype(float),
        }
    )[people["arm"].isin(pair).to_numpy()].dropna()  # fmt: skip
    return table.loc[:, table.nunique() > 1]


@pytest.mark.parametrize(
    ("asked", "planned", "pairs"),
    [
        ({}, None, [("mbct", "waitlist"), ("cft", "waitlist")]),
        ({}, ("mbct", "cft"), [("mbct", "cft")]),
        ({"between": ("cft", "mbct")}, None, [("cft", "mbct")]),
        ({"between": ("cft", "mbct")}, ("mbct", "waitlist"), [("cft", "mbct")]),
    ],
)
def test_pairs_of_mediation(tmp_path, asked, planned, pairs):
    """The mediation's own pair, else that of the primary comparison, else each arm against control."""
    parts = {} if planned is None else {"primary": {"contrast": {"between": planned}}}
    rows, _ = mediation_rows(made(tmp_path, asked, **parts))
    found = {str(row["term"]).removeprefix("total: ") for row in rows if str(row["term"]).startswith("total: ")}
    assert found == {f"{a} - {b}" for a, b in pairs}


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    return made(tmp_path_factory.mktemp("made"), {})


@pytest.fixture(scope="module")
def mediated(trial):
    return mediation_rows(trial)[0]


@pytest.mark.parametrize("pair", [("mbct", "waitlist"), ("cft", "waitlist")])
def test_paths_are_regressions_of_the_complete_people(trial, mediated, pair):
    between = f"{pair[0]} - {pair[1]}"
    t = columns(trial, pair)
    covariates = [name for name in t if name not in ("x", "m", "y")]
    base = sm.add_constant(t[["x", *covariates]])
    a = sm.OLS(t["m"], base).fit()
    outcome = sm.OLS(t["y"], base.assign(m=t["m"])).fit()
    total = sm.OLS(t["y"], base).fit()
    for term, level, fit, name in (
        (f"a: {between}", "anx.total", a, "x"),
        (f"b: {between}", "anx.total", outcome, "m"),
        (f"direct: {between}", "", outcome, "x"),
        (f"total: {between}", "", total, "x"),
    ):
        found = pick(mediated, term=term, level=level)
        theirs = (fit.params[name], fit.bse[name], *fit.conf_int().loc[name], fit.pvalues[name], fit.df_resid)
        ours = [found[s] for s in ("estimate", "se", "lower", "upper", "p", "df")]
        assert ours == pytest.approx(theirs, rel=1e-7)
    indirect = pick(mediated, term=f"indirect: {between}")
    assert indirect["estimate"] == pytest.approx(a.params["x"] * outcome.params["m"], rel=EXACT)
    assert indirect["lower"] < indirect["estimate"] < indirect["upper"]
    counts = pick(mediated, term=f"participants: {between}")
    assert counts["n"] == len(t)
    assert counts["n_dropped"] == 40 - len(t)


def test_intervals_and_their_names(trial, mediated):
    """Nobody met in groups: the bootstrap's interval comes first, the normal Monte Carlo interval second."""
    t = columns(trial, ("mbct", "waitlist"))
    c = t.drop(columns=["x", "m", "y"]).to_numpy()
    first = [r for r in mediated if r["term"] == "indirect: mbct - waitlist"]
    assert {r["statistic"] for r in first} == {"estimate", "se", "lower", "upper"}
    assert all("percentile bootstrap, 500 samples of participants within arms" in r["df_method"] for r in first)
    second = [r for r in mediated if str(r["term"]).startswith("indirect, ") and "mbct" in str(r["term"])]
    assert {r["statistic"] for r in second} == {"lower", "upper"}
    assert {(r["term"], r["df_method"]) for r in second} == {("indirect, Monte Carlo: mbct - waitlist", "Monte Carlo")}
    fit = mediate(t["x"].to_numpy(), t[["m"]].to_numpy(), t["y"].to_numpy(), c)
    limits = sorted(r["value"] for r in second)
    assert limits == pytest.approx(sorted(fit.monte_carlo[0]), abs=0.05)  # another seed of 100 000 draws
    assert not any(str(r["term"]).startswith("indirect") and r["level"] == "all mediators" for r in mediated)


def test_share_mediated_or_why_there_is_none(mediated):
    for pair in ("mbct - waitlist", "cft - waitlist"):
        indirect = pick(mediated, term=f"indirect: {pair}")["estimate"]
        total = pick(mediated, term=f"total: {pair}")
        (row,) = [r for r in mediated if r["term"] == f"proportion mediated: {pair}"]
        if indirect * total["estimate"] <= 0:
            assert row["text"] == "not defined"
        else:
            assert row["value"] == pytest.approx(indirect / total["estimate"], rel=EXACT)
            assert ("includes zero" in row["note"]) == (total["lower"] < 0 < total["upper"])


def test_of_two_mediators_the_share_is_that_of_both(tmp_path):
    measures = {key: made_trial.TOTAL | {"name": key} for key in ("anx", "aaq")}
    measures["dep"] = made_trial.TOTAL | {"name": "Depression", "role": "primary"}
    asked = MEDIATION | {"mediator": ["anx.total", "aaq.total"]}
    plan = made_trial.plan(measures=measures, analysis={"mediation": [asked]})
    people = made_trial.people(plan.design.arms, 20)
    scores = made_trial.scored(
        people, plan.design.visits, tuple(measures), seed=8, gone=0
    )  # total and indirect of one sign
    rows, _ = mediation_rows(read_trial(made_trial.write(tmp_path, plan, people, scores)))
    own = [pick(rows, term="indirect: act - waitlist", level=f"{key}.total")["estimate"] for key in ("anx", "aaq")]
    both = pick(rows, term="indirect: act - waitlist", level="all mediators")["estimate"]
    assert both == pytest.approx(sum(own), rel=EXACT)
    total = pick(rows, term="total: act - waitlist")["estimate"]
    assert pick(rows, term="proportion mediated: act - waitlist") == {"proportion": pytest.approx(both / total)}


def test_a_total_effect_whose_limit_is_zero_does_not_include_it():
    """The estimate is one half-width: its lower limit is zero exactly, as p is alpha."""
    half = inference(0.0, 1.0, 30.0, 0.05)["upper"]
    for estimate, unclear in ((half, False), (0.9 * half, True), (-0.9 * half, True), (-2 * half, False)):
        (row,) = _proportion({}, "a - b", np.sign(estimate), Coefficient(estimate, 1.0, 30.0), 0.05)
        assert row["value"] == pytest.approx(1 / abs(estimate))
        assert ("includes zero" in row["note"]) == unclear


def test_no_groups_no_warning(trial):
    assert mediation_rows(trial)[1] == ()


@pytest.fixture(scope="module")
def moderated(trial):
    return moderation_rows(trial)[0]


def test_simple_effects_stand_at_the_mean_and_one_sd_around_it(trial, moderated):
    """Of the people analysed: with a baseline, a later score and an age."""
    t = columns(trial, ARMS)
    dep = trial.context.outcomes["dep.total"]
    known = ~np.isnan(trial.score(dep, "pre")) & trial.participants["age"].notna().to_numpy()
    age = trial.participants["age"][known]
    assert len(t) < len(age)  # who left before the follow-up counts, too
    for level, at in (("mean - 1 SD", -1), ("mean", 0), ("mean + 1 SD", 1)):
        found = [r["value"] for r in moderated if r.get("level") == level and r["statistic"] == "at"]
        assert found == pytest.approx([age.mean() + at * age.std(ddof=1)] * 3)


def test_simple_effects_differ_by_the_slope(moderated):
    for pair in ("mbct - waitlist", "cft - waitlist", "mbct - cft"):
        low, middle, high = (
            pick(moderated, term=f"difference: {pair}", level=level) for level in ("mean - 1 SD", "mean", "mean + 1 SD")
        )
        slope = pick(moderated, term=f"interaction: {pair}", visit="fu")
        assert high["estimate"] - low["estimate"] == pytest.approx(
            slope["estimate"] * (high["at"] - low["at"]), rel=1e-7
        )
        assert middle["estimate"] == pytest.approx((low["estimate"] + high["estimate"]) / 2, rel=1e-7)


def test_difference_in_change_at_the_centre_of_the_moderator():
    """lda with a centred moderator: its difference in change is that of the model's own contrast there."""
    rng = np.random.default_rng(6)
    people = [f"p{i}" for i in range(45)]
    arm = np.resize(["mbct", "cft", "waitlist"], 45)
    wide = pd.DataFrame({v: rng.normal(20, 4, 45) for v in ("pre", "post", "fu")}).assign(participant=people, arm=arm)
    long = wide.melt(["participant", "arm"], var_name="visit", value_name="score")
    moderator = pd.Series(rng.normal(50, 9, 45), index=people)
    model = moderate(long, moderator, visits=["pre", "post", "fu"], reference="waitlist", design="lda")
    table = model.fit.contrasts("change_from_baseline").set_index(["contrast", "visit"])["estimate"]
    for a in ("mbct", "cft"):
        row = model.difference((a, "waitlist"), "fu", model.centre)
        assert float(row @ model.fit.beta) == pytest.approx(table[f"{a} - waitlist", "fu"], abs=1e-8)


def test_who_is_left_out_is_told_by_arm_and_reason(tmp_path):
    """One of mbct has no age; one of each arm no later score: the row, the sentence and the table say so."""
    from compassion_trials.effects.mechanism.mechanism_words import mechanism_sentences

    trial = made(tmp_path, {"between": ["mbct", "waitlist"]})
    found, _ = mediation_rows(trial)
    (people,) = [row for row in found if row["statistic"] == "n_dropped"]
    reason = "left out for a missing score of mediator or outcome: MBCT 1, WAITLIST 1"
    assert people["note"] == f"{reason}; left out for a missing covariate (age): MBCT 1"
    assert people["value"] == 3
    said = " ".join(mechanism_sentences(trial, found))
    assert f"Mediation (Anxiety to Depression): participants were {people['note']}." in said
    assert "percentile bootstrap intervals (500 samples of participants within arms)" in said
